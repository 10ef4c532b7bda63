"""What is shared into a chat instead of typed: a contact card, somebody else's words, a document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.conversations.lead import LEAD
from bot.conversations.note import LONGEST_PASSED_ON, PASSED_ON
from bot.handlers.capture.exhibition import take_contact_card, take_document, take_forwarded
from bot.handlers.guided import Guide, anybody, begin, park, register
from bot.handlers.leads.leads import LEAD_GUIDE
from bot.handlers.verbs import Handler
from bot.handlers.world import CompanyWorld
from bot.inbound import CONTACT, FILE, FORWARD
from bot.request import Reply, Request
from crm.core.text import T
from crm.sales.customers.communications import add_note
from crm.sales.customers.customers import get_customer


def take_contact(request: Request) -> Reply:
    """A contact card starts a lead with what stands on it. Raises Forbidden."""
    at_fair = take_contact_card(request)
    if at_fair is not None:
        return at_fair
    world = CompanyWorld(request.work, request.person)
    card = request.inbound.values
    answers: dict[str, Any] = {}
    for field, key in (("contact", "name"), ("company", "company")):
        answers |= LEAD.known(field, str(card.get(key) or "")[:200], world)
    answers |= _reach(card, world)
    return begin(request, LEAD_GUIDE, answers=answers)


def _reach(card: Mapping[str, Any], world: CompanyWorld) -> dict[str, Any]:
    """The ways to reach them as the field reads them; a number that it cannot read is kept among the notes."""
    ways: dict[str, Any] = {}
    unread = []
    for key in ("phone", "email"):
        said = str(card.get(key) or "").strip()
        read = LEAD.known("reach", said, world) if said else {}
        ways |= read.get("reach", {})
        if said and not read:
            unread.append(said)
    answers: dict[str, Any] = {"reach": ways} if ways else {}
    return answers | LEAD.known("notes", ", ".join(unread)[:1000], world) if unread else answers


def take_forward(request: Request) -> Reply:
    """Somebody else's words are offered to a customer's history; who wrote them and when goes with them."""
    at_fair = take_forwarded(request)
    if at_fair is not None:
        return at_fair
    values = request.inbound.values
    text = request.inbound.text.strip()
    if not text:
        park(request)
        return Reply((say(T("There is no text in this to be added. Send a file by itself to attach it.")),))
    answers: dict[str, Any] = {"text": text[:LONGEST_PASSED_ON]}
    author = " ".join(str(values.get("author") or "").split())[:100]
    if author:
        answers["author"] = author
    said = _moment(values.get("said_at"))
    if said is not None:
        answers["said"] = {"at": said.astimezone(request.person.zone).isoformat(), "minute": True}
    if request.inbound.forms:  # there the likely customer stands in the form, where it is seen before it counts
        found, _ = CompanyWorld(request.work, request.person).search(
            "customer for", f"{author}\n{text}", offset=0, most=1
        )
        if found:
            answers["customer"] = found[0].value
    return begin(request, PASSED_ON_GUIDE, answers=answers)


def submit_passed_on(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    customer = get_customer(request.work, viewer=request.person, customer_id=int(values["customer"]))
    author = values.get("author")
    said, _ = values.get("said") or (None, False)
    note_id = add_note(
        request.work,
        actor=request.person,
        platform=request.platform,
        customer_id=customer.id,
        text=f"{author}: {values['text']}" if author else values["text"],
        at=said,
    )
    buttons = (Button(labels.OPEN, f"customer.open:{customer.id}"), Button(labels.UNDO, f"note.undo:{note_id}"))
    return Reply((say(T("Noted for {name}.", name=customer.name), *buttons),))


def _moment(said_at: Any) -> datetime | None:
    """ISO 8601, as doors give it; None for anything else."""
    try:
        at = datetime.fromisoformat(str(said_at))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


PASSED_ON_GUIDE = register(Guide(PASSED_ON, anybody, submit_passed_on))

SHARED: dict[str, Handler] = {CONTACT: take_contact, FORWARD: take_forward, FILE: take_document}
