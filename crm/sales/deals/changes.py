"""Open deals changed by hand: what they are called, what they are worth, when they close, who looks after them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, select, update

from crm.core import copies
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.rates import in_base, rate_on
from crm.core.rules import text_rule
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.language.names import search_key
from crm.people.people import Member, Person, find_member
from crm.people.permissions import require
from crm.people.reach import tell
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import Deal, hold_fast, number, record_deal, stand_of, today_of
from crm.sales.deals.events import DealChanged
from crm.sales.deals.facts import read_amount, read_words
from crm.sales.deals.policy import can_change_deal, can_give_deal, can_open_deal
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.ownership.handing_over import Book, give, quotes_of_deal
from crm.sales.tasks.tasks import STANDING, Task

_DEALS = Deal.table()
_CUSTOMERS = Customer.table()
_TASKS = Task.table()


@dataclass(frozen=True, slots=True, kw_only=True)
class DealEdit:
    """What is to be different; None: as it is. An amount in another currency locks that one's rate of today."""

    title: str | None = None
    amount: Money | None = None
    expected_close: date | None = None


def change_deal(work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, edit: DealEdit) -> bool:
    """Write down what is different now; returns whether anything was. Raises NotFound, Forbidden, Invalid, Conflict."""
    row = hold_fast(work, viewer=actor, deal_id=deal_id)
    require(can_change_deal(actor, row))
    if row.stage not in OPEN_STAGES:
        raise Conflict(T("The deal is closed."))
    new, changes = _title(row, edit)
    for columns, was in (_amount(work, actor, row, edit), _close(work, actor, row, edit)):
        new |= columns
        changes |= was
    if not changes:
        return False
    work.connection.execute(update(_DEALS).where(_DEALS.c.id == row.id).values(**new, changed_at=work.now))
    before = stand_of(row._mapping)  # noqa: SLF001 - Row's public way
    work.emit(DealChanged(row.id, before, replace(before, base_amount=new.get("base_amount", row.base_amount))))
    record_deal(work, actor=actor, platform=platform, deal_id=row.id, act="changed", changes=changes)
    copies.touch_card(work, card="deal", subject_id=row.id)
    copies.touch_card(work, card="customer", subject_id=row.customer_id)
    return True


def hand_over_deal(
    work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, to_id: int, reason: str | None = None
) -> None:
    """Give an open deal to a colleague who may sell to its customer, with its reminders and open quotes.

    Raises NotFound, Forbidden (the deal, or the customer is not theirs to sell to), Invalid, Conflict (closed).
    """
    row = hold_fast(work, viewer=actor, deal_id=deal_id)
    taker = find_member(work, person_id=to_id)
    require(can_give_deal(actor, row))
    if row.stage not in OPEN_STAGES:
        raise Conflict(T("The deal is closed."))
    if taker.id == row.owner_id:
        raise Invalid(T("{name} has this deal already.", name=taker.name))
    customer = work.connection.execute(_customer(row.customer_id)).one()
    if not taker.is_active or can_open_deal(taker, customer) is not True:
        raise Forbidden(
            T(
                "{name} does not sell to {customer}. Hand over the customer, and its open deals go along.",
                name=taker.name,
                customer=customer.name,
            )
        )
    quotes = quotes_of_deal(work, deal_id=row.id, owner_id=row.owner_id)
    book = Book(deals=(row.id,), tasks=_reminders(work, row), quotes=quotes)
    give(work, by=Actor(actor.id, platform), book=book, from_id=row.owner_id, to_id=taker.id, act="handed over")
    _tell(work, actor, row, taker, reason)


def _title(row: Any, edit: DealEdit) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    if edit.title is None:
        return {}, {}
    title = read_words(edit.title, most=200)
    if title == row.title:
        return {}, {}
    return {"title": title, "search_key": search_key(title)}, {"title": (row.title, title)}


def _amount(
    work: UnitOfWork, actor: Member, row: Any, edit: DealEdit
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    if edit.amount is None:
        return {}, {}
    was, amount = Money(row.amount, row.currency), read_amount(edit.amount)
    if amount == was:
        return {}, {}
    if "final_price" in row.facts and amount.currency != row.currency:
        raise Invalid(T("The final price is agreed in {currency}; the amount stays in it.", currency=row.currency))
    base, rate = text_rule(work, "company.base_currency"), row.rate
    if amount.currency != row.currency:
        rate = rate_on(work, currency=amount.currency, day=today_of(work, actor), base=base)
    base_amount = read_amount(Money(in_base(amount, rate=rate, base=base), base)).amount
    new = {"amount": amount.amount, "currency": amount.currency, "rate": rate, "base_amount": base_amount}
    return new, {"amount": (was, amount)}


def _close(
    work: UnitOfWork, actor: Member, row: Any, edit: DealEdit
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    close = edit.expected_close
    if close is None or close == row.expected_close:
        return {}, {}
    if close < today_of(work, actor):
        raise Invalid(T("The expected close can't lie in the past."))
    return {"expected_close": close}, {"expected_close": (row.expected_close, close)}


def _customer(customer_id: int) -> Select[Any]:
    owners = Person.table()
    query = select(*_CUSTOMERS.c, owners.c.team_id.label("owner_team_id"))
    joined = query.outerjoin(owners, owners.c.id == _CUSTOMERS.c.owner_id)
    return joined.where(_CUSTOMERS.c.id == customer_id)


def _reminders(work: UnitOfWork, row: Any) -> tuple[int, ...]:
    """What the owner is to be reminded of about this deal."""
    theirs = (_TASKS.c.about == "deal", _TASKS.c.about_id == row.id, _TASKS.c.person_id == row.owner_id)
    query = select(_TASKS.c.id).where(*theirs, _TASKS.c.status.in_(STANDING)).order_by(_TASKS.c.id)
    return tuple(work.connection.execute(query).scalars())


def _tell(work: UnitOfWork, actor: Member, row: Any, taker: Member, reason: str | None) -> None:
    why = f" {reason.strip()}" if reason and reason.strip() else ""
    facts = {"actor": actor.name, "number": number(row.id), "title": row.title, "why": why}
    if taker.id != actor.id:
        told = T("{actor} has given you the deal {number} {title}.{why}", **facts)
        tell(work, person_id=taker.id, text=told, about=("deal", row.id))
    if row.owner_id != actor.id:
        told = T("{actor} has given your deal {number} {title} to {taker}.{why}", taker=taker.name, **facts)
        tell(work, person_id=row.owner_id, text=told)
