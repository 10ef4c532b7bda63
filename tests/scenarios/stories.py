"""Stories: who does what, whatever the door. Each ends in the same rows wherever it is played."""

from tests.scenarios.seats import Seat


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
