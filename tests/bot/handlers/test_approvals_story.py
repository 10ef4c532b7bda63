"""Decisions as approvers live through them: the card, one tap, reasons, conditions, and every copy kept true."""

from decimal import Decimal

import pytest

from crm.people.people import Role
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

DECIDING = {"✅ Approve", "❌ Reject", "Send back", "Override credit", "Larger deposit"}
REVIEWED = ["✅ Approve", "❌ Reject", "Approve with condition", "Send back", "Ask"]

IN_STOCK = "ready"
"""What an approved order is when all of it lies there."""


def _without_buttons(*cards: Shown) -> bool:
    return not any(DECIDING & set(card.labels) for card in cards)


def _statuses(company: TradingDesk) -> list[str]:
    return [row.status for row in company.desk.rows("SELECT status FROM orders ORDER BY id")]


async def test_the_card_itself_is_sent_with_all_a_decision_needs(small_company: TradingDesk) -> None:
    company = small_company
    await company.order(quantity="1000", price="20")
    await company.approve(ZHAO, SUN)
    await company.order()
    assert company.last(ZHAO).text == (
        "SO-2026-0002 Ernst Handel (C)\n"
        "Total: CNY 9,000\n"
        "Submitted by: Li\n"
        "1: Chai × 500 @ CNY 18 = CNY 9,000 (10% under list, 10% under last price, margin 44.4%)\n"
        "Price terms: FOB Ningbo\n"
        "Payment terms: T/T 30/70\n"
        "Delivery: Fri 1 May 2026, Hamburg\n"
        "Margin: 44.4%\n"
        "Against list: −10%\n"
        "Against last time: −10%\n"
        "Credit used: CNY 20,000 → CNY 29,000 of CNY 1,000,000\n"
        "Mon 2 Mar 2026 SO-2026-0001 CNY 20,000 Ready to ship\n"
        "● Sales supervisor\n"
        "○ Finance\n"
        "Waiting for: Zhao"
    )
    assert company.last(ZHAO).labels == REVIEWED


async def test_one_tap_decides_and_everybody_hears(company: TradingDesk) -> None:
    await company.order()
    assert await company.press(ZHAO, "Approve") == "Order SO-2026-0001: decided. Next: Finance"
    assert _without_buttons(company.card(ZHAO))
    assert company.card(SUN).labels == REVIEWED
    assert "Next: Finance" in company.last(LI).text
    assert await company.press(SUN, "Approve") == "Order SO-2026-0001: Approved"
    assert _statuses(company) == [IN_STOCK]
    for account in (ZHAO, SUN):
        card = company.card(account)
        assert "✅ Approved" in card.lines
        assert {"✓ Sales supervisor: Zhao", "✓ Finance: Sun"} <= set(card.lines)
        assert _without_buttons(card)
    assert company.notices(LI, "is approved. The last to approve was Sun (Finance).") == 1
    assert company.desk.room.chat(CHEN)[-1].text.startswith("Welcome")  # not asked, not disturbed


@pytest.mark.parametrize(
    ("price", "currency", "rate", "called"),
    [
        ("500000", "CNY", "1", False),
        ("500000.01", "CNY", "1", True),
        ("62500", "USD", "8", False),
        ("62500.01", "USD", "8", True),
        ("70126.22", "USD", "7.13", False),  # 499,999.95
        ("70126.23", "USD", "7.13", True),  # 500,000.02
    ],
)
async def test_the_general_manager_from_a_cent_above(
    small_company: TradingDesk, price: str, currency: str, rate: str, called: bool
) -> None:
    company = small_company
    if currency != "CNY":
        company.trade.rate(currency, rate)
    await company.order(quantity="1", price=f"{price} {currency}")
    await company.approve(ZHAO, SUN)
    base = (Decimal(price) * Decimal(rate)).quantize(Decimal("0.01"))
    assert (base > 500_000) is called
    assert _statuses(company) == ["pending" if called else IN_STOCK]
    if called:
        await company.approve(CHEN)
        assert _statuses(company) == [IN_STOCK]


async def test_the_rate_stays_as_it_was_locked(company: TradingDesk, clock: Clock) -> None:
    company.trade.rate("USD", "8")
    await company.order(quantity="1", price="62500 USD")
    company.trade.rate("USD", "9", clock.now.date())
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "the marks are missing")
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Resubmit")
    assert "Total: USD 62,500 = CNY 500,000" in company.last(LI).lines
    await company.press(LI, "Submit")
    assert "Total: USD 62,500 = CNY 500,000" in company.card(ZHAO).lines
    await company.approve(ZHAO, SUN)
    assert _statuses(company) == [IN_STOCK]


