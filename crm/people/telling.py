"""Telling many people at once: a card each, in a handful of statements however many they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select

from crm.core.copies import CardCopy
from crm.core.many import DIALECTS, NUMBER, WORDS, Many, as_json
from crm.core.outbox import Lane, OutboxEntry
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.quiet import URGENT
from crm.people.reach import REACHED, Place, read_place

_OUTBOX = OutboxEntry.table()
_COPIES = CardCopy.table()


@dataclass(frozen=True, slots=True)
class Due:
    """A card's subject for a person. The same `key` is never told twice."""

    person_id: int
    subject_id: int
    key: str


def send_cards(
    work: UnitOfWork, *, card: str, due: Sequence[Due], lane: Lane = Lane.NOTICE, urgent: bool = False
) -> None:
    """A copy of the card of each subject, to the chat its person chose or used last; kept until they have one.

    Some hundred at a time: what is due stands in the statements themselves. Each person and subject once. In quiet
    hours it waits for their end, unless it is urgent.
    """
    told = _told(work, [one.key for one in due])
    due = [one for one in due if one.key not in told]
    places = _places(work, {one.person_id for one in due})
    copies = _copies(work, card, [(one, places[one.person_id].chat_id) for one in due if one.person_id in places])
    held: dict[datetime | None, list[tuple[Any, ...]]] = {}
    for one in due:
        until = places[one.person_id].held_until if one.person_id in places and not urgent else None
        held.setdefault(until, []).append(_row(one, card, places, copies, urgent=urgent))
    for until, rows in held.items():
        _put(work, rows, lane, until)
    work.wakes.update(place.chat_id for place in places.values() if urgent or place.held_until is None)


def _told(work: UnitOfWork, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    dialect = work.connection.dialect.name
    found = work.connection.execute(_KNOWN[dialect], _KEYS.values(dialect, [(key,) for key in keys]))
    return {str(key) for key in found.scalars()}


def _places(work: UnitOfWork, people: Collection[int]) -> dict[int, Place]:
    """The chat of each that is to be used; those who have none are left out."""
    places: dict[int, Place] = {}
    if not people:
        return places
    dialect = work.connection.dialect.name
    for row in work.connection.execute(_REACHED[dialect], _PEOPLE.values(dialect, [(one,) for one in people])):
        person_id, place = read_place(row, now=work.now)
        places.setdefault(person_id, place)
    return places


def _copies(work: UnitOfWork, card: str, due: Sequence[tuple[Due, int]]) -> dict[tuple[int, int], int]:
    """Note the copies about to be sent; their ids by person and subject."""
    if not due:
        return {}
    dialect = work.connection.dialect.name
    rows = [(one.subject_id, chat_id, one.person_id) for one, chat_id in due]
    values = {"card": card, "now": work.now} | _COPIED.values(dialect, rows)
    added = work.connection.execute(_ADD_COPIES[dialect], values)
    return {(person_id, subject_id): copy_id for copy_id, person_id, subject_id in added}


def _put(work: UnitOfWork, rows: Sequence[tuple[Any, ...]], lane: Lane, held_until: datetime | None) -> None:
    dialect = work.connection.dialect.name
    values = {"lane": int(lane), "now": work.now, "not_before": held_until} | _TOLD.values(dialect, rows)
    work.connection.execute(_ADD_ROWS[dialect], values)


def _row(
    one: Due, card: str, places: dict[int, Place], copies: dict[tuple[int, int], int], *, urgent: bool
) -> tuple[str, int | None, int, str]:
    """Key, chat, person and payload."""
    place, copy_id = places.get(one.person_id), copies.get((one.person_id, one.subject_id))
    brings = f'"card": ["{card}", {one.subject_id}]' if copy_id is None else f'"copy": {copy_id}'
    payload = f'{{{brings}, "{URGENT}": true}}' if urgent else f"{{{brings}}}"
    return one.key, None if place is None else place.chat_id, one.person_id, payload


_KEYS, _PEOPLE = Many(key=WORDS), Many(person_id=NUMBER)
_COPIED = Many(subject_id=NUMBER, chat_id=NUMBER, person_id=NUMBER)
_TOLD = Many(key=WORDS, chat_id=NUMBER, person_id=NUMBER, payload=WORDS)


def _add_copies(dialect: str) -> Any:
    many = _COPIED.rows(dialect)
    values = {
        "card": bindparam("card", type_=_COPIES.c.card.type),
        "subject_id": many.c.subject_id,
        "chat_id": many.c.chat_id,
        "person_id": many.c.person_id,
        "wanted": literal_column("1"),
        "drawn": literal_column("0"),
        "created_at": bindparam("now", type_=UTCDateTime),
    }
    added = insert(_COPIES).from_select(list(values), select(*values.values()))
    return added.returning(_COPIES.c.id, _COPIES.c.person_id, _COPIES.c.subject_id)


def _add_rows(dialect: str) -> Any:
    many = _TOLD.rows(dialect)
    values = {
        "key": many.c.key,
        "lane": bindparam("lane", type_=_OUTBOX.c.lane.type),
        "chat_id": many.c.chat_id,
        "person_id": many.c.person_id,
        "payload": as_json(dialect, many.c.payload),
        "status": literal_column("'pending'"),
        "not_before": bindparam("not_before", type_=UTCDateTime),
        "created_at": bindparam("now", type_=UTCDateTime),
        "attempts": literal_column("0"),
    }
    return insert(_OUTBOX).from_select(list(values), select(*values.values()))


_ADD_COPIES = {dialect: _add_copies(dialect) for dialect in DIALECTS}
_ADD_ROWS = {dialect: _add_rows(dialect) for dialect in DIALECTS}
_KNOWN = {one: select(_OUTBOX.c.key).where(_OUTBOX.c.key.in_(select(_KEYS.rows(one).c.key))) for one in DIALECTS}
_REACHED = {one: REACHED.where(ChatIdentity.person_id.in_(select(_PEOPLE.rows(one).c.person_id))) for one in DIALECTS}
