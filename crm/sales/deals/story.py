"""How a deal came to where it is: its stays in the stages with their days, and all that happened to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from crm.core import history
from crm.core.history import HistoryEntry
from crm.core.text import Words
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.sales.deals.deals import DealStage, get_deal
from crm.sales.deals.stages import reason_words


@dataclass(frozen=True, slots=True)
class Stay:
    """One line of a deal's way: who brought it into the stage, and how many whole days it was there (so far)."""

    stage: str
    entered_at: datetime
    left_at: datetime | None
    days: int
    person_name: str
    reason: Words | None


_STAYS = DealStage.table()
_PEOPLE = Person.table()
_OF_DEAL = (
    select(*_STAYS.c, _PEOPLE.c.name.label("person_name"))
    .join(_PEOPLE, _PEOPLE.c.id == _STAYS.c.person_id)
    .where(_STAYS.c.deal_id == bindparam("deal"))
    .order_by(_STAYS.c.id)
)


def stays(work: UnitOfWork, *, viewer: Member, deal_id: int) -> list[Stay]:
    """The deal's way through its stages, oldest first. Raises NotFound."""
    get_deal(work, viewer=viewer, deal_id=deal_id)
    return [_stay(row, work.now) for row in work.connection.execute(_OF_DEAL, {"deal": deal_id})]


def story(work: UnitOfWork, *, viewer: Member, deal_id: int) -> list[HistoryEntry]:
    """What happened to the lead that the deal came from, and then to the deal: oldest first. Raises NotFound."""
    deal = get_deal(work, viewer=viewer, deal_id=deal_id)
    of_lead = [] if deal.lead_id is None else history.history_of(work, entity="lead", entity_id=deal.lead_id)
    return [*of_lead, *history.history_of(work, entity="deal", entity_id=deal_id)]


def _stay(row: Any, now: datetime) -> Stay:
    days = max(((row.left_at or now) - row.entered_at).days, 0)
    reason = None if row.reason is None else reason_words(row.reason)
    return Stay(row.stage, row.entered_at, row.left_at, days, row.person_name, reason)
