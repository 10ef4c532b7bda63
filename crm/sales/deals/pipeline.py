"""The pipeline: what is in each open stage, how much it is worth, and what has been there for too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.sales.deals.deals import DEAL_ROWS, Deal
from crm.sales.deals.pipeline_totals import PipelineTotal, read_totals
from crm.sales.deals.stages import OPEN_STAGES, STAGE, Stage, days_in_stage, is_stale
from crm.sales.deals.stale import stood_too_long
from crm.sales.leads.policy import visible_owners


@dataclass(frozen=True, slots=True)
class StageTotal:
    """`base_amount`: the sum of the deals' amounts in the base currency, each at its own locked rate.

    `held`: how many are on hold besides; they are neither in `count` nor in the sum.
    """

    stage: Stage
    count: int
    base_amount: Decimal
    held: int = 0


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


STANDINGS = ("stale", "held")
"""What the deals may be narrowed to besides a stage: in it for too long, or on hold."""

_DEALS = Deal.table()
_TOTALS = PipelineTotal.table()
_PEOPLE = Person.table()
_POSITION = case({key: place for place, key in enumerate(OPEN_STAGES)}, value=_DEALS.c.stage)


def pipeline(
    work: UnitOfWork,
    *,
    viewer: Member,
    stage: str | None = None,
    owner_id: int | None = None,
    standing: str | None = None,
    offset: int = 0,
    most: int = 10,
) -> Pipeline:
    """The open deals this person looks after (a supervisor: the team's), by stage and then by expected close.

    `stage` and `standing` (of STANDINGS) narrow the deals, not the totals; `owner_id` both. The totals are kept, never
    added up here.
    """
    rules = read_rules(work)
    stages = _totals(work, viewer, owner_id)
    wanted = OPEN_STAGES if stage is None else (stage,)
    mine = _whose(viewer, _DEALS.c.owner_id, owner_id)
    if standing is None:
        counts = {total.stage.key: total.count + total.held for total in stages if total.stage.key in wanted}
        count, rows = sum(counts.values()), tuple(_page(work, mine, counts, offset, most))
    else:
        which = stood_too_long(work.now, rules) if standing == "stale" else _DEALS.c.on_hold
        count, rows = _narrowed(work, (mine, _DEALS.c.stage.in_(wanted), which), offset, most)
    listed = tuple(ListedDeal(row, days_in_stage(row, work.now), is_stale(row, work.now, rules)) for row in rows)
    return Pipeline(rules["company.base_currency"], stages, listed, count)


def owners_seen(work: UnitOfWork, *, viewer: Member) -> list[tuple[int, str]]:
    """Those who have open deals that this person looks after, with their names, by name."""
    query = (
        select(_PEOPLE.c.id, _PEOPLE.c.name)
        .where(visible_owners(viewer, _PEOPLE.c.id))
        .where(_PEOPLE.c.id.in_(select(_TOTALS.c.owner_id).where(_TOTALS.c.deals > 0)))
        .order_by(_PEOPLE.c.name, _PEOPLE.c.id)
    )
    return [(row.id, row.name) for row in work.connection.execute(query)]


def _totals(work: UnitOfWork, viewer: Member, owner_id: int | None) -> tuple[StageTotal, ...]:
    found = read_totals(work, _whose(viewer, _TOTALS.c.owner_id, owner_id))
    nothing = (0, Decimal(0))
    return tuple(
        StageTotal(STAGE[key], *found.get((key, False), nothing), held=found.get((key, True), nothing)[0])
        for key in OPEN_STAGES
    )


def _whose(viewer: Member, column: ColumnElement[Any], owner_id: int | None) -> ColumnElement[bool]:
    mine = visible_owners(viewer, column)
    return mine if owner_id is None else mine & (column == owner_id)


def _page(work: UnitOfWork, mine: ColumnElement[bool], counts: dict[str, int], offset: int, most: int) -> Iterator[Any]:
    """One page of the deals, stage by stage: how many are in each says where the page begins, and an index the rest."""
    for stage, count in counts.items():
        if most <= 0:
            return
        if offset >= count:
            offset -= count
            continue
        query = DEAL_ROWS.where(mine, _DEALS.c.stage == stage).order_by(_DEALS.c.expected_close, _DEALS.c.id)
        rows = work.connection.execute(query.offset(offset).limit(most)).all()
        yield from rows
        offset, most = 0, most - len(rows)


def _narrowed(
    work: UnitOfWork, where: Sequence[ColumnElement[bool]], offset: int, most: int
) -> tuple[int, tuple[Any, ...]]:
    count = work.connection.execute(select(func.count()).select_from(_DEALS).where(*where)).scalar_one()
    query = DEAL_ROWS.where(*where).order_by(_POSITION, _DEALS.c.expected_close, _DEALS.c.id)
    return count, tuple(work.connection.execute(query.offset(offset).limit(most)).all())
