"""Orders as a rep lives through them: asked, read, refused, repeated, put aside, submitted."""

from decimal import Decimal

import pytest

from tests.bot.trading_desk import CHEN, LI, ORDER, SUN, TERMS, XU, ZHAO, TradingDesk
from tests.conftest import Clock

REVIEW = (
    "New order",
    "Customer: Ernst Handel",
    "Line 1: Chai, 500, @ 18",
    "Price terms: FOB Ningbo",
    "Delivery date: Fri 1 May 2026",
    "Deliver to: Hamburg",
    "Payment terms: T/T 30/70",
    "Total: CNY 9,000",
    "Chai: 10 % under the list price.",
    "Goes to: Sales supervisor, Finance",
    "Shall this be submitted?",
)
PROMPTS = (
    "Product",
    "Quantity",
    "Unit price",
    "Discount",
    "Is there more",
    "Price terms",
    "Delivery date",
    "Deliver to",
    "Payment terms",
)
QUESTIONS = {"Quantity": 2, "Unit price": 3, "Discount": 4}
"""How many words of ORDER come before each of these questions."""
NO_FIGURES = {"Quantity": ("0", "9折", "5%"), "Unit price": ("9折", "5%"), "Discount": ("100%", "-5%", "0折")}


async def test_an_order_step_by_step(company: TradingDesk) -> None:
    for words, asked in zip(ORDER, PROMPTS, strict=True):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(asked)
    review = await company.say(LI, TERMS)
    assert review.lines == REVIEW
    assert review.labels == ["✅ Submit", "Edit", "More fields", "Cancel"]
    await company.press(LI, "Submit")
    saved = company.last(LI)
    assert (saved.ref, saved.lines[0]) == (review.ref, "Submitted order SO-2026-0001: Ernst Handel, CNY 9,000")
    assert saved.labels == ["Open", "Recall"]
    assert "SO-2026-0001" in saved.lines[-1]  # ready to be pasted to the customer
    (order,) = company.desk.rows("SELECT * FROM orders")
    assert (order.status, order.incoterm, order.place, order.round) == ("pending", "FOB", "Ningbo", 1)


async def test_the_same_in_chinese(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/settings language zh")
    company.trade.add_customer("万通贸易")
    asked = ("产品", "数量", "单价", "优惠(%)", "", "价格条款", "交货日期", "交货地点", "付款方式")
    for words, label in zip(("下单 wtmy", "Chai", "５００", "18", "跳过", *ORDER[5:]), asked, strict=True):
        typed = {"No more lines": "明细完成", "1 May 2026": "2026年5月1日"}.get(words, words)
        shown = await company.say(LI, typed)
        assert shown.lines[-1].startswith(label)
    assert "客户: 万通贸易" in shown.text
    review = await company.say(LI, TERMS)
    assert review.labels == ["✅ 提交审批", "修改", "更多字段", "取消"]
    await company.say(LI, "提交审批")
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["pending"]


@pytest.mark.parametrize("typed", ["Ernst", "ernst handel", "2"])
async def test_a_customer_by_part_of_the_name_or_by_number(small_company: TradingDesk, typed: str) -> None:
    company = small_company
    company.trade.add_customer("Alfreds Futterkiste")
    shown = await company.say(LI, "/order")
    assert shown.lines[-1].startswith("Customer:")
    assert shown.labels[:2] == ["Alfreds Futterkiste", "Ernst Handel"]
    assert "Customer: Ernst Handel" in (await company.say(LI, typed)).lines


async def test_one_of_several_is_asked_for_and_taken_by_its_number(small_company: TradingDesk) -> None:
    company = small_company
    for name in ("万通贸易", "万通物流"):
        company.trade.add_customer(name)
    shown = await company.say(LI, "/order", "wt")
    assert "Several match wt. Which one?" in shown.lines
    assert set(shown.labels[:2]) == {"万通贸易", "万通物流"}
    assert f"Customer: {shown.labels[1]}" in (await company.say(LI, "2")).lines


@pytest.mark.parametrize("field", QUESTIONS)
async def test_what_is_no_figure_is_refused_with_a_right_one(small_company: TradingDesk, field: str) -> None:
    await small_company.say(LI, *ORDER[: QUESTIONS[field]])
    for typed in ("-1", "1e400", "NaN", "-Infinity", "∞", "zwölf", "1e5", *NO_FIGURES[field]):
        shown = await small_company.say(LI, typed)
        assert shown.lines[-1].startswith(field), typed
        assert shown.lines[-2].startswith("Please write a"), typed
        assert "such as" in shown.lines[-2] or "or 5%" in shown.lines[-2]
        assert "Customer: Ernst Handel" in shown.lines  # nothing before it is lost


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("Quantity", "１２", "Line 1: Chai, 12"),
        ("Quantity", "1.5k", "Line 1: Chai, 1,500"),
        ("Quantity", "2打", "Line 1: Chai, 24"),
        ("Unit price", "１２", "Line 1: Chai, 500, @ 12"),
        ("Unit price", "@18.5", "Line 1: Chai, 500, @ 18.5"),
        ("Unit price", "0", "Line 1: Chai, 500, @ 0"),
        ("Discount", "１２", "Line 1: Chai, 500, @ 18, −12%"),
        ("Discount", "9折", "Line 1: Chai, 500, @ 18, −10%"),
        ("Discount", "95折", "Line 1: Chai, 500, @ 18, −5%"),
        ("Discount", "0", "Line 1: Chai, 500, @ 18, −0%"),
    ],
)
async def test_figures_as_people_type_them(small_company: TradingDesk, field: str, typed: str, read: str) -> None:
    shown = await small_company.say(LI, *ORDER[: QUESTIONS[field]], typed)
    assert read in shown.lines
    assert not shown.lines[-1].startswith(field)


