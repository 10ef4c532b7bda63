"""The names people and help texts rely on, quoted from the contract: verbs, buttons, fields, in both languages."""

import re

import pytest

from bot.cards import labels
from bot.conversations.definition import Conversation, Field
from bot.handlers import VERBS, find_verb, guided
from bot.wording import wording
from crm.core.text import Text

EN, ZH = wording("en", "UTC"), wording("zh_CN", "UTC")
WORDS = """
start 绑定 | lead 线索 | leads 我的线索 | pool 公海 | customer 客户 | newcustomer 新建客户 | deal 商机
deals 我的商机 漏斗 | move 变更阶段 推进 | quote 报价 | order 录单 下单 | orders 我的订单 订单 | approvals 审批
board 看板 | ship 发货 | delivered 签收 | milestone 生产进度 | payment 登记收款 | note 写跟进 | remind 提醒
today 今日 | report 报表 | target 目标 | campaign 邮件营销 | find 搜索 | away 委托审批 请假 出差 | import 导入
export 导出 | settings 设置 | people 人员 | rules 规则 | products 产品 | rates 汇率 | tour 新手引导 | help 帮助
feedback 反馈 | cancel 取消
"""
BUTTONS = """
Save 保存 | Confirm 确认 | Submit 提交审批 | Edit 修改 | Back 上一步 | Skip 跳过 | Cancel 取消
Continue 继续填写 | Add another line 再加一行 | No more lines 明细完成 | Next 下一页 | Previous 前一页
More fields 更多字段 | Same as last time 再来一单 | Approve 同意 | Reject 驳回 | Send back 退回修改
Approve with condition 附条件同意 | Ask 提问 | Override credit 超额放行 | Larger deposit 提高定金 | Nudge 催办
Recall 撤回 | Resubmit 重新提交 | Accept condition 接受条件 | Decline condition 不接受 | Reassign 转交
Release production 放行生产 | Release shipment 放行发货 | Done 已完成 | Late 延期 | Problem 有问题
Delivered 已签收 | Send to customer 发给客户 | Revoke link 停用链接 | Customer accepted 客户已接受 | Won 赢单
Lost 丢单 | Keep grade 保留原级 | Accept grade 采纳 | Cancel order 取消订单 | Called 已联系 | No answer 未联系上
Snooze 稍后提醒 | Claim 领取 | Convert 转为客户 | Disqualify 标为无效 | Ask for hand-over 申请移交
Log anyway 仍然录入 | Undo 撤销
"""
FIELDS = """
Company 公司名称 | Contact 联系人 | Phone or e-mail 电话或邮箱 | Country or region 国家或地区 | Source 来源
Product need 产品需求 | Product category 产品类别 | Budget 预算范围 | Next follow-up 下次跟进 | Tags 标签
Notes 备注 | Currency 币种 | Payment terms 付款方式 | Customer 客户 | Title 商机名称 | Product 产品
Amount 预计金额 | Expected close 预计成交日期 | Deal 商机 | New stage 新阶段 | Quantity 数量
Final price 成交价 | Contract number 合同号 | Signed on 签约日期 | Reason 原因 | Deal or quote 来源商机或报价
Customer PO 客户采购单号 | Unit price 单价 | Discount 优惠(%) | Price terms 价格条款 | Delivery date 交货日期
Valid until 有效期 | Lead time 交期
Deliver to 交货地点 | Packing and marks 包装唛头 | What to change 修改要求 | Condition 附加条件 | Question 问题
Order 订单 | Lines 发货明细 | Mode 运输方式 | Carrier 承运商/货代 | Tracking number or B/L 运单号/提单号
Shipped on 发货日期 | Expected arrival 预计到达 | Milestone 节点 | Status 状态 | New date 新日期 | Problem 问题
"""
OF_A_QUOTE = {"Deal": "来源商机"}
OF_A_PAYMENT = {
    "Amount": "金额",
    "Bank charges": "手续费",
    "Received on": "到账日期",
    "Reference": "参考号",
    "Allocate to": "核销订单",
}
"""Where the contract calls a field of quotes, or of payments, by another name."""
REGISTERED = [guide.conversation for guide in guided._GUIDES.values()]


def _pairs(table: str) -> dict[str, str]:
    """English → Chinese; an English name may have blanks, a Chinese one here has none."""
    entries = [entry.strip() for entry in re.split(r"[|\n]", table) if entry.strip()]
    return dict(entry.rsplit(" ", 1) for entry in entries)


@pytest.mark.parametrize("entry", [entry.split() for entry in re.split(r"[|\n]", WORDS) if entry.strip()], ids=str)
def test_every_word_of_a_verb_means_it_in_every_way_of_typing_it(entry: list[str]) -> None:
    name = entry[0]
    if name not in {verb.name for verb in VERBS}:
        assert [word for word in entry if find_verb(word) is not None] == [], "the word of a verb to come is taken"
        return
    for word in entry:
        for typed in (word, word.upper(), f"/{word}", f"／{word}"):
            found = find_verb(typed)
            assert found is not None, typed
            assert found[0].name == name


def test_buttons_are_called_as_agreed() -> None:
    agreed = _pairs(BUTTONS)
    used = {EN(label): ZH(label) for label in vars(labels).values() if isinstance(label, Text)}
    assert {name: used[name] for name in used.keys() & agreed.keys()} == {
        name: agreed[name] for name in used.keys() & agreed.keys()
    }
    assert len(used.keys() & agreed.keys()) > 25


@pytest.mark.parametrize("conversation", REGISTERED, ids=lambda one: one.name)
def test_fields_are_called_as_agreed(conversation: Conversation) -> None:
    own = {"quote": OF_A_QUOTE, "payment": OF_A_PAYMENT}
    agreed = _pairs(FIELDS) | own.get(conversation.name.partition("_")[0], {})
    for step in conversation.steps:
        for asked in (step,) if isinstance(step, Field) else step.fields:
            if EN(asked.label) in agreed:
                assert ZH(asked.label) == agreed[EN(asked.label)]
            # Nothing else is called by an agreed Chinese name either.
            if ZH(asked.label) in agreed.values():
                assert EN(asked.label) in agreed
