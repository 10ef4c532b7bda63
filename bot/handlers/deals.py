"""Verbs and presses about deals: opening, moving, the pipeline; and a lead becoming one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.deal import deal_line
from bot.cards.names import deal_name
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from bot.conversations.convert import CONVERT
from bot.conversations.deal import DEAL, MOVE
from bot.handlers.customers import paging, record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.text import T
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.conversion import convert_lead
from crm.sales.customers import get_customer
from crm.sales.deal_policy import can_change_deal, can_deal
from crm.sales.deals import DealDetails, find_deals, get_deal, move_deal, number, open_deal
from crm.sales.lead_policy import can_change_lead
from crm.sales.leads import get_lead
from crm.sales.pipeline import pipeline
from crm.sales.stages import FACTS, OPEN_STAGES, ROAD, STAGE

PAGE = 8


def deal(request: Request) -> Reply:
    """`deal`, with a customer's name if one follows; `deal D-17` opens that one."""
    named = request.argument.strip().upper()
    if named.startswith("D-") and named[2:].isdecimal():
        return open_card(replace(request, argument=named[2:]))
    answers = {}
    if request.argument:
        answers = DEAL.known("customer", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, DEAL_GUIDE, answers=answers)


def deal_for(request: Request) -> Reply:
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    return begin(request, DEAL_GUIDE, answers={"customer": str(customer_id)})


