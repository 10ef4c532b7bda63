"""Who gets a lead that nobody of us typed: rules in their order, within a team whoever has least to do. Guide 2.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.regions import in_region
from crm.people.people import Person, PersonRole, Role, Team
from crm.people.presence import Presence, presences_of
from crm.sales.catalogue.categories import ProductCategory, list_categories, propose_category
from crm.sales.leads.assignment_rules import AssignmentRule, assignment_rules
from crm.sales.leads.leads import OPEN_STATUSES, Lead, LeadDetails

_NEVER = datetime.min.replace(tzinfo=UTC)


class LeadAssignment(Base):
    """A lead was given to somebody by the rules: who waited longest for one is known by it."""

    __tablename__ = "lead_assignments"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who gets a lead, and by which rule."""

    person_id: int
    name: str
    rule: AssignmentRule


_ASSIGNED = LeadAssignment.table()
_LEADS, _PEOPLE, _TEAMS, _ROLES = Lead.table(), Person.table(), Team.table(), PersonRole.table()
_REPS = (
    select(_PEOPLE.c.id, _PEOPLE.c.name)
    .join(_ROLES, _ROLES.c.person_id == _PEOPLE.c.id)
    .where(_PEOPLE.c.team_id == bindparam("team"), _PEOPLE.c.is_active, _ROLES.c.role == Role.REP.value)
    .order_by(_PEOPLE.c.id)
)
_LOADS = (
    select(_LEADS.c.owner_id, func.count())
    .where(_LEADS.c.owner_id.in_(bindparam("people", expanding=True, type_=Id)), _LEADS.c.status.in_(OPEN_STATUSES))
    .group_by(_LEADS.c.owner_id)
)
_LAST_GIVEN = (
    select(_ASSIGNED.c.person_id, func.max(_ASSIGNED.c.at, type_=UTCDateTime))
    .where(_ASSIGNED.c.person_id.in_(bindparam("people", expanding=True, type_=Id)))
    .group_by(_ASSIGNED.c.person_id)
)
_LOCK_TEAM = select(_TEAMS.c.id).where(_TEAMS.c.id == bindparam("team")).with_for_update(key_share=True)


def find_assignee(work: UnitOfWork, *, details: LeadDetails) -> Assignee | None:
    """Who a lead like this goes to by the rules as they stand; None: the pool.

    The first rule that fits and has somebody there decides: who is away or disabled is passed over, and so is a team
    with nobody there. A category that is not told is the one its need seems to mean.
    """
    categories = list_categories(work)
    category = details.product_category or propose_category(categories, details.product_need)
    for rule in assignment_rules(work):
        if not _fits(rule, category, details, categories):
            continue
        found = _person_of(work, rule) if rule.person_id is not None else _least_loaded(work, rule)
        if found is not None:
            return found
    return None


def note_assignment(work: UnitOfWork, *, lead_id: int, person_id: int) -> None:
    """The lead was given: its owner waits for the next one from now on."""
    work.connection.execute(insert(_ASSIGNED), {"lead_id": lead_id, "person_id": person_id, "at": work.now})


def _fits(
    rule: AssignmentRule, category: str | None, details: LeadDetails, categories: Sequence[ProductCategory]
) -> bool:
    if rule.source is not None and rule.source != details.source:
        return False
    if rule.region is not None and not in_region(details.country, rule.region):
        return False
    return rule.category is None or _canonical(category, categories) == _canonical(rule.category, categories)


def _canonical(category: str | None, categories: Sequence[ProductCategory]) -> str:
    """A category's name, whichever of its names was written."""
    wanted = (category or "").casefold()
    for one in categories:
        if wanted in {one.name.casefold(), one.name_zh.casefold()}:
            return one.name.casefold()
    return wanted


def _person_of(work: UnitOfWork, rule: AssignmentRule) -> Assignee | None:
    presence = presences_of(work, [rule.person_id or 0]).get(rule.person_id or 0)
    if presence is None or not presence.is_active or _is_away(presence, work.now):
        return None
    return Assignee(rule.person_id or 0, rule.person_name or "", rule)


def _least_loaded(work: UnitOfWork, rule: AssignmentRule) -> Assignee | None:
    """Of those of the team who are there: the fewest open leads, then who waited longest since the last one given."""
    # Two leads at once for one team: the second is given when it is known who got the first.
    work.connection.execute(_LOCK_TEAM, {"team": rule.team_id})
    names = {row.id: row.name for row in work.connection.execute(_REPS, {"team": rule.team_id})}
    presences = presences_of(work, names)
    there = [person for person in names if not _is_away(presences[person], work.now)]
    if not there:
        return None
    loads: dict[Any, int] = {row[0]: int(row[1]) for row in work.connection.execute(_LOADS, {"people": there})}
    given: dict[Any, datetime] = {row[0]: row[1] for row in work.connection.execute(_LAST_GIVEN, {"people": there})}
    chosen = min(there, key=lambda person: (loads.get(person, 0), given.get(person, _NEVER), person))
    return Assignee(chosen, names[chosen], rule)


def _is_away(presence: Presence, now: datetime) -> bool:
    return any(begins <= now < ends for begins, ends in presence.away)
