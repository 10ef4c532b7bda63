"""Deals as a rep lives through them: opened, moved with what lacks, skipped, sent back, lost, made an order."""

import pytest

from tests.bot.trading_desk import CHEN, LI, SUN, ZHAO, TradingDesk
from tests.conftest import MakePerson

DEAL = ("/deal Ernst", "Lamps for Graz", "Chai", "62万", "1 June 2026", "skip")
WALK = (
    ("Needs confirmed", ("today",)),
    ("Quotation", ("2000", "600x600, 4000 K")),
    ("Negotiation", ("today",)),
    ("Contract", ("62万", "T/T 30/70")),
)
"""What each stage asks for on the way to it."""


async def _open(company: TradingDesk) -> None:
    await company.say(LI, *DEAL)
    await company.press(LI, "Confirm")


async def _walk(company: TradingDesk, to: str) -> None:
    for stage, answers in WALK:
        await company.say(LI, f"/move 1 {stage}", *answers)
        await company.press(LI, "Confirm")
        assert f"D-1 is now in: {stage}" in company.last(LI).text
        if stage == to:
            return


def _stage(company: TradingDesk) -> str:
    return str(company.desk.rows("SELECT stage FROM deals")[0].stage)


async def test_a_deal_step_by_step(company: TradingDesk) -> None:
    for words, asked in zip(
        DEAL, ("Title", "Product", "Amount", "Expected close", "Notes", "Is everything"), strict=True
    ):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(asked)
    assert company.last(LI).lines[:-1] == (
        "New deal",
        "Customer: Ernst Handel",
        "Title: Lamps for Graz",
        "Product: Chai",
        "Amount: CNY 620,000",
        "Expected close: Mon 1 Jun 2026",
    )
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "Saved deal D-1: Lamps for Graz"
    assert company.last(LI).labels == ["Open", "Move"]


