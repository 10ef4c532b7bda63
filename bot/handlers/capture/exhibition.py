"""Exhibition mode: `lead expo Canton Fair`, then one message or photo per card, cleaned up in the evening."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.fair import draw_fair, fair_page
from bot.cards.screen import Button, Screen, muted, say
from bot.conversations.captured import FAIR_LEAD
from bot.conversations.definition import Conversation, World
from bot.conversations.lead_form import lead_conversation
from bot.conversations.values import load_values
from bot.handlers.attachments import sent_content, take_file
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.leads.leads import details_of_values, submit_details
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from bot.understanding.answers import lead_answers
from bot.understanding.knowledge import CompanyKnowledge
from crm.core import files
from crm.core.errors import Invalid
from crm.core.text import TN, T
from crm.core.work import UnitOfWork
from crm.language.capture.leads import read_lead
from crm.language.capture.orders import read_order_question
from crm.sales.collisions.collisions import collisions_at_logging
from crm.sales.fairs.cards import Group, group_of, grouped
from crm.sales.fairs.fairs import (
    CARD,
    Photo,
    begin_fair,
    end_fair,
    fair_now,
    get_fair,
    has_open_cards,
    keep_card,
    latest_fair,
    open_card,
    settle_cards,
    take_up_again,
)
from crm.sales.leads.lead_form import read_form
from crm.sales.leads.leads import log_lead
from crm.sales.leads.policy import can_log_lead

_EXPO = re.compile(r"^(?:expo|fair|exhibition|展会|展会模式)(?:\s+(?P<name>\S.*))?$", re.IGNORECASE | re.DOTALL)
_OFF = re.compile(r"^(?:off|end|stop|over|close|关|关闭|结束|退出|停止)$", re.IGNORECASE)
# What people say to somebody, not of somebody.
_CHAT = re.compile(
    r"(?:ok(?:ay)?|thx|thanks?(?: (?:a lot|you))?|thank you|great|cool|yes|no|hi|hello|test|"
    r"好的?|嗯+|收到|谢谢|多谢|哈+|是的?|不是|没有|你好|在吗|测试)[\s!.。！~～👍🙏]*",
    re.IGNORECASE,
)
_MOST_TOGETHER = 20
_LONGEST = 4_000
"""Characters of a message that are kept as a card: as many as a chat's message has."""


def expo(request: Request) -> Reply | None:
    """`lead expo NAME` begins, `lead expo off` ends, `lead expo` shows what waits; None for any other words."""
    said = _EXPO.match(request.argument.strip())
    if said is None or can_log_lead(request.person) is not True:
        return None
    name = (said["name"] or "").strip()
    if _OFF.match(name):
        return _end(request)
    if not name:
        return _shown(request)
    fair_id = begin_fair(request.work, actor=request.person, name=name)
    begun = T(
        "Exhibition mode: {fair}, until the end of the day. Send one message or photo per card; each is kept at once.",
        fair=get_fair(request.work, viewer=request.person, fair_id=fair_id).name,
    )
    return Reply((say(begun, Button(T("End exhibition mode"), "fair.end")),))


def take_card(request: Request) -> Reply | None:
    """A message at a fair is a card; None where they are at none, or ask about an order."""
    fair = fair_now(request.work, actor=request.person)
    text = request.inbound.text.strip()
    if fair is None or not text or read_order_question(text) is not None:
        return None
    if _CHAT.fullmatch(text) is not None or not any(character.isalnum() for character in text):
        return Reply((say(T("That was not kept as a card. One message or photo per card is.")),))
    return _keep(request, fair, text, None)


def take_forwarded(request: Request) -> Reply | None:
    """Somebody's message passed on at a fair is a card like any other; None elsewhere."""
    fair = fair_now(request.work, actor=request.person)
    text = request.inbound.text.strip()
    if fair is None or not text:
        return None
    author = " ".join(str(request.inbound.values.get("author") or "").split())
    return _keep(request, fair, f"Contact: {author}\n{text}" if author else text, None)


def take_contact_card(request: Request) -> Reply | None:
    """A contact card shared at a fair."""
    fair = None if request.session is not None else fair_now(request.work, actor=request.person)
    if fair is None:
        return None
    told = request.inbound.values
    lines = [("Company: ", "company"), ("Contact: ", "name"), ("", "phone"), ("", "email")]
    return _keep(request, fair, "\n".join(f"{head}{told[key]}" for head, key in lines if told.get(key)), None)


