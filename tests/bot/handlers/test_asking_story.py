"""Approvers ask before they decide, decide one after another, and an approved order is cancelled with a reason."""

from crm.orders.orders import Order
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk


async def test_a_question_goes_to_the_rep_and_its_answer_to_the_card(company: TradingDesk) -> None:
    await company.order()
    await company.press(ZHAO, "Ask")
    await company.say(ZHAO, "Why so cheap?")
    told = "Li was asked. The answer comes to the card; the order still waits for you."
    assert company.last(ZHAO).text == told
    assert company.notices(LI, "Zhao asks about SO-2026-0001 Ernst Handel: “Why so cheap?”") == 1
    await company.press(LI, "Answer")
    assert "Why so cheap?" in company.last(LI).text
    await company.say(LI, "The last of the old stock")
    assert company.last(LI).text == "Your answer went to Zhao."
    assert company.notices(ZHAO, "Li answers on SO-2026-0001: “The last of the old stock”") == 1
    card = company.card(ZHAO)
    assert "Zhao asks: “Why so cheap?”\nLi answers: “The last of the old stock”" in card.text
    assert "Approve" in " ".join(card.labels)
    await company.approve(ZHAO)
    assert "Li answers: “The last of the old stock”" in company.card(SUN).text
    assert [row.act for row in company.desk.rows("SELECT act FROM history WHERE act IN ('asked', 'answered')")] == [
        "asked",
        "answered",
    ]


async def test_only_who_may_decide_asks_and_only_the_submitter_answers_once(company: TradingDesk) -> None:
    await company.order()
    card = company.card(ZHAO)
    await company.press(ZHAO, "Ask")
    await company.say(ZHAO, "Why?")
    order = (await company.say(LI, "/orders SO-2026-0001")).ref
    shown = company.last(LI)
    assert shown.ref == order
    assert "Answer" in shown.labels
    assert "Answer" not in (await company.say(ZHAO, "/orders SO-2026-0001")).labels
    await company.press(LI, "Answer", on=shown)
    await company.say(LI, "Because.")
    assert "No question about order" in (await company.desk.press(LI, "Answer", on=shown)).toast
    await company.approve(ZHAO)
    assert (await company.desk.press(ZHAO, "Ask", on=card)).toast
    assert company.desk.rows("SELECT count(*) AS n FROM order_questions")[0].n == 1


async def test_a_question_left_open_ends_with_the_decision(company: TradingDesk) -> None:
    await company.order()
    await company.press(ZHAO, "Ask")
    await company.say(ZHAO, "Why?")
    notice = company.last(LI)
    await company.approve(ZHAO, SUN)
    assert "can't be done any more" in (await company.desk.press(LI, "Answer", on=notice)).toast


async def test_several_are_decided_one_after_another(company: TradingDesk) -> None:
    for _ in range(3):
        await company.order()
    await company.say(ZHAO, "/approvals")
    await company.press(ZHAO, "One after another")
    assert company.last(ZHAO).text == "2 more orders wait behind it."
    assert "SO-2026-0001" in company.card(ZHAO).text
    await company.approve(ZHAO)
    await company.press(ZHAO, "Next order")
    assert company.last(ZHAO).text == "1 more order waits behind it."
    await company.press(ZHAO, "Next order")  # passed over
    assert "SO-2026-0003" in company.last(ZHAO).text
    await company.approve(ZHAO)
    states = company.desk.rows("SELECT order_id FROM approval_steps WHERE role = 'supervisor' AND status = 'pending'")
    assert [row.order_id for row in states] == [2]


async def test_an_approved_order_is_cancelled_by_its_submitter_with_a_reason(company: TradingDesk) -> None:
    order = await company.order(terms="net 30")
    await company.say(LI, "/orders SO-2026-0001")
    assert "Cancel order" not in company.last(LI).labels
    await company.approve(ZHAO, SUN)
    assert company.trade.reserved()
    assert "Cancel order" not in (await company.say(ZHAO, "/orders SO-2026-0001")).labels
    await company.say(LI, "/orders SO-2026-0001")
    shown = company.last(LI)
    await company.press(LI, "Cancel order")
    await company.press(LI, "The customer buys elsewhere")
    assert company.last(LI).text == "Order SO-2026-0001 is cancelled; its credit is given back."
    assert company.trade.status(order) == "cancelled"
    assert not company.trade.reserved()
    for account in (ZHAO, SUN):
        assert company.notices(account, "Li has cancelled order SO-2026-0001 of Ernst Handel: The customer buys") == 1
    assert "can't be cancelled any more" in (await company.desk.press(LI, "Cancel order", on=shown)).toast
    last = company.desk.rows("SELECT act, reason FROM history WHERE entity = 'order' ORDER BY id DESC LIMIT 1")[0]
    assert (last.act, last.reason) == ("cancelled", "other_supplier")


async def test_once_in_production_whoever_approves_last_cancels(company: TradingDesk) -> None:
    order = await company.order()
    await company.approve(ZHAO, SUN)
    table = Order.table()
    company.desk.write(
        lambda work: work.connection.execute(table.update().where(table.c.id == order).values(status="in_production"))
    )
    for account in (LI, ZHAO, CHEN, XU):
        assert "Cancel order" not in (await company.say(account, "/orders SO-2026-0001")).labels
    await company.say(SUN, "/orders SO-2026-0001")
    await company.press(SUN, "Cancel order")
    await company.say(SUN, "Force majeure")
    assert company.trade.status(order) == "cancelled"
    assert company.notices(LI, "Sun has cancelled order SO-2026-0001 of Ernst Handel: Force majeure") == 1
