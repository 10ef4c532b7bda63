"""`milestone`, `board`, and the three answers to the question on the day; who makes what is kept here too."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import labels
from bot.cards.production import draw_board, draw_delay_text, draw_loads
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from bot.conversations.milestone import MAKER, MILESTONE
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.orders.production_world import orders_in_production
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from crm.core.errors import NotFound
from crm.core.text import T, Words
from crm.fulfilment.board import board, loads
from crm.fulfilment.makers import MakerDetails, can_change_makers, list_makers, remove_capacity, save_maker
from crm.fulfilment.making import Problem, can_report, report_done, report_late, report_problem
from crm.fulfilment.milestones import MILESTONES, read_milestone
from crm.orders.orders import STATUSES, get_order, read_order
from crm.people.holiday_calendars import read_calendar_code
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.sales.customers.customers import get_customer

MAKER_WORDS = frozenset({"makers", "maker", "capacity", "生产方", "产能", "工厂"})
"""What follows `rules` for who makes what."""
SHOW_MAKERS = Button(T("Makers and capacity"), "makers.show")


def start_milestone(request: Request) -> Reply:
    """`milestone`, with an order's number if one follows."""
    answers, wrong = MILESTONE.heard("order", request.argument, CompanyWorld(request.work, request.person))
    if not request.argument.strip() and not orders_in_production(request.work, request.person):
        return Reply((say(T("Nothing is being made at the moment.")),))
    return begin(request, MILESTONE_GUIDE, answers=answers, wrong=wrong)


def submit_milestone(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id, key, until = int(values["order"]), values["milestone"], _day(values.get("until") or values.get("then"))
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform, "order_id": order_id, "key": key}
    match values["status"]:
        case "done":
            report_done(request.work, **by)
        case "late":
            assert until is not None, "a day is asked for"
            report_late(request.work, **by, until=until)
        case _:
            words = values["problem"]
            kind: Problem = "quality" if words == "quality" or (words != "delay" and key == "quality") else "delay"
            report_problem(request.work, **by, kind=kind, words=words, until=until)
    return _recorded(request, order_id, key)


def done(request: Request) -> Reply:
    row = _milestone(request)
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    report_done(request.work, order_id=row.order_id, key=row.key, **by)
    return _recorded(request, row.order_id, row.key)


def late(request: Request) -> Reply:
    return _ask(request, "late")


def in_trouble(request: Request) -> Reply:
    return _ask(request, "problem")


def delay_text(request: Request) -> Reply:
    """The text for the customer of an order that will be late."""
    order_id = record_id(request.argument)
    order = get_order(request.work, viewer=request.person, order_id=order_id).order
    customer = get_customer(request.work, viewer=request.person, customer_id=order["customer_id"])
    return Reply((draw_delay_text(request.work, order, customer),))


def show_board(request: Request) -> Reply:
    return Reply((_board(request, 0),))


def turn_board(request: Request) -> Reply:
    return Reply((_board(request, min(record_id(request.argument), 10_000)),), replaces=True)


def show_loads(request: Request) -> Reply:
    require(can_see_loads(request.person))
    may_change = can_change_makers(request.person) is True
    return Reply((draw_loads(loads(request.work), may_change=may_change),))


