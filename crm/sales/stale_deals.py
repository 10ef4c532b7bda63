"""Deals that have stood in their stage for too long, whoever looks after them. Guide 2.3."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, or_

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.sales.deals import DEAL_ROWS, Deal
from crm.sales.stages import OPEN_STAGES, longest_days

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
    too_long = [and_(_DEALS.c.stage == stage, _DEALS.c.stage_since < work.now - most) for stage, most in bounds.items()]
    query = DEAL_ROWS.where(or_(false(), *too_long), _DEALS.c.on_hold.is_(False))
    if owners is not None:
        query = query.where(_DEALS.c.owner_id.in_(list(owners)))
    found = [(row, row.stage_since + bounds[row.stage]) for row in work.connection.execute(query)]
    stale = [StaleDeal(row, since, (work.now - since).days) for row, since in found]
    return sorted(stale, key=lambda one: (-one.days_over, one.deal.id))
