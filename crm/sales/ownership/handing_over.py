"""An owner's book, or some of it, goes to a colleague: customers with their open deals, leads and tasks. Guide 1.2.

One transaction, both told in one notice each, to be taken back within a day as long as nothing of it has changed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, column, func, insert, or_, select, table, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import Actor
from crm.core.rules import whole_rule
from crm.core.tables import Base
from crm.core.text import TN, T, Text
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role, find_member
from crm.people.permissions import Allowed, require
from crm.people.reach import tell
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import Deal
from crm.sales.deals.events import DealChanged, DealStand
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.leads.cadences import move_plans
from crm.sales.leads.leads import OPEN_STATUSES, Lead
from crm.sales.tasks.follow_ups import drop_follow_up
from crm.sales.tasks.tasks import STANDING, Task


class HandOver(Base):
    """`from_id` None: out of the pool. `moved`: what went over, as a Book."""

    __tablename__ = "hand_overs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Book:
    """What somebody looks after: ids of active customers, open deals, leads, quotes, and standing tasks about them."""

    customers: tuple[int, ...] = ()
    deals: tuple[int, ...] = ()
    leads: tuple[int, ...] = ()
    tasks: tuple[int, ...] = ()
    quotes: tuple[int, ...] = ()

    @property
    def counts(self) -> list[Text]:
        """How much it is: `12 customers`, `3 deals`; what there is none of is left out."""
        words: tuple[tuple[tuple[int, ...], Callable[[int], Text]], ...] = (
            (self.customers, lambda n: TN("{n} customer", "{n} customers", n=n)),
            (self.deals, lambda n: TN("{n} open deal", "{n} open deals", n=n)),
            (self.leads, lambda n: TN("{n} open lead", "{n} open leads", n=n)),
            (self.quotes, lambda n: TN("{n} open quote", "{n} open quotes", n=n)),
            (self.tasks, lambda n: TN("{n} reminder", "{n} reminders", n=n)),
        )
        return [say(len(ids)) for ids, say in words if ids]

    def __bool__(self) -> bool:
        return bool(self.customers or self.deals or self.leads or self.quotes)


_HAND_OVERS = HandOver.table()
_CUSTOMERS, _DEALS, _LEADS, _TASKS = Customer.table(), Deal.table(), Lead.table(), Task.table()
_QUOTES = table(  # of a room above, so not imported
    "quotes",
    column("id", Id),
    column("number"),
    column("customer_id", Id),
    column("deal_id", Id),
    column("owner_id", Id),
    column("status"),
    column("changed_at", UTCDateTime),
)
_OPEN_QUOTES = ("draft", "sent")
SELLING = (Role.REP, Role.SUPERVISOR, Role.GM)
"""Who looks after customers."""
_OWNED: dict[str, Any] = {"customer": _CUSTOMERS, "deal": _DEALS, "lead": _LEADS, "quote": _QUOTES}


def can_hand_over(person: Member, *, giver: Member | None, taker: Member) -> Allowed:
    """Administrators for everybody; a supervisor within the own team, and from the pool to it."""
    if not taker.is_active or not taker.has(*SELLING):
        return T("{name} does not sell: choose somebody in sales.", name=taker.name)
    if giver is not None and giver.id == taker.id:
        return T("{name} has these already.", name=taker.name)
    if person.has(Role.ADMIN):
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None:
        others = [one for one in (giver, taker) if one is not None and one.id != person.id]
        stranger = next((one for one in others if one.team_id != person.team_id), None)
        if stranger is None:
            return True
        return T("{name} is not in your team: an administrator hands over between teams.", name=stranger.name)
    return T("Customers are handed over by the supervisor of the team, or by an administrator.")


def book_of(work: UnitOfWork, *, person_id: int | None, customer_ids: Collection[int] | None = None) -> Book:
    """What would go over: everything this person looks after (None: the pool), or these customers with what hangs on
    them.
    """
    if person_id is None and customer_ids is None:
        return Book()
    c, d = _CUSTOMERS.c, _DEALS.c
    theirs = [c.owner_id.is_not_distinct_from(person_id), c.status == "active"]
    of_deals = [d.owner_id == person_id, d.stage.in_(OPEN_STAGES)]
    of_quotes = [_QUOTES.c.owner_id == person_id, _QUOTES.c.status.in_(_OPEN_QUOTES)]
    if customer_ids is not None:
        theirs.append(c.id.in_(customer_ids))
        of_deals.append(d.customer_id.in_(customer_ids))
        of_quotes.append(_QUOTES.c.customer_id.in_(customer_ids))
    customers = _ids(work, select(c.id).where(*theirs))
    deals = _ids(work, select(d.id).where(*of_deals)) if person_id is not None else ()
    leads: tuple[int, ...] = ()
    if customer_ids is None:
        # A held one too: what its rep has met is not lost with them.
        mine = (_LEADS.c.owner_id == person_id, _LEADS.c.status.in_((*OPEN_STATUSES, "held")))
        leads = _ids(work, select(_LEADS.c.id).where(*mine))
    quotes = _ids(work, select(_QUOTES.c.id).where(*of_quotes)) if person_id is not None else ()
    return Book(customers, deals, leads, _tasks(work, person_id, customers, deals, leads), quotes)


def book_of_lead(work: UnitOfWork, *, lead_id: int, owner_id: int | None) -> Book:
    """One lead, and its owner's standing tasks about it."""
    return Book(leads=(lead_id,), tasks=_tasks(work, owner_id, (), (), (lead_id,)))