def submit_deal(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    at, _ = values["expected_close"]
    details = DealDetails(
        customer_id=int(values["customer"]),
        title=values["title"],
        amount=values["amount"],
        expected_close=at.date(),
        product_id=int(values["product"]) if "product" in values else None,
        notes=values.get("notes"),
    )
    deal_id = open_deal(request.work, actor=request.person, platform=request.platform, details=details)
    return Reply((_opened(deal_id, details.title),))


def open_card(request: Request) -> Reply:
    deal_id = record_id(request.argument)
    get_deal(request.work, viewer=request.person, deal_id=deal_id)
    return Reply((Card("deal", deal_id),))


def deals(request: Request) -> Reply:
    """`deals`: the pipeline by stage, and the deals of it; `deals 17` opens one."""
    wanted = request.argument.strip().lstrip("#＃Dd-")
    if wanted.isdecimal():
        rows, _ = find_deals(request.work, viewer=request.person, query=f"D-{wanted}", stages=None, most=1)
        if not rows:
            raise NotFound(T("There is no deal {number}.", number=f"D-{wanted[:15]}"))
        return Reply((Card("deal", rows[0].id),))
    return Reply((_pipeline(request, 0),))


def turn_page(request: Request) -> Reply:
    return Reply((_pipeline(request, min(record_id(request.argument), 10_000)),), replaces=True)


def move(request: Request) -> Reply:
    """`move 17 negotiation` needs no question where nothing lacks; `move` asks."""
    which, _, where = request.argument.partition(" ")
    answers: dict[str, Any] = {}
    world = CompanyWorld(request.work, request.person)
    if which:
        found, total = world.search("deal", which, offset=0, most=1)
        if total != 1:
            raise NotFound(T("No single deal fits “{text}”. Its number finds it, as in: move 17", text=which[:60]))
        answers["deal"] = found[0].value
    if where:
        answers["stage"] = where.strip()
    return _begin_move(request, answers)


def move_on(request: Request) -> Reply:
    """To the next stage of this deal, asking for what it lacks."""
    row = _mine(request)
    if row.stage not in OPEN_STAGES:
        return Reply(toast=T("The deal is closed."))
    return _begin_move(request, {"deal": str(row.id), "stage": ROAD[ROAD.index(row.stage) + 1]})


def move_anywhere(request: Request) -> Reply:
    return _begin_move(request, {"deal": str(_mine(request).id)})


def lose(request: Request) -> Reply:
    return _begin_move(request, {"deal": str(_mine(request).id), "stage": "lost"})


def submit_move(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    facts = {key: _plain(key, values[key]) for key in FACTS if key in values}
    reason = next((values[key] for key in ("reason_lost", "reason_back", "reason_skip") if key in values), None)
    deal_id, stage = int(values["deal"]), values["stage"]
    move_deal(
        request.work,
        actor=request.person,
        platform=request.platform,
        deal_id=deal_id,
        to_stage=stage,
        facts=facts,
        reason=reason,
    )
    moved = T("{number} is now in: {stage}", number=number(deal_id), stage=STAGE[stage].label)
    row = [Button(labels.OPEN, f"deal.open:{deal_id}")]
    if stage in {"contract", "won"}:
        row.insert(0, Button(T("New order"), f"order.from:{deal_id}", "primary"))
    return Reply((say(moved, *row),))


def start_convert(request: Request) -> Reply:
    lead_id = record_id(request.argument)
    lead = get_lead(request.work, viewer=request.person, lead_id=lead_id)
    require(can_change_lead(request.person, lead))
    answers: dict[str, Any] = {"title": " ".join(lead.product_need.split())[:100]}
    if lead.budget_high is not None or lead.budget_low is not None:
        amount = lead.budget_high if lead.budget_high is not None else lead.budget_low
        answers["amount"] = {"amount": f"{amount.normalize():f}", "currency": lead.budget_currency}
    return begin(request, CONVERT_GUIDE, answers=answers, subject_id=lead_id)


def submit_convert(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    at, _ = values["expected_close"]
    made = convert_lead(
        request.work,
        actor=request.person,
        platform=request.platform,
        lead_id=subject_id or 0,
        title=values["title"],
        amount=values["amount"],
        expected_close=at.date(),
    )
    row = get_customer(request.work, viewer=request.person, customer_id=made.customer_id)
    known = T("Customer {name} was known already; the deal is theirs.", name=row.name)
    new = T("Customer {name} is saved.", name=row.name)
    opened = _opened(made.deal_id, values["title"])
    first = body(new if made.is_new_customer else known)
    customer = Button(T("Customer"), f"customer.open:{made.customer_id}")
    return Reply((Screen((first, *opened.lines), (*opened.rows, (customer,))),))


def _opened(deal_id: int, name: str) -> Screen:
    saved = T("Saved deal {number}: {title}", number=number(deal_id), title=name)
    onward = Button(T("Move"), f"deal.on:{deal_id}", "primary")
    return say(saved, Button(labels.OPEN, f"deal.open:{deal_id}"), onward)


def _begin_move(request: Request, answers: Mapping[str, Any]) -> Reply:
    """Begin `move` with what is known; a stage in words is read as the field itself would."""
    known = dict(answers)
    if "stage" in known and known["stage"] not in STAGE:
        world = CompanyWorld(request.work, request.person)
        known |= MOVE.known("stage", known.pop("stage"), world)
    return begin(request, MOVE_GUIDE, answers=known)


def _mine(request: Request) -> Any:
    row = get_deal(request.work, viewer=request.person, deal_id=record_id(request.argument))
    require(can_change_deal(request.person, row))
    return row


def _plain(key: str, value: Any) -> Any:
    """A fact as the service takes it: days as dates, a product of the catalogue by its id."""
    if key.endswith("_on"):
        return value[0].date()
    if key == "product":
        return int(value) if value.isdecimal() else value
    return value


def _pipeline(request: Request, page: int) -> Screen:
    found = pipeline(request.work, viewer=request.person, offset=page * PAGE, most=PAGE)
    if not found.total:
        return say(T("There are no open deals."), Button(T("New deal"), "verb:deal", "primary"))
    lines: list[Line] = [title(T("Pipeline"))]
    lines += [
        labelled(
            total.stage.label, T("{count} · {sum}", count=total.count, sum=Money(total.base_amount, found.currency))
        )
        for total in found.stages
    ]
    lines += [body(deal_line(one.deal, one.days, is_stale=one.is_stale)) for one in found.deals]
    if found.total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    buttons = tuple((Button(deal_name(one.deal), f"deal.open:{one.deal.id}"),) for one in found.deals)
    return Screen(tuple(lines), (*buttons, *paging("deals.page", page, found.total)))


DEAL_GUIDE = register(Guide(DEAL, can_deal, submit_deal))
MOVE_GUIDE = register(Guide(MOVE, can_deal, submit_move))
CONVERT_GUIDE = register(Guide(CONVERT, can_deal, submit_convert))

_SALES = frozenset({Role.REP, Role.SUPERVISOR})
_READERS = frozenset({*_SALES, Role.GM, Role.ADMIN})
VERBS = (
    Verb("deal", ("商机",), T("open a deal"), deal, _SALES, parks=False),
    Verb("deals", ("我的商机", "漏斗"), T("my pipeline by stage"), deals, _READERS, usual=True),
    Verb("move", ("变更阶段", "推进"), T("move a deal to another stage"), move, _SALES, parks=False),
)
PRESSES = {
    "deal.open": open_card,
    "deal.for": deal_for,
    "deal.on": move_on,
    "deal.move": move_anywhere,
    "deal.lost": lose,
    "deals.page": turn_page,
    "lead.convert": start_convert,
}
