"""(l) A quote as PDF: thirty lines with both names, another sheet each time, and what memory that takes."""

import itertools
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from crm.documents import Party, Sheet, SheetLine, print_sheet

from .harness import Bench, Sides, Within

LINES = 30
SHEETS = 40


def sheet(number: int) -> Sheet:
    """A quote that no other number gives."""
    lines = tuple(
        SheetLine(
            sku=f"LED-{number}-{at:03}",
            name=f"LED panel light 60×60 cm, {number % 80} W, 4000 K, flicker-free driver",
            name_zh=f"LED 面板灯 600×600 {number % 80}W 自然光",
            quantity=Decimal(100 + number + at),
            unit="pcs",
            unit_price=Decimal(12) + Decimal(number) / 8,
            amount=Decimal(1000 + number * at),
            discount=Decimal(at % 4),
        )
        for at in range(LINES)
    )
    seller = Party(name="Bright Horizon Import & Export Co., Ltd.", name_zh="明景进出口贸易有限公司")
    buyer = Party(name=f"Ernst Handel {number}", address="Kirchgasse 6\n8010 Graz", contact="Hans Müller")
    total = sum((line.amount for line in lines), Decimal(0))
    return Sheet(
        kind="quote",
        number=f"Q-2026-{number:04}",
        day=date(2026, 3, 2),
        seller=seller,
        buyer=buyer,
        currency="USD",
        lines=lines,
        total=total,
        price_terms="FOB Ningbo (Incoterms® 2020)",
        payment_terms="T/T 30% deposit, 70% before shipment",
    )


@contextmanager
def _quote() -> Iterator[Sides]:
    numbers = itertools.count(1)
    before = _megabytes()

    def run() -> float:
        sheets = [sheet(next(numbers)) for _ in range(SHEETS)]
        began = time.perf_counter()
        for one in sheets:
            print_sheet(one)
        return (time.perf_counter() - began) / SHEETS

    def notes() -> Iterator[str]:
        yield f"memory after {next(numbers) - 1} quotes: {_megabytes() - before:.0f} MB more than before the first"

    yield Sides(run, notes=notes)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PAPER_BENCHES = (Bench(name="a quote's PDF, 30 lines", aim=Within(0.1), open=_quote),)