async def test_several_lines_in_one_message(small_company: TradingDesk) -> None:
    company = small_company
    refused = await company.say(LI, "/order Ernst", "Chai 500 @18; Chang -200 @19")
    assert "Chang -200 @19" in refused.lines[-2]
    assert refused.lines[-1].startswith("Product:")
    assert not [line for line in refused.lines if line.startswith("Line 1")]  # all or nothing
    shown = await company.say(LI, "Chai 500 @18; Chang 200 @19 95折\nCHAI 3pcs @ 2")
    assert shown.lines[-4:-1] == (
        "Line 1: Chai, 500, @ 18",
        "Line 2: Chang, 200, @ 19, −5%",
        "Line 3: Chai, 3, @ 2",
    )
    await company.say(LI, "No more lines", *ORDER[6:], TERMS)
    assert "Total: CNY 12,616" in company.last(LI).lines
    await company.press(LI, "Submit")
    assert len(company.desk.rows("SELECT * FROM order_lines")) == 3


async def test_a_date_in_the_past_is_refused(small_company: TradingDesk) -> None:
    shown = await small_company.say(LI, *ORDER[:7], "1 January 2026")
    assert "Thu 1 Jan 2026 is in the past." in shown.lines
    assert shown.lines[-1].startswith("Delivery date:")


async def test_a_date_that_has_passed_meanwhile_is_asked_for_again(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, *ORDER, TERMS)
    clock.move(days=90)
    await company.press(LI, "Submit")
    assert company.desk.rows("SELECT * FROM orders") == []
    assert company.last(LI).lines[-1].startswith("Delivery date:")
    await company.say(LI, "1 August 2026")
    await company.press(LI, "Submit")
    assert len(company.desk.rows("SELECT * FROM orders")) == 1


async def test_more_fields_are_asked_one_by_one_from_the_review(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, *ORDER, TERMS)
    for label, typed in (
        ("Deal or quote", "skip"),
        ("Customer PO", "PO-17"),
        ("Currency", "skip"),
        ("Packing and marks", "EH/Graz/1-20"),
        ("Notes", "skip"),
    ):
        await company.press(LI, "More fields")
        assert company.last(LI).lines[-1].startswith(label)
        await company.say(LI, typed)
    assert "Customer PO: PO-17" in company.last(LI).lines
    assert "More fields" not in company.last(LI).labels
    await company.press(LI, "Submit")
    (order,) = company.desk.rows("SELECT customer_po, packing FROM orders")
    assert tuple(order) == ("PO-17", "EH/Graz/1-20")