async def test_the_same_in_chinese(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.add_customer("万通贸易")
    await company.say(LI, "/settings language zh")
    asked = ("客户", "商机名称", "产品", "预计金额", "预计成交日期", "备注")
    for words, label in zip(("商机", "wtmy", "灯具", "跳过", "62万", "下月底"), asked, strict=True):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(label)
    await company.say(LI, "跳过", "确认")
    assert "D-1" in company.last(LI).text


async def test_an_amount_that_is_none_is_refused(small_company: TradingDesk) -> None:
    await small_company.say(LI, *DEAL[:3])
    for typed in ("-1", "0", "1e400", "NaN", "9折", "lots"):
        shown = await small_company.say(LI, typed)
        assert shown.lines[-2] == "Please write an amount, such as 12,500 USD.", typed
        assert shown.lines[-1].startswith("Amount:")


async def test_a_move_asks_for_what_lacks_and_nothing_else(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    shown = await company.say(LI, "/move 1 needs")
    assert shown.lines[-1].startswith("First response on:")
    assert (await company.say(LI, "today")).lines[-1] == "Is everything right?"
    await company.press(LI, "Confirm")
    shown = await company.say(LI, "推进 1 方案报价")  # the product is known since it was opened
    assert shown.lines[-1].startswith("Quantity:")
    await company.say(LI, "2000")
    assert company.last(LI).lines[-1].startswith("Confirmed need:")
    await company.say(LI, "600x600")
    assert company.last(LI).lines[-1] == "Is everything right?"
    await company.press(LI, "Confirm")
    assert _stage(company) == "quotation"


async def test_a_stage_skipped_wants_its_facts_and_a_reason(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await company.say(LI, "/move 1 quotation", "today", "2000", "600x600")
    shown = company.last(LI)
    assert shown.lines[-1].startswith("Reason:")
    await company.say(LI, "2")  # the second choice
    assert "Reason: The customer is in a hurry" in company.last(LI).lines
    await company.press(LI, "Confirm")
    assert _stage(company) == "quotation"
    (stay,) = company.desk.rows("SELECT reason FROM deal_stages WHERE stage = 'quotation'")
    assert stay.reason == "urgent"


@pytest.mark.parametrize("wanted", ["initial", "lost"])
async def test_back_and_lost_want_a_reason_alone(small_company: TradingDesk, wanted: str) -> None:
    company = small_company
    await _open(company)
    await _walk(company, "Needs confirmed")
    shown = await company.say(LI, f"/move 1 {wanted}")
    assert shown.lines[-1].startswith("Reason:")
    await company.say(LI, "They think it over")
    await company.press(LI, "Confirm")
    assert _stage(company) == wanted


async def test_where_the_deal_stands_is_no_new_stage(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await company.say(LI, "/move 1 initial")
    await company.press(LI, "Confirm")
    assert "The deal stands there already." in company.last(LI).text
    assert company.last(LI).lines[-1].startswith("New stage:")


async def test_the_order_from_a_deal_asks_only_for_what_lacks(company: TradingDesk) -> None:
    await _open(company)
    await _walk(company, "Contract")
    await company.press(LI, "New order")
    shown = company.last(LI)
    assert {
        "Customer: Ernst Handel",
        "Deal or quote: D-1 Lamps for Graz",
        "Line 1: Chai, 2,000, @ CNY 310",
        "Payment terms: T/T 30/70",
    } <= set(shown.lines)
    assert shown.lines[-1].startswith("Price terms:")
    assert (await company.say(LI, "FOB Ningbo")).lines[-1].startswith("Deliver to:")
    review = await company.say(LI, "Hamburg")
    assert review.lines[-1] == "Shall this be submitted?"
    assert "Goes to: Sales supervisor, Finance, General manager" in review.lines
    await company.press(LI, "Submit")
    await company.approve(ZHAO, SUN, CHEN)
    (order,) = company.desk.rows("SELECT status, deal_id FROM orders")
    assert tuple(order) == ("ready", 1)


async def test_an_order_that_follows_an_earlier_one_shows_the_review_at_once(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    await _open(company)
    await _walk(company, "Contract")
    await company.press(LI, "New order")
    assert company.last(LI).lines[-1] == "Shall this be submitted?"


async def test_a_lead_becomes_a_deal(small_company: TradingDesk) -> None:
    company = small_company
    await company.desk.log_lead(LI, "Bólido Comidas")
    await company.press(LI, "Open")
    await company.press(LI, "Convert")
    assert "Title: 500 LED panels" in company.last(LI).lines
    assert company.last(LI).lines[-1].startswith("Amount:")
    await company.say(LI, "12.5k USD", "end of next month")
    company.trade.rate("USD", "7.1")
    await company.press(LI, "Confirm")
    assert "D-1" in company.last(LI).text
    (customer,) = company.desk.rows("SELECT name FROM customers WHERE name <> 'Ernst Handel'")
    assert customer.name == "Bólido Comidas"


async def test_another_teams_deal_is_not_there(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    await _open(company)
    card = await company.say(LI, "/deals 1")
    assert "There is no deal D-1." in (await company.say("Qian", "/deals 1")).text
    assert "No deal fits" in (await company.say("Qian", "/move 1 needs")).text
    toast = (await company.desk.press("Qian", "Lost", on=card, chat_id=LI)).toast
    assert toast
    assert _stage(company) == "initial"


async def test_the_pipeline_by_stage(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    shown = await company.say(LI, "漏斗")
    assert shown.lines[0] == "Pipeline"
    assert "Initial contact: 1 · CNY 620,000" in shown.lines
    assert shown.lines[1] == "1 open deal worth CNY 620,000"
    assert shown.labels[0] == "D-1 Lamps for Graz"
    assert "Lamps for Graz" in (await company.say(ZHAO, "/deals")).text  # the supervisor's team


@pytest.mark.parametrize(("verb", "asked"), [("/order", "Product"), ("/deal", "Title")])
async def test_a_verb_takes_the_name_that_is_one_customers_own(
    small_company: TradingDesk, verb: str, asked: str
) -> None:
    """Also where it is a part of another's."""
    company = small_company
    company.trade.add_customer("Ernst Handel GmbH")
    assert (await company.say(LI, f"{verb} ernst handel")).lines[-1].startswith(asked)
    assert "Customer: Ernst Handel" in company.last(LI).lines
    assert (await company.say(LI, f"{verb} Ernst")).lines[-1].startswith("Customer:")