def take_document(request: Request) -> Reply:
    """A photo at a fair is a card, and any file with words beside it; another file is asked about."""
    is_picture = str(request.inbound.values.get("mime") or "").startswith("image/")
    is_card = (is_picture or bool(request.inbound.text.strip())) and request.session is None
    fair = fair_now(request.work, actor=request.person) if is_card else None
    if fair is None:
        return take_file(request)
    content, name, mime = sent_content(request)
    file_id = files.keep_file(request.work, content=content, mime=mime)
    return _keep(request, fair, request.inbound.text.strip(), Photo(file_id, name))


def _keep(request: Request, fair: Any, text: str, photo: Photo | None) -> Reply:
    if len(text) > _LONGEST:
        raise Invalid(T("That is {length} characters long; at most {most} fit here.", length=len(text), most=_LONGEST))
    world = CompanyWorld(request.work, request.person)
    answers = _read(request, world, text) if text else {}
    tags = [fair.name, *(tag for tag in answers.get("tags", ()) if tag.casefold() not in fair.name.casefold())]
    answers |= {"source": "exhibition", "tags": tags}
    card = keep_card(request.work, fair=fair, text=text, answers=answers, photo=photo)
    kept = T("{number} · {name} is kept.", number=card.number, name=_name(answers, text, photo))
    return Reply((say(kept, Button(labels.UNDO, f"fair.undo:{card.id}")),))


def _read(request: Request, world: World, text: str) -> dict[str, Any]:
    found = read_lead(text, now=world.now, knowledge=CompanyKnowledge(request.work, request.person))
    return {"notes": text} if found is None else lead_answers(found.reading, world)


def _name(answers: Mapping[str, Any], text: str, photo: Photo | None) -> Any:
    told = " ".join(str(answers[key]) for key in ("company", "contact") if answers.get(key)) or " ".join(text.split())
    if told:
        return told if len(told) <= 60 else f"{told[:59]}…"
    return T("Photo")


def end(request: Request) -> Reply:
    return _end(request)


def _end(request: Request) -> Reply:
    fair = fair_now(request.work, actor=request.person)
    end_fair(request.work, actor=request.person)
    if fair is None:
        waiting = latest_fair(request.work, actor=request.person)
        return Reply((Card(CARD, waiting.id),)) if waiting is not None else Reply((say(T("You are at no fair.")),))
    if not has_open_cards(request.work, fair_id=fair.id):
        return Reply((say(T("Exhibition mode is over: {fair}.", fair=fair.name)),))
    return Reply((Card(CARD, fair.id),))


def _shown(request: Request) -> Reply:
    fair = latest_fair(request.work, actor=request.person) or fair_now(request.work, actor=request.person)
    if fair is None:
        return Reply((say(T("Write the fair's name behind it, as in: lead expo Canton Fair")),))
    return Reply((Card(CARD, fair.id),))


def open_fair(request: Request) -> Reply:
    fair = get_fair(request.work, viewer=request.person, fair_id=record_id(request.argument))
    return Reply((Card(CARD, fair.id),))


def turn_page(request: Request) -> Reply:
    number, _, page = request.argument.partition(".")
    return Reply((fair_page(request.work, request.person, record_id(number), record_id(page)),), replaces=True)


def clean_up(request: Request) -> Reply:
    """The form of a card, filled in with all that the cards of the same person say."""
    card = open_card(request.work, actor=request.person, card_id=record_id(request.argument))
    group = group_of(request.work, card=card)
    world = CompanyWorld(request.work, request.person)
    begun = begin(request, FAIR_GUIDE, answers=_still(group.answers, world), subject_id=card.id, captured=True)
    if not any(one.file_id for one in group.cards):
        return begun
    first, *rest = begun.shows
    if not isinstance(first, Screen):
        return begun
    hint = muted(T("Its photo goes with it: {files}", files=[one.file_name for one in group.cards if one.file_id]))
    return replace(begun, shows=(replace(first, lines=(first.lines[0], hint, *first.lines[1:])), *rest))


