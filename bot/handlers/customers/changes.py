"""A customer changed: its data, its credit, its own prices, its grade and what makes it. Guide 1.1."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.grade import proposals_page
from bot.cards.screen import Button, say
from bot.conversations.customer import CREDIT, EDIT_CUSTOMER, OWN_PRICE
from bot.conversations.grading import GRADE, JUDGE
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Card, Reply, Request
from crm.core.errors import Invalid
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import T, Text
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.sales.customers.changes import change_customer, known_customers
from crm.sales.customers.customers import (
    GRADES,
    get_customer,
    set_credit_limit,
    set_credit_rating,
    set_customer_price,
)
from crm.sales.customers.grading import BY_HAND, accept_proposal, get_proposal, keep_grade, set_grade, set_judgement
from crm.sales.customers.policy import can_change_customer, can_grade, can_set_credit, can_set_price


def start_edit(request: Request) -> Reply:
    row = _customer(request)
    require(can_change_customer(request.person, row))
    known = {
        "company": row.name,
        "country": row.country,
        "currency": row.currency,
        "payment_terms": row.payment_terms,
        "tags": list(row.tags),
        "notes": row.notes,
    }
    return begin(request, EDIT_GUIDE, answers={key: told for key, told in known.items() if told}, subject_id=row.id)


def submit_edit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    get_customer(request.work, viewer=request.person, customer_id=subject_id or 0)
    known = known_customers(request.work, customer_ids=[subject_id or 0])[0]
    details = replace(
        known.details,
        name=values["company"],
        country=values.get("country"),
        currency=values.get("currency"),
        payment_terms=values.get("payment_terms"),
        tags=list(values.get("tags") or ()),
        notes=values.get("notes"),
    )
    saved = change_customer(request.work, **_by(request), customer_id=known.id, details=details)
    nothing, done = T("Nothing has changed."), T("Saved customer {name}.", name=details.name)
    return _done(nothing if saved == "same" else done, known.id)


def start_credit(request: Request) -> Reply:
    row = _customer(request)
    require(can_set_credit(request.person))
    answers: dict[str, Any] = {}
    if row.credit_limit is not None:
        base = text_rule(request.work, "company.base_currency")
        answers["limit"] = {"amount": f"{row.credit_limit.normalize():f}", "currency": base}
    if row.credit_rating:
        answers["rating"] = row.credit_rating
    return begin(request, CREDIT_GUIDE, answers=answers, subject_id=row.id)


def submit_credit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    limit, base = values.get("limit"), text_rule(request.work, "company.base_currency")
    if limit is not None and limit.currency != base:
        raise Invalid(T("A credit limit is set in {currency}.", currency=base))
    by, number = _by(request), subject_id or 0
    set_credit_limit(request.work, **by, customer_id=number, limit=None if limit is None else limit.amount)
    set_credit_rating(request.work, **by, customer_id=number, rating=values.get("rating"))
    row = get_customer(request.work, viewer=request.person, customer_id=number)
    return _done(T("Credit of {name} is set.", name=row.name), number)


def start_price(request: Request) -> Reply:
    row = _customer(request)
    require(can_set_price(request.person, row))
    return begin(request, PRICE_GUIDE, subject_id=row.id)


def submit_price(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    row = get_customer(request.work, viewer=request.person, customer_id=subject_id or 0)
    amount, currency = values["price"]
    price = Money(amount, currency or row.currency or text_rule(request.work, "company.base_currency"))
    told: dict[str, Any] = {"customer_id": row.id, "product_id": int(values["product"]), "price": price}
    set_customer_price(request.work, **_by(request), **told)
    agreed = T("Agreed with {name}: {price}", name=row.name, price=price)
    return Reply((say(agreed, Button(labels.PRICES, f"prices.of:{row.id}")),))


def start_grade(request: Request) -> Reply:
    row = _customer(request)
    require(can_grade(request.person, row))
    return begin(request, GRADE_GUIDE, subject_id=row.id)


def submit_grade(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    number, grade = subject_id or 0, values["grade"]
    set_grade(request.work, **_by(request), customer_id=number, grade=grade, reason=values["reason"])
    row = get_customer(request.work, viewer=request.person, customer_id=number)
    return _done(T("{name} is now: {grade}", name=row.name, grade=GRADES[grade]), number)


def start_judge(request: Request) -> Reply:
    row = _customer(request)
    require(can_change_customer(request.person, row))
    return begin(request, JUDGE_GUIDE, subject_id=row.id)


def submit_judge(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    judged = {key: int(values[key]) for key in BY_HAND if values.get(key)}
    set_judgement(request.work, **_by(request), customer_id=subject_id or 0, judged=judged)
    row = get_customer(request.work, viewer=request.person, customer_id=subject_id or 0)
    return _done(T("Saved customer {name}.", name=row.name), row.id)


def accept(request: Request) -> Reply:
    proposal = accept_proposal(request.work, **_by(request), proposal_id=record_id(request.argument))
    return Reply(toast=T("Accepted: grade {grade}.", grade=proposal.grade_to))


def keep(request: Request) -> Reply:
    proposal = keep_grade(request.work, **_by(request), proposal_id=record_id(request.argument))
    return Reply(toast=T("Grade {grade} is kept.", grade=proposal.grade_from))


def open_proposal(request: Request) -> Reply:
    proposal, _ = get_proposal(request.work, viewer=request.person, proposal_id=record_id(request.argument))
    return Reply((Card("grade", proposal.id),))


def turn_proposals(request: Request) -> Reply:
    page = min(record_id(request.argument), 10_000)
    return Reply((proposals_page(request.work, request.person, page),), replaces=True)


def _customer(request: Request) -> Any:
    return get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


def _done(words: Text, customer_id: int) -> Reply:
    return Reply((say(words, Button(labels.OPEN, f"customer.open:{customer_id}")),))


def _anybody(person: Member) -> Allowed:
    # Whose customers somebody may change is asked for the one chosen, by the service.
    return True


def _can_grade(person: Member) -> Allowed:
    if person.has(Role.SUPERVISOR, Role.GM):
        return True
    return T("Customers are graded by the supervisor.")


EDIT_GUIDE = register(Guide(EDIT_CUSTOMER, _anybody, submit_edit))
CREDIT_GUIDE = register(Guide(CREDIT, can_set_credit, submit_credit))
PRICE_GUIDE = register(Guide(OWN_PRICE, _can_grade, submit_price))
GRADE_GUIDE = register(Guide(GRADE, _can_grade, submit_grade))
JUDGE_GUIDE = register(Guide(JUDGE, _anybody, submit_judge))

PRESSES = {
    "customer.edit": start_edit,
    "customer.credit": start_credit,
    "price.add": start_price,
    "customer.grade": start_grade,
    "customer.judge": start_judge,
    "grade.accept": accept,
    "grade.keep": keep,
    "grade.open": open_proposal,
    "grades.page": turn_proposals,
}
