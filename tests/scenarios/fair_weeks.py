"""The weeks after a fair: its leads are answered, lost and converted; its deals quoted, held, lost and won."""

from typing import Any

from sqlalchemy import text

from crm.core.text import T
from crm.sales.deals.stages import STAGE
from tests.scenarios.fair import ANNA, FINANCE, LI_WEI, SUPERVISOR, ZHOU_TING, Fair, Voice, shanghai
from tests.scenarios.seats import NOTHING, SUBMIT

CALLED = {
    LI_WEI: ("万通贸易", "武汉长江照明", "广州光华照明有限公司", "厦门远洋家居"),
    ANNA: ("Skandi Hjem AB", "Helvetia Werkzeug AG", "Bohemia Světlo s.r.o."),
    ZHOU_TING: ("Golden Gate Lighting Inc.", "Texas Tool Barn LLC", "Rocky Mountain Camping Co."),
}
"""Who is called in the days after, in this order, an hour after the other."""


def first_days(fair: Fair, voices: dict[str, Voice]) -> None:
    """Calls, a reminder that is answered and one that is put off, and leads that are none."""
    for hour in range(4):
        fair.live_until(shanghai(4, 16, 10 + hour, 30))
        for name, companies in CALLED.items():
            if hour < len(companies):
                open_lead(voices[name], companies[hour])
                voices[name].tap("Called", "Another date")
    rep = voices[LI_WEI]
    fair.live_until(shanghai(4, 17, 10, 15))
    rep.wait("跟进：南京金陵纺织")
    rep.tap("No answer", "+1天")
    rep.tap("+1天", "4月20日")
    fair.live_until(shanghai(4, 17, 14))
    disqualify(voices[LI_WEI], "泉州海丝箱包", "No real need")
    disqualify(voices[ANNA], "Vienna Lights KG", "No budget")
    disqualify(voices[ZHOU_TING], "Miami Import Export Corp", "A competitor")
    fair.live_until(shanghai(4, 21, 15, 15))
    rep.wait("跟进：万通贸易")
    rep.tap("Snooze", "什么时候再提醒你")
    rep.tap("1小时后", "16:")
    fair.live_until(shanghai(4, 21, 16, 30))


def deals_open(fair: Fair, voices: dict[str, Voice]) -> None:
    """Converted with all that is known, moved on stage by stage, quoted: under the floor, in euro, for a short time."""
    rep, anna, zhou = voices[LI_WEI], voices[ANNA], voices[ZHOU_TING]
    convert(fair, rep, "万通贸易", {"Amount": "50万", "Expected close": "5月底"})
    convert(fair, rep, "武汉长江照明", {"Expected close": "6月底"})
    convert(fair, rep, "广州光华照明有限公司", {"Amount": "8万", "Expected close": "5月底"})
    convert(fair, anna, "Skandi Hjem AB", {"Amount": "25k EUR", "Expected close": "end of May"})
    convert(fair, anna, "Helvetia Werkzeug AG", {"Amount": "11k EUR", "Expected close": "end of May"})
    convert(fair, zhou, "Golden Gate Lighting Inc.", {"Expected close": "5月底"})
    convert(fair, zhou, "Texas Tool Barn LLC", {"Amount": "9k USD", "Expected close": "6月底"})
    convert(fair, zhou, "Rocky Mountain Camping Co.", {"Amount": "15k USD", "Expected close": "6月底"})
    fair.live_until(shanghai(4, 22, 10, 30))
    for name, company, need in NEEDS:
        move(fair, voices[name], company, "needs")
        if need:
            move(fair, voices[name], company, "quotation", {"Confirmed need": need})
    quote(fair, rep, "万通贸易", {"Product": "LED面板灯 60×60 40W", "Quantity": "2000", "Unit price": "85", **TERMS_ZH})
    rep.wait("特价审批")
    quote(
        fair,
        anna,
        "Skandi Hjem AB",
        {"Product": "Cookware Set 10 Pieces", "Quantity": "800", "Unit price": "32", **TERMS},
    )
    anna.tap("Mark as sent", "is sent; it holds until")
    drills = {
        "Product": "Cordless Drill 20V Kit",
        "Quantity": "200",
        "Unit price": "31",
        **TERMS,
        "Valid until": "30 April",
    }
    quote(fair, anna, "Helvetia Werkzeug AG", drills)
    anna.tap("Mark as sent", "is sent; it holds until")
    panels = {"Product": "LED面板灯 60×60 40W", "Quantity": "4000", "Unit price": "14.2", **TERMS_ZH}
    quote(fair, zhou, "Golden Gate Lighting Inc.", panels)
    zhou.tap("Mark as sent", "有效期至")
    voices[SUPERVISOR].wait("CNY 170,000")
    voices[SUPERVISOR].tap("Approve", "特价已批准")
    rep.wait("可以发出了")
    rep.tell(f"quote {quote_of(fair, '万通贸易').number}", "Mark as sent")
    rep.tap("Mark as sent", "有效期至")
    rep.tell(f"deal D-{deal_of(fair, '武汉长江照明').id}", "On hold")
    rep.fill("On hold", {"Reason": "预算推后", "On hold until": "1个月后"}, "D-")
    fair.live_until(shanghai(4, 24, 15))
    lose(fair, rep, "广州光华照明有限公司", "Price")


def lose(fair: Fair, rep: Voice, company: str, reason: str) -> None:
    number = f"D-{deal_of(fair, company).id}"
    rep.tell(f"deal {number}", "History")
    rep.fill(
        "Lost", {"Reason": rep.read(reason)}, T("{number} is now in: {stage}", number=number, stage=STAGE["lost"].label)
    )