def submit_card(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    card = open_card(request.work, actor=request.person, card_id=subject_id or 0)
    group = group_of(request.work, card=card)
    lead_id, reply = submit_details(request, values)
    _settle(request, group, lead_id)
    more = Button(T("Next card"), f"fair.open:{card.fair_id}")
    last = reply.shows[-1]
    if not isinstance(last, Screen) or not has_open_cards(request.work, fair_id=card.fair_id):
        return reply
    return replace(reply, shows=(*reply.shows[:-1], replace(last, rows=(*last.rows, (more,)))))


def save_clear(request: Request) -> Reply:
    """Every card that lacks nothing and looks like nobody's becomes a lead."""
    fair = get_fair(request.work, viewer=request.person, fair_id=record_id(request.argument))
    world, saved = CompanyWorld(request.work, request.person), 0
    needed = [one.key for one in read_form(request.work).fields if one.is_required]
    for group in grouped(request.work, fair_id=fair.id):
        if group.lacks:
            continue
        answers = _still(group.answers, world)
        if any(key not in answers for key in needed):
            continue
        details = details_of_values(load_values(FAIR_LEAD, answers, world))
        if collisions_at_logging(request.work, details=details):
            continue  # looks like one that was saved a moment ago
        lead_id = log_lead(request.work, actor=request.person, platform=request.platform, details=details)
        _settle(request, group, lead_id)
        saved += 1
    if not saved:
        return Reply(toast=T("There is nothing left that is clear."))
    told = say(TN("{n} lead is saved.", "{n} leads are saved.", n=saved), Button(T("Leads"), "verb:leads"))
    if not has_open_cards(request.work, fair_id=fair.id):
        return Reply((told,), replaces=True)
    return Reply((draw_fair(request.work, fair.id, request.person), told), replaces=True)


def drop(request: Request) -> Reply:
    """All cards of the same person are no lead."""
    card = open_card(request.work, actor=request.person, card_id=record_id(request.argument))
    group = group_of(request.work, card=card)
    ids = [one.id for one in group.cards]
    settle_cards(request.work, actor=request.person, card_ids=ids, status="dropped")
    gone = T("Dropped: {number} · {name}", number=card.number, name=group.name)
    back = Button(labels.UNDO, f"fair.again:{'.'.join(map(str, ids))}")
    return Reply((draw_fair(request.work, card.fair_id, request.person), say(gone, back)), toast=gone, replaces=True)


def take_back(request: Request) -> Reply:
    """What was dropped waits again."""
    ids = [record_id(number) for number in request.argument.split(".")[:_MOST_TOGETHER]]
    fair_id = take_up_again(request.work, actor=request.person, card_ids=ids)
    return Reply((draw_fair(request.work, fair_id, request.person),), replaces=True)


def undo(request: Request) -> Reply:
    """One card is taken back."""
    card = open_card(request.work, actor=request.person, card_id=record_id(request.argument))
    settle_cards(request.work, actor=request.person, card_ids=[card.id], status="dropped")
    return Reply((say(T("Card {number} is taken back.", number=card.number)),), replaces=True)


def _settle(request: Request, group: Group, lead_id: int) -> None:
    ids = [one.id for one in group.cards]
    settle_cards(request.work, actor=request.person, card_ids=ids, status="saved", lead_id=lead_id)
    for one in group.cards:
        if one.file_id is not None:
            under: dict[str, Any] = {"entity": "lead", "entity_id": lead_id, "person_id": request.person.id}
            files.attach(request.work, **under, file_id=one.file_id, name=one.file_name or "photo.jpg")


def _still(answers: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Those that still hold: a follow-up that is over by now does not."""
    fields = {step.key: step.kind for step in FAIR_LEAD.steps if hasattr(step, "kind")}
    return {key: value for key, value in answers.items() if key in fields and fields[key].holds(value, world)}


def _shaped(work: UnitOfWork) -> Conversation:
    return lead_conversation(read_form(work), FAIR_LEAD)


def _stands(request: Request, card_id: int) -> None:
    open_card(request.work, actor=request.person, card_id=card_id)


FAIR_GUIDE = register(Guide(FAIR_LEAD, can_log_lead, submit_card, _stands, _shaped))
PRESSES = {
    "fair.open": open_fair,
    "fair.page": turn_page,
    "fair.card": clean_up,
    "fair.save": save_clear,
    "fair.drop": drop,
    "fair.again": take_back,
    "fair.undo": undo,
    "fair.end": end,
}
