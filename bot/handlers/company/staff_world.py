"""What the administrator's forms about people offer: roles, teams, superiors."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.screen import Choice
from crm.core.text import T
from crm.people.people import ROLE_NAMES, Member, Role, list_members, team_names

Found = tuple[Sequence[Choice], int]
ROLE_WORDS: Mapping[str, Role] = {role.value: role for role in Role} | {
    "业务员": Role.REP,
    "销售主管": Role.SUPERVISOR,
    "财务": Role.FINANCE,
    "总经理": Role.GM,
    "生产": Role.PRODUCTION,
    "物流": Role.LOGISTICS,
    "管理员": Role.ADMIN,
}


def search_roles(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    exact = ROLE_WORDS.get(wanted)
    words = {role: f"{role.value} {ROLE_NAMES[role].message}".casefold() for role in Role}
    fits = [exact] if exact is not None else [role for role in Role if wanted in words[role]]
    return [_role(role) for role in fits[offset : offset + most]], len(fits)


def find_role(world: Any, value: str) -> Choice | None:
    return next((_role(role) for role in Role if role.value == value), None)


def search_teams(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    names = sorted(team_names(world.work).values())
    # What is typed names a team that is there or a new one, never a part of one.
    fits = [name for name in names if not wanted or wanted == name.casefold()]
    return [Choice(name, name) for name in fits[offset : offset + most]], len(fits)


def find_team(world: Any, value: str) -> Choice | None:
    return next((Choice(name, name) for name in team_names(world.work).values() if name == value), None)


def search_superiors(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    fits = [one for one in _superiors(world) if wanted in one.name.casefold()]
    return [_person(one) for one in fits[offset : offset + most]], len(fits)


def find_superior(world: Any, value: str) -> Choice | None:
    return next((_person(one) for one in _superiors(world) if str(one.id) == value), None)


def _superiors(world: Any) -> list[Member]:
    return [one for one in list_members(world.work, active_only=True) if one.id != world.subject_id]


def _role(role: Role) -> Choice:
    return Choice(role.value, ROLE_NAMES[role])


def _person(member: Member) -> Choice:
    return Choice(str(member.id), member.name, T("{items}", items=[ROLE_NAMES[role] for role in sorted(member.roles)]))
