"""The lead's conversation as the company's template has it, and that by which a field of one's own is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.conversations.definition import Answers, Conversation, Field, Kind, Step
from bot.conversations.kinds import Line, OneOf, Quantity, Tags, When
from bot.conversations.lead import LEAD
from crm.core.text import T
from crm.sales.leads.lead_form import KINDS, LONGEST_LABEL, OWN, FormField, LeadForm

_YES_NO = {"yes": T("Yes"), "no": T("No")}
_YES_NO_WORDS = {"yes": ("y", "是", "有", "对"), "no": ("n", "否", "没有", "不是")}


def lead_conversation(form: LeadForm, base: Conversation = LEAD) -> Conversation:
    """The conversation with the template's fields: what is not asked waits behind "More fields"."""
    if form.revision == 0:
        return base
    steps: list[Step] = []
    usual = {step.key: step for step in base.steps if isinstance(step, Field)}
    for one in form.fields:
        if one.is_left_out:
            continue
        field = usual.get(one.key) or _own(one)
        steps.append(replace(field, required=one.is_required, seldom=not one.is_asked))
    return replace(base, steps=tuple(steps), version=base.version + form.revision)


def own_values(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was told in the company's own fields, as it is kept: plain JSON under their keys; None: nothing."""
    told = {key: _kept(value) for key, value in values.items() if key.startswith(OWN)}
    return told or None


def _own(field: FormField) -> Field:
    if field.key == "referred_by":
        return Field(key=field.key, label=field.name, kind=Line(most=200), hint=T("who sent them to us"))
    hint = {"date": T("a day, such as today or 25/12"), "number": T("such as 2,000")}.get(field.kind or "")
    return Field(key=field.key, label=field.name, kind=_kind(field), hint=hint)


def _kind(field: FormField) -> Kind:
    match field.kind:
        case "number":
            return Quantity()
        case "date":
            return When(past=True, coming=True)
        case "yesno":
            return OneOf(_YES_NO, _YES_NO_WORDS)
        case "choice":
            return OneOf({one: T("{choice}", choice=one) for one in field.choices}, {})
        case _:
            return Line(most=500)


def _kept(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple) and isinstance(value[0], datetime):
        return value[0].date().isoformat()
    return value


def _is_choice(answers: Answers) -> bool:
    return answers.get("kind") == "choice"


LEAD_FIELD = Conversation(
    name="lead_field",
    version=1,
    title=T("A field of your own"),
    steps=(
        Field(
            key="label",
            label=T("Name of the field"),
            kind=Line(most=LONGEST_LABEL),
            required=True,
            hint=T("such as Hall number"),
        ),
        Field(
            key="label_zh",
            label=T("Name in Chinese"),
            kind=Line(most=LONGEST_LABEL),
            hint=T("skip it where one name will do"),
        ),
        Field(
            key="kind",
            label=T("Kind"),
            kind=OneOf(KINDS, {}),
            required=True,
            hint=T("what is written there"),
            decides=True,
        ),
        Field(
            key="choices",
            label=T("Choices"),
            kind=Tags(),
            required=True,
            when=_is_choice,
            hint=T("with commas between them"),
        ),
        Field(
            key="required",
            label=T("Needed"),
            kind=OneOf(_YES_NO, _YES_NO_WORDS),
            required=True,
            hint=T("can no lead be saved without it?"),
        ),
    ),
)
