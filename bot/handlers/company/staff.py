"""One of the company's people, for administrators: added, placed, given a code, disabled, let in again."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, labelled, title
from bot.conversations.staff import CHANGE_PERSON, NEW_PERSON
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from crm.core.history import Actor
from crm.core.text import T
from crm.people.people import ROLE_NAMES, Member, Role, add_person, find_member, list_members, set_roles, team_names
from crm.people.permissions import Allowed, require
from crm.people.placing import disable, enable, move_to_team, set_superior


def can_change_people(person: Member) -> Allowed:
    return True if person.has(Role.ADMIN) else T("People are changed by an administrator.")


def draw_person(request: Request, person_id: int) -> Screen:
    """Who they are, and what may be done."""
    require(can_change_people(request.person))
    member = find_member(request.work, person_id=person_id)
    names = {one.id: one.name for one in list_members(request.work)}
    roles = T("{items}", items=[ROLE_NAMES[role] for role in sorted(member.roles)])
    lines: list[Line] = [title(member.name), labelled(T("Roles"), roles)]
    lines.append(labelled(T("Team"), team_names(request.work).get(member.team_id or 0, "–")))
    lines.append(labelled(T("Superior"), names.get(member.superior_id or 0, "–")))
    if not member.is_active:
        lines.append(labelled(T("Status"), T("disabled")))
        return Screen(tuple(lines), ((Button(T("Let in again"), f"staff.enable:{person_id}"),),))
    change = (Button(labels.EDIT, f"staff.change:{person_id}"), Button(T("Code"), f"staff.code:{person_id}"))
    return Screen(tuple(lines), (change, (Button(T("Disable"), f"staff.disable:{person_id}", "danger"),)))


def open_person(request: Request) -> Reply:
    return Reply((draw_person(request, record_id(request.argument)),))


def start_add(request: Request) -> Reply:
    return begin(request, NEW_GUIDE)


def submit_new(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    member = add_person(
        request.work,
        actor=_by(request),
        name=values["name"],
        roles=[Role(role) for role in values["roles"]],
        language=values["language"],
        timezone=request.person.timezone,
        team=values.get("team"),
    )
    if values.get("superior"):
        set_superior(request.work, actor=_by(request), person_id=member.id, superior_id=int(values["superior"]))
    return Reply((draw_person(request, member.id),))


def start_change(request: Request) -> Reply:
    member = find_member(request.work, person_id=record_id(request.argument))
    answers: dict[str, Any] = {"roles": [role.value for role in sorted(member.roles)]}
    if member.team_id is not None:
        answers["team"] = team_names(request.work)[member.team_id]
    if member.superior_id is not None:
        answers["superior"] = str(member.superior_id)
    return begin(request, CHANGE_GUIDE, answers=answers, subject_id=member.id)


def submit_change(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    told: dict[str, Any] = {"actor": _by(request), "person_id": subject_id or 0}
    before = find_member(request.work, person_id=subject_id or 0)
    set_roles(request.work, **told, roles=[Role(role) for role in values["roles"]])
    move_to_team(request.work, **told, team=values.get("team"))
    superior = values.get("superior")
    if superior is None or int(superior) != before.superior_id:  # else the new team's supervisor stands
        set_superior(request.work, **told, superior_id=None if superior is None else int(superior))
    return Reply((draw_person(request, subject_id or 0),))


def disable_one(request: Request) -> Reply:
    require(can_change_people(request.person))
    disable(request.work, actor=_by(request), person_id=record_id(request.argument))
    return Reply((draw_person(request, record_id(request.argument)),), replaces=True)


def enable_one(request: Request) -> Reply:
    require(can_change_people(request.person))
    enable(request.work, actor=_by(request), person_id=record_id(request.argument))
    return Reply((draw_person(request, record_id(request.argument)),), replaces=True)


def _by(request: Request) -> Actor:
    return Actor(request.person.id, request.platform)


NEW_GUIDE = register(Guide(NEW_PERSON, can_change_people, submit_new))
CHANGE_GUIDE = register(Guide(CHANGE_PERSON, can_change_people, submit_change))
PRESSES = {
    "staff.open": open_person,
    "staff.add": start_add,
    "staff.change": start_change,
    "staff.disable": disable_one,
    "staff.enable": enable_one,
}
