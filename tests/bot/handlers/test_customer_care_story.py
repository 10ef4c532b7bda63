"""Looking after customers in the chat: contacts, history, grades, hand-over, merge, prices, texts to paste."""

from scheduler.looking_after import keep_service
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

WANG = "Wang"


async def _colleague(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person(WANG, team="North", at=company.desk.database))


async def test_contacts_are_added_changed_removed_and_brought_back(company: TradingDesk) -> None:
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "Contacts")
    await company.press(LI, "Add a contact")
    await company.say(LI, "Roland Mendel", "buyer", "+43 316 123456")
    await company.press(LI, "Confirm")
    await company.press(LI, "Add another")
    await company.say(LI, "Georg Pipps", "skip", "pipps@ernst.at")
    await company.press(LI, "Confirm")
    await company.press(LI, "Contacts")
    assert company.last(LI).lines == (
        "Contacts of Ernst Handel",
        "Roland Mendel, buyer, +43 316 123456 (main contact)",
        "Georg Pipps, pipps@ernst.at",
    )
    await company.press(LI, "Georg Pipps")
    await company.press(LI, "Make main contact")
    assert company.last(LI).lines[1] == "Georg Pipps, pipps@ernst.at (main contact)"
    await company.press(LI, "Georg Pipps")
    await company.press(LI, "Change")
    await company.press(LI, "More fields")
    await company.say(LI, "owner")
    await company.press(LI, "Confirm")
    await company.press(LI, "Contacts")
    await company.press(LI, "Georg Pipps")
    await company.press(LI, "Remove")
    assert company.last(LI).lines == ("Georg Pipps is removed.",)
    await company.press(LI, "Contacts", on=company.last(LI))
    assert company.last(LI).lines[1:] == ("Roland Mendel, buyer, +43 316 123456 (main contact)",)
    await company.press(LI, "Undo")
    again = [shown.text for _, shown in company.desk.room.calls[-2:]]
    assert any("Georg Pipps, owner, pipps@ernst.at (main contact)" in text for text in again)
    assert company.desk.rows("SELECT email_domain FROM contacts WHERE is_main")[0].email_domain == "ernst.at"
    assert "already" in await company.press(LI, "Undo", on=_undo(company))


def _undo(company: TradingDesk) -> Shown:
    """The message of the removal as it was sent, with its button."""
    return next(shown for _, shown in reversed(company.desk.room.calls) if "Undo" in shown.labels)


async def test_others_see_contacts_and_change_none(company: TradingDesk) -> None:
    await company.say(SUN, "/customer Ernst")
    await company.press(SUN, "Contacts")
    assert company.last(SUN).labels == ["Ernst Handel"]


async def test_a_note_becomes_a_call_by_a_press_and_history_has_pages(company: TradingDesk) -> None:
    for number in range(1, 8):
        await company.say(LI, f"/note Ernst: said {number}")
    await company.press(LI, "Call")
    assert company.last(LI).lines == ("Noted for Ernst Handel: Call",)
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "History")
    shown = company.last(LI)
    assert shown.lines[1].endswith("Li: said 7")
    assert shown.lines[1].startswith("Call: ")
    assert shown.labels == ["Note (6)", "Call (1)", "Next", "Add a note", "Ernst Handel"]
    await company.press(LI, "Next")
    assert [line for line in company.last(LI).lines if "said" in line][-1].endswith("said 1")
    await company.press(LI, "Call (1)")
    assert company.last(LI).labels[:2] == ["All (7)", "Note (6)"]
    assert [line for line in company.last(LI).lines if "said" in line] == [shown.lines[1]]


async def test_a_note_is_taken_back(company: TradingDesk) -> None:
    await company.say(LI, "/note Ernst: asked for samples")
    await company.press(LI, "Undo")
    assert company.desk.rows("SELECT * FROM communications") == []


