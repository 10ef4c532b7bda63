"""Several order lines in one message: `Chai 500 @18; Chang 200 @19 95折`, one after another or one below another; or
the cells of a table.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.conversations.definition import Answers, Kind, Refused, Taken, World
from bot.conversations.kinds import Discount, Quantity, Record, UnitPrice
from crm.core.text import T
from crm.exchange.headers import Column, Matched, match_headers

_SEPARATOR = re.compile(r"[;；\n]+")
# A product's name, a quantity (with its unit), a price behind @ (or 单价, at, a), perhaps a discount.
_LINE = re.compile(
    r"(?P<product>\S.*?)[\s,，]+(?P<quantity>[\d０-９][\d０-９,.，kK万千]*\s*[^\s@\d]{0,8}?)\s*"
    r"(?:@|＠|单价|每[个件套台只]?|\bat\b)\s*(?P<unit_price>\S+?)(?:\s+(?P<discount>\S*(?:折|%|％)))?$"
)
_LONGEST = 200_000
MOST = 500
COLUMNS = (
    Column("sku", T("SKU"), "sku sku编码 货号 产品编号 商品编号 产品编码 商品编码 物料编码 编码 itemno partno code"),
    Column(
        "product", T("Product"), "product productname name item itemname description 产品 产品名称 商品名称 品名 名称"
    ),
    Column("quantity", T("Quantity"), "quantity qty orderqty 数量 订购数量 订货数量 采购数量"),
    Column("unit_price", T("Unit price"), "unitprice price 单价 价格 售价 成交价"),
    Column("currency", T("Currency"), "currency currencycode 币种 货币"),
    Column("discount", T("Discount"), "discount disc 折扣 优惠"),
)
"""What a table of lines may tell; without heads its cells stand for product, quantity, price and discount."""
_WITHOUT_HEADS = {"product": 0, "quantity": 1, "unit_price": 2, "discount": 3}

Typed = tuple[str, Mapping[str, str]]


def read_lines(text: str, answers: Answers, world: World) -> Sequence[Mapping[str, Any]] | Refused | None:
    """The lines a message holds; None when its first part is not of that form, so that it may be a product's name.

    One line that cannot be read refuses the whole message, naming the line: nothing is taken in silently.
    """
    rows = [row.split("\t") for row in text.splitlines() if row.strip()]
    if rows and len(rows[0]) > 2 and len(text) <= _LONGEST:  # copied out of a spreadsheet
        return read_rows(rows, world)
    parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if not parts or _LINE.match(parts[0][:1000]) is None:
        return None
    if len(parts) > MOST or len(text) > _LONGEST:
        return _TOO_MANY
    typed: list[Typed] = []
    for part in parts:
        found = _LINE.match(part[:1000])
        if found is None:
            return Refused(T("I could not read “{line}”. Write it like: Chai 500 @18 95折", line=part[:60]))
        typed.append((part, {key: said for key, said in found.groupdict().items() if said is not None}))
    return _read_all(typed, world)


def read_rows(rows: Iterable[Sequence[str]], world: World) -> Sequence[Mapping[str, Any]] | Refused:
    """The lines in the rows of a table, with heads or without; refused as by `read_lines`."""
    kept = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    heads = match_headers(COLUMNS, kept[0] if kept else ())
    if heads.places.keys() & {"quantity", "unit_price"}:
        kept = kept[1:]
    else:
        heads = Matched(_WITHOUT_HEADS, [])
    if len(kept) > MOST:
        return _TOO_MANY
    if not kept or not {"quantity", "unit_price"} <= heads.places.keys() or not heads.places.keys() & _NAMES:
        return Refused(T("A table of lines needs columns for product (or SKU), quantity and unit price."))
    return _read_all([(" ".join(filter(None, row)), _typed(heads.told(row))) for row in kept], world)


_TOO_MANY = Refused(T("There can be at most {most} lines.", most=MOST))
_NAMES = {"sku", "product"}


def _typed(told: Mapping[str, str]) -> dict[str, str]:
    """A row as its cells would be typed."""
    typed = dict(told)
    sku, currency = typed.pop("sku", ""), typed.pop("currency", "")
    if sku:
        typed["product"] = sku
    if currency and typed.get("unit_price", "x")[-1:].isdigit():
        typed["unit_price"] += f" {currency}"
    return typed


def _read_all(typed: Sequence[Typed], world: World) -> Sequence[Mapping[str, Any]] | Refused:
    """All at once: products called by their SKU or name are looked up together."""
    names = dict.fromkeys(line.get("product", "").strip() for _, line in typed)
    named = world.recall("products named", "\n".join(names)) or {}
    lines = []
    for shown, said in typed:
        line = _read_line(shown, said, named, world)
        if isinstance(line, Refused):
            return line
        lines.append(line)
    return lines


def _read_line(
    shown: str, typed: Mapping[str, str], named: Mapping[str, Any], world: World
) -> Mapping[str, Any] | Refused:
    line: dict[str, Any] = {}
    for key, kind in _KINDS.items():
        said = typed.get(key, "").strip()
        if not said and key == "discount":
            continue
        if not said:
            return Refused(T("I could not read “{line}”. Write it like: Chai 500 @18 95折", line=shown[:60]))
        if key == "product" and said in named:
            line[key] = named[said]
            continue
        match kind.read(said, world):
            case Taken(value):
                line[key] = value
            case Refused(problem):
                return Refused(T("“{line}”: {problem}", line=shown[:60], problem=problem))
            case _:
                several = T("several products match; write more of the name")
                return Refused(T("“{line}”: {problem}", line=shown[:60], problem=several))
    return line


_KINDS: dict[str, Kind] = {
    "product": Record("product"),
    "quantity": Quantity(),
    "unit_price": UnitPrice(),
    "discount": Discount(),
}
