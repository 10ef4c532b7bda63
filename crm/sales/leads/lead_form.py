"""Which fields a lead's form asks for and requires, a company's own among them: a template, changed with history. 2.1.

What is not asked waits behind "More fields"; a field of one's own that was taken out keeps what was told in it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import String, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor, HistoryEntry
from crm.core.rule_files import quoted
from crm.core.tables import Base
from crm.core.text import Named, T, Text, Words
from crm.core.types import Id, Json
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require

FIXED = ("company", "contact", "source", "product_need")
"""Asked and required whatever the template says: a lead is nothing without them."""

STANDARD: Mapping[str, Text] = {
    "company": T("Company"),
    "contact": T("Contact"),
    "reach": T("Phone or e-mail"),
    "country": T("Country or region"),
    "source": T("Source"),
    "product_need": T("Product need"),
    "product_category": T("Product category"),
    "budget": T("Budget"),
    "next_follow_up": T("Next follow-up"),
    "referred_by": T("Referred by"),
    "tags": T("Tags"),
    "notes": T("Notes"),
}
"""The fields that every company has, in their order; a company's own stand before the notes."""

_SELDOM = ("referred_by",)
KINDS = {
    "text": T("text"),
    "number": T("number"),
    "date": T("date"),
    "choice": T("one of several"),
    "yesno": T("yes or no"),
}
MOST_OWN = 10
MOST_CHOICES = 20
LONGEST_LABEL = 40
OWN = "x_"
"""How the keys of a company's own fields begin."""


class LeadFormRow(Base):
    """What differs from the usual for a field of STANDARD, or a field of the company's own (`key` `x_…`).

    `revision` counts changes of the whole template: drafts begun on an older one are looked over.
    """

    __tablename__ = "lead_form_fields"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(20), unique=True)
    label: Mapped[str | None] = mapped_column(String(LONGEST_LABEL))
    label_zh: Mapped[str | None] = mapped_column(String(LONGEST_LABEL))
    kind: Mapped[str | None] = mapped_column(String(10))
    choices: Mapped[list[str] | None] = mapped_column(Json)
    is_asked: Mapped[bool]
    is_required: Mapped[bool]
    is_removed: Mapped[bool]
    revision: Mapped[int]


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the template. `kind` None: one of STANDARD."""

    key: str
    is_asked: bool = True
    is_required: bool = False
    label: str | None = None
    label_zh: str | None = None
    kind: str | None = None
    choices: tuple[str, ...] = ()
    is_removed: bool = False

    @property
    def is_own(self) -> bool:
        return self.kind is not None

    @property
    def is_fixed(self) -> bool:
        return self.key in FIXED

    @property
    def is_left_out(self) -> bool:
        """Not even behind "More fields": what few companies ask for, as long as this one does not."""
        return self.key in _SELDOM and not self.is_asked

    @property
    def name(self) -> Text:
        """Its label as people read it."""
        if self.kind is None:
            return STANDARD[self.key]
        return T("{label}", label=Named(self.label or "", self.label_zh))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewField:
    """A field of one's own as it is told. `choices`: of a `choice`, at least two."""

    label: str
    kind: str
    label_zh: str | None = None
    choices: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class LeadForm:
    """The template as it stands. `fields` in their order; `removed`: own ones that were taken out."""

    fields: tuple[FormField, ...]
    removed: tuple[FormField, ...]
    revision: int

    def find(self, key: str) -> FormField | None:
        return next((one for one in self.fields if one.key == key), None)

    @property
    def own(self) -> tuple[FormField, ...]:
        return tuple(one for one in self.fields if one.is_own)


_FIELDS = LeadFormRow.table()
_READ = select(_FIELDS).order_by(_FIELDS.c.id)
_VALUES = ("label", "label_zh", "kind", "choices", "is_asked", "is_required", "is_removed")


def can_change_lead_form(person: Member) -> Allowed:
    return True if person.has(Role.ADMIN) else T("The lead's form is changed by an administrator.")


