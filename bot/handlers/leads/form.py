"""`rules lead form`: which fields a lead's form asks for and requires; fields of one's own."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from bot.conversations.lead_form import LEAD_FIELD
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from crm.core.errors import NotFound
from crm.core.text import T, Text, Words
from crm.people.permissions import require
from crm.sales.leads.lead_form import (
    KINDS,
    FormField,
    NewField,
    add_field,
    can_change_lead_form,
    change_field,
    read_form,
    remove_field,
    set_asked,
    undo_form_change,
)

WORDS = frozenset({"lead form", "leads form", "lead-form", "线索表单", "线索字段"})
"""What follows `rules` for this template."""
SHOW = Button(T("What a lead's form asks"), "lead_form.show")


def lead_form(request: Request) -> Reply:
    """`rules lead form`."""
    require(can_change_lead_form(request.person))
    return Reply((_form(request),))


def show(request: Request) -> Reply:
    require(can_change_lead_form(request.person))
    return Reply((_form(request),), replaces=True)


def open_field(request: Request) -> Reply:
    require(can_change_lead_form(request.person))
    return Reply((_field(request, request.argument),), replaces=True)


def start_add(request: Request) -> Reply:
    return begin(request, FIELD_GUIDE)


def start_change(request: Request) -> Reply:
    require(can_change_lead_form(request.person))
    form = read_form(request.work)
    field = form.find(request.argument)
    if field is None or field.kind is None:
        raise NotFound(T("There is no such field."))
    told: dict[str, Any] = {"label": field.label, "label_zh": field.label_zh, "kind": field.kind}
    told |= {"required": "yes" if field.is_required else "no", "choices": list(field.choices) or None}
    answers = {key: value for key, value in told.items() if value is not None}
    return begin(request, FIELD_GUIDE, answers=answers, subject_id=int(field.key.removeprefix("x_")))


def submit_field(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    told = NewField(
        label=values["label"],
        label_zh=values.get("label_zh"),
        kind=values["kind"],
        choices=tuple(values.get("choices") or ()),
        is_required=values["required"] == "yes",
    )
    if subject_id is None:
        return Reply((_field(request, add_field(request.work, **_by(request), field=told).key),))
    entry = change_field(request.work, **_by(request), key=f"x_{subject_id}", field=told)
    return Reply((_field(request, f"x_{subject_id}", entry),))


def ask(request: Request) -> Reply:
    return _set(request, is_asked=True, is_required=False)


def ask_not(request: Request) -> Reply:
    return _set(request, is_asked=False, is_required=False)


def need(request: Request) -> Reply:
    return _set(request, is_asked=True, is_required=True)


def take_out(request: Request) -> Reply:
    field = read_form(request.work).find(request.argument)
    entry = remove_field(request.work, **_by(request), key=request.argument)
    assert field is not None, "it was there to be taken out"
    told = T("{field} is asked no more. What was told in it stays on the leads.", field=field.name)
    return Reply((Screen((body(told),), (*_undo(entry), (SHOW,))),), replaces=True)


def undo(request: Request) -> Reply:
    entry_id = int(request.argument[:15]) if request.argument[:15].isdecimal() else 0
    field = undo_form_change(request.work, **_by(request), entry_id=entry_id)
    return Reply((_field(request, field.key),), replaces=True)


def _set(request: Request, *, is_asked: bool, is_required: bool) -> Reply:
    entry = set_asked(
        request.work,
        actor=request.person,
        platform=request.platform,
        key=request.argument,
        is_asked=is_asked,
        is_required=is_required,
    )
    return Reply((_field(request, request.argument, entry),), replaces=True)


def _form(request: Request) -> Screen:
    form = read_form(request.work)
    lines: list[Line] = [title(T("What a lead's form asks"))]
    lines += [labelled(one.name, _standing(one)) for one in form.fields]
    lines.append(muted(T("Press a field to change it.")))
    buttons = [Button(one.name, f"lead_form.open:{one.key}") for one in form.fields if not one.is_fixed]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Screen(tuple(lines), (*rows, (Button(T("Add a field"), "lead_form.add", "primary"),)))


def _field(request: Request, key: str, entry_id: int | None = None) -> Screen:
    """One field and what may be done with it; Undo where it has just been changed."""
    field = read_form(request.work).find(key)
    if field is None:
        raise NotFound(T("There is no such field."))
    lines: list[Line] = [title(field.name), body(_standing(field))]
    if field.kind is not None:
        lines.append(labelled(T("Kind"), KINDS[field.kind]))
    if field.choices:
        lines.append(labelled(T("Choices"), T("{items}", items=list(field.choices))))
    standing = {(False, False): "hide", (True, False): "ask", (True, True): "need"}[field.is_asked, field.is_required]
    ways = (("ask", T("Ask for it")), ("need", T("Require it")), ("hide", T("Do not ask")))
    rows: list[tuple[Button, ...]] = [
        tuple(Button(label, f"lead_form.{way}:{key}") for way, label in ways if way != standing)
    ]
    if field.is_own:
        change = Button(labels.EDIT, f"lead_form.change:{key}")
        rows.append((change, Button(T("Take out"), f"lead_form.out:{key}", "danger")))
    return Screen(tuple(lines), (*rows, *_undo(entry_id), (SHOW,)))


def _standing(field: FormField) -> Words:
    if field.is_fixed:
        return T("always required")
    if field.is_required:
        return T("required")
    if field.is_left_out:
        return T("not asked")
    asked: Text = T("asked, may be skipped") if field.is_asked else T("not asked: behind More fields")
    return asked


def _undo(entry_id: int | None) -> tuple[tuple[Button, ...], ...]:
    return () if entry_id is None else ((Button(labels.UNDO, f"lead_form.undo:{entry_id}"),),)


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


FIELD_GUIDE = register(Guide(LEAD_FIELD, can_change_lead_form, submit_field))
PRESSES = {
    "lead_form.show": show,
    "lead_form.open": open_field,
    "lead_form.add": start_add,
    "lead_form.change": start_change,
    "lead_form.ask": ask,
    "lead_form.hide": ask_not,
    "lead_form.need": need,
    "lead_form.out": take_out,
    "lead_form.undo": undo,
}