async def test_a_thin_margin_calls_the_general_manager(small_company: TradingDesk) -> None:
    company = small_company
    await company.order(price="11")  # costs 10: 9.1 %
    assert "○ General manager" in company.card(ZHAO).lines
    await company.approve(ZHAO, SUN, CHEN)
    assert _statuses(company) == [IN_STOCK]


async def test_a_rejection_asks_for_the_reason_first(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    card = company.card(ZHAO)
    await company.press(ZHAO, "Reject")
    asked = company.last(ZHAO)
    assert asked.lines[-1].startswith("Reason:")
    assert "The price is too low" in asked.labels
    assert _statuses(company) == ["pending"]
    await company.press(ZHAO, "The price is too low")
    assert _statuses(company) == ["rejected"]
    told = "Order SO-2026-0001 for Ernst Handel was rejected by Zhao (Sales supervisor): The price is too low"
    assert company.last(LI).lines[0] == told
    assert "✗ Sales supervisor: Zhao, The price is too low" in company.card(ZHAO).lines
    assert await company.press(ZHAO, "Approve", on=card) != ""
    assert _statuses(company) == ["rejected"]


async def test_a_reason_from_the_list_is_told_in_the_readers_language(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    await company.say(LI, "/settings language zh")
    await company.press(ZHAO, "Reject")
    await company.press(ZHAO, "The price is too low")
    assert "价格" in company.last(LI).text
    assert "price" not in company.last(LI).text


async def test_sent_back_changed_and_submitted_again(company: TradingDesk) -> None:
    await company.order()
    await company.approve(ZHAO)
    await company.press(SUN, "Send back")
    await company.say(SUN, "19 at least")
    assert _statuses(company) == ["sent_back"]
    assert company.last(LI).lines[0].endswith("What to change: 19 at least")
    assert _without_buttons(company.card(ZHAO), company.card(SUN))
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Resubmit")
    for label in ("Edit", "Line", "1. Chai, 500, @ CNY 18", "Unit price"):
        await company.press(LI, label)
    await company.say(LI, "19")
    await company.press(LI, "Submit")
    card = company.card(SUN)
    assert "Changed: Chai: 500 × CNY 18 → 500 × CNY 19" in card.lines
    assert "Changed: Total: CNY 9,000 → CNY 9,500" in card.lines
    assert "✓ Sales supervisor: Zhao" in card.lines  # what Zhao agreed to has only become better
    await company.approve(SUN)
    assert _statuses(company) == [IN_STOCK]
    (order,) = company.desk.rows("SELECT number, round FROM orders")
    assert tuple(order) == ("SO-2026-0001", 2)


async def test_finance_overrides_the_limit_with_a_reason(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.set_limit("5000")
    await company.order()
    await company.approve(ZHAO)
    card = company.card(SUN)
    assert card.labels == ["❌ Reject", "Send back", "Override credit", "Larger deposit", "Ask"]
    assert "CNY 4,000 over the credit limit of CNY 5,000." in card.lines
    await company.press(SUN, "Override credit")
    await company.press(SUN, "A customer of many years")
    assert _statuses(company) == [IN_STOCK]
    assert "✓ Finance: Sun, A customer of many years" in company.card(ZHAO).lines


async def test_a_plain_approval_drawn_before_the_limit_sank_is_refused(company: TradingDesk) -> None:
    await company.order()
    await company.approve(ZHAO)
    card = company.card(SUN)
    assert "✅ Approve" in card.labels
    company.trade.set_limit("5000")
    toast = await company.press(SUN, "Approve", on=card)
    assert toast.startswith("The credit limit would be passed.")
    assert _statuses(company) == ["pending"]


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_larger_deposit_is_the_reps_to_accept(company: TradingDesk, accepts: bool) -> None:
    company.trade.set_limit("5000")
    await company.order()
    await company.approve(ZHAO)
    await company.press(SUN, "Larger deposit")
    refused = await company.say(SUN, "30%")
    assert "The terms have a deposit of 30 % already; ask for more." in refused.text
    await company.say(SUN, "50%")
    assert "asks for a deposit of 50 %" in company.last(LI).text
    assert _without_buttons(company.card(ZHAO), company.card(SUN))
    await company.press(LI, "Accept condition" if accepts else "Decline condition")
    order = company.trade.order(1)
    if accepts:
        assert (order.status, order.deposit_percent) == (IN_STOCK, Decimal(50))
        assert order.payment_terms == "T/T 50/50"
        assert company.notices(SUN, "Li accepts a deposit of 50 % on order SO-2026-0001.") == 1
    else:
        assert (order.status, order.payment_terms) == ("pending", "T/T 30/70")
        assert company.notices(SUN, "Li does not accept a deposit of 50 % on order SO-2026-0001.") == 1
        assert "Override credit" in company.card(SUN).labels


async def test_a_recalled_order_has_nothing_to_press_any_more(company: TradingDesk) -> None:
    await company.order()
    card = company.card(ZHAO)
    await company.press(LI, "Recall")
    assert "↩ Recalled" in company.card(ZHAO).lines
    assert _without_buttons(company.card(ZHAO))
    toast = await company.press(ZHAO, "Approve", on=card)
    assert "Recalled" in toast
    await company.press(LI, "Resubmit")
    await company.press(LI, "Submit")
    assert "Approve" in (await company.press(ZHAO, "Approve", on=card)) or _statuses(company) == ["pending"]
    await company.approve(ZHAO, SUN)
    assert _statuses(company) == [IN_STOCK]


async def test_yesterdays_card_cannot_decide_today(company: TradingDesk, clock: Clock) -> None:
    """Its step is of an earlier round: the press is answered, and decides nothing."""
    await company.order()
    yesterdays = company.card(ZHAO)
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "19 at least")
    clock.move(days=1)
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Resubmit")
    await company.press(LI, "Submit")
    toast = await company.press(ZHAO, "Approve", on=yesterdays)
    assert "Zhao decided on order SO-2026-0001 already" in toast
    assert _statuses(company) == ["pending"]
    assert "● Sales supervisor" in company.card(ZHAO).lines


@pytest.mark.parametrize("label", ["Approve", "Reject", "Send back"])
async def test_a_button_is_no_good_in_another_chat(small_company: TradingDesk, label: str) -> None:
    """A rep who got hold of the supervisor's button, from their own chat and from the supervisor's."""
    company = small_company
    await company.order()
    card = company.card(ZHAO)
    forged = await company.desk.press(LI, label, on=card)
    assert forged.toast == "That button is not one of ours, or it is for another chat."
    borrowed = await company.desk.press(LI, label, on=card, chat_id=ZHAO)
    assert borrowed.toast == "Nobody decides on an order of their own."
    assert _statuses(company) == ["pending"]
    assert company.last(ZHAO).ref == card.ref  # no reason is asked for


@pytest.mark.parametrize("label", ["Approve", "Reject", "Send back"])
async def test_a_button_of_a_card_decided_meanwhile_says_who_decided(small_company: TradingDesk, label: str) -> None:
    company = small_company
    await company.order()
    card = company.card(ZHAO)
    await company.approve(ZHAO)
    toast = await company.press(ZHAO, label, on=card)
    assert toast.startswith("Zhao decided on order SO-2026-0001 already, on Mon 2 Mar 2026 09:30: approved")
    assert company.last(ZHAO).ref == card.ref
    assert len(company.desk.rows("SELECT * FROM conversation_sessions WHERE conversation = 'reject'")) == 0


async def test_a_reason_typed_after_somebody_else_has_decided_decides_nothing(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    await company.link(make_person("Zhou", Role.SUPERVISOR, team="North", at=company.desk.database))
    await company.order()
    await company.press("Zhou", "Reject")
    await company.approve(ZHAO)
    shown = await company.say("Zhou", "too cheap")
    assert "Zhao decided on order SO-2026-0001 already" in shown.text
    assert _statuses(company) == ["pending"]


async def test_a_key_made_up_is_recognised(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    step = company.desk.rows("SELECT id FROM approval_steps WHERE status = 'pending'")[0].id
    for button in (f"approval.approve:{step}", f"approval.approve:{step}~AAAAAAAA", "approval.approve:1~", "~", ""):
        receipt = await company.desk.take(company.desk.inbound(ZHAO, "press", button=button))
        assert receipt.toast == "That button is not one of ours, or it is for another chat."
    assert _statuses(company) == ["pending"]


async def test_who_was_disabled_in_between_decides_nothing(company: TradingDesk) -> None:
    await company.order()
    card = company.card(ZHAO)
    company.trade.disable(company.trade.boss)
    toast = await company.press(ZHAO, "Approve", on=card)
    assert "not linked" in toast
    assert _statuses(company) == ["pending"]


async def test_a_step_not_reached_yet_waits(small_company: TradingDesk) -> None:
    """Finance opens the order before it is finance's turn: the card is there, the buttons are not."""
    company = small_company
    await company.order()
    await company.say(SUN, "/orders SO-2026-0001")
    assert _without_buttons(company.last(SUN))
    await company.say(SUN, "/approvals")
    assert company.last(SUN).text == "Nothing waits for your decision."


async def test_nobody_decides_on_an_order_of_their_own(small_company: TradingDesk) -> None:
    """The supervisor's own order goes to the general manager, who then holds two steps of it."""
    company = small_company
    customer = company.trade.add_customer("Bólido Comidas", company.trade.boss)
    assert customer
    await company.say(ZHAO, "/order Bólido", "Chai 500 @20", "No more lines", "EXW", "1 May 2026", "Madrid", "net 30")
    await company.press(ZHAO, "Submit")
    assert not any("Submitted by" in shown.text for shown in company.desk.room.chat(ZHAO))
    assert company.card(CHEN).labels == REVIEWED
    await company.approve(CHEN, SUN)
    assert _statuses(company) == [IN_STOCK]


async def test_one_person_in_two_steps_presses_once(company: TradingDesk, make_person: MakePerson) -> None:
    both = make_person("Wang", Role.SUPERVISOR, Role.FINANCE, team="South")
    rep = make_person("Qian", team="South")
    await company.link(both, rep)
    company.trade.add_customer("Bon app'", rep)
    await company.say("Qian", "/order Bon", "Chai 500 @20", "No more lines", "EXW", "1 May 2026", "Nice", "net 30")
    await company.press("Qian", "Submit")
    await company.press("Wang", "Approve")
    assert _statuses(company) == [IN_STOCK]
    steps = company.desk.rows("SELECT role, decided_by, status FROM approval_steps ORDER BY position")
    assert [tuple(step) for step in steps] == [
        ("supervisor", both.id, "approved"),
        ("finance", both.id, "approved"),
    ]
    acts = company.desk.rows("SELECT act FROM history WHERE entity = 'order' AND person_id = :id", id=both.id)
    assert [row.act for row in acts] == ["approve", "approve"]
    assert company.notices("Qian", "Wang (") == 1 + company.notices("Qian", "Wang (Sales supervisor)")


async def test_who_has_no_chat_yet_gets_the_card_when_linked(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    late = make_person("Zhou", Role.SUPERVISOR, team="North", at=company.desk.database)
    await company.order()
    assert company.desk.room.chat("Zhou") == []
    await company.link(late)
    assert "✅ Approve" in company.card("Zhou").labels
    await company.approve("Zhou")
    assert "✓ Sales supervisor: Zhou" in company.card(ZHAO).lines
    assert _without_buttons(company.card(ZHAO), company.card("Zhou"))


async def test_a_card_that_waited_for_a_chat_shows_what_was_decided_meanwhile(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    late = make_person("Zhou", Role.SUPERVISOR, team="North", at=company.desk.database)
    await company.order()
    await company.approve(ZHAO)
    await company.link(late)
    assert _without_buttons(company.card("Zhou"))
    assert "✓ Sales supervisor: Zhao" in company.card("Zhou").lines


async def test_what_waits_is_listed_and_opened(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    await company.order(quantity="100")
    shown = await company.say(ZHAO, "/approvals")
    assert shown.lines[:2] == ("2 orders wait for you", "Value: CNY 10,800")
    await company.press(ZHAO, "SO-2026-0002")
    assert company.last(ZHAO).lines[0] == "SO-2026-0002 Ernst Handel (C)"
    await company.approve(ZHAO)
    shown = await company.say(ZHAO, "审批")  # one only: its card at once
    assert shown.lines[0] == "SO-2026-0001 Ernst Handel (C)"
    assert shown.labels == REVIEWED


async def test_nobody_there_to_decide_is_the_administrators_problem(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.disable(company.trade.boss)
    await company.order()
    assert company.notices(XU, "Order SO-2026-0001 waits for Sales supervisor, but nobody may decide on it.") == 1
    assert _statuses(company) == ["pending"]