def read_form(work: UnitOfWork) -> LeadForm:
    """The template in one statement."""
    rows = work.connection.execute(_READ).all()
    told = {row.key: row for row in rows if row.kind is None}
    own = [_field(row) for row in rows if row.kind is not None]
    fields: list[FormField] = []
    for key in STANDARD:
        if key == "notes":
            fields += [one for one in own if not one.is_removed]
        usual = _usual(key)
        row = told.get(key)
        changed = None if row is None else replace(usual, is_asked=row.is_asked, is_required=row.is_required)
        fields.append(usual if changed is None or usual.is_fixed else changed)
    removed = tuple(one for one in own if one.is_removed)
    return LeadForm(tuple(fields), removed, max((row.revision for row in rows), default=0))


def set_asked(
    work: UnitOfWork, *, actor: Member, platform: str, key: str, is_asked: bool, is_required: bool
) -> int | None:
    """Ask for a field or not, require it or not (what is required is asked); returns by what that is undone, None
    where it stood so. Raises Forbidden, NotFound, Conflict (a field that is always asked).
    """
    require(can_change_lead_form(actor))
    before = _find(work, key)
    if before.is_fixed:
        raise Conflict(T("{field} is always asked for: a lead is nothing without it.", field=before.name))
    after = replace(before, is_asked=is_asked or is_required, is_required=is_required)
    return _write(work, Actor(actor.id, platform), before, after, "changed")


def add_field(work: UnitOfWork, *, actor: Member, platform: str, field: NewField) -> FormField:
    """Add a field of one's own. Raises Forbidden, Invalid, Conflict (one is called so)."""
    require(can_change_lead_form(actor))
    return _add(work, Actor(actor.id, platform), field)


def change_field(work: UnitOfWork, *, actor: Member, platform: str, key: str, field: NewField) -> int | None:
    """Call an own field otherwise, or offer other choices; its kind stays. Returns by what that is undone.

    Raises Forbidden, NotFound, Invalid, Conflict.
    """
    require(can_change_lead_form(actor))
    before = _own(work, key)
    if field.kind != before.kind:
        raise Conflict(T("What kind of field it is can't be changed. Take it out, and add another one."))
    told = _checked(work, field, without=key)
    after = replace(
        before, label=told.label, label_zh=told.label_zh, choices=told.choices, is_required=told.is_required
    )
    return _write(
        work, Actor(actor.id, platform), before, replace(after, is_asked=before.is_asked or told.is_required), "changed"
    )


def remove_field(work: UnitOfWork, *, actor: Member, platform: str, key: str) -> int | None:
    """Take an own field out of the form; what was told in it stays with the leads. Returns by what that is undone."""
    require(can_change_lead_form(actor))
    before = _own(work, key)
    return _write(work, Actor(actor.id, platform), before, replace(before, is_removed=True), "removed")


def undo_form_change(work: UnitOfWork, *, actor: Member, platform: str, entry_id: int) -> FormField:
    """Take back one change, as long as it still stands. Raises Forbidden, NotFound, Conflict."""
    require(can_change_lead_form(actor))
    entry = work.session.get(HistoryEntry, entry_id)
    row = None
    if entry is not None and entry.entity == "lead_form":
        row = work.connection.execute(select(_FIELDS).where(_FIELDS.c.id == entry.entity_id)).one_or_none()
    if entry is None or row is None:
        raise NotFound(T("There is nothing to take back."))
    before = _field(row)
    was = {name: change[0] for name, change in entry.changes.items()}
    now = {name: change[1] for name, change in entry.changes.items()}
    if entry.act not in {"changed", "removed"} or any(_plain(before)[name] != value for name, value in now.items()):
        raise Conflict(T("The form was changed since."))
    if "choices" in was:
        was["choices"] = tuple(was["choices"] or ())
    after = replace(before, **was)
    if after.is_own and not after.is_removed and before.is_removed:
        _require_room(work, after.label or "", after.label_zh, without=after.key)
    _write(work, Actor(actor.id, platform), before, after, "undone")
    return after


