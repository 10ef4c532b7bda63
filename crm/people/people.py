"""Who: people with their roles and teams, added and disabled by an administrator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from holidays import list_supported_countries
from sqlalchemy import ForeignKey, String, Time, bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.rules import read_rules
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork


class Role(StrEnum):
    """What somebody does in the company; a person may hold several."""

    REP = "rep"
    SUPERVISOR = "supervisor"
    FINANCE = "finance"
    GM = "gm"
    PRODUCTION = "production"
    LOGISTICS = "logistics"
    ADMIN = "admin"


ROLE_NAMES = {
    Role.REP: T("Sales rep"),
    Role.SUPERVISOR: T("Sales supervisor"),
    Role.FINANCE: T("Finance"),
    Role.GM: T("General manager"),
    Role.PRODUCTION: T("Production"),
    Role.LOGISTICS: T("Logistics"),
    Role.ADMIN: T("Administrator"),
}

LANGUAGES = ("zh_CN", "en")


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Person(Base):
    """Somebody of the company. `superior_id` None: the team's supervisor; for a supervisor, the general manager.

    `notify_on`: the platform their notices go to; None: the one used last. From `work_days` to `quiet_to`: when they
    work and when they are left in peace, as `crm.people.calendar` reads it. `digest_at` None: their roles' time.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    language: Mapped[str] = mapped_column(String(10))
    timezone: Mapped[str] = mapped_column(String(50))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    is_active: Mapped[bool]
    notify_on: Mapped[str | None] = mapped_column(String(20))
    work_days: Mapped[str] = mapped_column(String(7))
    work_from: Mapped[time] = mapped_column(Time)
    work_to: Mapped[time] = mapped_column(Time)
    holidays: Mapped[str] = mapped_column(String(10))
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_to: Mapped[time | None] = mapped_column(Time)
    digest_at: Mapped[time | None] = mapped_column(Time)
    wants_digest: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    team: Mapped[Team | None] = relationship(lazy="raise")
    role_rows: Mapped[list["PersonRole"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class PersonRole(Base):
    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


@dataclass(frozen=True, slots=True)
class RolesGiven:
    """An event: this person has a role that they had not."""

    person_id: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the roads of messages carry them: small, detached, complete for every permission."""

    id: int
    name: str
    language: str
    timezone: str
    team_id: int | None
    superior_id: int | None
    is_active: bool
    roles: frozenset[Role]

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


_PEOPLE = Person.table()
_ROLES = PersonRole.table()
roles_of_person = (
    select(func.aggregate_strings(_ROLES.c.role, ","))
    .where(_ROLES.c.person_id == _PEOPLE.c.id)
    .correlate(_PEOPLE)
    .scalar_subquery()
)
"""A column for Core selects on `people`: the roles, comma-separated."""

MEMBER_COLUMNS = (
    _PEOPLE.c.id.label("person_id"),
    _PEOPLE.c.name,
    _PEOPLE.c.language,
    _PEOPLE.c.timezone,
    _PEOPLE.c.team_id,
    _PEOPLE.c.superior_id,
    _PEOPLE.c.is_active,
    roles_of_person.label("roles"),
)


_BY_ID = select(*MEMBER_COLUMNS).where(_PEOPLE.c.id == bindparam("person"))
_ADMINISTRATORS = (
    select(_ROLES.c.person_id)
    .join(_PEOPLE, _PEOPLE.c.id == _ROLES.c.person_id)
    .where(_ROLES.c.role == Role.ADMIN.value, _PEOPLE.c.is_active)
    .order_by(_ROLES.c.person_id)
    .with_for_update(of=_ROLES)
)


def read_member(row: Sequence[object]) -> Member:
    """A Member from the values of MEMBER_COLUMNS, in their order."""
    person_id, name, language, timezone, team_id, superior_id, is_active, roles = row
    held = frozenset(Role(role) for role in str(roles or "").split(",") if role)
    return Member(person_id, name, language, timezone, team_id, superior_id, bool(is_active), held)  # type: ignore[arg-type]


def find_member(work: UnitOfWork, *, person_id: int) -> Member:
    """The person with this id. Raises NotFound."""
    row = work.connection.execute(_BY_ID, {"person": person_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such person."))
    return read_member(row)


def find_by_name(work: UnitOfWork, *, name: str) -> Member:
    """The person with exactly this name, letter case aside. Raises NotFound; Invalid where no name is given."""
    if not name.strip():
        raise Invalid(T("Whose? Write the name as the list of people has it."))
    wanted = func.lower(_PEOPLE.c.name) == name.strip().lower()
    row = work.connection.execute(select(*MEMBER_COLUMNS).where(wanted)).first()
    if row is None:
        raise NotFound(T("There is nobody named {name}.", name=name))
    return read_member(row)


def list_members(work: UnitOfWork, *, role: Role | None = None, active_only: bool = False) -> list[Member]:
    """Everybody, or who holds a role, by name."""
    query = select(*MEMBER_COLUMNS).order_by(_PEOPLE.c.id)
    if role is not None:
        query = query.where(_PEOPLE.c.id.in_(select(_ROLES.c.person_id).where(_ROLES.c.role == role)))
    if active_only:
        query = query.where(_PEOPLE.c.is_active)
    return [read_member(row) for row in work.connection.execute(query)]


def team_names(work: UnitOfWork) -> dict[int, str]:
    """The teams' names by id."""
    return {row.id: row.name for row in work.connection.execute(select(Team.id, Team.name))}


def add_person(
    work: UnitOfWork,
    *,
    actor: Actor,
    name: str,
    roles: Iterable[Role],
    language: str,
    timezone: str,
    team: str | None = None,
) -> Member:
    """Add somebody, with the team made when first named.

    The first supervisor of a team becomes its members' superior, those who were there before included.
    Raises Invalid (empty or overlong name, no role, unknown language or zone) and Conflict (the name is taken).
    """
    name = " ".join(name.split())
    held = sorted(set(roles))
    _check_person(work, name=name, roles=held, language=language, timezone=timezone)
    team_id = team_of_name(work, team) if team and team.strip() else None
    person = Person(
        name=name,
        language=language,
        timezone=timezone,
        team_id=team_id,
        superior_id=superior_for(work, team_id=team_id, roles=held),
        is_active=True,
        wants_digest=True,
        created_at=work.now,
        **_usual_calendar(work, timezone),
        role_rows=[PersonRole(role=role.value) for role in held],
    )
    work.session.add(person)
    work.session.flush()
    if team_id is not None and Role.SUPERVISOR in held:
        lead_team(work, team_id=team_id, supervisor_id=person.id)
    changes = {"name": (None, name), "roles": (None, ",".join(held)), "team": (None, team)}
    history.record(work, actor=actor, entity="person", entity_id=person.id, act="added", changes=changes)
    work.emit(RolesGiven(person.id))
    return find_member(work, person_id=person.id)


def disable_person(work: UnitOfWork, *, actor: Actor, person_id: int) -> None:
    """Take somebody's access away at once; their records and history stay. Raises NotFound and Conflict."""
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound(T("There is no such person."))
    if not person.is_active:
        raise Conflict(T("{name} is disabled already.", name=person.name))
    person.is_active = False
    work.session.flush()
    changes = {"is_active": (True, False)}
    history.record(work, actor=actor, entity="person", entity_id=person.id, act="disabled", changes=changes)


def set_roles(work: UnitOfWork, *, actor: Actor, person_id: int, roles: Iterable[Role]) -> Member:
    """Give somebody these roles in place of those held so far; nothing is written where they are the same.

    Who begins to supervise a team leads it as its first supervisor does; who stops hands its members over. Raises
    NotFound, Invalid (no role) and Conflict (the last administrator would lose that role).
    """
    held = frozenset(roles)
    if not held:
        raise Invalid(T("A person needs at least one role."))
    # Two administrators who take the role from each other at once: the second waits here, and sees what is left.
    administrators = set(work.connection.execute(_ADMINISTRATORS).scalars())
    before = find_member(work, person_id=person_id)
    if held == before.roles:
        return before
    if Role.ADMIN not in held and administrators == {person_id}:
        raise Conflict(T("{name} is the only administrator, and one is needed.", name=before.name))
    work.connection.execute(delete(_ROLES).where(_ROLES.c.person_id == person_id))
    work.connection.execute(insert(_ROLES), [{"person_id": person_id, "role": role.value} for role in sorted(held)])
    change_leading(work, before, held)
    changes = {"roles": (",".join(sorted(before.roles)), ",".join(sorted(held)))}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)
    if held - before.roles:
        work.emit(RolesGiven(person_id))
    return find_member(work, person_id=person_id)


def set_language(work: UnitOfWork, *, actor: Actor, person_id: int, language: str) -> None:
    """Change the language somebody reads. Raises Invalid."""
    if language not in LANGUAGES:
        raise Invalid(T("The languages are zh_CN and en."))
    person = work.session.get_one(Person, person_id)
    changes = {"language": (person.language, language)}
    person.language = language
    work.session.flush()
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)


