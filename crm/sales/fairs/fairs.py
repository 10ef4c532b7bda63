"""Exhibition mode: a fair's business cards, one message or photo each, kept at once and made leads in the evening.

A card is no lead yet: nobody is asked at the stand whether somebody knows the company. Guide 2.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.events import Events
from crm.core.rules import text_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.people.telling import Due, send_cards
from crm.sales.leads.events import HeldLeadSettled
from crm.sales.leads.policy import can_log_lead

LONGEST_NAME = 60
CARD = "fair"
"""The card on which a fair's cards are cleaned up."""


class Fair(Base):
    """Somebody's day at a fair. `until`: the end of that day where they are; `ended_at`: when they said it is over;
    `shown_at`: when they were shown what is to be cleaned up.
    """

    __tablename__ = "fairs"
    __table_args__ = (Index(None, "person_id", "until"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(100))
    local_date: Mapped[date] = mapped_column(Date)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FairCard(Base):
    """What was said of somebody met there, as typed, and what was read of it (answers of the lead's form).

    `number`: the fair's running one. `status`: `open`, `saved` (as `lead_id`), `dropped`.
    """

    __tablename__ = "fair_cards"
    __table_args__ = (UniqueConstraint("fair_id", "number"), Index(None, "status", "fair_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    fair_id: Mapped[int] = mapped_column(ForeignKey("fairs.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    file_name: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


_FAIRS, _CARDS, _PEOPLE = Fair.table(), FairCard.table(), Person.table()


# NO KEY: cards that refer to the fair may be written meanwhile.
_LOCK = select(_FAIRS.c.id).where(_FAIRS.c.id == bindparam("fair")).with_for_update(key_share=True)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of a card, kept already (`crm.core.files`)."""

    file_id: int
    name: str


def begin_fair(work: UnitOfWork, *, actor: Member, name: str) -> int:
    """From now to the end of the day every message is a card of this fair; returns its id. The same again goes on.

    Raises Forbidden, Invalid (no name, or one too long).
    """
    require(can_log_lead(actor))
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(T("Write the fair's name behind it, as in: lead expo Canton Fair"))
    now = fair_now(work, actor=actor)
    if now is not None and now.name == name:
        return int(now.id)
    end_fair(work, actor=actor)
    today = work.now.astimezone(actor.zone).date()
    until = datetime.combine(today + timedelta(days=1), time(), actor.zone)
    same = (_FAIRS.c.person_id == actor.id, _FAIRS.c.name == name, _FAIRS.c.local_date == today)
    again = update(_FAIRS).where(*same).values(ended_at=None).returning(_FAIRS.c.id)
    known = work.connection.execute(again).scalar()
    if known is not None:
        return int(known)
    row = {"person_id": actor.id, "name": name, "local_date": today, "until": until}
    return int(work.connection.execute(insert(_FAIRS).returning(_FAIRS.c.id), row).scalar_one())


def fair_now(work: UnitOfWork, *, actor: Member) -> Any:
    """The row of the fair this person is at, None where they are at none."""
    c = _FAIRS.c
    query = select(_FAIRS).where(c.person_id == actor.id, c.until > work.now, c.ended_at.is_(None))
    return work.connection.execute(query.order_by(c.id.desc()).limit(1)).one_or_none()


def end_fair(work: UnitOfWork, *, actor: Member) -> None:
    c = _FAIRS.c
    mine = (c.person_id == actor.id, c.until > work.now, c.ended_at.is_(None))
    work.connection.execute(update(_FAIRS).where(*mine).values(ended_at=work.now))


def keep_card(work: UnitOfWork, *, fair: Any, text: str, answers: Mapping[str, Any], photo: Photo | None) -> Any:
    """Keep a card of this fair; returns its row. Two chats of one person number their cards in turn."""
    work.connection.execute(_LOCK, {"fair": fair.id})
    last = select(func.coalesce(func.max(_CARDS.c.number), 0)).where(_CARDS.c.fair_id == fair.id)
    row = {
        "fair_id": fair.id,
        "number": work.connection.execute(last).scalar_one() + 1,
        "text": text,
        "answers": dict(answers),
        "file_id": photo and photo.file_id,
        "file_name": photo and photo.name,
        "status": "open",
        "created_at": work.now,
    }
    copies.touch_card(work, card=CARD, subject_id=fair.id)
    work.has_changed = True
    return work.connection.execute(insert(_CARDS).returning(*_CARDS.c), row).one()


def get_fair(work: UnitOfWork, *, viewer: Member, fair_id: int) -> Any:
    """The row of the viewer's own fair. Raises NotFound."""
    row = work.connection.execute(select(_FAIRS).where(_FAIRS.c.id == fair_id)).one_or_none()
    if row is None or row.person_id != viewer.id:
        raise NotFound(T("There is no such fair of yours."))
    return row


def open_card(work: UnitOfWork, *, actor: Member, card_id: int) -> Any:
    """The row of a card of the actor's that is neither saved nor dropped. Raises NotFound, Conflict."""
    row = work.connection.execute(select(_CARDS).where(_CARDS.c.id == card_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such fair of yours."))
    get_fair(work, viewer=actor, fair_id=row.fair_id)
    if row.status != "open":
        raise Conflict(T("Card {number} is dealt with already.", number=row.number))
    return row


def open_cards(work: UnitOfWork, *, fair_id: int) -> Sequence[Any]:
    """The rows of a fair's cards that wait to be cleaned up, in their order."""
    c = _CARDS.c
    return work.connection.execute(
        select(_CARDS).where(c.fair_id == fair_id, c.status == "open").order_by(c.number)
    ).all()


def settle_cards(
    work: UnitOfWork, *, actor: Member, card_ids: Sequence[int], status: str, lead_id: int | None = None
) -> None:
    """These cards are `saved` as a lead, or `dropped`, all of them at once. Raises NotFound, Conflict."""
    rows = [open_card(work, actor=actor, card_id=card_id) for card_id in card_ids]
    still_open = (_CARDS.c.id.in_(list(card_ids)), _CARDS.c.status == "open")
    settled = work.connection.execute(update(_CARDS).where(*still_open).values(status=status, lead_id=lead_id))
    if settled.rowcount != len(rows):  # another chat of theirs was quicker
        raise Conflict(T("Card {number} is dealt with already.", number=rows[0].number))
    _touch(work, {row.fair_id for row in rows})


def take_up_again(work: UnitOfWork, *, actor: Member, card_ids: Sequence[int]) -> int:
    """Cards that were dropped wait again; returns their fair. Raises NotFound, Conflict (not dropped any more)."""
    rows = work.connection.execute(select(_CARDS).where(_CARDS.c.id.in_(list(card_ids)))).all()
    if not rows:
        raise NotFound(T("There is no such fair of yours."))
    get_fair(work, viewer=actor, fair_id=rows[0].fair_id)
    dropped = (_CARDS.c.id.in_(list(card_ids)), _CARDS.c.status == "dropped", _CARDS.c.fair_id == rows[0].fair_id)
    if work.connection.execute(update(_CARDS).where(*dropped).values(status="open")).rowcount != len(rows):
        raise Conflict(T("Card {number} is dealt with already.", number=rows[0].number))
    _touch(work, {rows[0].fair_id})
    return int(rows[0].fair_id)


def reopen_of_lead(work: UnitOfWork, *, lead_id: int) -> None:
    """The lead that cards were saved as came to nothing before it was logged: they wait again."""
    again = update(_CARDS).where(_CARDS.c.lead_id == lead_id, _CARDS.c.status == "saved")
    rows = work.connection.execute(again.values(status="open", lead_id=None).returning(_CARDS.c.fair_id))
    _touch(work, set(rows.scalars()))


def follow_leads(events: Events) -> None:
    """Have cards wait again whose lead was held for its likeness to another, and dropped."""
    events.subscribe(HeldLeadSettled, _settled)


def _settled(work: UnitOfWork, event: HeldLeadSettled) -> None:
    if event.to == "withdrawn":
        reopen_of_lead(work, lead_id=event.lead_id)


def has_open_cards(work: UnitOfWork, *, fair_id: int) -> bool:
    waits = (_CARDS.c.fair_id == fair_id, _CARDS.c.status == "open")
    return work.connection.execute(select(_CARDS.c.id).where(*waits).limit(1)).first() is not None


def _touch(work: UnitOfWork, fair_ids: set[int]) -> None:
    if fair_ids:
        work.has_changed = True
    for fair_id in sorted(fair_ids):
        copies.touch_card(work, card=CARD, subject_id=fair_id)


def latest_fair(work: UnitOfWork, *, actor: Member) -> Any:
    """The fair whose cards wait longest to be cleaned up; None where none do."""
    c = _FAIRS.c
    waits = _CARDS.c.status == "open"
    query = select(_FAIRS).join(_CARDS, _CARDS.c.fair_id == c.id).where(c.person_id == actor.id, waits)
    return work.connection.execute(query.order_by(c.id).limit(1)).one_or_none()


def fairs_to_clean_up(work: UnitOfWork) -> list[Due]:
    """Whom to show their cards: each fair once, at the hour of the rule in the evening of its day, where its person is;
    later where nothing looked that evening.
    """
    at = time.fromisoformat(text_rule(work, "fairs.clean_up_at"))
    c = _FAIRS.c
    # Wherever they are, that evening does not begin before the day does somewhere.
    has_come = c.local_date <= (work.now + timedelta(days=1)).date()
    waits = select(_CARDS.c.id).where(_CARDS.c.fair_id == c.id, _CARDS.c.status == "open").exists()
    rows = work.connection.execute(
        select(c.id, c.person_id, c.local_date, _PEOPLE.c.timezone)
        .join(_PEOPLE, _PEOPLE.c.id == c.person_id)
        .where(has_come, waits, c.shown_at.is_(None))
        .order_by(c.id)
    )
    return [
        Due(row.person_id, row.id, f"{CARD}:{row.id}")
        for row in rows
        if datetime.combine(row.local_date, at, ZoneInfo(row.timezone)) <= work.now
    ]


def show_cards(work: UnitOfWork, due: Sequence[Due]) -> int:
    """Show them, each once however many processes look; returns how many are shown."""
    ids = [one.subject_id for one in due]
    mine = update(_FAIRS).where(_FAIRS.c.id.in_(ids), _FAIRS.c.shown_at.is_(None)).values(shown_at=work.now)
    taken = set(work.connection.execute(mine.returning(_FAIRS.c.id)).scalars())
    send_cards(work, card=CARD, due=[one for one in due if one.subject_id in taken])
    return len(taken)
