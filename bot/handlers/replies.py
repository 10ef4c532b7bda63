"""What is said in reply to a card is a note on the record that the card shows."""

from collections.abc import Callable

from sqlalchemy import select

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.handlers import guided
from bot.handlers.customers.customers import record_id
from bot.handlers.records import record_name
from bot.request import Reply, Request
from crm.core.copies import CardCopy
from crm.core.outbox import Chat
from crm.core.text import T
from crm.orders.notes import add_order_note
from crm.orders.quotes.quotes import read_quote
from crm.sales.customers.communications import add_note, take_back_note
from crm.sales.deals.deals import get_deal
from crm.sales.leads.notes import add_lead_note, take_back_lead_note

_COPIES = CardCopy.table()
_CHATS = Chat.table()
SHOWS = {"approval": "order"}
"""Cards that show a record under another name."""


def to_card(request: Request) -> Reply | None:
    """The note taken; None where the message replied to is no card of a record. Raises NotFound and Invalid.

    In a shared chat it is said there where it was saved; what may be done about it is then for the card itself.
    """
    shown = card_replied_to(request)
    if shown is None:
        return None
    kind, subject_id = shown
    if request.room is None:
        guided.park(request)
    undo = _NOTES[kind](request, subject_id, request.inbound.text)
    name = record_name(request, kind, subject_id)
    if request.room is not None:
        return Reply(here=say(T("Noted for {name}.", name=name)))
    buttons = (Button(labels.OPEN, f"{kind}.open:{subject_id}"), Button(labels.UNDO, undo))
    return Reply((say(T("Noted for {name}.", name=name), *buttons),))


def card_replied_to(request: Request) -> tuple[str, int] | None:
    """Kind and id of the record whose card stands in the message that was replied to."""
    inbound = request.inbound
    query = select(_COPIES.c.card, _COPIES.c.subject_id).where(_COPIES.c.message_ref == inbound.replies_to)
    if inbound.shown_in:
        there = (_CHATS.c.platform == inbound.platform, _CHATS.c.external_id == inbound.shown_in)
        query = query.join(_CHATS, _CHATS.c.id == _COPIES.c.chat_id).where(*there)
    else:
        query = query.where(_COPIES.c.chat_id == (request.room or request.chat_id))
    row = request.work.connection.execute(query.order_by(_COPIES.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    kind = SHOWS.get(row.card, row.card)
    return (kind, row.subject_id) if kind in _NOTES else None


def undo_note(request: Request) -> Reply:
    note_id = record_id(request.argument)
    take_back_note(request.work, actor=request.person, platform=request.platform, note_id=note_id)
    return Reply((say(_TAKEN_BACK),), replaces=True)


def undo_lead_note(request: Request) -> Reply:
    """`17:4711`: on the lead 17, the note 4711."""
    lead, _, note = request.argument.partition(":")
    ids = {"lead_id": record_id(lead), "note_id": record_id(note)}
    take_back_lead_note(request.work, actor=request.person, platform=request.platform, **ids)
    return Reply((say(_TAKEN_BACK),), replaces=True)


_TAKEN_BACK = T("The note is taken back.")


def _of_customer(request: Request, subject_id: int, text: str) -> str:
    note_id = add_note(request.work, actor=request.person, platform=request.platform, customer_id=subject_id, text=text)
    return f"note.undo:{note_id}"


def _of_deal(request: Request, subject_id: int, text: str) -> str:
    deal = get_deal(request.work, viewer=request.person, deal_id=subject_id)
    note_id = add_note(
        request.work,
        actor=request.person,
        platform=request.platform,
        customer_id=deal.customer_id,
        deal_id=subject_id,
        text=text,
    )
    return f"note.undo:{note_id}"


def _of_order(request: Request, subject_id: int, text: str) -> str:
    note_id = add_order_note(
        request.work, actor=request.person, platform=request.platform, order_id=subject_id, text=text
    )
    return f"note.undo:{note_id}"


def _of_lead(request: Request, subject_id: int, text: str) -> str:
    note_id = add_lead_note(
        request.work, actor=request.person, platform=request.platform, lead_id=subject_id, text=text
    )
    return f"lead.undo_note:{subject_id}:{note_id}"


def _of_quote(request: Request, subject_id: int, text: str) -> str:
    quote = read_quote(request.work, viewer=request.person, quote_id=subject_id)
    note_id = add_note(
        request.work,
        actor=request.person,
        platform=request.platform,
        customer_id=quote.customer_id,
        deal_id=quote.deal_id,
        text=f"{quote.number}: {text}",
    )
    return f"note.undo:{note_id}"


_NOTES: dict[str, Callable[[Request, int, str], str]] = {
    "customer": _of_customer,
    "deal": _of_deal,
    "order": _of_order,
    "lead": _of_lead,
    "quote": _of_quote,
}
"""Writes the note; returns the action that takes it back."""

PRESSES = {"note.undo": undo_note, "lead.undo_note": undo_lead_note}
