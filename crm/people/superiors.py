"""Who is told of what somebody leaves undone: their superior, by default the team's supervisors. Guide 1."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, or_, select

from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.people.people import MEMBER_COLUMNS, Member, Person, PersonRole, Role, read_member

_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_SENIORS = select(_ROLES.c.person_id).where(_ROLES.c.role.in_((Role.SUPERVISOR.value, Role.GM.value)))
_NAMED = _PEOPLE.c.id.in_(bindparam("people", expanding=True, type_=Id))
_SUPERIORS = select(_PEOPLE.alias("others").c.superior_id)
_CANDIDATES = select(*MEMBER_COLUMNS).where(
    _PEOPLE.c.is_active | _NAMED, or_(_NAMED, _PEOPLE.c.id.in_(_SENIORS), _PEOPLE.c.id.in_(_SUPERIORS))
)


def superiors_of(work: UnitOfWork, people: Iterable[int]) -> dict[int, list[Member]]:
    """The superiors of each of these people, none where there is none; in one statement.

    The one named with them; by default the supervisors of their team, and for a supervisor the general manager.
    """
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return {}
    rows = work.connection.execute(_CANDIDATES.order_by(_PEOPLE.c.id), {"people": wanted})
    members = {row.person_id: read_member(row) for row in rows}
    return {person_id: superiors_among(members[person_id], members) for person_id in wanted if person_id in members}


def superiors_among(person: Member, members: Mapping[int, Member]) -> list[Member]:
    """The same for one person, of these people by their ids; all who might be a superior must be among them."""
    named = members.get(person.superior_id or 0)
    if named is not None and named.is_active:
        return [named]
    others = [one for one in members.values() if one.is_active and one.id != person.id]
    if Role.SUPERVISOR in person.roles:
        return [one for one in others if Role.GM in one.roles]
    if person.team_id is None:
        return []
    return [one for one in others if Role.SUPERVISOR in one.roles and one.team_id == person.team_id]
