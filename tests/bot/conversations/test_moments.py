"""A date told of what has happened is the last one of that name; of what is to come, the next."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.conversations.definition import Refused, Taken
from bot.conversations.kinds import When
from tests.bot.conversations.made_up import TestWorld

IN_MAY = TestWorld(now=datetime(2026, 5, 8, 10, tzinfo=ZoneInfo("Asia/Shanghai")))


def read(kind: When, text: str) -> date | None:
    match kind.read(text, IN_MAY):
        case Taken(value):
            return datetime.fromisoformat(value["at"]).date()
        case Refused():
            return None
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("text", "told", "planned"),
    [
        ("5月7日", date(2026, 5, 7), date(2027, 5, 7)),
        ("7 May", date(2026, 5, 7), date(2027, 5, 7)),
        ("12月31日", date(2025, 12, 31), date(2026, 12, 31)),
        ("today", date(2026, 5, 8), date(2026, 5, 8)),
        ("yesterday", date(2026, 5, 7), None),
        ("in 3 days", date(2026, 5, 11), date(2026, 5, 11)),  # the conversation refuses it where it can't be
        ("2027-05-07", date(2027, 5, 7), date(2027, 5, 7)),
    ],
)
def test_a_day_without_its_year(text: str, told: date, planned: date | None) -> None:
    assert read(When(past=True), text) == told
    assert read(When(), text) == planned
