"""Who decides on a step: functions of the step's role, the submitter and the people there are now.

Nobody decides on an order of their own, by no role: such a step goes to the superior, where there is none to any
other holder of the role, else to the administrators as a problem, never to nobody's approval. Guide 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select

from crm.core.text import T
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.people.people import MEMBER_COLUMNS, ROLE_NAMES, Member, Person, PersonRole, Role, read_member
from crm.people.permissions import Allowed


@dataclass(frozen=True, slots=True)
class Circle:
    """The people who might have a say in orders, by id, the disabled among them."""

    people: Mapping[int, Member]

    def holders(self, role: Role) -> list[Member]:
        return [person for person in self.people.values() if person.is_active and role in person.roles]

    def active(self, person_id: int | None) -> Member | None:
        person = self.people.get(person_id or 0)
        return person if person is not None and person.is_active else None


_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_CIRCLE = (
    select(*MEMBER_COLUMNS)
    .where(
        or_(
            _PEOPLE.c.id.in_(select(_ROLES.c.person_id).where(_ROLES.c.role != Role.REP.value)),
            _PEOPLE.c.id.in_(select(_PEOPLE.alias("others").c.superior_id)),
            _PEOPLE.c.id.in_(bindparam("named", expanding=True, type_=Id)),
        )
    )
    .order_by(_PEOPLE.c.id)
)


def read_circle(work: UnitOfWork, *person_ids: int) -> Circle:
    """Everybody who is more than a rep, all superiors, and the people named; as they are now, in one statement."""
    rows = work.connection.execute(_CIRCLE, {"named": list(person_ids)})
    members = (read_member(row) for row in rows)
    return Circle({member.id: member for member in members})


def approvers_for(role: Role, *, submitter_id: int, circle: Circle) -> list[Member]:
    """Who may decide on this role's step of an order of that submitter's; empty: a problem for the administrators."""
    submitter = circle.people[submitter_id]
    if role in submitter.roles:
        found = _superiors(submitter, circle)
    elif role is Role.SUPERVISOR:
        found = _supervisors_of(submitter, circle)
    else:
        found = circle.holders(role)
    found = [person for person in found if person.id != submitter_id]
    return found or [person for person in circle.holders(role) if person.id != submitter_id]


def can_decide(person: Member, *, role: Role, submitter_id: int, circle: Circle) -> Allowed:
    """Whether this person decides on this role's step, as people and roles stand now in `circle`."""
    if circle.active(person.id) is None:
        return T("Your access was taken away.")
    if person.id == submitter_id:
        return T("Nobody decides on an order of their own.")
    if any(approver.id == person.id for approver in approvers_for(role, submitter_id=submitter_id, circle=circle)):
        return True
    return T("This is not yours to decide: it waits for {role}.", role=ROLE_NAMES[role])


def _supervisors_of(person: Member, circle: Circle) -> list[Member]:
    """A rep's superior and the supervisors of the rep's team."""
    superior = circle.active(person.superior_id)
    found = {superior.id: superior} if superior is not None else {}
    found |= {member.id: member for member in _of_team(person, circle)}
    return list(found.values())


def _superiors(person: Member, circle: Circle) -> list[Member]:
    """The superior; by default the team's supervisors, and for a supervisor the general manager."""
    superior = circle.active(person.superior_id)
    if superior is not None:
        return [superior]
    if Role.SUPERVISOR in person.roles:
        return circle.holders(Role.GM)
    return _of_team(person, circle)


def _of_team(person: Member, circle: Circle) -> list[Member]:
    if person.team_id is None:
        return []
    return [member for member in circle.holders(Role.SUPERVISOR) if member.team_id == person.team_id]


def names(members: list[Member]) -> Any:
    """Their names, for a text."""
    return [member.name for member in members]