async def test_the_month_proposes_a_grade_and_one_press_decides(company: TradingDesk, clock: Clock) -> None:
    company.trade.set_limit("5000000")
    await company.order(quantity="60000", price="18")
    await company.approve(ZHAO, SUN, CHEN)
    assert keep_service(company.desk.database) == 1
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    shown = company.last(ZHAO)
    assert shown.lines == (
        "Another grade for Ernst Handel?",
        "Proposed: C ordinary customer → B important customer",
        "Score: 68 of 100 points",
        "Bought in 12 months: CNY 1,080,000: 40 of 40",
        "Potential: not judged yet, left out of the score",
        "History with us: 1 order, 0 years: 1 of 20",
        "Influence: not judged yet, left out of the score",
        "Owner: Li",
    )
    assert shown.labels == ["Accept grade", "Keep grade", "Open"]
    assert await company.press(ZHAO, "Accept grade") == "Accepted: grade B."
    assert company.last(ZHAO).lines[-1] == "Zhao accepted it: grade B"
    assert company.last(ZHAO).labels == ["Open"]
    assert "Zhao has decided this already." in await company.press(ZHAO, "Keep grade", on=shown)
    await company.say(LI, "/customer Ernst")
    assert company.last(LI).lines[1] == "Grade: B important customer, score 68 of 100"


async def test_a_grade_by_hand_needs_a_reason_and_a_supervisor(company: TradingDesk) -> None:
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "More")
    assert "Grade" not in company.last(LI).labels
    await company.press(LI, "Potential, influence")
    await company.say(LI, "4 high", "skip")
    assert [row.potential for row in company.desk.rows("SELECT potential FROM customers")] == [4]
    await company.say(ZHAO, "/customer Ernst")
    await company.press(ZHAO, "More")
    await company.press(ZHAO, "Grade")
    await company.say(ZHAO, "A")
    assert company.last(ZHAO).lines[-1].startswith("Reason")
    await company.press(ZHAO, "Important for the market")
    assert company.last(ZHAO).lines == ("Ernst Handel is now: A key customer",)


async def test_a_book_is_handed_over_after_a_preview_and_taken_back(
    company: TradingDesk, make_person: MakePerson
) -> None:
    await _colleague(company, make_person)
    await company.say(LI, "/deal Ernst", "Lamps", "skip", "5000", "1 May 2026", "skip")
    await company.press(LI, "Confirm")
    assert "for other roles" in (await company.say(LI, "/handover")).text
    await company.say(ZHAO, "/handover Li")
    assert CHEN not in company.last(ZHAO).labels
    await company.say(ZHAO, WANG)
    assert company.last(ZHAO).lines[-2] == "Goes over: 1 customer, 1 open deal"
    await company.press(ZHAO, "Confirm")
    assert company.last(ZHAO).lines == ("Handed over to Wang: 1 customer, 1 open deal.",)
    told = "Zhao has given you what Li looked after: 1 customer, 1 open deal. Ernst Handel"
    assert company.last(WANG).lines == (told,)
    assert company.notices(LI, "Zhao has given Wang what you looked after") == 1
    assert "No customer fits" in (await company.say(LI, "/customer Ernst")).text
    await company.press(ZHAO, "Undo")
    assert company.last(ZHAO).lines == ("Taken back: 1 customer, 1 open deal.",)
    assert (await company.say(LI, "/customer Ernst")).lines[0] == "Ernst Handel"


async def test_one_customer_goes_to_a_colleague_by_its_button(company: TradingDesk, make_person: MakePerson) -> None:
    await _colleague(company, make_person)
    await company.say(XU, "/customer Ernst")
    await company.press(XU, "More")
    await company.press(XU, "Hand over")
    assert company.last(XU).lines[1] == "Ernst Handel · C · Austria"
    await company.say(XU, WANG)
    await company.press(XU, "Confirm")
    assert (await company.say(WANG, "/customer Ernst")).lines[0] == "Ernst Handel"