async def test_same_as_last_time_shows_the_review_at_once(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    clock.move(days=90)
    shown = await company.say(LI, "/order Ernst")
    assert shown.labels[0] == "Same as last time"
    await company.press(LI, "Same as last time")
    review = company.last(LI)
    assert "Line 1: Chai, 500, @ CNY 18" in review.lines
    assert "Delivery date: Thu 30 Jul 2026" in review.lines  # as long from today as the last one was
    await company.press(LI, "Submit")
    first, second = company.desk.rows("SELECT total, payment_terms, deliver_to FROM orders ORDER BY id")
    assert first == second


async def test_an_order_put_aside_is_gone_on_with(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, *ORDER[:4])
    shown = await company.say(LI, "/orders")
    assert shown.labels[-1] == "Continue"
    clock.move(days=3)
    await company.press(LI, "Continue")
    assert company.last(LI).lines[-1].startswith("Discount")
    assert "Line 1: Chai, 500, @ 18" in company.last(LI).lines
    await company.say(LI, "/lead", "/continue")  # one conversation puts another aside
    assert company.last(LI).lines[-1].startswith("Company")
    await company.say(LI, "/cancel", "/continue")
    assert company.last(LI).lines[-1].startswith("Discount")
    await company.say(LI, *ORDER[4:], TERMS)
    await company.press(LI, "Submit")
    assert len(company.desk.rows("SELECT * FROM orders")) == 1


@pytest.mark.parametrize("at", [1, 4, len(ORDER)])
async def test_cancel_always_works_and_nothing_is_written(small_company: TradingDesk, at: int) -> None:
    company = small_company
    await company.say(LI, *ORDER[:at], "取消")
    assert "nothing was saved" in company.last(LI).text
    assert company.desk.rows("SELECT * FROM orders") == []


async def test_a_double_tap_on_submit_submits_once(company: TradingDesk) -> None:
    await company.say(LI, *ORDER, TERMS)
    review = company.last(LI)
    await company.press(LI, "Submit", on=review)
    assert await company.press(LI, "Submit", on=review) == "This is saved already."
    assert len(company.desk.rows("SELECT * FROM orders")) == 1
    assert company.notices(ZHAO, "Submitted by: Li") == 1


async def test_a_product_discontinued_meanwhile_is_asked_for_again(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, *ORDER, TERMS)
    company.discontinue(company.trade.chai)
    await company.press(LI, "Submit")
    shown = company.last(LI)
    assert company.desk.rows("SELECT * FROM orders") == []
    assert shown.lines[-1].startswith("Product:")
    assert "Chai" not in shown.labels
    await company.say(LI, "Chang")
    assert "Line 1: Chang, 500, @ 18" in company.last(LI).lines
    await company.press(LI, "Submit")
    assert len(company.desk.rows("SELECT * FROM orders")) == 1


@pytest.mark.parametrize("at", [3, len(ORDER)])
async def test_a_customer_merged_meanwhile_is_asked_for_again(company: TradingDesk, at: int) -> None:
    other = company.trade.add_customer("Ernst Handel GmbH")
    await company.say(LI, "/order", "Ernst Handel", *ORDER[1:at])
    company.trade.merge(company.trade.customer)
    await company.say(LI, *ORDER[at:], TERMS)
    await company.press(LI, "Submit")
    assert company.desk.rows("SELECT * FROM orders") == []
    assert company.last(LI).lines[-1].startswith("Customer:")
    await company.say(LI, "Ernst Handel GmbH")
    await company.press(LI, "Submit")
    assert [row.customer_id for row in company.desk.rows("SELECT customer_id FROM orders")] == [other]


async def test_a_rep_never_sees_margin_or_cost(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.add_product("DEAR", "Dear tea", price="20", cost="13.5791", floor_price=Decimal("15.2468"))
    company.trade.set_limit("5000")
    await company.say(LI, "/order Ernst", "Dear tea 500 @14", "No more lines", *ORDER[6:], TERMS)
    await company.press(LI, "Submit")
    await company.approve(ZHAO)
    await company.press(SUN, "Override credit")
    await company.say(SUN, "loyal since 1998")
    await company.approve(CHEN)
    for words in ("/orders SO-2026-0001", "/orders", "/products dear", "/customer Ernst", "/find Dear", "/today"):
        await company.say(LI, words)
    seen = company.everything(LI).casefold()
    assert "so-2026-0001" in seen
    for hidden in ("margin", "cost", "13.5791", "3.0%", "15.2468"):
        assert hidden not in seen, hidden
    assert "margin: 3%" in company.everything(ZHAO).casefold()


async def test_who_may_not_order_is_told_so(small_company: TradingDesk) -> None:
    for account in (SUN, XU):
        shown = await small_company.say(account, "/order Ernst")
        assert shown.text == "order is for other roles than yours."
