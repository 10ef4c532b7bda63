"""Documents sent into the chat: an import where an administrator sends a table, else an attachment to a record.

What is sent is kept under its sender until they say where it belongs; a button carries no more than its number.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.cards import labels
from bot.cards.files import draw_files
from bot.cards.screen import Button, Line, Screen, body, muted, prompt, say
from bot.conversations.attach import ATTACH
from bot.handlers.company.imports import offer_import
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.line_files import take_lines
from bot.handlers.records import record_name
from bot.handlers.replies import SHOWS, card_replied_to
from bot.request import Document, Reply, Request
from crm.core import files
from crm.core.copies import CardCopy
from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import Actor
from crm.core.text import T, Words
from crm.people.people import Role
from crm.sales.customers.customers import get_customer
from crm.sales.touching import touch_lead

RECENT = timedelta(hours=6)
"""How long ago a card was sent that is taken for what is open."""
_LAST_CARDS = 5
_COPIES = CardCopy.table()


def take_file(request: Request) -> Reply:
    """A document that was sent: kept, and asked about. Raises Invalid where it could not be had."""
    content, name, mime = sent_content(request)
    lines = take_lines(request, content=content, name=name)
    if lines is not None:
        return lines
    file_id = files.keep_file(request.work, content=content, mime=mime)
    attachment_id = files.attach(
        request.work,
        entity=files.UNATTACHED,
        entity_id=request.person.id,
        file_id=file_id,
        name=name,
        person_id=request.person.id,
    )
    remark: Words | None = None
    if request.person.has(Role.ADMIN) and Path(name).suffix.casefold() in _TABLES:
        found = offer_import(request, attachment_id=attachment_id, name=name, content=content)
        if isinstance(found, Screen):
            return Reply((found,))
        remark = found
    return _ask(request, attachment_id, name, remark)


_TABLES = {".csv", ".tsv", ".txt", ".xlsx", ".xls"}


def attach_here(request: Request) -> Reply:
    """`NUMBER.KIND.ID`: under the record that was offered."""
    number, _, record = request.argument.partition(".")
    kind, _, subject = record.partition(".")
    return _attach(request, record_id(number), kind, record_id(subject))


def choose_record(request: Request) -> Reply:
    """Under another record: a customer, found by name."""
    row = _own(request)
    return begin(request, ATTACH_GUIDE, answers={"name": row.name}, subject_id=row.id)


def submit_attach(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    customer = get_customer(request.work, viewer=request.person, customer_id=int(values["customer"]))
    return _attach(request, subject_id or 0, "customer", customer.id, name=values.get("name"))


def drop(request: Request) -> Reply:
    row = files.drop_file(request.work, person_id=request.person.id, attachment_id=record_id(request.argument))
    if row is None:
        return Reply(toast=_DONE)
    return Reply((say(T("{file} is dropped; nothing was attached.", file=row.name)),), replaces=True)


def undo(request: Request) -> Reply:
    """Off its record again, and asked about anew."""
    actor = Actor(request.person.id, request.platform)
    row = files.take_off(request.work, actor=actor, attachment_id=record_id(request.argument))
    if row is None:
        return Reply(toast=T("This was taken back already."))
    buttons = (
        Button(T("To another record"), f"file.choose:{row.id}"),
        Button(labels.CANCEL, f"file.drop:{row.id}"),
    )
    return Reply((say(T("{file} is taken off again. Where does it belong?", file=row.name), *buttons),), replaces=True)


def list_files(request: Request) -> Reply:
    """`KIND.ID`: the files of a record."""
    kind, _, subject = request.argument.partition(".")
    name = record_name(request, kind, record_id(subject), with_files=True)
    return Reply((draw_files(request.work, kind, record_id(subject), name),))


def send_file(request: Request) -> Reply:
    row = files.get_attachment(request.work, attachment_id=record_id(request.argument))
    if row is None or row.entity == files.UNATTACHED:
        raise NotFound(T("The file is no longer there."))
    record = record_name(request, row.entity, row.entity_id, with_files=True)
    return Reply((Document(row.file_id, row.name, record),))


_DONE = T("This was answered already.")


def sent_content(request: Request) -> tuple[bytes, str, str]:
    """What was sent, its name and type. The door's copy may be gone when a delivery comes again."""
    values = request.inbound.values
    name = files.printable(Path(str(values.get("name") or "").replace("\\", "/")).name.strip()) or "file"
    if values.get("problem") == "too_large" or int(values.get("size") or 0) > files.MOST_BYTES:
        raise Invalid(T("{file} is larger than 20 MB. Please send a smaller one, or a link to it.", file=name))
    if values.get("problem"):
        raise Invalid(T("{file} could not be fetched. Please send it once more.", file=name))
    try:
        content = Path(str(values.get("path") or "")).read_bytes()
    except OSError as error:
        raise Invalid(T("{file} could not be fetched. Please send it once more.", file=name)) from error
    if not content:
        raise Invalid(T("{file} is empty.", file=name))
    if len(content) > files.MOST_BYTES:
        raise Invalid(T("{file} is larger than 20 MB. Please send a smaller one, or a link to it.", file=name))
    return content, name, str(values.get("mime") or "application/octet-stream")


