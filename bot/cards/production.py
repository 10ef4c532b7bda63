"""How an order's making is shown: on its card, as a milestone's own card, on the board."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import labels
from bot.cards.paste import addressed, paste
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from bot.cards.told import IN_A_ROW
from crm.core.errors import NotFound
from crm.core.rules import company_today
from crm.core.text import TN, T, Text, Words
from crm.core.work import UnitOfWork
from crm.fulfilment.board import BoardOrder, LineLoad
from crm.fulfilment.making import PROBLEMS, can_report
from crm.fulfilment.milestones import MILESTONES, milestones_of, next_of, read_milestone
from crm.fulfilment.plans import expected_on, read_pace, read_plan
from crm.fulfilment.work_orders import work_orders_of
from crm.orders.orders import STATUSES, read_order
from crm.people.people import Member
from crm.sales.agreed_orders import UNSHIPPED

PAGE = 8


def production_on_card(
    work: UnitOfWork, viewer: Member, order: Mapping[str, Any]
) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """Lines and rows of buttons; `order`: a mapping of its columns."""
    rows = milestones_of(work, [order["id"]]).get(order["id"], [])
    if not rows or order["status"] == "cancelled":
        return [], ()
    if next_of(rows) is None:
        return [labelled(T("Production"), T("finished on {date}", date=rows[-1].done_on))], ()
    lines: list[Line] = [labelled(MILESTONES[row.key], _how(row)) for row in rows]
    lines += [problem(_problem_words(row)) for row in rows if row.problem and row.done_on is None]
    plan = read_plan(work, order_id=order["id"])
    if plan.held_until is not None:
        lines.append(muted(T("Capacity is kept until {date} while the deposit is awaited.", date=plan.held_until)))
    is_late = _expected(work, order, plan) > order["delivery_on"]
    if is_late:
        lines.append(problem(T("Late: {date} was agreed.", date=order["delivery_on"])))
    buttons: list[tuple[Button, ...]] = []
    if can_report(viewer) is True and order["status"] in UNSHIPPED:
        buttons.append(_answers(next_of(rows).id))
    if is_late and order["submitter_id"] == viewer.id:
        buttons.append((Button(labels.DELAY_TEXT, f"order.delay_text:{order['id']}"),))
    return lines, tuple(buttons)


def draw_milestone(work: UnitOfWork, milestone_id: int, viewer: Member) -> Screen:
    """The question on the day, with its three answers; once answered, what was said. Raises NotFound."""
    row = read_milestone(work, milestone_id=milestone_id)
    if row is None:
        raise NotFound(T("There is no such milestone."))
    order = read_order(work, order_id=row.order_id, viewer=viewer)
    lines: list[Line] = [title(T("{number} {customer}", number=order.number, customer=order.customer_name))]
    is_open = row.done_on is None and order.status in UNSHIPPED
    if is_open and row.planned_on <= company_today(work):
        asked = T("{milestone}: planned for {date}. Is it reached?", milestone=MILESTONES[row.key], date=row.planned_on)
        lines.append(body(asked))
    else:
        lines.append(labelled(MILESTONES[row.key], _how(row)))
    if row.problem and row.done_on is None:
        lines.append(problem(_problem_words(row)))
    opening = Button(labels.OPEN, f"order.open:{row.order_id}")
    if not is_open or can_report(viewer) is not True:
        return Screen(tuple(lines), ((opening,),))
    goods = {line.order_line_id: line for line in work_orders_of(work, [row.order_id], only_open=True)}
    lines.append(muted(TN("{n} line to make", "{n} lines to make", n=len(goods))))
    return Screen(tuple(lines), (_answers(row.id), (opening,)))


def draw_delay_text(work: UnitOfWork, order: Mapping[str, Any], customer: Any) -> Screen:
    """That it will be later than agreed, ready to be pasted, in the customer's language."""
    plan = read_plan(work, order_id=order["id"])
    day, who = _expected(work, order, plan), addressed(work, customer)
    zh = (
        f"很抱歉，您的订单 {order['number']} 生产有所延误，预计{day.month}月{day.day}日交货。"
        "给您带来不便，敬请谅解，有进展我会及时告知。"
    )
    en = (
        f"I am sorry: your order {order['number']} is delayed in production. We now expect delivery on "
        f"{day.day} {day:%B}. I apologise for the inconvenience and will keep you informed."
    )
    text = paste(customer, zh=f"{who['zh']}{zh}", en=f"{who['en']} {en}")
    return Screen((title(T("{number} for the customer", number=order["number"])), *text))


