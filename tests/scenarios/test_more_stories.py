"""Stories in which two platforms matter: one decision whoever is first, and every copy on every chat kept true."""

from collections.abc import Iterator
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

ORDER = {
    "产品": "LED面板灯",
    "数量": "100",
    "单价": "300",
    "价格条款": "FOB 宁波",
    "交货日期": "2030-12-30",
    "交货地点": "汉堡港",
    "付款方式": "T/T 30/70",
}
LABELS = ("同意", "驳回", "退回修改")


class Company:
    """A rep at the page, one supervisor in Telegram, another in Slack, finance in Telegram."""

    def __init__(self, house: House, telegram: TelegramCounterpart, slack: SlackCounterpart) -> None:
        self.house = house
        house.stock()
        house.hire("李伟", Role.REP, team="欧洲组")
        with house.database.write() as work:
            owner = find_by_name(work, name="李伟")
            told = CustomerDetails(name="万通贸易", contact="王经理", country="CN")
            create_customer(work, actor=owner, platform=COMMAND_LINE.platform, details=told)
        codes = {name: house.hire(name, Role.SUPERVISOR, team="欧洲组") for name in ("林雅琴", "周敏")}
        self.rep = WebSeat(house.address, "李伟")
        self.lin = TelegramSeat(telegram, 1001, codes["林雅琴"])
        self.zhou = SlackSeat(slack, "U1", codes["周敏"])
        self.finance = TelegramSeat(telegram, 1002, house.hire("孙丽华", Role.FINANCE))

    def submit(self) -> None:
        self.rep.guide("下单 万通", ORDER, ends=SUBMIT)
        self.rep.see("SO-")
        self.lin.see("CNY 30,000")
        self.zhou.see("CNY 30,000")

    def orders(self) -> list[str]:
        return [str(order["status"]) for order in self.house.rows()["orders"]]


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with ExitStack() as stack:
        telegram, slack = stack.enter_context(TelegramCounterpart()), stack.enter_context(SlackCounterpart())
        url = f"sqlite:///{tmp_path / 'tradewind.db'}"
        house = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack, web=True))
        yield Company(house, telegram, slack)
        assert telegram.violations == []
        assert slack.violations == []


def test_two_approvers_at_once_on_two_platforms(company: Company) -> None:
    """One decides in Telegram, one in Slack, at the same instant; both cards then say who did."""
    company.submit()
    card = company.lin.user.messages()[-1]  # pressed as it was looked at, whatever has become of it
    company.zhou.user.press("同意", wait=False)
    company.lin.user.press(lambda button: "同意" in button.text, message=card)
    company.finance.see("CNY 30,000")
    winner = "林雅琴" if "✓ 销售主管：林雅琴" in _newest(company.finance) else "周敏"
    assert f"✓ 销售主管：{winner}" in _newest(company.finance)
    for seat in (company.lin, company.zhou):
        seat.see(f"✓ 销售主管：{winner}")
    assert not set(LABELS) & set(company.lin.user.messages()[-1].labels)
    company.finance.press("同意")
    company.rep.see("已全部批准")
    for seat in (company.lin, company.zhou, company.finance):
        seat.see("✓ 财务：孙丽华")
    assert company.orders() == ["ready"]


def test_a_card_in_telegram_is_decided_in_slack_while_the_house_is_down_in_between(company: Company) -> None:
    company.submit()
    company.house.stop()
    company.house.start()
    company.zhou.press("同意")
    company.lin.see("✓ 销售主管：周敏")
    company.finance.see("CNY 30,000")
    company.finance.press("同意")
    company.lin.see("✓ 财务：孙丽华")
    assert company.orders() == ["ready"]


def _newest(seat: TelegramSeat) -> str:
    return str(seat.user.messages()[-1].text)
