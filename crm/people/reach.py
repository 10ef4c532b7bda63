"""Reaching people: a notice to the platform they chose or used last, a card to every chat they have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, select, update

from crm.core import copies, outbox
from crm.core.copies import CardCopy
from crm.core.outbox import Chat, Lane, OutboxEntry
from crm.core.text import Text, pack
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.people import Person
from crm.people.quiet import QUIET_COLUMNS, SILENT, URGENT, held_until, is_urgent, quiet_end

HOME = "home"
"""The card that is a person's own page: what waits for them."""

NOBODY = "nobody reads there"
"""How the error of a row begins that is kept until its reader can be reached again."""

_OUTBOX = OutboxEntry.table()
_COPIES = CardCopy.table()
REACHED = (
    select(ChatIdentity.person_id, Chat.id, Chat.platform, *QUIET_COLUMNS)
    .join(ChatIdentity, ChatIdentity.chat_id == Chat.id)
    .join(Person, Person.id == ChatIdentity.person_id)
    .where(Chat.is_private, Chat.unreachable_since.is_(None))
    .order_by(case((Chat.platform == Person.notify_on, 0), else_=1), Chat.last_inbound_at.desc().nulls_last(), Chat.id)
)
"""People and their private chats that can be reached, as `read_place` reads them: the platform they chose first, then
the one used last.
"""
_REACHED_OF_ONE = REACHED.where(ChatIdentity.person_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Place:
    """A private chat of somebody's. `held_until`: when the quiet hours end in which it would ring; None: it is free."""

    chat_id: int
    held_until: datetime | None


def read_place(row: Any, *, now: datetime) -> tuple[int, Place]:
    """The person and the place in a row of REACHED."""
    person_id, chat_id, platform, *quiet = row
    return person_id, Place(chat_id, None if platform in SILENT else quiet_end(now, *quiet))


def tell(
    work: UnitOfWork,
    *,
    person_id: int,
    text: Text,
    key: str | None = None,
    about: tuple[str, int] | None = None,
    offers: str | None = None,
    lane: Lane = Lane.NOTICE,
    urgent: bool = False,
) -> None:
    """A notice with its facts frozen, to the chat the person chose or used last; kept until they have one.

    `about` names a card (`order`, 31) that a button under the notice opens, `offers` what may be done with that
    record at once (`resubmit`). The same `key` is never told twice. It waits for the end of the person's quiet hours,
    unless it is urgent.
    """
    payload: dict[str, Any] = {"notice": pack(text)}
    if about is not None:
        payload["about"] = list(about)
    if offers is not None:
        payload["offers"] = offers
    put_notice(work, person_id=person_id, payload=payload, key=key, lane=lane, urgent=urgent)


def put_notice(
    work: UnitOfWork,
    *,
    person_id: int,
    payload: dict[str, Any],
    key: str | None = None,
    lane: Lane = Lane.NOTICE,
    urgent: bool = False,
) -> None:
    """A notice with this payload (`bot.parcels` draws it), sent as `tell` says."""
    if key is not None and work.connection.execute(select(OutboxEntry.id).where(OutboxEntry.key == key)).first():
        return
    places = _places(work, person_id)
    _put(work, places[0] if places else None, person_id, payload, lane, urgent=urgent, key=key)
    copies.touch_card(work, card=HOME, subject_id=person_id)


def show_card(
    work: UnitOfWork,
    *,
    person_id: int,
    card: str,
    subject_id: int,
    lane: Lane = Lane.DECISION,
    urgent: bool = False,
) -> None:
    """A copy of a card into every chat of the person, each kept true from then on; held as `tell` says."""
    places: list[Place | None] = [*_places(work, person_id)]
    for place in places or [None]:
        payload: dict[str, Any] = {"card": [card, subject_id]}
        if place is not None:
            chat_id = place.chat_id
            copy_id = copies.add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=person_id)
            payload = {"copy": copy_id}
        _put(work, place, person_id, payload, lane, urgent=urgent)
    copies.touch_card(work, card=HOME, subject_id=person_id)


def private_chats(work: UnitOfWork, *, person_id: int) -> list[int]:
    """The person's private chats that can be reached: the platform they chose first, then the one used last."""
    return [place.chat_id for place in _places(work, person_id)]


def _places(work: UnitOfWork, person_id: int) -> list[Place]:
    rows = work.connection.execute(_REACHED_OF_ONE, {"person": person_id})
    return [read_place(row, now=work.now)[1] for row in rows]


def _put(
    work: UnitOfWork,
    place: Place | None,
    person_id: int,
    payload: dict[str, Any],
    lane: Lane,
    *,
    urgent: bool,
    key: str | None = None,
) -> None:
    outbox.put(
        work,
        chat_id=None if place is None else place.chat_id,
        person_id=person_id,
        payload=payload | {URGENT: True} if urgent else payload,
        lane=lane,
        key=key,
        not_before=None if place is None or urgent else place.held_until,
    )