def shown_values(form: LeadForm, custom: Mapping[str, Any] | None) -> list[tuple[Text, Words]]:
    """What was told of a lead in a company's own fields, those taken out since too: label and value."""
    known = {one.key: one for one in (*form.own, *form.removed)}
    return [(known[key].name, _shown(known[key], value)) for key, value in (custom or {}).items() if key in known]


def seed_lead_form(work: UnitOfWork, file: Path | None) -> int:
    """Write the `[[lead_field]]` tables of a company's own `tradewind.toml` where the form never was changed."""
    if file is None or work.connection.execute(select(_FIELDS.c.id).limit(1)).first() is not None:
        return 0
    rows = _tables(file.read_text("utf-8"))
    for row in rows:
        _seed(work, row)
    return len(rows)


def lead_form_as_toml(work: UnitOfWork) -> str:
    """The template as `[[lead_field]]` tables that could be seeded: what differs from the usual, and own fields."""
    tables = []
    for one in read_form(work).fields:
        lines = []
        if one.kind is not None:
            lines += [f"label = {quoted(one.label or '')}", f"kind = {quoted(one.kind)}"]
            lines += [f"label_zh = {quoted(one.label_zh)}"] if one.label_zh else []
            lines += [f"choices = [{', '.join(map(quoted, one.choices))}]"] if one.choices else []
        elif one == _usual(one.key):
            continue
        else:
            lines.append(f"key = {quoted(one.key)}")
        lines += [f"asked = {str(one.is_asked).lower()}", f"required = {str(one.is_required).lower()}"]
        tables.append("\n".join(("[[lead_field]]", *lines)))
    return "\n\n".join(tables) + "\n" if tables else ""


def lead_form_mistakes(text: str) -> list[Text]:
    """What of a file's `[[lead_field]]` tables cannot be read."""
    found = []
    for row in _tables(text):
        try:
            if "key" not in row:
                _tidied(_told(row))
            elif row["key"] not in STANDARD or row["key"] in FIXED:
                raise Invalid(T("{key} is no field of a lead that can be left out.", key=str(row["key"])))
        except Invalid as error:
            found.append(error.text)
    return found


def _usual(key: str) -> FormField:
    """As it stands until somebody changes it."""
    return FormField(key, is_asked=key not in _SELDOM, is_required=key in FIXED)


def _seed(work: UnitOfWork, row: Mapping[str, Any]) -> None:
    is_asked, is_required = bool(row.get("asked", True)), bool(row.get("required", False))
    if "key" in row:
        before = _find(work, str(row["key"]))
        if not before.is_fixed:
            _write(work, SYSTEM, before, replace(before, is_asked=is_asked, is_required=is_required), "changed")
        return
    added = _add(work, SYSTEM, _told(row))
    if not is_asked:
        _write(work, SYSTEM, added, replace(added, is_asked=is_required), "changed")


def _told(row: Mapping[str, Any]) -> NewField:
    choices = row.get("choices", ())
    return NewField(
        label=str(row.get("label", "")),
        label_zh=str(row["label_zh"]) if row.get("label_zh") else None,
        kind=str(row.get("kind", "text")),
        choices=tuple(map(str, choices)) if isinstance(choices, list) else (),
        is_required=bool(row.get("required", False)),
    )


def _tables(text: str) -> list[dict[str, Any]]:
    told = tomllib.loads(text).get("lead_field", [])
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []


def _shown(field: FormField, value: Any) -> Words:
    match field.kind:
        case "date":
            return T("{date}", date=date.fromisoformat(value))
        case "yesno":
            return T("Yes") if value == "yes" else T("No")
        case "number":
            try:
                return T("{number}", number=Decimal(value))
            except InvalidOperation:
                return str(value)
        case _:
            return str(value)


def _find(work: UnitOfWork, key: str) -> FormField:
    found = read_form(work).find(key)
    if found is None:
        raise NotFound(T("There is no such field."))
    return found


def _own(work: UnitOfWork, key: str) -> FormField:
    found = _find(work, key)
    if not found.is_own:
        raise Conflict(T("This field comes with Tradewind: it can be asked for or not, not taken out."))
    return found