def set_timezone(work: UnitOfWork, *, actor: Actor, person_id: int, timezone: str) -> None:
    """Change the zone somebody lives in; what their quiet hours hold waits as they fall there. Raises Invalid."""
    from crm.people.quiet import hold_anew  # which reads people

    if timezone not in available_timezones():
        raise Invalid(T("{zone} is not a time zone; write one as Asia/Shanghai or Europe/Berlin.", zone=timezone))
    person = work.session.get_one(Person, person_id)
    changes = {"timezone": (person.timezone, timezone)}
    person.timezone = timezone
    work.session.flush()
    hold_anew(work, person_id=person_id)
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)


def _check_person(work: UnitOfWork, *, name: str, roles: list[Role], language: str, timezone: str) -> None:
    if not name or len(name) > 100:
        raise Invalid(T("A person needs a name of 1 to 100 characters."))
    if not roles:
        raise Invalid(T("A person needs at least one role."))
    if language not in LANGUAGES:
        raise Invalid(T("The languages are zh_CN and en."))
    if timezone not in available_timezones():
        raise Invalid(T("{zone} is not a time zone; write one as Asia/Shanghai or Europe/Berlin.", zone=timezone))
    if work.session.scalar(select(Person.id).where(func.lower(Person.name) == name.lower())):
        raise Conflict(T("There is somebody named {name} already.", name=name))


