"""What happened while somebody was away: told once, when they are back at work. Guide 3.1."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, bindparam, select, update

from crm.core.said import Finding, news
from crm.core.text import TN, DayOf, T, Text
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import DECISIONS, ApprovalStep
from crm.orders.orders import FROM_ORDERS, Order
from crm.orders.unanswered import UNANSWERED
from crm.orders.waiting import waiting_for
from crm.people.absence import READ, Absence, Away, absences_now, back_at, read_away
from crm.people.calendar import calendars_of
from crm.people.listing import tell_lines
from crm.people.people import Person, find_member
from crm.people.reach import tell
from crm.sales.customers.customers import Customer
from crm.sales.leads.leads import OPEN_STATUSES, Lead, number
from crm.sales.leads.pool import LeadClaim
from crm.sales.tasks.tasks import STANDING, Task

Told = tuple[Text, tuple[str, int]]
"""A line, and the card that its button opens."""

_ABSENCES, _STEPS, _ORDERS = Absence.table(), ApprovalStep.table(), Order.table()
_LEADS, _CLAIMS, _TASKS = Lead.table(), LeadClaim.table(), Task.table()
_DECIDERS = Person.table().alias("deciders")
_PERSON = bindparam("person", type_=Id)
_SINCE, _NOW = bindparam("since", type_=UTCDateTime), bindparam("now", type_=UTCDateTime)
_TO_WELCOME = and_(_ABSENCES.c.ended_at.is_not(None), _ABSENCES.c.welcomed_at.is_(None))
_BACK = READ.where(_TO_WELCOME).add_columns(_ABSENCES.c.ended_at)
_DECIDED = (
    select(
        _STEPS.c.order_id,
        _STEPS.c.decision,
        _ORDERS.c.number,
        Customer.table().c.name.label("customer_name"),
        _DECIDERS.c.name.label("decider_name"),
    )
    .select_from(FROM_ORDERS.join(_STEPS, _STEPS.c.order_id == _ORDERS.c.id))
    .join(_DECIDERS, _DECIDERS.c.id == _STEPS.c.decided_by)
    .where(_STEPS.c.for_id == _PERSON, _STEPS.c.decided_at >= _SINCE, _STEPS.c.status != "skipped")
    .order_by(_STEPS.c.decided_at, _STEPS.c.id)
)
_REMINDERS = (
    select(_TASKS.c.id, _TASKS.c.text, _TASKS.c.due_at)
    .where(_TASKS.c.person_id == _PERSON, _TASKS.c.status.in_(STANDING), ~_TASKS.c.is_follow_up)
    .where(_TASKS.c.due_at >= _SINCE, _TASKS.c.due_at <= _NOW)
    .order_by(_TASKS.c.due_at, _TASKS.c.id)
)
_FOLLOW_UPS = (
    select(_LEADS.c.id, _LEADS.c.company, _LEADS.c.next_follow_up_at)
    .where(_LEADS.c.owner_id == _PERSON, _LEADS.c.status.in_(OPEN_STATUSES))
    .where(_LEADS.c.next_follow_up_at >= _SINCE, _LEADS.c.next_follow_up_at <= _NOW)
    .order_by(_LEADS.c.next_follow_up_at, _LEADS.c.id)
)
_TO_POOL = (
    select(_LEADS.c.id, _LEADS.c.company)
    .join(_CLAIMS, _CLAIMS.c.lead_id == _LEADS.c.id)
    .where(_CLAIMS.c.person_id == _PERSON, _CLAIMS.c.returned_at >= _SINCE, _LEADS.c.owner_id.is_(None))
    .order_by(_CLAIMS.c.returned_at, _CLAIMS.c.id)
)


def anybody_back(work: UnitOfWork) -> bool:
    """Whether somebody is at work again and has not been told yet. Reads only."""
    return bool(_due(work))


def welcome_back(work: UnitOfWork) -> int:
    """Tell everybody who is at work again what happened meanwhile; returns how many. Each absence once, whoever else
    does the same at the same time.
    """
    told = 0
    for away in _due(work):
        mine = update(_ABSENCES).where(_ABSENCES.c.id == away.id, _TO_WELCOME)
        if work.connection.execute(mine.values(welcomed_at=work.now)).rowcount == 1:
            _tell(work, away)
            told += 1
    return told


def welcome_now(work: UnitOfWork, away: Away) -> tuple[Text, list[Told]]:
    """What happened while somebody was away who has just come back: a line above, and the lines; `welcome_back` then
    has nothing to say.
    """
    mine = update(_ABSENCES).where(_ABSENCES.c.id == away.id, _ABSENCES.c.welcomed_at.is_(None))
    work.connection.execute(mine.values(welcomed_at=work.now))
    return _summary(work, away)


def _due(work: UnitOfWork) -> list[Away]:
    """Absences that are over, of people who are back: at once where they said so, else when their work begins."""
    rows = work.connection.execute(_BACK).all()
    if not rows:
        return []
    calendars = calendars_of(work, {row.person_id for row in rows})
    away_again = absences_now(work)
    due = []
    for row in rows:
        back = row.ended_at if row.ended_at < row.until else back_at(calendars[row.person_id], row.until)
        if back <= work.now and row.person_id not in away_again:
            due.append(read_away(row))
    return due


def _tell(work: UnitOfWork, away: Away) -> None:
    heading, lines = _summary(work, away)
    key = f"absence:{away.id}:back"
    if lines:
        tell_lines(work, person_id=away.person_id, heading=heading, lines=lines, key=key)
    else:
        tell(work, person_id=away.person_id, text=heading, key=key)


def _summary(work: UnitOfWork, away: Away) -> tuple[Text, list[Told]]:
    told = list(_kinds(work, away))
    lines = [line for _, found in told for line in found]
    if not lines:
        return T("Welcome back! Nothing happened meanwhile that waits for you."), []
    return T("Welcome back! While you were away: {items}", items=[words for words, _ in told]), lines


def _kinds(work: UnitOfWork, away: Away) -> Iterator[tuple[Text, list[Told]]]:
    """What there is to tell, what can be acted on first: how much of it in words, and its lines."""
    values: dict[str, Any] = {"person": away.person_id, "since": away.since, "now": work.now}
    if waiting := _waiting(work, away.person_id):
        yield TN("{n} order waits for you", "{n} orders wait for you", n=len(waiting)), waiting
    rows = work.connection.execute(_DECIDED, values).all()
    if rows:
        names = list(dict.fromkeys(row.decider_name for row in rows))
        orders = len({row.order_id for row in rows})
        yield _decided_words(orders, names), [_decided(row) for row in rows]
    due = [*_reminders(work, values), *_follow_ups(work, values)]
    if due:
        yield TN("{n} follow-up fell due", "{n} follow-ups fell due", n=len(due)), due
    if gone := [_to_pool(row) for row in work.connection.execute(_TO_POOL, values)]:
        yield TN("{n} lead went back to the pool", "{n} leads went back to the pool", n=len(gone)), gone


def _decided_words(orders: int, names: list[str]) -> Text:
    return TN("{n} order decided for you by {names}", "{n} orders decided for you by {names}", n=orders, names=names)


def _waiting(work: UnitOfWork, person_id: int) -> list[Told]:
    found = waiting_for(work, person=find_member(work, person_id=person_id))
    # What is said here is not said again a moment later, as an order that has long been unanswered.
    news(work, watch=UNANSWERED.name, found=[Finding(one.step_id, person_id, 1) for one in found])
    return [
        (
            T("Decide: {number} {customer} · {total}", number=one.number, customer=one.customer_name, total=one.total),
            ("approval", one.order_id),
        )
        for one in found
    ]


def _decided(row: Any) -> Told:
    words = T(
        "{number} {customer}: {decision} by {name} for you",
        number=row.number,
        customer=row.customer_name,
        decision=DECISIONS[row.decision],
        name=row.decider_name,
    )
    return words, ("approval", row.order_id)


def _reminders(work: UnitOfWork, values: dict[str, Any]) -> Iterator[Told]:
    for row in work.connection.execute(_REMINDERS, values):
        yield T("{date} · {text}", date=DayOf(row.due_at), text=row.text), ("task", row.id)


def _follow_ups(work: UnitOfWork, values: dict[str, Any]) -> Iterator[Told]:
    for row in work.connection.execute(_FOLLOW_UPS, values):
        name = f"{number(row.id)} {row.company}"
        yield T("{date} · {text}", date=DayOf(row.next_follow_up_at), text=name), ("lead", row.id)


def _to_pool(row: Any) -> Told:
    """Its button opens it where they may still see it; in the pool anybody of sales does."""
    return T("In the pool: {lead}", lead=f"{number(row.id)} {row.company}"), ("lead", row.id)
