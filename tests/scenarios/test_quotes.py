"""A quote from the first question to its order, through every door and in both languages, with a special price."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from crm.people.people import Role
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import SUBMIT, Seat, SlackSeat, TelegramSeat, WebSeat

ENGLISH = {
    "newcustomer": "newcustomer",
    "company": {"Company": "Ernst Handel", "Contact": "Roland Mendel", "Country or region": "Austria"},
    "saved customer": "Saved customer Ernst Handel",
    "quote": "quote Ernst",
    "answers": {
        "Product": "LED panel 600x600",
        "Quantity": "100",
        "Unit price": "240",
        "Discount": "5%",
        "Price terms": "FOB Ningbo",
        "Payment terms": "T/T 30/70",
        "Valid until": "2030-12-31",
        "Lead time": "25 days after deposit",
    },
    "under": "under the floor",
    "open": "Open",
    "approve": "Approve",
    "approved": "Special price approved",
    "approvals": "approvals",
    "own": "quote Q-1",
    "send": "Mark as sent",
    "sent": "holds until",
    "paste": "please find attached our quotation",
    "accepted": "Customer accepted",
    "taken": "is accepted by",
    "order": "Make order",
}
CHINESE = {
    "newcustomer": "新建客户",
    "company": {"公司名称": "万通贸易", "联系人": "王经理", "国家或地区": "中国"},
    "saved customer": "已保存客户 万通贸易",
    "quote": "报价 万通",
    "answers": {
        "产品": "LED面板灯",
        "数量": "100",
        "单价": "240",
        "优惠(%)": "95折",
        "价格条款": "FOB 宁波",
        "付款方式": "T/T 30/70",
        "有效期": "2030-12-31",
        "交期": "收到定金后25天",
    },
    "under": "低于底价",
    "open": "打开",
    "approve": "同意",
    "approved": "特价已批准",
    "approvals": "审批",
    "own": "报价 Q-1",
    "send": "标为已发出",
    "sent": "有效期至",
    "paste": "附件是我们的报价单",
    "accepted": "客户已接受",
    "taken": "已接受报价单",
    "order": "转为订单",
}
TEAM = {"李伟": (Role.REP,), "林雅琴": (Role.SUPERVISOR,), "孙丽华": (Role.FINANCE,)}


def a_quote_becomes_an_order(rep: Seat, supervisor: Seat, words: Mapping[str, Any]) -> None:
    """Under the floor it is approved first; then it is sent, accepted and ordered with nothing typed twice."""
    rep.guide(words["newcustomer"], words["company"])
    rep.see(words["saved customer"])
    rep.guide(words["quote"], words["answers"])
    rep.see(words["under"])
    supervisor.ask(words["approvals"], "CNY 22,800")
    supervisor.press(words["approve"])
    supervisor.see(words["approved"])
    rep.ask(words["own"], words["approved"])
    rep.press(words["send"])
    rep.see(words["sent"])
    rep.see(words["paste"])
    rep.ask(words["own"], "Q-2")
    rep.press(words["accepted"])
    rep.see(words["taken"])
    rep.guide(words["order"], {}, by_button=True, ends=SUBMIT)
    rep.see("SO-")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:

        def opened(door: str, language: str) -> tuple[House, list[Seat]]:
            telegram = stack.enter_context(TelegramCounterpart()) if door == "telegram" else None
            slack = stack.enter_context(SlackCounterpart()) if door == "slack" else None
            url = f"sqlite:///{tmp_path / door}.db"
            one = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack, web=door == "web"))
            one.stock()
            for counterpart in filter(None, (telegram, slack)):
                stack.callback(lambda counterpart=counterpart: _assert_clean(counterpart.violations))
            codes = {name: one.hire(name, *roles, team="EU", language=language) for name, roles in TEAM.items()}
            seats: list[Seat] = []
            for number, (name, code) in enumerate(codes.items(), start=1):
                if telegram is not None:
                    seats.append(TelegramSeat(telegram, 1000 + number, code, language=language))
                elif slack is not None:
                    seats.append(SlackSeat(slack, f"U{number}", code, language=language))
                else:
                    seats.append(WebSeat(one.address, name, language=language))
            return one, seats

        yield opened


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("zh_CN", CHINESE)], ids=["en", "zh_CN"])
@pytest.mark.parametrize("door", ["telegram", "slack", "web"])
def test_a_quote_becomes_an_order(house: Any, door: str, language: str, words: Mapping[str, Any]) -> None:
    one, (rep, supervisor, *_) = house(door, language)
    a_quote_becomes_an_order(rep, supervisor, words)
    rows = one.rows()
    (quote,), (order,) = rows["quotes"], rows["orders"]
    assert (quote["status"], quote["price_status"], quote["number"][:2]) == ("accepted", "approved", "Q-")
    assert (order["quote_id"], order["total"], order["status"]) == (1, quote["total"], "pending")
    assert [line["discount"] for line in rows["order_lines"]] == [5]


def _assert_clean(violations: list[str]) -> None:
    assert violations == []
