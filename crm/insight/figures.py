"""Figures kept ready as rows change, by person and day, in the base currency to the cent: what digests add up.

They are a function of the rows alone: what a change takes back is subtracted where it was counted, and counting
everything anew (`recounting`) comes to the same. Guide 4.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.events import Events
from crm.core.rules import text_rule
from crm.core.tables import Base
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.orders.order_events import OrderChanged, OrderStand
from crm.sales.agreed_orders import AGREED
from crm.sales.deals.events import DealChanged, DealStand
from crm.sales.deals.stages import OPEN_STAGES

MEASURES = ("turnover", "submitted", "approved", "won", "lost")
"""Turnover: approved orders by the day they were (last) submitted; `approved`: the same by the day of the approval;
`submitted`: all, whatever came of them. `won`, `lost`: deals by the day they came there.
"""


class DayFigure(Base):
    """What one person's records add up to on one day of the company's. `measure`: one of MEASURES."""

    __tablename__ = "day_figures"
    __table_args__ = (Index(None, "measure", "day"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    base_amount: Mapped[Decimal] = mapped_column(Amount)


class Counted(NamedTuple):
    """Something that counts: whose, when, as what; `sign` −1 takes it back."""

    person_id: int
    at: datetime
    measure: str
    sign: int
    base_amount: Decimal


def keep_figures(events: Events) -> None:
    """Have the figures follow every change of a deal or an order, in its own transaction."""
    events.subscribe(DealChanged, _deal_changed)
    events.subscribe(OrderChanged, _order_changed)


def company_zone(work: UnitOfWork) -> ZoneInfo:
    """The zone by whose days the company counts."""
    return ZoneInfo(text_rule(work, "company.timezone"))


def of_order(order: OrderStand, sign: int = 1) -> Iterator[Counted]:
    """What an order counts for as it stands."""
    yield Counted(order.submitter_id, order.submitted_at, "submitted", sign, order.base_total)
    if order.status in AGREED:
        yield Counted(order.submitter_id, order.submitted_at, "turnover", sign, order.base_total)
        if order.decided_at is not None:
            yield Counted(order.submitter_id, order.decided_at, "approved", sign, order.base_total)


def of_deal(deal: DealStand, sign: int = 1) -> Iterator[Counted]:
    """What a deal counts for as it stands: an open one for nothing yet."""
    if deal.stage not in OPEN_STAGES:
        yield Counted(deal.owner_id, deal.stage_since, deal.stage, sign, deal.base_amount)


def _order_changed(work: UnitOfWork, event: OrderChanged) -> None:
    taken_back = [] if event.before is None else of_order(event.before, -1)
    for one in (*taken_back, *of_order(event.after)):
        work.collect(_write, one)


def _deal_changed(work: UnitOfWork, event: DealChanged) -> None:
    taken_back = [] if event.before is None else of_deal(event.before, -1)
    for one in (*taken_back, *of_deal(event.after)):
        work.collect(_write, one)


def add_up(counted: Iterable[Counted], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Rows of `day_figures` that these come to, those that come to nothing left out, in the order of their key."""
    counts: Counter[tuple[int, date, str]] = Counter()
    amounts: dict[tuple[int, date, str], Decimal] = {}
    for one in counted:
        key = (one.person_id, one.at.astimezone(zone).date(), one.measure)
        counts[key] += one.sign
        amounts[key] = amounts.get(key, Decimal(0)) + one.sign * one.base_amount
    return [
        {"person_id": key[0], "day": key[1], "measure": key[2], "count": counts[key], "base_amount": amounts[key]}
        for key in sorted(counts)
        if counts[key] or amounts[key]
    ]


def _write(work: UnitOfWork, counted: list[Counted]) -> None:
    """Add these to what stands. Rows are locked in one order, after everything else the transaction locks."""
    balance: Counter[Counted] = Counter()
    for one in counted:
        balance[one._replace(sign=1)] += one.sign
    if not any(balance.values()):
        return
    rows = add_up(counted, company_zone(work))
    if rows:
        work.connection.execute(_ADD[work.connection.dialect.name], rows)


def _add(dialect: Any) -> Any:
    row = dialect.insert(DayFigure.table())
    return row.on_conflict_do_update(
        index_elements=["person_id", "day", "measure"],
        set_={
            "count": DayFigure.count + row.excluded["count"],
            "base_amount": DayFigure.base_amount + row.excluded.base_amount,
        },
    )


_ADD: dict[str, Any] = {"sqlite": _add(sqlite), "postgresql": _add(postgresql)}
