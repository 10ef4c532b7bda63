"""Orders that come back: which one is asked about, what is submitted again, and drafts whose matter is settled."""

from crm.people.people import Role
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import MakePerson

ORDER_LINE = "Order: SO-2026-0001 Ernst Handel · CNY 9,000"
DECIDED = "has ended"


async def test_the_question_behind_a_decision_names_its_order(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    for label, heading in (("Reject", "Reject order"), ("Send back", "Send order back")):
        await company.press(ZHAO, label)
        assert heading in company.last(ZHAO).lines
        assert ORDER_LINE in company.last(ZHAO).lines
    await company.desk.press(ZHAO, "Reject", on=company.card(ZHAO), forms=True, trigger="t")
    form = company.last(ZHAO).form
    assert form is not None
    assert [line.words.facts["number"] for line in form.lines if not isinstance(line.words, str)] == ["SO-2026-0001"]


async def test_credit_questions_name_it_too(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.set_limit("1000")
    await company.order()
    await company.approve(ZHAO)
    for label in ("Override credit", "Larger deposit"):
        await company.press(SUN, label, on=company.card(SUN))
        assert ORDER_LINE in company.last(SUN).lines


async def test_a_draft_about_a_step_decided_meanwhile_ends(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person("Zhou", Role.SUPERVISOR, team="North"))
    await company.order()
    await company.press(ZHAO, "Reject")
    asked = company.last(ZHAO)
    await company.say(ZHAO, "/approvals")  # puts it aside
    await company.approve("Zhou")
    await company.say(ZHAO, "continue")
    assert DECIDED in company.last(ZHAO).text
    assert "Zhou" in company.last(ZHAO).text
    assert (await company.say(ZHAO, "continue")).text == "There is nothing to continue here."
    assert "has ended" in await company.press(ZHAO, "The price is too low", on=asked)
    assert [row.status for row in company.desk.rows("SELECT status FROM conversation_sessions WHERE subject_id = 1")][
        -1:
    ] == ["over"]


async def test_confirming_after_somebody_else_decided_says_so(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person("Zhou", Role.SUPERVISOR, team="North"))
    await company.order()
    await company.press(ZHAO, "Reject")
    await company.approve("Zhou")
    await company.say(ZHAO, "too cheap")
    assert DECIDED in company.last(ZHAO).text
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["pending"]
    shown = await company.say(ZHAO, "too cheap")  # no answer to anything any more
    assert DECIDED not in shown.text


async def test_a_send_back_offers_to_resubmit(company: TradingDesk) -> None:
    await company.order()
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "the marks are missing")
    notice = company.last(LI)
    assert notice.labels == ["Open", "Resubmit"]
    await company.press(LI, "Resubmit")
    assert company.last(LI).lines[:3] == ("Resubmit order", ORDER_LINE, "What to change: the marks are missing")
    review = company.last(LI)
    await company.press(LI, "Submit")
    assert [row.round for row in company.desk.rows("SELECT round FROM orders")] == [2]
    # The notice is still there; its order is not to be submitted a third time.
    assert "That can't be done any more" in await company.press(LI, "Resubmit", on=notice)
    assert "saved already" in await company.press(LI, "Submit", on=review)


async def test_a_rejection_offers_no_resubmission_but_the_same_again(company: TradingDesk) -> None:
    await company.order()
    await company.press(ZHAO, "Reject")
    await company.press(ZHAO, "The price is too low")
    assert company.last(LI).labels == ["Open"]
    shown = await company.say(LI, "/customer Ernst")
    assert "Same as last time" not in shown.labels, "there is no last order that stood"
    shown = await company.say(LI, "/orders SO-2026-0001")
    assert "Same as last time" in shown.labels
    await company.press(LI, "Same as last time")
    review = company.last(LI)
    assert review.lines[0] == "New order"
    assert any(line.startswith("Line 1: Chai, 500, @ ") for line in review.lines)
    assert {"Deliver to: Hamburg", "Total: CNY 9,000"} <= set(review.lines)
    await company.press(LI, "Submit")
    assert [row.number for row in company.desk.rows("SELECT number FROM orders ORDER BY id")][1] == "SO-2026-0002"
    assert "Same as last time" in (await company.say(LI, "/customer Ernst")).labels