def draw_board(found: Sequence[BoardOrder], page: int, *, with_loads: bool) -> Screen:
    """One page of it: how many stand where, then the orders, the late ones first."""
    lines: list[Line] = [title(T("Production and shipping"))]
    if not found:
        lines.append(body(T("Nothing is being made or waits to be shipped.")))
    for key, words in _standings(found):
        lines.append(labelled(words, T("{n}", n=key)))
    shown = found[page * PAGE : (page + 1) * PAGE]
    lines += [_entry(place, one) for place, one in enumerate(shown, start=1)]
    if len(found) > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    numbers = [Button(str(place), f"order.open:{one.id}") for place, one in enumerate(shown, start=1)]
    rows = [tuple(numbers[at : at + IN_A_ROW]) for at in range(0, len(numbers), IN_A_ROW)]
    turning = []
    if page > 0:
        turning.append(Button(labels.PREVIOUS, f"board.page:{page - 1}"))
    if len(found) > (page + 1) * PAGE:
        turning.append(Button(labels.NEXT, f"board.page:{page + 1}"))
    if turning:
        rows.append(tuple(turning))
    if with_loads:
        rows.append((Button(T("Load by week"), "board.loads"),))
    return Screen(tuple(lines), tuple(rows))


def draw_loads(found: Sequence[LineLoad], *, may_change: bool) -> Screen:
    """How full each maker is, week by week. `may_change`: the reader keeps makers and their capacity."""
    lines: list[Line] = [title(T("Load by week"))]
    if not found:
        lines.append(body(T("No maker has a capacity yet: production or an administrator adds them.")))
    for one in found:
        percents = [round(week.planned * 100 / week.capacity) if week.capacity else 0 for week in one.weeks]
        now, following, third, fourth = percents
        told = T(
            "this week {now}%, next {next}%, then {third}% and {fourth}%",
            now=now,
            next=following,
            third=third,
            fourth=fourth,
        )
        lines.append(labelled(T("{maker}, {category}", maker=one.maker, category=one.category), told))
    buttons = [Button(T("Board"), "verb:board")]
    if may_change:
        buttons.append(Button(T("Makers and capacity"), "makers.show"))
    return Screen(tuple(lines), (tuple(buttons),))


def _standings(found: Sequence[BoardOrder]) -> list[tuple[int, Words]]:
    """How many orders wait for each milestone, then how many stand in a status without one."""
    to_come = [(key, sum(one.milestone == key for one in found)) for key in MILESTONES]
    without = [one.status for one in found if one.milestone is None]
    standing = [(key, without.count(key)) for key in STATUSES]
    told: list[tuple[int, Words]] = [
        (n, T("to come: {milestone}", milestone=MILESTONES[key])) for key, n in to_come if n
    ]
    return [*told, *((n, STATUSES[key]) for key, n in standing if n)]


def _entry(place: int, one: BoardOrder) -> Line:
    facts: dict[str, Any] = {"place": place, "number": one.number, "customer": one.customer}
    where: Text = STATUSES[one.status]
    if one.milestone is not None:
        where = T("{milestone} by {date}", milestone=MILESTONES[one.milestone], date=one.due_on)
    if one.days_late:
        told = TN(
            "{place}. {number} {customer} · {where} · {n} day late",
            "{place}. {number} {customer} · {where} · {n} days late",
            n=one.days_late,
            where=where,
            **facts,
        )
        return problem(told)
    return body(T("{place}. {number} {customer} · {where} · agreed {date}", where=where, date=one.delivery_on, **facts))


def _how(row: Any) -> Text:
    if row.done_on is not None:
        return T("reached on {date}", date=row.done_on)
    if row.planned_on > row.first_planned_on:
        return T("planned for {date}, at first {first}", date=row.planned_on, first=row.first_planned_on)
    return T("planned for {date}", date=row.planned_on)


def _problem_words(row: Any) -> Text:
    facts = {"milestone": MILESTONES[row.key], "reason": PROBLEMS.get(row.problem, row.problem)}
    return T("{milestone}: {reason}", **facts)


def _expected(work: UnitOfWork, order: Mapping[str, Any], plan: Any) -> Any:
    if plan is None or plan.ready_on is None:
        return order["delivery_on"]
    return expected_on(_Going(plan.ready_on, order["incoterm"]), read_pace(work).transit)


class _Going:
    """What `expected_on` reads of an order."""

    def __init__(self, ready_on: Any, incoterm: str) -> None:
        self.ready_on, self.incoterm = ready_on, incoterm


def _answers(milestone_id: int) -> tuple[Button, ...]:
    return (
        Button(labels.DONE, f"milestone.done:{milestone_id}", "primary", mark="✅"),
        Button(labels.LATE, f"milestone.late:{milestone_id}"),
        Button(labels.PROBLEM, f"milestone.problem:{milestone_id}", "danger"),
    )
