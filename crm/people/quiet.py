"""Quiet hours: what is written for somebody while they are left in peace waits until that is over. Guide 1.

It waits in its outbox row (`not_before`). Answers never wait, nor what is urgent, nor what goes to a platform that does
not ring; delivery asks again, for what was written before and comes late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, text, update

from crm.core.copies import CardCopy
from crm.core.errors import NotFound
from crm.core.outbox import Lane, OutboxEntry
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.calendar import quiet_until
from crm.people.people import MEMBER_COLUMNS, Member, Person, read_member

SILENT = frozenset({"web"})
"""Platforms that do not ring: the browser shows what has come to who looks."""

URGENT = "urgent"
"""In a row's payload: it does not wait."""

_OUTBOX = OutboxEntry.table()
_COPIES = CardCopy.table()
_PEOPLE = Person.table()
QUIET_COLUMNS = (_PEOPLE.c.timezone, _PEOPLE.c.quiet_from, _PEOPLE.c.quiet_to)
_OF = select(*QUIET_COLUMNS).where(_PEOPLE.c.id == bindparam("person"))
_READER = select(*MEMBER_COLUMNS, *(column.label(f"reader_{column.name}") for column in QUIET_COLUMNS)).where(
    _PEOPLE.c.id == bindparam("person")
)
_PENDING = _OUTBOX.c.status == text("'pending'")
_HELD_CARDS = (
    select(_OUTBOX.c.id, _OUTBOX.c.payload, _OUTBOX.c.person_id, _OUTBOX.c.chat_id, _OUTBOX.c.not_before)
    .add_columns(_COPIES.c.id.label("copy_id"))
    .join(_COPIES, _COPIES.c.chat_id == _OUTBOX.c.chat_id)
    .where(_COPIES.c.card == bindparam("card"), _COPIES.c.subject_id == bindparam("subject"))
    .where(_COPIES.c.message_ref.is_(None), _PENDING, _OUTBOX.c.not_before > bindparam("now"))
    .order_by(_OUTBOX.c.id)
)


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card that waits for the end of its reader's quiet hours."""

    row_id: int
    person_id: int
    chat_id: int
    until: datetime


def held_until(work: UnitOfWork, *, person_id: int) -> datetime | None:
    """When what is written for this person now may be sent; None: now. Of something urgent, nobody asks."""
    row = work.connection.execute(_OF, {"person": person_id}).one_or_none()
    return None if row is None else quiet_end(work.now, *row)


def quiet_end(now: datetime, zone: str | None, quiet_from: Any, quiet_to: Any) -> datetime | None:
    """The end of the quiet hours `now` lies in, from the values of QUIET_COLUMNS."""
    if zone is None or quiet_from is None or quiet_to is None:
        return None
    return quiet_until(now, ZoneInfo(zone), quiet_from, quiet_to)


def find_reader(work: UnitOfWork, *, person_id: int) -> tuple[Member, datetime | None]:
    """The person, and when the quiet hours end that they have now; in one statement. Raises NotFound."""
    row = work.connection.execute(_READER, {"person": person_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such person."))
    return read_member(row[: len(MEMBER_COLUMNS)]), quiet_end(work.now, *row[len(MEMBER_COLUMNS) :])


def hold(work: UnitOfWork, *, row_id: int, until: datetime) -> None:
    """This row waits until then."""
    work.connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id, _PENDING).values(not_before=until))


def hold_anew(work: UnitOfWork, *, person_id: int) -> None:
    """The person's quiet hours or zone have changed: what is held for them waits as they are now."""
    held = (_OUTBOX.c.person_id == person_id, _PENDING, _OUTBOX.c.lane > Lane.REPLY, _OUTBOX.c.not_before.is_not(None))
    values = {"not_before": held_until(work, person_id=person_id)}
    changed = work.connection.execute(update(_OUTBOX).where(*held).values(values).returning(_OUTBOX.c.chat_id))
    work.wakes.update(chat_id for chat_id in changed.scalars() if chat_id is not None)


def held_cards(work: UnitOfWork, *, card: str, subject_id: int) -> list[HeldCard]:
    """The copies of this card that wait for the end of somebody's quiet hours, the oldest first; in one statement."""
    rows = work.connection.execute(_HELD_CARDS, {"card": card, "subject": subject_id, "now": work.now})
    return [
        HeldCard(row.id, row.person_id, row.chat_id, row.not_before)
        for row in rows
        if row.payload.get("copy") == row.copy_id
    ]


def release_cards(work: UnitOfWork, held: list[HeldCard]) -> None:
    """Send these now, as urgent."""
    rows = {one.row_id for one in held}
    for row in work.connection.execute(select(_OUTBOX.c.id, _OUTBOX.c.payload).where(_OUTBOX.c.id.in_(rows))).all():
        mine = update(_OUTBOX).where(_OUTBOX.c.id == row.id, _PENDING)
        work.connection.execute(mine.values(not_before=None, payload=row.payload | {URGENT: True}))
    work.wakes.update(one.chat_id for one in held)


def is_urgent(payload: Mapping[str, Any]) -> bool:
    """Whether a row with this payload does not wait."""
    return bool(payload.get(URGENT))