async def test_doubles_are_merged_after_a_preview_and_parted_again(company: TradingDesk) -> None:
    double = company.trade.add_customer("Ernst Handel GmbH")
    await company.say(LI, "/note GmbH: asked for samples")
    await company.say(LI, "/customer Ernst Handel")
    await company.press(LI, "More")
    assert "Perhaps the same: Ernst Handel GmbH (a name like it)" in company.last(LI).lines
    await company.press(LI, "Merge")
    assert "Ernst Handel GmbH" in company.last(LI).labels
    await company.say(LI, "Ernst Handel GmbH")
    assert company.last(LI).lines[-3] == "To Ernst Handel goes: 1 entry in the history"
    await company.press(LI, "Confirm")
    assert company.last(LI).lines == ("Ernst Handel GmbH is now part of Ernst Handel.",)
    assert (await company.say(LI, "/customer Ernst")).lines[0] == "Ernst Handel"
    assert "asked for samples" in company.last(LI).text
    await company.press(LI, "More")
    await company.press(LI, "Undo the merge with Ernst Handel GmbH")
    assert company.last(LI).lines == ("Ernst Handel GmbH is a customer of its own again.",)
    rows = company.desk.rows("SELECT customer_id FROM communications")
    assert [row.customer_id for row in rows] == [double]


async def test_two_names_that_are_unlike_are_asked_about_before_a_merge(company: TradingDesk) -> None:
    company.trade.add_customer("Blauer See Delikatessen")
    await company.say(LI, "/customer Ernst Handel")
    await company.press(LI, "More")
    await company.press(LI, "Merge")
    await company.say(LI, "Blauer See Delikatessen")
    asked = "Ernst Handel and Blauer See Delikatessen are not alike: is it one company?"
    assert any(asked in line for line in company.last(LI).lines)


async def test_finance_sets_credit_and_the_supervisor_prices(company: TradingDesk) -> None:
    await company.say(SUN, "/customer Ernst")
    await company.press(SUN, "More")
    await company.press(SUN, "Credit")
    await company.say(SUN, "AA")
    await company.press(SUN, "Confirm")
    assert "Credit rating: AA" in (await company.say(SUN, "/customer Ernst")).lines
    await company.say(ZHAO, "/customer Ernst")
    await company.press(ZHAO, "Prices")
    await company.press(ZHAO, "Agree a price")
    await company.say(ZHAO, "Chai", "17.5")
    await company.press(ZHAO, "Confirm")
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "Prices")
    assert company.last(LI).lines == ("Prices of Ernst Handel", "Chai: CNY 17.50")
    assert company.last(LI).labels == ["Ernst Handel"]


async def test_a_customer_is_changed_from_its_card(company: TradingDesk) -> None:
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "More")
    await company.press(LI, "Edit")
    await company.press(LI, "Edit")
    await company.press(LI, "Company")
    await company.say(LI, "Ernst Handel KG")
    await company.press(LI, "Confirm")
    assert company.last(LI).lines == ("Saved customer Ernst Handel KG.",)
    row = company.desk.rows("SELECT name, country, currency FROM customers")[0]
    assert tuple(row) == ("Ernst Handel KG", "AT", "CNY")


async def test_a_text_to_paste_is_in_the_customers_language(company: TradingDesk) -> None:
    await company.say(LI, "/newcustomer", "万通贸易", "王经理", "skip", "China", "skip", "skip", "skip")
    await company.press(LI, "Confirm")
    assert company.last(LI).lines[:2] == ("Saved customer 万通贸易.", "To paste into WeChat or WhatsApp:")
    assert company.last(LI).lines[2].startswith("王经理，您好！我是Li，")
    company.trade.rule("letterhead.name", "Tradewind Ltd")
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "More")
    await company.press(LI, "Greeting to paste")
    assert company.last(LI).lines[1].startswith("Hello, this is Li of Tradewind Ltd. ")
