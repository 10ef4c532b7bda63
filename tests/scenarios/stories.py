"""Stories: who does what, whatever the door. Each ends in the same rows wherever it is played."""

from tests.scenarios.seats import NOTHING, SUBMIT, Seat


def a_lead_in_chinese(rep: Seat) -> None:
    """A rep logs a lead at a fair, opens it, and finds that it leads nowhere."""
    rep.guide(
        "线索",
        {
            "公司名称": "万通贸易",
            "联系人": "王经理",
            "电话或邮箱": "13800138000",
            "国家或地区": "中国",
            "来源": "展会",
            "产品需求": "2000套LED面板",
            "预算范围": "30-50万",
            "下次跟进": "2030-12-24 15:00",
            "标签": "广交会2026, 灯具",
        },
    )
    rep.see("L-1")
    rep.press("打开")
    rep.see("负责人")


def the_main_road(rep: Seat, supervisor: Seat, finance: Seat, manager: Seat) -> None:
    """A lead becomes a deal, moves to the contract, and its order is approved by three."""
    rep.guide(
        "线索",
        {
            "公司名称": "万通贸易",
            "联系人": "王经理",
            "电话或邮箱": "13800138000",
            "国家或地区": "中国",
            "来源": "展会",
            "产品需求": "2000套LED面板",
        },
    )
    rep.see("L-1")
    rep.press("打开")
    rep.see("负责人")
    rep.guide("转为客户", {"预计金额": "62万", "预计成交日期": "2030-12-24"}, by_button=True)
    rep.see("D-1")
    for stage, answers in _MOVES:
        rep.guide(f"推进 1 {stage}", answers)
        rep.see(f"D-1 已进入：{stage}")
    rep.guide(
        "下单 万通",
        {
            "产品": "LED面板灯",
            "数量": "2000",
            "单价": "310",
            "价格条款": "FOB 宁波",
            "交货日期": "2030-12-30",
            "交货地点": "汉堡港",
            "付款方式": "T/T 30/70",
        },
        ends=SUBMIT,
    )
    rep.see("SO-")
    for approver in (supervisor, finance, manager):
        approver.see("CNY 620,000")
        approver.press("同意")
    rep.see("已全部批准")
    manager.see("✓ 总经理")


_MOVES = (
    ("需求确认", {"首次回复日期": "2026-01-05"}),
    ("方案报价", {"已确认需求": "600x600, 白光"}),
    ("商务谈判", {"报价发出日期": "2026-01-20"}),
    ("合同签订", {"成交价": "62万", "付款方式": "T/T 30/70"}),
)


def an_order_for_ernst(rep: Seat, supervisor: Seat, finance: Seat) -> None:
    """A customer of the pool, found by a part of the name, orders; two approve."""
    rep.guide(
        "下单 ernst",
        {
            "产品": "Tofu",
            "数量": "30",
            "单价": "23.25",
            "价格条款": "FOB 宁波",
            "交货日期": "2030-12-30",
            "交货地点": "Graz",
            "付款方式": "T/T 30/70",
        },
        ends=SUBMIT,
    )
    rep.see("Ernst Handel")
    for approver in (supervisor, finance):
        approver.see("CNY 697.50")
        approver.press("同意")
    rep.see("已全部批准")


def an_order_turned_down_twice(rep: Seat, supervisor: Seat, finance: Seat, manager: Seat) -> None:
    """A new customer's order is sent back, resubmitted, rejected; another one is approved by two."""
    rep.guide("新建客户", {"公司名称": "海星国际", "联系人": "周敏", "国家或地区": "德国", "币种": "CNY"}, pauses=True)
    rep.see("已保存客户")
    rep.guide("下单 海星", SMALL_ORDER, ends=SUBMIT)
    rep.see("SO-")
    supervisor.see("CNY 30,000")
    supervisor.guide("退回修改", {"修改要求": "请再看一下交货日期"}, by_button=True, ends=NOTHING)
    rep.see("请再看一下交货日期")
    rep.ask("订单 海星", "李伟 提交于")
    rep.guide("重新提交", {}, by_button=True, ends=SUBMIT)
    rep.see("SO-")
    supervisor.ask("审批", "CNY 30,000")
    supervisor.press("同意")
    finance.see("CNY 30,000")
    finance.guide("驳回", {"原因": "客户欠款太多"}, by_button=True, ends=NOTHING)
    rep.see("客户欠款太多")
    rep.guide("下单 海星", SMALL_ORDER, ends=SUBMIT)
    rep.see("SO-")
    for approver in (supervisor, finance):
        approver.ask("审批", "CNY 30,000")
        approver.press("同意")
        approver.see("✓")
    rep.see("已全部批准")


SMALL_ORDER = {
    "产品": "LED面板灯",
    "数量": "100",
    "单价": "300",
    "价格条款": "FOB 宁波",
    "交货日期": "2030-12-30",
    "交货地点": "汉堡港",
    "付款方式": "T/T 30/70",
}


def a_lead_from_the_pool(rep: Seat) -> None:
    """Nobody looks after a lead: a rep claims it, converts it, and writes down what was said."""
    rep.ask("公海", "远航贸易")
    rep.press("领取 L-1")
    rep.see("负责人")
    rep.guide("转为客户", {"预计金额": "5万", "预计成交日期": "2030-12-24"}, by_button=True)
    rep.see("D-1")
    rep.guide("写跟进", {"客户": "远航贸易", "跟进内容": "已寄样品，下周回复"}, ends=NOTHING)
    rep.see("已记入")
