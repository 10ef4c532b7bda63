"""From a sheet to a PDF, by Typst. What people typed goes in as data, never as markup."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from crm.core.money import decimals
from crm.documents.sheets import PackedLine, PackingList, Sheet, SheetLine

_TEMPLATE = Path(__file__).with_name("trade.typ")
_LOCK = Lock()
"""One compiler keeps the fonts and what it has laid out before; it serves one sheet at a time."""


def print_sheet(sheet: Sheet | PackingList) -> bytes:
    """The sheet as a PDF on A4, in English and Chinese, with page numbers. The same sheet gives the same bytes."""
    # A reader's file says when it was made; the sheet's own day, so that a copy is a copy.
    made_at = datetime.combine(sheet.day, time(), UTC)
    with _LOCK:
        pdf = _compiler().compile(
            format="pdf", sys_inputs={"sheet": json.dumps(_told(sheet), ensure_ascii=False)}, timestamp=made_at
        )
    assert isinstance(pdf, bytes)
    return pdf


def written_amount(amount: Decimal, currency: str) -> str:
    """An amount as papers have it, without its currency: `12,500.00`, `1,250` where there are no cents."""
    return f"{amount:,.{decimals(currency)}f}"


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # The machine's fonts differ from one to the next; the paper must not.
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[pylopdf_fonts_zh_cn.sans_path().parent]
    )
    return typst.Compiler(_TEMPLATE, font_paths=fonts)


def _told(sheet: Sheet | PackingList) -> dict[str, Any]:
    told: dict[str, Any] = dict(_plain(asdict(sheet)))
    if isinstance(sheet, PackingList):
        units = {line.unit for line in sheet.lines}
        pieces = sum((line.quantity for line in sheet.lines), Decimal(0))
        # Boxes and metres do not add up.
        total = f"{_quantity(pieces)} {units.pop()}" if len(units) == 1 else ""
        return {**told, "kind": "packing", "lines": [_goods(line) for line in sheet.lines], "total": total}
    told["total"] = written_amount(sheet.total, sheet.currency)
    told["lines"] = [_priced(line, sheet.currency) for line in sheet.lines]
    told["has_discounts"] = any(line.discount or line.discount_sum for line in sheet.lines)
    return told


def _priced(line: SheetLine, currency: str) -> dict[str, str]:
    return {
        **_goods(line),
        "unit_price": _price(line.unit_price, currency),
        "discount": _discount(line.discount, line.discount_sum, currency),
        "amount": written_amount(line.amount, currency),
    }


def _goods(line: SheetLine | PackedLine) -> dict[str, str]:
    return {
        "sku": line.sku,
        "name": line.name,
        "name_zh": line.name_zh if line.name_zh != line.name else "",
        "quantity": _quantity(line.quantity),
        "unit": line.unit,
    }


def _quantity(quantity: Decimal) -> str:
    return f"{quantity.normalize():,f}"


def _discount(percent: Decimal, off: Decimal | None, currency: str) -> str:
    if off:
        return f"−{written_amount(off, currency)}"
    return f"{percent.normalize():f} %" if percent else ""


def _price(price: Decimal, currency: str) -> str:
    """A price of one unit: as many decimals as it has, the currency's at least."""
    exponent = price.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{price:,.{max(decimals(currency), -exponent)}f}"


def _plain(value: Any) -> Any:
    """What JSON has: dates as ISO writes them, which both readers understand; numbers are written by the caller."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, int):
        return value
    return value.strip() if isinstance(value, str) else str(value)