def quote(fair: Fair, rep: Voice, company: str, answers: dict[str, str]) -> None:
    rep.tell(f"deal D-{deal_of(fair, company).id}", "History")
    rep.fill("New quote", answers, "Q-")


TERMS_ZH = {"Price terms": "FOB 宁波", "Payment terms": "30%定金，70%发货前"}
TERMS = {"Price terms": "FOB Ningbo", "Payment terms": "30% deposit, 70% before shipment"}
NEEDS = (
    (LI_WEI, "万通贸易", "商场吊顶用，4000K"),
    (LI_WEI, "武汉长江照明", None),
    (ANNA, "Skandi Hjem AB", "for induction, spring season"),
    (ANNA, "Helvetia Werkzeug AG", "two batteries each, EU plug"),
    (ZHOU_TING, "Golden Gate Lighting Inc.", "UL listed"),
    (ZHOU_TING, "Texas Tool Barn LLC", None),
)
"""Whose deal goes on to the confirmed need, and with what need on to the quote."""


def open_lead(rep: Voice, company: str) -> None:
    rep.tell(f"leads {company}", "Disqualify")


def disqualify(rep: Voice, company: str, reason: str) -> None:
    open_lead(rep, company)
    rep.fill("Disqualify", {"Reason": rep.read(reason)}, "L-", ends=NOTHING)


def convert(fair: Fair, rep: Voice, company: str, answers: dict[str, str]) -> None:
    open_lead(rep, company)
    rep.fill("Convert", answers, "D-")


def deal_of(fair: Fair, company: str) -> Any:
    return _row(fair, f"SELECT d.* FROM deals d {OF_CUSTOMER.format('d')}", company)


def move(fair: Fair, rep: Voice, company: str, to: str, answers: dict[str, str] | None = None) -> None:
    """By the button of its card that leads to the next stage."""
    deal_id = deal_of(fair, company).id
    rep.tell(f"deal D-{deal_id}", "History")
    button = "Won" if to == "won" else T("On to: {stage}", stage=STAGE[to].label)
    rep.fill(button, answers or {}, T("{number} is now in: {stage}", number=f"D-{deal_id}", stage=STAGE[to].label))


def later_weeks(fair: Fair, voices: dict[str, Voice]) -> None:
    """Untouched leads change hands, a rate moves, a quote runs out; one deal is won with its order, another without."""
    rep, anna, zhou = voices[LI_WEI], voices[ANNA], voices[ZHOU_TING]
    fair.live_until(shanghai(4, 28, 10))
    claimed = lead_of(fair, "重庆山城工具")
    zhou.tell(f"线索 L-{claimed.id}", "Claim")
    zhou.tap("Claim", f"L-{claimed.id}")
    fair.live_until(shanghai(4, 29, 10))
    voices[FINANCE].tell("汇率 EUR 6.3", "6.3")
    voices[FINANCE].tap("改为 6.3", "1 EUR")
    fair.live_until(shanghai(4, 29, 14))
    anna.tell("quotes Skandi", "Sent")
    anna.tell(f"quote {quote_of(fair, 'Skandi Hjem AB').number}", "under the lowest margin")
    anna.fill("New version", {"Unit price 1": "38"}, "(version 2) is saved")
    anna.tap("Mark as sent", "is sent; it holds until")
    fair.live_until(shanghai(5, 6, 10))
    for voice, company in ((rep, "万通贸易"), (zhou, "Golden Gate Lighting Inc."), (anna, "Skandi Hjem AB")):
        voice.tell(f"quote {quote_of(fair, company).number}", "Customer accepted")
        voice.tap("Customer accepted", "Make order")
    for voice, company in ((rep, "万通贸易"), (zhou, "Golden Gate Lighting Inc."), (anna, "Skandi Hjem AB")):
        move(fair, voice, company, "negotiation")
        move(fair, voice, company, "contract")  # price and terms are those of the quote
    _order(fair, voices)
    fair.live_until(shanghai(5, 8, 14, 30))
    rep.tell(f"deal D-{deal_of(fair, '武汉长江照明').id}", "Resume")
    rep.tap("Resume", "Other stage")
    move(fair, rep, "万通贸易", "won", {"Contract number": "HT-0506", "Signed on": "2026-05-07"})
    move(fair, anna, "Skandi Hjem AB", "won", {"Contract number": "C-17", "Signed on": "2026-05-07"})
    lose(fair, zhou, "Golden Gate Lighting Inc.", "Competitor")
    fair.live_until(shanghai(5, 15, 19))


def _order(fair: Fair, voices: dict[str, Voice]) -> None:
    """The accepted quote as an order, which goes through all who decide."""
    rep = voices[LI_WEI]
    rep.tell(f"quote {quote_of(fair, '万通贸易').number}", "Make order")
    rep.fill("Make order", {}, "SO-", ends=SUBMIT)
    fair.pass_by()
    number = order_of(fair, "万通贸易").number
    for name in (SUPERVISOR, FINANCE):
        voices[name].wait(number)
        voices[name].tap("Approve", number)
        fair.pass_by()


def lead_of(fair: Fair, company: str) -> Any:
    return _row(fair, "SELECT * FROM leads WHERE company = :company ORDER BY id DESC", company)


def quote_of(fair: Fair, company: str) -> Any:
    return _row(fair, f"SELECT q.* FROM quotes q {OF_CUSTOMER.format('q')}", company)


def order_of(fair: Fair, company: str) -> Any:
    return _row(fair, f"SELECT o.* FROM orders o {OF_CUSTOMER.format('o')}", company)


OF_CUSTOMER = "JOIN customers c ON c.id = {0}.customer_id WHERE c.name = :company ORDER BY {0}.id DESC"


def _row(fair: Fair, query: str, company: str) -> Any:
    with fair.house.database.read() as work:
        return work.connection.execute(text(query), {"company": company}).first()