def _usual_calendar(work: UnitOfWork, timezone: str) -> dict[str, Any]:
    """The working hours of somebody new: the company's, with the holidays of the country their zone lies in."""
    rules = read_rules(work)
    quiet_from, quiet_to = rules["people.quiet_from"], rules["people.quiet_to"]
    return {
        "work_days": rules["people.work_days"],
        "work_from": time.fromisoformat(rules["people.work_from"]),
        "work_to": time.fromisoformat(rules["people.work_to"]),
        "quiet_from": time.fromisoformat(quiet_from) if quiet_from else None,
        "quiet_to": time.fromisoformat(quiet_to) if quiet_to else None,
        "holidays": holidays_of_zone(timezone),
    }


def holidays_of_zone(timezone: str) -> str:
    """The holiday calendar of the country a zone lies in: `Europe/Berlin`, `DE`; empty where there is none."""
    zone = get_global("zone_aliases").get(timezone, timezone)  # an old name: `Asia/Calcutta`, `PRC`
    country = get_global("zone_territories").get(zone) or ""
    return country if country in list_supported_countries() else ""


def team_of_name(work: UnitOfWork, name: str) -> int:
    name = " ".join(name.split())
    found = work.session.scalar(select(Team.id).where(func.lower(Team.name) == name.lower()))
    if found is not None:
        return found
    team = Team(name=name, created_at=work.now)
    work.session.add(team)
    work.session.flush()
    return team.id


def superior_for(work: UnitOfWork, *, team_id: int | None, roles: list[Role]) -> int | None:
    if team_id is None or Role.SUPERVISOR in roles:
        return None
    supervisors = (
        select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.team_id == team_id, PersonRole.role == Role.SUPERVISOR, Person.is_active)
    )
    return work.session.scalar(supervisors.order_by(Person.id).limit(1))


def change_leading(work: UnitOfWork, before: Member, held: frozenset[Role]) -> None:
    """Who reports to whom, after somebody began or stopped to supervise their team."""
    led, leads = Role.SUPERVISOR in before.roles, Role.SUPERVISOR in held
    if led == leads or before.team_id is None:
        return
    person = work.session.get_one(Person, before.id)
    if leads:
        person.superior_id = None
        work.session.flush()
        lead_team(work, team_id=before.team_id, supervisor_id=before.id)
        return
    heir = superior_for(work, team_id=before.team_id, roles=[])
    person.superior_id = heir
    members = select(Person).where(Person.team_id == before.team_id, Person.superior_id == before.id)
    for member in work.session.scalars(members):
        member.superior_id = None if member.id == heir else heir
    work.session.flush()


def lead_team(work: UnitOfWork, *, team_id: int, supervisor_id: int) -> None:
    supervisors = (
        select(func.count())
        .select_from(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.team_id == team_id, PersonRole.role == Role.SUPERVISOR)
    )
    if (work.session.scalar(supervisors) or 0) > 1:
        return
    members = select(Person).where(Person.team_id == team_id, Person.superior_id.is_(None), Person.id != supervisor_id)
    for member in work.session.scalars(members):
        member.superior_id = supervisor_id
    work.session.flush()
