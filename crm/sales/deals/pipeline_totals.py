"""What the open deals come to, by owner and stage: kept as deals change, so that nobody need add them up. Guide 2.3.

They are a function of the rows of `deals` alone: counting anew comes to the same.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, String, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.events import Events
from crm.core.tables import Base
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.sales.deals.deals import Deal
from crm.sales.deals.events import DealChanged, DealStand
from crm.sales.deals.stages import OPEN_STAGES


class PipelineTotal(Base):
    """How many `deals` somebody has open in a stage, those on hold apart, and their sum in the base currency."""

    __tablename__ = "pipeline_totals"

    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    on_hold: Mapped[bool] = mapped_column(primary_key=True)
    deals: Mapped[int]
    base_amount: Mapped[Decimal] = mapped_column(Amount)


class _Place(NamedTuple):
    owner_id: int
    stage: str
    on_hold: bool


_DEALS = Deal.table()
_TOTALS = PipelineTotal.table()
_COUNTED = (
    select(
        _DEALS.c.owner_id,
        _DEALS.c.stage,
        _DEALS.c.on_hold,
        func.count().label("deals"),
        func.sum(_DEALS.c.base_amount, type_=Amount).label("base_amount"),
    )
    .where(_DEALS.c.stage.in_(OPEN_STAGES))
    .group_by(_DEALS.c.owner_id, _DEALS.c.stage, _DEALS.c.on_hold)
)
_SUMS = (
    func.sum(_TOTALS.c.deals).label("deals"),
    func.sum(_TOTALS.c.base_amount, type_=Amount).label("base_amount"),
)


def keep_pipeline(events: Events) -> None:
    """Have the totals follow every change of a deal, in its own transaction."""
    events.subscribe(DealChanged, _changed)


def read_totals(work: UnitOfWork, whose: ColumnElement[bool]) -> dict[tuple[str, bool], tuple[int, Decimal]]:
    """By stage and whether on hold, how many open deals and their sum, of the owners that `whose` names (a condition on
    `PipelineTotal.owner_id`).
    """
    query = select(_TOTALS.c.stage, _TOTALS.c.on_hold, *_SUMS).where(whose).group_by(_TOTALS.c.stage, _TOTALS.c.on_hold)
    rows = work.connection.execute(query)
    return {(row.stage, row.on_hold): (int(row.deals), row.base_amount) for row in rows if row.deals}


def totals_differ(work: UnitOfWork) -> bool:
    """Whether they are not what the deals come to."""
    return _kept(work) != _should(work)


def rebuild_totals(work: UnitOfWork) -> None:
    """Count everything anew in place of what was kept. Nobody may write meanwhile."""
    work.connection.execute(delete(_TOTALS))
    work.connection.execute(insert(_TOTALS).from_select(list(_TOTALS.c.keys()), _COUNTED))


def _kept(work: UnitOfWork) -> set[tuple[Any, ...]]:
    rows = work.connection.execute(select(_TOTALS))
    return {tuple(row) for row in rows if row.deals or row.base_amount}


def _should(work: UnitOfWork) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in work.connection.execute(_COUNTED)}


def _changed(work: UnitOfWork, event: DealChanged) -> None:
    if event.before is not None:
        _collect(work, event.before, -1)
    _collect(work, event.after, 1)


def _collect(work: UnitOfWork, deal: DealStand, sign: int) -> None:
    if deal.stage in OPEN_STAGES:
        work.collect(_write, (_Place(deal.owner_id, deal.stage, deal.on_hold), sign, deal.base_amount))


def _write(work: UnitOfWork, collected: list[tuple[_Place, int, Decimal]]) -> None:
    """Add these to what stands, rows in the order of their key: that is the order they are locked in."""
    rows = list(_added(collected))
    if rows:
        work.connection.execute(_ADD[work.connection.dialect.name], rows)


def _added(collected: list[tuple[_Place, int, Decimal]]) -> Iterator[dict[str, Any]]:
    counts: Counter[_Place] = Counter()
    amounts: dict[_Place, Decimal] = {}
    for place, sign, base_amount in collected:
        counts[place] += sign
        amounts[place] = amounts.get(place, Decimal(0)) + sign * base_amount
    for place in sorted(amounts):
        if counts[place] or amounts[place]:
            yield {**place._asdict(), "deals": counts[place], "base_amount": amounts[place]}


def _add(dialect: Any) -> Any:
    row = dialect.insert(_TOTALS)
    return row.on_conflict_do_update(
        index_elements=["owner_id", "stage", "on_hold"],
        set_={
            "deals": _TOTALS.c.deals + row.excluded.deals,
            "base_amount": _TOTALS.c.base_amount + row.excluded.base_amount,
        },
    )


_ADD: dict[str, Any] = {"sqlite": _add(sqlite), "postgresql": _add(postgresql)}
