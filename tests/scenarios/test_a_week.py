"""A week in the life of the sample company, on three doors: who hears what, when, and nothing else.

Set TRADEWIND_WEEK to a file to read what everybody was sent.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm.insight.recounting import rebuild_figures
from crm.people.people import find_by_name
from crm.people.team_chats import shared_chat, tie_chat
from crm.sample.company import build_company
from scheduler.absences import tell_absences
from scheduler.digests import tell_digests
from scheduler.reminders import tell_reminders
from scheduler.watches import tell_watched
from tests.conftest import Clock
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import SUBMIT, Seat, SlackSeat, TelegramSeat, WebSeat
from tests.scenarios.week import Days, Heard

SHANGHAI = ZoneInfo("Asia/Shanghai")
JOBS = (tell_reminders, tell_watched, tell_absences, tell_digests)
ON_TELEGRAM = ("李伟", "孙丽华")
ON_SLACK = (
    ("林雅琴", "zh_CN", "Asia/Shanghai"),
    ("赵明辉", "zh_CN", "Asia/Shanghai"),
    ("Anna Keller", "en", "Europe/Berlin"),
    ("Grace Tan", "en", "Asia/Singapore"),
)
ON_THE_PAGE = (("陈国栋", "zh_CN", "Asia/Shanghai"), ("David Brown", "en", "America/New_York"))
TEAM = "欧洲组"
WEEK = [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9)]
"""The working days that are lived through; 7 and 8 March are a weekend, and in New York summer time begins."""


@pytest.fixture
def days(tmp_path: Path, clock: Clock) -> Iterator[Days]:
    """The sample company on the evening of Sunday, 1 March 2026, its people at their doors, a team in its channel."""
    clock.now = shanghai(1, 20)
    with ExitStack() as stack:
        telegram, slack = stack.enter_context(TelegramCounterpart()), stack.enter_context(SlackCounterpart())
        url = f"sqlite:///{tmp_path / 'week.db'}"
        house = House(url, tmp_path, telegram=telegram, slack=slack, web=True, clock=clock)
        with house.database.write() as work:
            build_company(work)
            rebuild_figures(work)
            supervisor = find_by_name(work, name="林雅琴")
            channel = shared_chat(work, platform="slack", external_id=slack.channel("C1").channel_id)
            tie_chat(work, actor=supervisor, platform="slack", chat_id=channel, team_id=supervisor.team_id)
        stack.enter_context(house)
        days = Days(house, clock, JOBS)
        for number, name in enumerate(ON_TELEGRAM, start=1):
            days.seat(name, TelegramSeat(telegram, 1000 + number, house.code(name)), "Asia/Shanghai")
        for number, (name, language, zone) in enumerate(ON_SLACK, start=1):
            days.seat(name, SlackSeat(slack, f"U{number}", house.code(name), language=language), zone)
        for name, language, zone in ON_THE_PAGE:
            days.seat(name, WebSeat(house.address, name, language=language), zone)
        days.listen(TEAM, slack.channel("C1"), "Asia/Shanghai")
        days.pass_by()
        days.heard.clear()
        yield days
        assert telegram.violations == []
        assert slack.violations == []


def test_a_week(days: Days) -> None:
    _live(days)
    if os.environ.get("TRADEWIND_WEEK"):
        Path(os.environ["TRADEWIND_WEEK"]).write_text(str(days), "utf-8")
    digests = [(one.name, one.at.date(), f"{one.at:%H:%M}") for one in days.heard if _is_digest(one)]
    assert sorted(digests) == sorted(DIGESTS)
    assert set(days.told("李伟", "给 Polder 打电话")) == {shanghai(2, 10, 30), shanghai(3, 8, 30), shanghai(3, 15)}
    assert [one for one in days.heard if one.at.date() not in WEEK] == []
    assert _twice(days.heard) == {}


def _live(days: Days) -> None:
    """Monday to Monday: a reminder, a supervisor who goes away, an order that goes to who decides for her."""
    days.live_until(shanghai(2, 10, 30))
    rep = days.seats["李伟"]
    rep.say("提醒 明天下午3点 给 Polder 打电话")
    rep.see("给 Polder 打电话")
    rep.press("确认")
    rep.see("提醒你")
    days.live_until(shanghai(3, 15))
    rep.see("给 Polder 打电话")
    rep.press("已完成")
    days.live_until(shanghai(4, 12))
    supervisor = days.seats["林雅琴"]
    supervisor.ask("委托审批 到周五 @赵明辉", "赵明辉")
    supervisor.press("确认")
    days.live_until(shanghai(4, 16))
    _order(days.seats["Anna Keller"])
    days.live_until(shanghai(9, 23))


def _order(rep: Seat) -> None:
    answers = {
        "Customer": "Nordlicht Haushaltswaren GmbH",
        "Product": "Vacuum Bottle 750 ml",
        "Quantity": "500",
        "Unit price": "6",
        "Price terms": "FOB Ningbo",
        "Delivery date": "2026-05-20",
        "Deliver to": "Hamburg",
        "Payment terms": "30% deposit, 70% before shipment",
    }
    rep.guide("order", answers, ends=SUBMIT)
    rep.see("SO-")


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def _is_digest(one: Heard) -> bool:
    return one.text.startswith(("今日简报", "Your day", "欧洲组 · "))


DIGESTS = [
    *((name, day, "08:30") for name in ("李伟", "孙丽华", "Anna Keller", "Grace Tan", "David Brown") for day in WEEK),
    *(("林雅琴", day, "18:00") for day in WEEK if day not in {date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)}),
    *(("赵明辉", day, "18:00") for day in WEEK),
    *(("陈国栋", day, "08:30") for day in (date(2026, 3, 2), date(2026, 3, 9))),
    *((TEAM, day, "09:00") for day in WEEK),
]
"""Reps and finance in their own mornings, supervisors in the evening and not while away, the general manager on
Mondays, the team in its channel."""


def _twice(heard: list[Heard]) -> dict[tuple[str, str], int]:
    """What somebody was sent more than once in the same words, cards apart: these may be shown again."""
    said = Counter((one.name, one.text) for one in heard if not one.text.startswith("SO-"))
    return {what: times for what, times in said.items() if times > 1}
