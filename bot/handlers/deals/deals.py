"""Verbs and presses about deals: opening, moving, winning and losing; and a lead becoming one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Choice, Screen, body, say
from bot.conversations.convert import CONVERT
from bot.conversations.deal import DEAL, MOVE
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.reminders.reminders import morning_on, saved
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from bot.wording import wording
from crm.core.errors import Conflict, NotFound
from crm.core.rules import whole_rule
from crm.core.text import T
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import DealDetails, get_deal, number, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.deals.moves import undo_move as move_back
from crm.sales.deals.policy import can_change_deal, can_deal
from crm.sales.deals.stages import FACTS, OPEN_STAGES, ROAD, STAGE
from crm.sales.leads.leads import get_lead
from crm.sales.leads.policy import can_change_lead
from crm.sales.ownership.conversion import convert_lead
from crm.sales.reminders.setting import add_task, is_planned
from crm.sales.tasks.tasks import LONGEST_TEXT

PAGE = 8
_TO = frozenset({"to", "into", "->", "→", "到", "至"})


def deal(request: Request) -> Reply:
    """`deal`, with a customer's name if one follows; `deal D-17` opens that one."""
    named = request.argument.strip().upper()
    if named.startswith("D-") and named[2:].isdecimal():
        return open_card(replace(request, argument=named[2:]))
    answers, wrong = DEAL.heard("customer", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, DEAL_GUIDE, answers=answers, wrong=wrong)


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


def move(request: Request) -> Reply:
    """`move 17 negotiation`, `move Ernst to negotiation` need no question where nothing lacks; `move` asks."""
    if not request.argument.strip():
        return _begin_move(request, {})
    found, total, where = _named_deal(request, request.argument.split())
    if total > len(found):
        raise NotFound(
            T(
                "More than {n} deals fit “{text}”. Please write a number: move 17",
                n=len(found),
                text=request.argument[:60],
            )
        )
    if total > 1:
        known = MOVE.known("stage", where, CompanyWorld(request.work, request.person)) if where else {}
        return Reply((_which(found, known.get("stage", "")),))
    return _begin_move(request, {"deal": found[0].value, **({"stage": where} if where else {})})


def _named_deal(request: Request, words: list[str]) -> tuple[Sequence[Choice], int, str]:
    """The open deals that the first words name, the more of them the better, how many fit, and the words left over."""
    world = CompanyWorld(request.work, request.person)
    for length in range(min(len(words), 6), 0, -1):
        found, total = world.search("deal", " ".join(words[:length]), offset=0, most=PAGE)
        if total:
            rest = words[length:]
            return found, total, " ".join(rest[1:] if rest and rest[0].casefold() in _TO else rest)
    text = " ".join(words)[:60]
    raise NotFound(T("No deal fits “{text}”. Its number finds it, as in: move 17", text=text))


def _which(found: Sequence[Choice], stage: str) -> Screen:
    rows = tuple((Button(choice.label, f"deal.move:{choice.value}:{stage}", note=choice.note),) for choice in found)
    return Screen((body(T("Which deal is to move?")),), rows)


def move_on(request: Request) -> Reply:
    """To the next stage of this deal, asking for what it lacks."""
    row = _mine(request)
    if row.stage not in OPEN_STAGES:
        return Reply(toast=T("The deal is closed."))
    return _begin_move(request, {"deal": str(row.id), "stage": ROAD[ROAD.index(row.stage) + 1]})


def move_anywhere(request: Request) -> Reply:
    """`17`, or `17:negotiation` where that is known."""
    number, _, stage = request.argument.partition(":")
    row = _mine(replace(request, argument=number))
    return _begin_move(request, {"deal": str(row.id), **({"stage": stage} if stage in STAGE else {})})


def win(request: Request) -> Reply:
    """Won: asks for all that lacks on the way there."""
    return _begin_move(request, {"deal": str(_mine(request).id), "stage": "won"})


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
    return Reply((_moved(deal_id, stage),))


def undo_move(request: Request) -> Reply:
    """`17:negotiation`: as if it had never been brought there."""
    named, _, stage = request.argument.partition(":")
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    deal_id = record_id(named)
    before = move_back(request.work, **by, deal_id=deal_id, stage=stage)
    back = T("{number} is back in: {stage}", number=number(deal_id), stage=STAGE[before].label)
    return Reply((say(back, Button(labels.OPEN, f"deal.open:{deal_id}")),), replaces=True)


def try_again(request: Request) -> Reply:
    """A reminder about a lost deal, a while from now; one, however often it is pressed."""
    row = _mine(request)
    days = whole_rule(request.work, "deals.try_again_days")
    day = request.work.now.astimezone(request.person.zone).date() + timedelta(days=max(days, 1))
    due_at, about = morning_on(request, day=day), ("deal", row.id)
    if is_planned(request.work, person_id=request.person.id, about=about, due_at=due_at):
        raise Conflict(T("The next reminder is set already."))
    words = wording(request.person.language, request.person.timezone)
    told = words(T("Try again: {deal} ({customer})", deal=row.title, customer=row.customer_name))[:LONGEST_TEXT]
    by: Any = {"actor": request.person, "platform": request.platform}
    task_id = add_task(request.work, **by, text=told, due_at=due_at, about=about, has_time=False)
    return Reply((saved(request, task_id),), replaces=True)


def start_convert(request: Request) -> Reply:
    lead_id = record_id(request.argument)
    lead = get_lead(request.work, viewer=request.person, lead_id=lead_id)
    require(can_change_lead(request.person, lead))
    answers: dict[str, Any] = {"title": " ".join(lead.product_need.split())[:100]}
    ends = {end for end in (lead.budget_low, lead.budget_high) if end is not None}
    if len(ends) == 1:  # of a range nobody knows yet what it will come to: it is shown, and the amount asked
        [amount] = ends
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


def _moved(deal_id: int, stage: str) -> Screen:
    moved = T("{number} is now in: {stage}", number=number(deal_id), stage=STAGE[stage].label)
    row = [Button(labels.OPEN, f"deal.open:{deal_id}"), Button(labels.UNDO, f"deal.undo:{deal_id}:{stage}")]
    if stage in {"contract", "won"}:
        row.insert(0, Button(T("New order"), f"order.from:{deal_id}", "primary"))
    if stage == "lost":
        return Screen((body(moved),), (tuple(row), (Button(T("Remind me to try again"), f"deal.again:{deal_id}"),)))
    return say(moved, *row)


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


DEAL_GUIDE = register(Guide(DEAL, can_deal, submit_deal))
MOVE_GUIDE = register(Guide(MOVE, can_deal, submit_move))
CONVERT_GUIDE = register(Guide(CONVERT, can_deal, submit_convert))

_SALES = frozenset({Role.REP, Role.SUPERVISOR})
VERBS = (
    Verb("deal", ("商机",), T("open a deal"), deal, _SALES, parks=False),
    Verb("move", ("变更阶段", "推进"), T("move a deal to another stage"), move, _SALES, parks=False),
)
PRESSES = {
    "deal.open": open_card,
    "deal.for": deal_for,
    "deal.on": move_on,
    "deal.move": move_anywhere,
    "deal.won": win,
    "deal.lost": lose,
    "deal.undo": undo_move,
    "deal.again": try_again,
    "lead.convert": start_convert,
}