def deliver_kept(work: UnitOfWork, *, person_id: int, chat_id: int) -> None:
    """What was written for a person while they had no chat, or could be reached in none, goes to this one."""
    waiting = _OUTBOX.c.chat_id.is_(None) & (_OUTBOX.c.status == "pending")
    given_up = (_OUTBOX.c.status == "dead") & _OUTBOX.c.last_error.startswith(NOBODY, autoescape=True)
    kept = select(_OUTBOX).where(_OUTBOX.c.person_id == person_id, waiting | given_up).order_by(_OUTBOX.c.id)
    for row in work.connection.execute(kept).all():
        _redirect(work, row, chat_id)


def leave_chat(work: UnitOfWork, *, chat_id: int, reason: str) -> None:
    """Nobody reads there any more: what waits there goes to another chat of its reader, or is kept for their return.

    An answer is given up: it was for who asked there, and then.
    """
    outbox.mark_unreachable(work, chat_id=chat_id)
    _lock_owners(work, chat_id)
    pending = select(_OUTBOX).where(_OUTBOX.c.chat_id == chat_id, _OUTBOX.c.status == "pending")
    for row in work.connection.execute(pending.order_by(_OUTBOX.c.id)).all():
        is_answer = row.person_id is None or row.trace is not None
        elsewhere = [] if is_answer else private_chats(work, person_id=row.person_id)
        if elsewhere:
            _redirect(work, row, elsewhere[0])
        else:
            _change(work, row, status="dead", last_error=reason if is_answer else f"{NOBODY}: {reason}")


def return_to_chat(work: UnitOfWork, *, chat_id: int) -> None:
    """Somebody reads there again: what was kept for the person whose chat it is goes there."""
    if not outbox.mark_reachable(work, chat_id=chat_id):
        return
    owner = select(ChatIdentity.person_id).where(ChatIdentity.chat_id == chat_id)
    for person_id in work.connection.execute(owner).scalars().all():
        deliver_kept(work, person_id=person_id, chat_id=chat_id)


def _lock_owners(work: UnitOfWork, chat_id: int) -> None:
    """One chat of a person at a time: two that are found closed at once would each rely on the other."""
    owners = select(Person.id).join(ChatIdentity, ChatIdentity.person_id == Person.id)
    owners = owners.where(ChatIdentity.chat_id == chat_id).order_by(Person.id)
    work.connection.execute(owners.with_for_update(key_share=True, of=Person)).all()


def _redirect(work: UnitOfWork, row: Any, chat_id: int) -> None:
    """Send this row to another chat. A card that stands there already, or is on its way there, does not come twice."""
    payload = row.payload
    if "card" in payload:
        card, subject_id = payload["card"]
    elif "copy" in payload:
        copied = work.connection.execute(select(_COPIES).where(_COPIES.c.id == payload["copy"])).one()
        card, subject_id = copied.card, copied.subject_id
    else:
        card, subject_id = None, 0
    if card is not None:
        if _is_shown(work, card, subject_id, chat_id, row.id):
            _change(work, row, status="dropped", last_error="the card is shown in another chat")
            return
        copy_id = copies.add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=row.person_id)
        payload = {"copy": copy_id} | ({URGENT: True} if is_urgent(payload) else {})
    until = _held_there(work, row, chat_id)
    _change(work, row, status="pending", chat_id=chat_id, payload=payload, last_error=None, not_before=until)
    work.wakes.add(chat_id)


def _held_there(work: UnitOfWork, row: Any, chat_id: int) -> datetime | None:
    """Until when this row has to wait in the chat it now goes to."""
    if row.lane == Lane.REPLY or is_urgent(row.payload):
        return None
    platform = work.connection.execute(select(Chat.platform).where(Chat.id == chat_id)).scalar_one()
    return None if platform in SILENT else held_until(work, person_id=row.person_id)


def _is_shown(work: UnitOfWork, card: str, subject_id: int, chat_id: int, row_id: int) -> bool:
    """Whether the card stands in this chat, or another row is about to bring it."""
    # First what is coming, then what is there: a row that is sent between the two reads is found by the second.
    coming = select(_OUTBOX.c.payload).where(
        _OUTBOX.c.chat_id == chat_id, _OUTBOX.c.status == "pending", _OUTBOX.c.id != row_id
    )
    brought = {payload.get("copy") for payload in work.connection.execute(coming).scalars()}
    copies = select(_COPIES.c.id, _COPIES.c.message_ref).where(
        _COPIES.c.card == card, _COPIES.c.subject_id == subject_id, _COPIES.c.chat_id == chat_id
    )
    found = work.connection.execute(copies).all()
    return any(copy.message_ref is not None or copy.id in brought for copy in found)


def _change(work: UnitOfWork, row: Any, **values: Any) -> None:
    work.connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(**values))