def _add(work: UnitOfWork, by: Actor, field: NewField) -> FormField:
    told = _checked(work, field)
    number = work.connection.execute(select(func.count()).where(_FIELDS.c.kind.is_not(None))).scalar_one()
    added = FormField(
        f"{OWN}{number + 1}",
        is_required=told.is_required,
        label=told.label,
        label_zh=told.label_zh,
        kind=told.kind,
        choices=told.choices,
    )
    values = _plain(added) | {"key": added.key, "revision": _next(work)}
    row_id = int(work.connection.execute(insert(_FIELDS).returning(_FIELDS.c.id), values).scalar_one())
    changes = {name: (None, value) for name, value in _plain(added).items() if value is not None}
    history.record(work, actor=by, entity="lead_form", entity_id=row_id, act="added", changes=changes)
    return added


def _write(work: UnitOfWork, by: Actor, before: FormField, after: FormField, act: str) -> int | None:
    was, now = _plain(before), _plain(after)
    changes = {name: (was[name], value) for name, value in now.items() if was[name] != value}
    if not changes:
        return None
    values = now | {"revision": _next(work)}
    changed = update(_FIELDS).where(_FIELDS.c.key == after.key).values(values).returning(_FIELDS.c.id)
    row_id = work.connection.execute(changed).scalar()
    if row_id is None:
        added = insert(_FIELDS).values(values | {"key": after.key}).returning(_FIELDS.c.id)
        row_id = work.connection.execute(added).scalar_one()
    return history.record(work, actor=by, entity="lead_form", entity_id=int(row_id), act=act, changes=changes)


def _next(work: UnitOfWork) -> int:
    return int(work.connection.execute(select(func.coalesce(func.max(_FIELDS.c.revision), 0))).scalar_one()) + 1


def _field(row: Any) -> FormField:
    told = {name: getattr(row, name) for name in (*_VALUES, "key")}
    return FormField(**told | {"choices": tuple(row.choices or ())})


def _plain(field: FormField) -> dict[str, Any]:
    values = {name: value for name, value in asdict(field).items() if name in _VALUES}
    return values | {"choices": list(field.choices) or None}


def _checked(work: UnitOfWork, field: NewField, *, without: str = "") -> NewField:
    told = _tidied(field)
    _require_room(work, told.label, told.label_zh, without=without)
    return told


def _tidied(field: NewField) -> NewField:
    """In its normal form. Raises Invalid."""
    label, label_zh = " ".join(field.label.split()), " ".join((field.label_zh or "").split()) or None
    choices = tuple(dict.fromkeys(filter(None, (" ".join(one.split()) for one in field.choices))))
    if not label or max(len(label), len(label_zh or "")) > LONGEST_LABEL:
        raise Invalid(T("A field's name has at least one letter and at most {most}.", most=LONGEST_LABEL))
    if field.kind not in KINDS:
        raise Invalid(T("A field is one of: {kinds}.", kinds=list(KINDS.values())))
    if field.kind == "choice" and not 2 <= len(choices) <= MOST_CHOICES:
        raise Invalid(T("Please give from 2 to {most} choices, with commas between them.", most=MOST_CHOICES))
    if any(len(one) > 60 for one in choices):
        raise Invalid(T("A choice is at most {most} letters long.", most=60))
    return replace(field, label=label, label_zh=label_zh, choices=choices if field.kind == "choice" else ())


def _require_room(work: UnitOfWork, label: str, label_zh: str | None, *, without: str) -> None:
    form = read_form(work)
    own: Sequence[FormField] = [one for one in form.own if one.key != without]
    if len(own) >= MOST_OWN:
        raise Invalid(T("There are {most} fields of your own already; take one out first.", most=MOST_OWN))
    taken = {name.casefold() for one in own for name in (one.label, one.label_zh) if name}
    taken |= {text.message.casefold() for text in STANDARD.values()}
    if {label.casefold(), (label_zh or label).casefold()} & taken:
        raise Conflict(T("There is a field of that name already."))
