"""Asking a colleague for a lead or a customer that looks like what one has met: given, or kept. Guide 2.1."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.events import Events
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role, find_member
from crm.people.permissions import Allowed, require
from crm.people.reach import show_card, tell
from crm.people.superiors import superiors_of
from crm.sales.collisions.collisions import Collision
from crm.sales.collisions.holding import HELD_CARD, Kind, is_waiting, likeness, note_on, settle
from crm.sales.customers.customers import Customer
from crm.sales.leads.events import HeldLeadSettled
from crm.sales.leads.leads import OPEN_STATUSES, Lead
from crm.sales.ownership.handing_over import SELLING, Book, book_of, give

REQUEST_CARD = "handover"


class HandoverRequest(Base):
    """`lead_id`: what the asker has met, held. `status`: `pending`, `given`, `kept` or `settled`
    otherwise by the asker.
    """

    __tablename__ = "handover_requests"
    __table_args__ = (Index(None, "lead_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[int]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


_REQUESTS = HandoverRequest.table()
_LEADS, _CUSTOMERS = Lead.table(), Customer.table()


def can_decide_handover(person: Member, request: Any, owner: Member) -> Allowed:
    """Whose it is; their superior too, and administrators."""
    leads_team = person.has(Role.SUPERVISOR) and person.team_id is not None and person.team_id == owner.team_id
    if person.id == owner.id or leads_team or owner.superior_id == person.id or person.has(Role.ADMIN, Role.GM):
        return True
    return T("{name} decides on that.", name=owner.name)


def close_with_leads(events: Events) -> None:
    """Have a request end as soon as its asker has said otherwise what becomes of what they had met."""
    events.subscribe(HeldLeadSettled, lambda work, event: _settle(work, _REQUESTS.c.lead_id == event.lead_id))


def ask_for_handover(
    work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, kind: Kind, record_id: int
) -> int:
    """Ask the owner of what a held lead looks like; returns the request's id. What was met waits for the answer.

    An owner who was disabled is asked by their superiors. Raises NotFound, Conflict, Invalid (nobody's, or one's own).
    """
    _, same = likeness(work, actor=actor, lead_id=lead_id)
    one = _alike(same, kind, record_id)
    if one.owner_id is None or one.owner_id == actor.id:
        raise Invalid(T("{name} is nobody else's: there is nobody to ask.", name=one.name))
    asked = pending_request(work, lead_id=lead_id)
    if asked is not None and _owner_now(work, asked) == asked.owner_id:
        raise Conflict(T("You have asked already; the answer comes here."))
    _settle(work, _REQUESTS.c.lead_id == lead_id)  # who was asked has it no more
    values = {
        "kind": kind,
        "record_id": record_id,
        "lead_id": lead_id,
        "asked_by_id": actor.id,
        "owner_id": one.owner_id,
        "status": "pending",
        "created_at": work.now,
    }
    request_id = int(work.connection.execute(insert(_REQUESTS).returning(_REQUESTS.c.id), values).scalar_one())
    by, changes = Actor(actor.id, platform), {"hand_over": (None, actor.id)}
    history.record(work, actor=by, entity=kind, entity_id=record_id, act="hand-over asked for", changes=changes)
    for person_id in _askable(work, one.owner_id):
        show_card(work, person_id=person_id, card=REQUEST_CARD, subject_id=request_id)
    copies.touch_card(work, card=HELD_CARD, subject_id=lead_id)
    return request_id


def get_request(work: UnitOfWork, *, viewer: Member, request_id: int) -> Any:
    """The row of a request that this person may decide on, was asked for, or has made. Raises NotFound."""
    row = work.connection.execute(select(_REQUESTS).where(_REQUESTS.c.id == request_id)).one_or_none()
    if row is not None:
        owner = find_member(work, person_id=_owner_now(work, row) or row.owner_id)
        if viewer.id in {row.asked_by_id, row.owner_id} or can_decide_handover(viewer, row, owner) is True:
            return row
    raise NotFound(T("There is no such request."))


def pending_request(work: UnitOfWork, *, lead_id: int) -> Any:
    """The request made for this held lead that is not decided yet, if there is one."""
    standing = (_REQUESTS.c.lead_id == lead_id, _REQUESTS.c.status == "pending")
    return work.connection.execute(select(_REQUESTS).where(*standing)).first()


def name_of(work: UnitOfWork, request: Any) -> str:
    """What the record that is asked for is called."""
    column, table = (_LEADS.c.company, _LEADS) if request.kind == "lead" else (_CUSTOMERS.c.name, _CUSTOMERS)
    return str(work.connection.execute(select(column).where(table.c.id == request.record_id)).scalar_one())


def hand_it_over(work: UnitOfWork, *, actor: Member, platform: str, request_id: int) -> None:
    """Give it to who has asked, with the open deals and reminders of a customer; what they had met becomes its note.

    Raises NotFound, Forbidden, Conflict (decided already, it is nobody's or closed by now, or who asked has gone).
    """
    row = _decide(work, actor, request_id, "given")
    asker = find_member(work, person_id=row.asked_by_id)
    if not asker.is_active or not asker.has(*SELLING):
        raise Conflict(T("{name} does not sell: choose somebody in sales.", name=asker.name))
    owner_id = _owner_now(work, row)
    book = _book(work, row, owner_id)
    give(work, by=Actor(actor.id, platform), book=book, from_id=owner_id, to_id=asker.id, act="handed over")
    lead = work.connection.execute(select(_LEADS).where(_LEADS.c.id == row.lead_id)).one()
    if is_waiting(lead):
        settle(work, lead, to="noted")
        note_on(work, actor=asker, platform=platform, lead=lead, kind=row.kind, record_id=row.record_id)
    told = T("{actor} has handed {name} over to you.", actor=actor.name, name=name_of(work, row))
    tell(work, person_id=asker.id, text=told, about=(row.kind, row.record_id), key=f"handover:{row.id}:given")


def keep_it(work: UnitOfWork, *, actor: Member, platform: str, request_id: int) -> None:
    """It stays with its owner; who has asked is asked again what to do. Raises NotFound, Forbidden, Conflict."""
    row = _decide(work, actor, request_id, "kept")
    by, changes = Actor(actor.id, platform), {"hand_over": (row.asked_by_id, None)}
    history.record(work, actor=by, entity=row.kind, entity_id=row.record_id, act="hand-over declined", changes=changes)
    told = T(
        "{actor} keeps {name}. What you were told waits for your answer.", actor=actor.name, name=name_of(work, row)
    )
    tell(work, person_id=row.asked_by_id, text=told, about=(HELD_CARD, row.lead_id), key=f"handover:{row.id}:kept")


def _decide(work: UnitOfWork, actor: Member, request_id: int, status: str) -> Any:
    row = get_request(work, viewer=actor, request_id=request_id)
    if row.status != "pending":
        raise Conflict(T("This was answered already."))
    owner = find_member(work, person_id=_owner_now(work, row) or row.owner_id)
    allowed = can_decide_handover(actor, row, owner)
    if allowed is not True and actor.id == row.owner_id:
        raise Conflict(T("It has another owner by now, or is closed."))
    require(allowed)
    pending = (_REQUESTS.c.id == request_id, _REQUESTS.c.status == "pending")
    values = {"status": status, "decided_at": work.now, "decided_by_id": actor.id}
    if work.connection.execute(update(_REQUESTS).where(*pending).values(**values)).rowcount != 1:
        raise Conflict(T("This was answered already."))
    copies.touch_card(work, card=REQUEST_CARD, subject_id=request_id)
    copies.touch_card(work, card=HELD_CARD, subject_id=row.lead_id)
    return row


def _settle(work: UnitOfWork, *which: ColumnElement[bool]) -> None:
    """Requests that nobody has to decide any more."""
    pending = update(_REQUESTS).where(*which, _REQUESTS.c.status == "pending")
    settled = pending.values(status="settled", decided_at=work.now).returning(_REQUESTS.c.id)
    for request_id in work.connection.execute(settled).scalars().all():
        copies.touch_card(work, card=REQUEST_CARD, subject_id=request_id)


def _owner_now(work: UnitOfWork, row: Any) -> int | None:
    """Whose the record is by now; None: nobody's."""
    of = _CUSTOMERS if row.kind == "customer" else _LEADS
    found = work.connection.execute(select(of.c.owner_id).where(of.c.id == row.record_id)).scalar()
    return None if found is None else int(found)


def _book(work: UnitOfWork, row: Any, owner_id: int | None) -> Book:
    """What goes over. Raises Conflict where there is nothing to give any more."""
    if owner_id in {None, row.asked_by_id}:
        raise Conflict(T("It has another owner by now, or is closed."))
    if row.kind == "customer":
        book = book_of(work, person_id=owner_id, customer_ids=[row.record_id])
    else:
        theirs = (_LEADS.c.id == row.record_id, _LEADS.c.owner_id == owner_id, _LEADS.c.status.in_(OPEN_STATUSES))
        book = Book(leads=tuple(work.connection.execute(select(_LEADS.c.id).where(*theirs)).scalars()))
    if not (book.customers or book.leads):
        raise Conflict(T("It has another owner by now, or is closed."))
    return book


def _alike(same: list[Collision], kind: Kind, record_id: int) -> Collision:
    for one in same:
        if (one.kind, one.record_id) == (kind, record_id):
            return one
    raise Conflict(T("They do not look alike any more: one of the two was changed or closed."))


def _askable(work: UnitOfWork, owner_id: int) -> list[int]:
    if find_member(work, person_id=owner_id).is_active:
        return [owner_id]
    return [one.id for one in superiors_of(work, [owner_id]).get(owner_id, [])]
