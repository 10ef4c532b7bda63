"""Where somebody stands in the company: their team and superior, changed by an administrator; disabled and back."""

from sqlalchemy import select

from crm.core import history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import (
    Member,
    Person,
    Role,
    RolesGiven,
    Team,
    change_leading,
    disable_person,
    find_member,
    lead_team,
    list_members,
    superior_for,
    team_of_name,
)


def move_to_team(work: UnitOfWork, *, actor: Actor, person_id: int, team: str | None) -> Member:
    """Put somebody into a team, made when first named (None: into none); nothing is written where they are there.

    Their superior is the new team's supervisor from then on; a supervisor leaves the old team to its next one. Raises
    NotFound.
    """
    before = find_member(work, person_id=person_id)
    team_id = team_of_name(work, team) if team and team.strip() else None
    if team_id == before.team_id:
        return before
    person = work.session.get_one(Person, person_id)
    person.team_id = team_id
    work.session.flush()
    if Role.SUPERVISOR in before.roles:
        change_leading(work, before, before.roles - {Role.SUPERVISOR})  # those left behind
    person.superior_id = superior_for(work, team_id=team_id, roles=list(before.roles))
    work.session.flush()
    if Role.SUPERVISOR in before.roles and team_id is not None:
        lead_team(work, team_id=team_id, supervisor_id=person_id)
    names = {row.id: row.name for row in work.connection.execute(select(Team.id, Team.name))}
    changes = {"team": (names.get(before.team_id or 0), names.get(team_id or 0))}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)
    return find_member(work, person_id=person_id)


def set_superior(work: UnitOfWork, *, actor: Actor, person_id: int, superior_id: int | None) -> Member:
    """Say whom somebody reports to; None: their team's supervisor, or of a supervisor the general manager.

    Raises NotFound, Invalid (oneself, somebody disabled, or somebody who reports to them).
    """
    before = find_member(work, person_id=person_id)
    if superior_id == before.superior_id:
        return before
    above = superior_id
    for _ in range(100):  # no company has so many storeys
        if above is None:
            break
        if above == person_id:
            raise Invalid(T("Nobody reports to themselves, by others either."))
        above = find_member(work, person_id=above).superior_id
    if superior_id is not None and not find_member(work, person_id=superior_id).is_active:
        raise Invalid(T("{name} is disabled.", name=find_member(work, person_id=superior_id).name))
    work.session.get_one(Person, person_id).superior_id = superior_id
    work.session.flush()
    changes = {"superior": (before.superior_id, superior_id)}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)
    return find_member(work, person_id=person_id)


def disable(work: UnitOfWork, *, actor: Actor, person_id: int) -> None:
    """`disable_person`, which leaves an administrator. Raises NotFound, Conflict."""
    others = [one for one in list_members(work, role=Role.ADMIN, active_only=True) if one.id != person_id]
    if not others:
        name = find_member(work, person_id=person_id).name
        raise Conflict(T("{name} is the only administrator, and one is needed.", name=name))
    disable_person(work, actor=actor, person_id=person_id)


def enable(work: UnitOfWork, *, actor: Actor, person_id: int) -> None:
    """Let somebody who was disabled in again. Raises NotFound, Conflict."""
    if find_member(work, person_id=person_id).is_active:
        raise Conflict(T("{name} is not disabled.", name=find_member(work, person_id=person_id).name))
    work.session.get_one(Person, person_id).is_active = True
    work.session.flush()
    changes = {"is_active": (False, True)}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="enabled", changes=changes)
    work.emit(RolesGiven(person_id))
