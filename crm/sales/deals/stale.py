"""Deals that have stood in their stage for too long, whoever looks after them. Guide 2.3."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.sales.deals.deals import DEAL_ROWS, Deal
from crm.sales.deals.stages import OPEN_STAGES, longest_days

_DEALS = Deal.table()


@dataclass(frozen=True, slots=True)
class StaleDeal:
    """`deal`: a row as `get_deal` gives it; `since`: when it should have moved on, `days_over` whole ones ago."""

    deal: Any
    since: datetime
    days_over: int

    @property
    def weeks_over(self) -> int:
        return self.days_over // 7


def stale_deals(
    work: UnitOfWork, *, owners: Collection[int] | None = None, rules: Mapping[str, str] | None = None
) -> list[StaleDeal]:
    """Open deals in their stage for longer than its upper bound, those on hold aside, the longest over first.

    `owners` None: everybody's; `rules` None: read. One statement beside that.
    """
    rules = read_rules(work) if rules is None else rules
    bounds = {stage: timedelta(days=longest_days(stage, rules)) for stage in OPEN_STAGES}
    query = DEAL_ROWS.where(stood_too_long(work.now, rules))
    if owners is not None:
        query = query.where(_DEALS.c.owner_id.in_(list(owners)))
    rows = work.connection.execute(query).all()
    found = [(row, (row.counted_since or row.stage_since) + bounds[row.stage]) for row in rows]
    stale = [StaleDeal(row, since, (work.now - since).days) for row, since in found]
    return sorted(stale, key=lambda one: (-one.days_over, one.deal.id))


def stood_too_long(now: datetime, rules: Mapping[str, str]) -> ColumnElement[bool]:
    """A condition on `deals` that says the same as `stages.is_stale`."""
    c = _DEALS.c
    each = [
        and_(c.stage == stage, c.stage_since < before, or_(c.counted_since.is_(None), c.counted_since < before))
        for stage in OPEN_STAGES
        for before in (now - timedelta(days=longest_days(stage, rules)),)
    ]
    return and_(or_(*each), c.on_hold.is_(False))
