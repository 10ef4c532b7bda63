"""What waits for somebody's decision, with its value and how long it has waited. Guide 3.1."""

from datetime import timedelta

from crm.core.text import TN, T, Text
from crm.insight.ground import Ground, days_words
from crm.insight.sections import Line, Section, section
from crm.orders.waiting import Waiting, waiting_for_each


def decisions(ground: Ground) -> dict[int, list[Section]]:
    """The longest waiting first; two statements."""
    readers = ground.of("approver")
    waiting = waiting_for_each(ground.work, people=[reader.person for reader in readers])
    return {
        reader.id: section(
            "decisions",
            T("Waiting for my decision"),
            [Line(_words(one, ground), ("approval", one.order_id), one.number) for one in waiting[reader.id]],
            most=ground.most,
            verb="approvals",
        )
        for reader in readers
    }


def _words(one: Waiting, ground: Ground) -> Text:
    return T(
        "{number} {customer} · {total} · for {age}",
        number=one.number,
        customer=one.customer_name,
        total=one.total,
        age=age_words(ground.work.now - one.asked_at),
    )


def age_words(age: timedelta) -> Text:
    """`20 minutes`, `5 hours`, from two days on `3 days`."""
    minutes = max(0, int(age / timedelta(minutes=1)))
    if minutes < 60:
        return TN("{n} minute", "{n} minutes", n=minutes)
    hours = minutes // 60
    return TN("{n} hour", "{n} hours", n=hours) if hours < 48 else days_words(hours // 24)
