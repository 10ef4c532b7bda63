"""An approval goes to the supervisor in Telegram and in Slack; pressed in one, it is decided in both at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm.core.history import COMMAND_LINE
from crm.people.people import Role, find_by_name
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import SUBMIT, SlackSeat, TelegramSeat, WebSeat
from tests.scenarios.stories import SMALL_ORDER

AT_ONCE = 1.0
"""Seconds within which both say so. The issue, Both."""
OUTCOME = "✓ 销售主管：林雅琴"


class Both:
    """The supervisor with both apps open, and a rep at the page."""

    def __init__(self, house: House, telegram: TelegramCounterpart, slack: SlackCounterpart) -> None:
        house.stock()
        house.hire("李伟", Role.REP, team="欧洲组")
        house.hire("孙丽华", Role.FINANCE)
        with house.database.write() as work:
            owner = find_by_name(work, name="李伟")
            told = CustomerDetails(name="万通贸易", contact="王经理", country="CN")
            create_customer(work, actor=owner, platform=COMMAND_LINE.platform, details=told)
        self.telegram, self.slack = telegram, slack
        self.rep = WebSeat(house.address, "李伟")
        self.in_telegram = TelegramSeat(telegram, 1001, house.hire("林雅琴", Role.SUPERVISOR, team="欧洲组"))
        self.in_slack = SlackSeat(slack, "U1", house.code("林雅琴"))

    def submit(self, price: str) -> None:
        """An order; returns when its card is in both chats."""
        self.rep.guide("下单 万通", {**SMALL_ORDER, "单价": price}, ends=SUBMIT)
        for seat in (self.in_telegram, self.in_slack):
            seat.see(f"@ CNY {price}")

    def decided_at_once(self, press: Callable[[], object]) -> None:
        """Both cards tell the outcome, and offer nothing any more, within a second of the press."""
        end = time.monotonic() + AT_ONCE
        press()
        self.telegram.wait_until(lambda: OUTCOME in self.in_telegram.user.messages()[-1].text, end - time.monotonic())
        seen = self.in_slack.user.messages
        self.slack.wait_until(lambda: OUTCOME in seen()[-1].shown, timeout=end - time.monotonic())
        assert "同意" not in "".join((*self.in_telegram.user.messages()[-1].labels, *seen()[-1].buttons))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    with ExitStack() as stack:
        telegram, slack = stack.enter_context(TelegramCounterpart()), stack.enter_context(SlackCounterpart())
        url = f"sqlite:///{tmp_path / 'tradewind.db'}"
        house = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack, web=True))
        yield Both(house, telegram, slack)
        assert telegram.violations == []
        assert slack.violations == []


def test_pressed_in_one_decided_in_both(both: Both) -> None:
    both.submit("300")
    both.decided_at_once(lambda: both.in_telegram.press("同意"))
    both.rep.see("下一步：财务")
    both.submit("310")
    both.decided_at_once(lambda: both.in_slack.user.press("同意", wait=False))


def test_the_second_press_on_the_other_platform_is_told_who_decided(both: Both) -> None:
    both.submit("300")
    card = both.in_telegram.user.messages()[-1]
    both.in_slack.press("同意")
    pressed = both.in_telegram.user.press(lambda button: "同意" in button.text, message=card)
    answered = both.in_telegram.user.wait_for_answer(pressed, timeout=AT_ONCE)
    assert "林雅琴" in answered.text