def quotes_of_deal(work: UnitOfWork, *, deal_id: int, owner_id: int) -> tuple[int, ...]:
    """The open quotes that the owner of a deal has made for it."""
    theirs = (_QUOTES.c.deal_id == deal_id, _QUOTES.c.owner_id == owner_id, _QUOTES.c.status.in_(_OPEN_QUOTES))
    return _ids(work, select(_QUOTES.c.id).where(*theirs))


def hand_over(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    from_id: int | None,
    to_id: int,
    customer_ids: Collection[int] | None = None,
) -> int:
    """Give `to_id` the whole book of `from_id`, or these customers of it; returns the hand-over's id.

    Raises NotFound (a person), Forbidden, Invalid (there is nothing to hand over), Conflict (it changes hands at this
    very moment).
    """
    giver = None if from_id is None else find_member(work, person_id=from_id)
    taker = find_member(work, person_id=to_id)
    require(can_hand_over(actor, giver=giver, taker=taker))
    book = book_of(work, person_id=from_id, customer_ids=customer_ids)
    if not book:
        raise Invalid(T("There is nothing to hand over."))
    touched = _touched(work, book.leads)
    give(work, by=Actor(actor.id, platform), book=book, from_id=from_id, to_id=to_id, act="handed over")
    values = {
        "from_id": from_id,
        "to_id": to_id,
        "actor_id": actor.id,
        "moved": asdict(book) | {"touched": touched},
        "at": work.now,
    }
    hand_over_id = int(work.connection.execute(insert(_HAND_OVERS).returning(_HAND_OVERS.c.id), values).scalar_one())
    _tell_both(work, actor, giver, taker, book, hand_over_id)
    return hand_over_id


