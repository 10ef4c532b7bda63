"""The labels of customers, deals, moves and orders: names that users, help texts and checks rely on."""

import pytest

from bot.cards import labels
from bot.conversations.customer import NEW_CUSTOMER
from bot.conversations.deal import DEAL, MOVE
from bot.conversations.decisions import DEPOSIT, OVERRIDE, REJECT, SEND_BACK
from bot.conversations.definition import Conversation, Field
from bot.conversations.order import ORDER
from bot.handlers import find_verb
from bot.wording import wording

FIELDS = {
    NEW_CUSTOMER.name: (
        ("Company*", "公司名称"),
        ("Contact*", "联系人"),
        ("Phone or e-mail", "电话或邮箱"),
        ("Country or region*", "国家或地区"),
        ("Currency", "币种"),
        ("Payment terms", "付款方式"),
        ("Notes", "备注"),
    ),
    DEAL.name: (
        ("Customer*", "客户"),
        ("Title*", "商机名称"),
        ("Product", "产品"),
        ("Amount*", "预计金额"),
        ("Expected close*", "预计成交日期"),
        ("Notes", "备注"),
    ),
    ORDER.name: (
        ("Customer*", "客户"),
        ("Deal or quote", "来源商机或报价"),
        ("Customer PO", "客户采购单号"),
        ("Currency", "币种"),
        ("Product*", "产品"),
        ("Quantity*", "数量"),
        ("Unit price*", "单价"),
        ("Discount", "优惠(%)"),
        ("Price terms*", "价格条款"),
        ("Delivery date*", "交货日期"),
        ("Deliver to*", "交货地点"),
        ("Payment terms*", "付款方式"),
        ("Packing and marks", "包装唛头"),
        ("Notes", "备注"),
    ),
}
MOVES = {
    "deal": ("Deal", "商机"),
    "stage": ("New stage", "新阶段"),
    "product": ("Product", "产品"),
    "quantity": ("Quantity", "数量"),
    "final_price": ("Final price", "成交价"),
    "contract_number": ("Contract number", "合同号"),
    "signed_on": ("Signed on", "签约日期"),
    "reason_lost": ("Reason", "原因"),
    "reason_back": ("Reason", "原因"),
    "reason_skip": ("Reason", "原因"),
}
SELDOM = ["Deal or quote", "Customer PO", "Currency", "Packing and marks", "Notes"]
BUTTONS = {
    "APPROVE": ("Approve", "同意"),
    "REJECT": ("Reject", "驳回"),
    "SEND_BACK": ("Send back", "退回修改"),
    "CONDITION": ("Approve with condition", "附条件同意"),
    "ASK": ("Ask", "提问"),
    "CANCEL_ORDER": ("Cancel order", "取消订单"),
    "DELIVERED": ("Delivered", "已签收"),
    "REASSIGN": ("Reassign", "转交"),
    "OVERRIDE": ("Override credit", "超额放行"),
    "LARGER_DEPOSIT": ("Larger deposit", "提高定金"),
    "RECALL": ("Recall", "撤回"),
    "RESUBMIT": ("Resubmit", "重新提交"),
    "ACCEPT_CONDITION": ("Accept condition", "接受条件"),
    "DECLINE_CONDITION": ("Decline condition", "不接受"),
    "SAME_AS_LAST_TIME": ("Same as last time", "再来一单"),
    "MORE_FIELDS": ("More fields", "更多字段"),
    "SUBMIT": ("Submit", "提交审批"),
    "ADD_LINE": ("Add another line", "再加一行"),
    "NO_MORE_LINES": ("No more lines", "明细完成"),
    "CLAIM": ("Claim", "领取"),
    "CONVERT": ("Convert", "转为客户"),
    "WON": ("Won", "赢单"),
    "LOST": ("Lost", "丢单"),
}
VERBS = {
    "pool": ("公海",),
    "customer": ("客户",),
    "newcustomer": ("新建客户",),
    "deal": ("商机",),
    "deals": ("我的商机", "漏斗"),
    "move": ("变更阶段", "推进"),
    "order": ("录单", "下单"),
    "orders": ("我的订单", "订单"),
    "approvals": ("审批",),
    "note": ("写跟进",),
    "today": ("今日",),
    "find": ("搜索",),
    "people": ("人员",),
    "rules": ("规则",),
    "products": ("产品",),
}
EN, ZH = wording("en", "UTC"), wording("zh_CN", "UTC")


def _fields(conversation: Conversation) -> list[Field]:
    found: list[Field] = []
    for step in conversation.steps:
        found += [step] if isinstance(step, Field) else step.fields
    return found


@pytest.mark.parametrize("conversation", [NEW_CUSTOMER, DEAL, ORDER], ids=lambda one: one.name)
def test_fields_in_their_sequence(conversation: Conversation) -> None:
    shown = [(EN(one.label) + "*" * one.required, ZH(one.label)) for one in _fields(conversation)]
    assert tuple(shown) == FIELDS[conversation.name]


def test_a_move_asks_for_the_deal_the_stage_and_what_the_stage_lacks() -> None:
    shown = {one.key: (EN(one.label), ZH(one.label)) for one in _fields(MOVE)}
    assert list(shown)[:2] == ["deal", "stage"]
    assert {key: shown[key] for key in MOVES} == MOVES
    assert all(one.required for one in _fields(MOVE))


def test_seldom_fields_of_an_order_wait_behind_a_button() -> None:
    assert [EN(one.label) for one in _fields(ORDER) if one.seldom] == SELDOM
    assert not [one for conversation in (NEW_CUSTOMER, DEAL, MOVE) for one in _fields(conversation) if one.seldom]


def test_what_a_decision_asks_for() -> None:
    asked = [(EN(one.label), ZH(one.label)) for guide in (REJECT, OVERRIDE, SEND_BACK) for one in _fields(guide)]
    assert asked == [("Reason", "原因"), ("Reason", "原因"), ("What to change", "修改要求")]
    assert all(one.required for guide in (REJECT, OVERRIDE, SEND_BACK, DEPOSIT) for one in _fields(guide))


@pytest.mark.parametrize("name", BUTTONS)
def test_buttons(name: str) -> None:
    label = getattr(labels, name)
    assert (EN(label), ZH(label)) == BUTTONS[name]


@pytest.mark.parametrize("name", VERBS)
def test_verbs_by_every_name(name: str) -> None:
    for said in (name, name.upper(), f"/{name}", *VERBS[name], *(f"/{one}" for one in VERBS[name])):
        found = find_verb(f"{said} Ernst Handel")
        assert found is not None, said
        assert (found[0].name, found[1]) == (name, "Ernst Handel")