def _ask(request: Request, attachment_id: int, name: str, remark: Words | None) -> Reply:
    """Where it belongs: the record of the card replied to, or last shown here, is offered; else a customer is asked."""
    lines: list[Line] = [] if remark is None else [muted(remark)]
    shown = _replied_to(request)
    if request.session is None:
        shown = shown or _last_shown(request)
    else:  # it is asked by buttons alone: what is typed next is still the answer to the question above
        lines.append(muted(T("Your draft goes on: its last question still waits for your answer.")))
    other = Button(T("To another record"), f"file.choose:{attachment_id}")
    cancel = Button(labels.CANCEL, f"file.drop:{attachment_id}")
    if shown is None:
        asked = [*lines, body(T("{file} is kept. Where does it belong?", file=name))]
        return Reply((Screen(tuple(asked), ((Button(T("To a customer"), other.action), cancel),)),))
    kind, subject_id, record = shown
    asked = [*lines, prompt(T("Attach {file} to {record}?", file=name, record=record))]
    confirm = Button(labels.CONFIRM, f"file.attach:{attachment_id}.{kind}.{subject_id}", "primary")
    return Reply((Screen(tuple(asked), ((confirm,), (other, cancel))),))


def _replied_to(request: Request) -> tuple[str, int, Words] | None:
    """The record of the card it was sent in reply to, as far as its files are for this person."""
    found = None if request.inbound.replies_to is None else card_replied_to(request)
    return None if found is None else _with_name(request, *found)


def _last_shown(request: Request) -> tuple[str, int, Words] | None:
    """The record whose card was sent last into this chat, of late, as far as its files are for this person."""
    c = _COPIES.c
    kinds = ("customer", "deal", "order", "quote", "lead", *SHOWS)
    where = (c.chat_id == request.chat_id, c.card.in_(kinds), c.created_at >= request.work.now - RECENT)
    query = select(c.card, c.subject_id).where(*where).order_by(c.id.desc()).limit(_LAST_CARDS)
    for card, subject_id in request.work.connection.execute(query).all():
        named = _with_name(request, SHOWS.get(card, card), subject_id)
        if named is not None:
            return named
    return None


def _with_name(request: Request, kind: str, subject_id: int) -> tuple[str, int, Words] | None:
    try:
        return kind, subject_id, record_name(request, kind, subject_id, with_files=True)
    except (NotFound, Forbidden):
        return None


def _attach(request: Request, attachment_id: int, kind: str, subject_id: int, name: str | None = None) -> Reply:
    record = record_name(request, kind, subject_id, with_files=True)
    name = name or str(_own(request, attachment_id).name)
    actor = Actor(request.person.id, request.platform)
    told: dict[str, Any] = {"attachment_id": attachment_id, "entity": kind, "entity_id": subject_id, "name": name}
    if not files.file_under(request.work, actor=actor, **told):
        return Reply((say(_DONE),))
    if kind == "lead":
        touch_lead(request.work, person_id=request.person.id, lead_id=subject_id)
    buttons = (Button(labels.OPEN, f"{kind}.open:{subject_id}"), Button(labels.UNDO, f"file.undo:{attachment_id}"))
    return Reply((say(T("{file} is attached to {record}.", file=name, record=record), *buttons),), replaces=True)


def _own(request: Request, attachment_id: int | None = None) -> Any:
    """A file this person has sent and not attached yet. Raises NotFound."""
    wanted = record_id(request.argument) if attachment_id is None else attachment_id
    row = files.get_attachment(request.work, attachment_id=wanted)
    if row is None or (row.entity, row.entity_id) != (files.UNATTACHED, request.person.id):
        raise NotFound(_DONE)
    return row


ATTACH_GUIDE = register(Guide(ATTACH, anybody, submit_attach))
PRESSES = {
    "file.attach": attach_here,
    "file.choose": choose_record,
    "file.drop": drop,
    "file.undo": undo,
    "files.of": list_files,
    "files.send": send_file,
}
