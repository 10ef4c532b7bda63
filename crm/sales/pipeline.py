"""The pipeline: what is in each open stage, how much it is worth, and what has been there for too long."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.deals import DEAL_ROWS, Deal
from crm.sales.lead_policy import visible_owners
from crm.sales.stages import OPEN_STAGES, STAGE, Stage, days_in_stage, is_stale


@dataclass(frozen=True, slots=True)
class StageTotal:
    """`base_amount`: the sum of the deals' amounts in the base currency, each at its own locked rate."""

    stage: Stage
    count: int
    base_amount: Decimal


@dataclass(frozen=True, slots=True)
class ListedDeal:
    """`deal`: a row as `get_deal` gives it; `days` whole ones in its stage."""

    deal: Any
    days: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Every open stage in its order, empty ones too; one page of the deals, and how many there are to page through."""

    currency: str
    stages: tuple[StageTotal, ...]
    deals: tuple[ListedDeal, ...]
    total: int


_DEALS = Deal.table()
_POSITION = case({key: place for place, key in enumerate(OPEN_STAGES)}, value=_DEALS.c.stage)
_TOTALS = select(
    _DEALS.c.stage,
    func.count().label("count"),
    func.sum(_DEALS.c.base_amount, type_=_DEALS.c.base_amount.type).label("base_amount"),
).group_by(_DEALS.c.stage)


def pipeline(
    work: UnitOfWork, *, viewer: Member, stage: str | None = None, offset: int = 0, most: int = 10
) -> Pipeline:
    """The open deals this person looks after (a supervisor: the team's), by stage and then by expected close.

    `stage` narrows the deals, not the totals. Three statements, however many deals there are.
    """
    rules = read_rules(work)
    mine = visible_owners(viewer, _DEALS.c.owner_id)
    found = work.connection.execute(_TOTALS.where(mine, _DEALS.c.stage.in_(OPEN_STAGES)))
    totals = {row.stage: row for row in found}
    stages = tuple(_total(key, totals.get(key)) for key in OPEN_STAGES)
    wanted = OPEN_STAGES if stage is None else (stage,)
    rows = work.connection.execute(
        DEAL_ROWS.where(mine, _DEALS.c.stage.in_(wanted))
        .order_by(_POSITION, _DEALS.c.expected_close, _DEALS.c.id)
        .offset(offset)
        .limit(most)
    )
    listed = tuple(ListedDeal(row, days_in_stage(row, work.now), is_stale(row, work.now, rules)) for row in rows)
    count = sum(total.count for total in stages if total.stage.key in wanted)
    return Pipeline(rules["company.base_currency"], stages, listed, count)


def _total(key: str, found: Any) -> StageTotal:
    if found is None:
        return StageTotal(STAGE[key], 0, Decimal(0))
    return StageTotal(STAGE[key], found.count, found.base_amount)
