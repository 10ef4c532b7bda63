"""What waits for somebody's decision, with its value and how long it has waited. Guide 3.1."""

from datetime import timedelta
from typing import Any

from crm.core.text import TN, T, Text
from crm.insight.ground import Ground, days_words
from crm.insight.sections import Line, Section, section
from crm.orders.quotes.quotes import CARD
from crm.orders.quotes.waiting import WaitingPrice, prices_waiting_for_each
from crm.orders.waiting import Waiting, waiting_for_each


def decisions(ground: Ground) -> dict[int, list[Section]]:
    """Orders and special prices, the longest waiting first; four statements."""
    readers = ground.of("approver")
    people = [reader.person for reader in readers]
    orders = waiting_for_each(ground.work, people=people)
    prices = prices_waiting_for_each(ground.work, people=people)
    found = {}
    for reader in readers:
        waiting: list[Waiting | WaitingPrice] = [*orders[reader.id], *prices[reader.id]]
        lines = [_line(one, ground) for one in sorted(waiting, key=lambda one: one.asked_at)]
        heading = T("Waiting for my decision")
        found[reader.id] = section("decisions", heading, lines, most=ground.most, verb="approvals")
    return found


def _line(one: Waiting | WaitingPrice, ground: Ground) -> Line:
    facts: dict[str, Any] = {
        "number": one.number,
        "customer": one.customer_name,
        "total": one.total,
        "age": age_words(ground.work.now - one.asked_at),
    }
    if isinstance(one, WaitingPrice):
        return Line(
            T("{number} {customer} · {total} · special price · for {age}", **facts), (CARD, one.quote_id), one.number
        )
    return Line(T("{number} {customer} · {total} · for {age}", **facts), ("approval", one.order_id), one.number)


def age_words(age: timedelta) -> Text:
    """`20 minutes`, `5 hours`, from two days on `3 days`."""
    minutes = max(0, int(age / timedelta(minutes=1)))
    if minutes < 60:
        return TN("{n} minute", "{n} minutes", n=minutes)
    hours = minutes // 60
    return TN("{n} hour", "{n} hours", n=hours) if hours < 48 else days_words(hours // 24)