def undo_hand_over(work: UnitOfWork, *, actor: Member, platform: str, hand_over_id: int) -> Book:
    """Give everything back; returns what. Raises NotFound, Forbidden, Conflict (too late, or something has changed)."""
    row = work.connection.execute(select(_HAND_OVERS).where(_HAND_OVERS.c.id == hand_over_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such hand-over."))
    if actor.id != row.actor_id and not actor.has(Role.ADMIN):
        raise Forbidden(T("Only who handed it over takes it back, or an administrator."))
    standing = (_HAND_OVERS.c.id == hand_over_id, _HAND_OVERS.c.undone_at.is_(None))
    undone = update(_HAND_OVERS).where(*standing).values(undone_at=work.now)
    if work.connection.execute(undone).rowcount != 1:
        raise Conflict(T("This hand-over was taken back already."))
    hours = whole_rule(work, "customers.undo_hours")
    if work.now > row.at + timedelta(hours=hours):
        raise Conflict(T("A hand-over can be taken back within {hours} hours; hand it over anew.", hours=hours))
    moved = dict(row.moved)
    touched = moved.pop("touched", {})
    book = Book(**{of: tuple(ids) for of, ids in moved.items()})
    _require_unchanged(work, row, book)
    give(work, by=Actor(actor.id, platform), book=book, from_id=row.to_id, to_id=row.from_id, act="taken back")
    for lead_id, at in touched.items():  # how long nobody has looked at it is counted on, not anew
        back = update(_LEADS).where(_LEADS.c.id == int(lead_id))
        work.connection.execute(back.values(touched_at=datetime.fromisoformat(at)))
    for person_id in {row.from_id, row.to_id} - {None, actor.id}:
        tell(
            work,
            person_id=person_id,
            text=T("{actor} has taken back the hand-over: {items}.", actor=actor.name, items=book.counts),
            key=f"hand_over:{hand_over_id}:back:{person_id}",
        )
    return book


def give(work: UnitOfWork, *, by: Actor, book: Book, from_id: int | None, to_id: int | None, act: str) -> None:
    """Write new owners, with history; without asking anybody. `to_id` None: customers go to the pool.

    Raises Conflict where some of it is not `from_id`'s any more.
    """
    change = {"owner": (from_id, to_id)}
    deals = _hold(work, book, from_id)
    for entity, ids in _owned(book):
        if not ids or (to_id is None and entity in {"deal", "quote"}):
            continue
        table = _OWNED[entity]
        values: dict[str, Any] = {"owner_id": to_id, "changed_at": work.now}
        if entity == "lead":
            values["touched_at"] = work.now
            move_plans(work, lead_ids=ids, to_id=to_id)
            if to_id is None:
                values |= {"next_follow_up_at": None, "next_follow_up_has_time": False}
                for lead_id in ids:
                    drop_follow_up(work, by=by, lead_id=lead_id)
        work.connection.execute(update(table).where(table.c.id.in_(ids)).values(values))
        history.record_each(work, actor=by, entity=entity, entity_ids=ids, act=act, changes=change)
        copies.touch_each(work, card=entity, subject_ids=ids)
    if to_id is None:
        return
    for row in deals:
        before = DealStand(row.owner_id, row.stage, row.stage_since, row.base_amount, row.on_hold)
        after = DealStand(to_id, row.stage, row.stage_since, row.base_amount, row.on_hold)
        work.emit(DealChanged(row.id, before, after))
    if book.tasks:
        theirs = (_TASKS.c.id.in_(book.tasks), _TASKS.c.status.in_(STANDING), _TASKS.c.person_id == from_id)
        work.connection.execute(update(_TASKS).where(*theirs).values(person_id=to_id))
        history.record_each(work, actor=by, entity="task", entity_ids=book.tasks, act=act, changes=change)
        copies.touch_each(work, card="task", subject_ids=book.tasks)


def _hold(work: UnitOfWork, book: Book, from_id: int | None) -> list[Any]:
    """Let nobody else change these records until the commit; returns the deals as they stand. Raises Conflict."""
    deals: list[Any] = []
    for entity, ids in _owned(book):
        if not ids:
            continue
        of = _OWNED[entity]
        rows = work.connection.execute(select(of).where(of.c.id.in_(ids)).order_by(of.c.id).with_for_update()).all()
        gone = next((row for row in rows if row.owner_id != from_id), None)
        if gone is not None:
            raise Conflict(T("{name} has another owner by now. Please look again.", name=_name(entity, gone)))
        if entity == "deal":
            deals = list(rows)
    return deals


def _touched(work: UnitOfWork, lead_ids: Sequence[int]) -> dict[str, str]:
    """When somebody last looked at these leads, as JSON keeps it."""
    if not lead_ids:
        return {}
    query = select(_LEADS.c.id, _LEADS.c.touched_at).where(_LEADS.c.id.in_(lead_ids))
    return {str(row.id): row.touched_at.isoformat() for row in work.connection.execute(query)}


def _owned(book: Book) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return ("customer", book.customers), ("deal", book.deals), ("lead", book.leads), ("quote", book.quotes)


def _ids(work: UnitOfWork, query: Any) -> tuple[int, ...]:
    return tuple(sorted(work.connection.execute(query).scalars()))


def _tasks(
    work: UnitOfWork,
    person_id: int | None,
    customers: Sequence[int],
    deals: Sequence[int],
    leads: Sequence[int],
) -> tuple[int, ...]:
    if person_id is None:
        return ()
    t = _TASKS.c
    about = [
        (t.about == kind) & t.about_id.in_(ids)
        for kind, ids in (("customer", customers), ("deal", deals), ("lead", leads))
        if ids
    ]
    if not about:
        return ()
    return _ids(work, select(t.id).where(t.person_id == person_id, t.status.in_(STANDING), or_(*about)))


def _require_unchanged(work: UnitOfWork, row: Any, book: Book) -> None:
    for entity, ids in _owned(book):
        if not ids:
            continue
        table = _OWNED[entity]
        still = (table.c.id.in_(ids), table.c.owner_id == row.to_id, table.c.changed_at == row.at)
        same = work.connection.execute(select(func.count()).select_from(table).where(*still)).scalar_one()
        if same != len(ids):
            changed = select(table).where(table.c.id.in_(ids), ~(still[1] & still[2])).order_by(table.c.id)
            first = work.connection.execute(changed).first()
            raise Conflict(T("{name} was changed since. Please hand over anew.", name=_name(entity, first)))


def _name(entity: str, row: Any) -> str:
    if row is None:
        return ""
    if entity == "quote":
        return str(row.number)
    if entity == "deal":
        return f"D-{row.id} {row.title}"
    return str(row.company if entity == "lead" else row.name)


def _tell_both(
    work: UnitOfWork, actor: Member, giver: Member | None, taker: Member, book: Book, hand_over_id: int
) -> None:
    about = ("customer", book.customers[0]) if len(book.customers) == 1 else None
    names = work.connection.execute(select(_CUSTOMERS.c.name).where(_CUSTOMERS.c.id.in_(book.customers[:_NAMED])))
    facts: dict[str, Any] = {"actor": actor.name, "items": book.counts, "names": sorted(names.scalars())}
    if taker.id != actor.id:
        source = giver.name if giver is not None else T("the pool")
        told = T("{actor} has given you what {giver} looked after: {items}. {names}", giver=source, **facts)
        tell(work, person_id=taker.id, text=told, about=about, key=f"hand_over:{hand_over_id}:to")
    if giver is not None and giver.id != actor.id and giver.is_active:
        told = T("{actor} has given {taker} what you looked after: {items}. {names}", taker=taker.name, **facts)
        tell(work, person_id=giver.id, text=told, key=f"hand_over:{hand_over_id}:from")


_NAMED = 5
"""Customers named in a notice; the counts say how many there are."""