def can_see_loads(person: Member) -> Allowed:
    if person.has(Role.PRODUCTION, Role.LOGISTICS, Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return True
    return T("How full the makers are is for production and who leads.")


def makers(request: Request) -> Reply:
    """`rules makers`."""
    require(can_change_makers(request.person))
    return Reply((_makers(request),))


def show_makers(request: Request) -> Reply:
    require(can_change_makers(request.person))
    return Reply((_makers(request),), replaces=True)


def start_maker(request: Request) -> Reply:
    return begin(request, MAKER_GUIDE)


def submit_maker(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    named = values["maker"]
    known = {str(row.id): row.name for row in list_makers(request.work)}
    told = values.get("holidays")
    code = "" if not told else read_calendar_code(told)
    if code is None:
        raise NotFound(T("There is no holiday calendar {code}. Write a country, such as China or DE-BY.", code=told))
    details = MakerDetails(
        name=known.get(named, named),
        category=values["category"],
        per_day=values["per_day"],
        days=values["days"],
        holidays=code,
        person_id=None if values.get("person") is None else int(values["person"]),
    )
    save_maker(request.work, actor=request.person, platform=request.platform, details=details)
    return Reply((_makers(request),))


def remove_maker(request: Request) -> Reply:
    maker, _, category = request.argument.partition(":")
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    remove_capacity(request.work, maker_id=record_id(maker), category=category, **by)
    return Reply((_makers(request),), replaces=True)


def _ask(request: Request, status: str) -> Reply:
    row = _milestone(request)
    answers = {"order": str(row.order_id), "milestone": row.key, "status": status}
    return begin(request, MILESTONE_GUIDE, answers=answers)


def _milestone(request: Request) -> Any:
    require(can_report(request.person))
    row = read_milestone(request.work, milestone_id=record_id(request.argument))
    if row is None:
        raise NotFound(T("There is no such milestone."))
    return row


def _recorded(request: Request, order_id: int, key: str) -> Reply:
    order = read_order(request.work, order_id=order_id, viewer=request.person)
    facts = {"number": order.number, "milestone": MILESTONES[key], "status": STATUSES[order.status]}
    told = T("Recorded: {number}, {milestone}. It is now: {status}.", **facts)
    return Reply((say(told, Button(labels.OPEN, f"order.open:{order_id}")),))


def _board(request: Request, page: int) -> Screen:
    found = board(request.work, viewer=request.person)
    return draw_board(found, page, with_loads=can_see_loads(request.person) is True)


def _makers(request: Request) -> Screen:
    rows = list_makers(request.work)
    lines: list[Line] = [title(T("Makers and capacity"))]
    if not rows:
        lines.append(body(T("Nobody yet. What is not in stock is planned with the product's lead time.")))
    lines += [labelled(row.name, _maker_words(row)) for row in rows]
    lines.append(muted(T("What is planned already stays where it is.")))
    buttons: list[tuple[Button, ...]] = [(Button(T("Add or change"), "makers.add", "primary"),)]
    buttons += [
        (Button(T("Remove {maker}, {category}", maker=row.name, category=row.category), _removing(row), "danger"),)
        for row in rows[:10]
        if row.category is not None
    ]
    return Screen(tuple(lines), tuple(buttons))


def _removing(row: Any) -> str:
    return f"makers.remove:{row.id}:{row.category}"


def _maker_words(row: Any) -> Words:
    if row.category is None:
        return T("makes nothing at the moment")
    facts = {"category": row.category, "quantity": row.per_day, "days": _DAYS.get(row.days, row.days)}
    if row.person_name:
        return T("{category}: {quantity} a day, {days}; {name}", name=row.person_name, **facts)
    return T("{category}: {quantity} a day, {days}", **facts)


def _day(value: Any) -> Any:
    return None if value is None else value[0].date()


_DAYS = {"12345": T("Monday to Friday"), "123456": T("Monday to Saturday"), "1234567": T("Every day")}
MILESTONE_GUIDE = register(Guide(MILESTONE, can_report, submit_milestone))
MAKER_GUIDE = register(Guide(MAKER, can_change_makers, submit_maker))

VERBS: Sequence[Verb] = (
    Verb("board", ("看板",), T("what is made and shipped"), show_board, usual=True),
    Verb(
        "milestone",
        ("生产进度",),
        T("record production"),
        start_milestone,
        frozenset({Role.PRODUCTION}),
        parks=False,
        usual=True,
    ),
)
PRESSES = {
    "milestone.done": done,
    "milestone.late": late,
    "milestone.problem": in_trouble,
    "order.delay_text": delay_text,
    "board.page": turn_board,
    "board.loads": show_loads,
    "makers.show": show_makers,
    "makers.add": start_maker,
    "makers.remove": remove_maker,
}
