"""A deal's card and its pipeline in the chat: what lacks, on hold, changed, given away, lost and tried again."""

from functools import partial

import pytest
from sqlalchemy import update

from crm.sales.customers.customers import Customer
from tests.bot.trading_desk import CHEN, LI, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

DEAL = ("/deal Ernst", "Lamps for Graz", "Chai", "62万", "1 June 2026", "skip")


async def _open(company: TradingDesk, title: str = DEAL[1]) -> None:
    await company.say(LI, DEAL[0], title, *DEAL[2:])
    await company.press(LI, "Confirm")


def _deal(company: TradingDesk, column: str, deal: int = 1) -> str:
    return str(company.desk.rows(f"SELECT {column} AS it FROM deals WHERE id = {deal}")[0].it)


async def test_the_card_says_what_lacks_and_how_long_it_may_take(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _open(company)
    clock.move(days=9)
    card = await company.say(LI, "/deals 1")
    assert "Stage: Initial contact (20%) · 9 days of 14" in card.lines
    assert {"☐ Answer the first inquiry", "To go on to Needs confirmed:", "◻️ First response on"} <= set(card.lines)
    assert card.labels[:5] == ["On to: Needs confirmed", "Won", "Lost", "Other stage", "On hold"]
    await company.press(LI, "On to: Needs confirmed")
    await company.say(LI, "today")
    await company.press(LI, "Confirm")
    card = await company.say(LI, "/deals 1")
    assert {"✅ Product", "◻️ Quantity", "◻️ Confirmed need"} <= set(card.lines)
    clock.move(days=22)
    assert "Stage: Needs confirmed (40%) · 22 days of 21 ⚠️" in (await company.say(LI, "/deals 1")).lines


async def test_on_hold_until_a_day_and_on_again(company: TradingDesk) -> None:
    await _open(company)
    await company.say(LI, "/deals 1")
    await company.press(LI, "On hold")
    assert company.last(LI).lines[-1].startswith("Reason:")
    await company.press(LI, "The budget comes later")
    assert company.last(LI).lines[-1].startswith("On hold until:")
    await company.say(LI, "1 April 2026")
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "D-1 is on hold until Wed 1 Apr 2026. Its owner is reminded then."
    (task,) = company.desk.rows("SELECT text, about FROM tasks")
    assert tuple(task) == ("On hold until today: Lamps for Graz (The budget comes later)", "deal")
    board = await company.say(LI, "deals")
    assert "Initial contact: 0 · CNY 0 · 1 on hold" in board.lines
    assert board.lines[1] == "0 open deals worth CNY 0"
    card = await company.say(LI, "/deals 1")
    assert "On hold: until Wed 1 Apr 2026: The budget comes later" in card.lines
    assert "On to: Needs confirmed" not in card.labels
    await company.press(LI, "Resume", on=card)
    assert company.last(LI).text == "D-1 goes on."
    assert company.desk.rows("SELECT status FROM tasks")[0].status == "dropped"
    assert "not on hold" in (await company.press(LI, "Resume", on=card) + company.last(LI).text)


async def test_what_it_is_worth_is_changed(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await company.say(LI, "/deals 1")
    await company.press(LI, "Edit")
    assert {"Title: Lamps for Graz", "Amount: CNY 620,000", "Expected close: Mon 1 Jun 2026"} <= set(
        company.last(LI).lines
    )
    await company.press(LI, "Edit")
    await company.press(LI, "Amount")
    await company.say(LI, "65万")
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "D-1 is changed."
    assert "Initial contact: 1 · CNY 650,000" in (await company.say(LI, "deals")).lines


async def test_given_to_a_colleague_who_may_sell_there(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    await company.link(make_person("Hu", team="North", at=company.desk.database))
    await _open(company)
    await company.say(LI, "/deals 1")
    await company.press(LI, "Hand over")
    await company.say(LI, "Hu", "skip")
    assert "Hu does not sell to Ernst Handel." in await company.press(LI, "Confirm")
    free = update(Customer.table()).values(owner_id=None)
    company.desk.write(lambda work: work.connection.execute(free))
    await company.say(LI, "cancel", "/deals 1")
    await company.press(LI, "Hand over")
    await company.say(LI, "Hu", "on leave")
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "D-1 is Hu's now."
    assert "Li has given you the deal D-1 Lamps for Graz. on leave" in company.everything("Hu")
    assert "Lamps for Graz" in (await company.say("Hu", "deals")).text
    assert "There is no deal D-1." in (await company.say(LI, "/deals 1")).text


async def test_its_history_marks_what_was_skipped_and_where_it_went_back(
    small_company: TradingDesk, clock: Clock
) -> None:
    company = small_company
    await _open(company)
    clock.move(days=3)
    await company.say(LI, "/move 1 quotation", "today", "2000", "600x600", "2")
    await company.press(LI, "Confirm")
    clock.move(days=1)
    await company.say(LI, "/move 1 needs", "The need has changed")
    await company.press(LI, "Confirm")
    await company.say(LI, "/deals 1")
    await company.press(LI, "History")
    shown = company.last(LI).lines
    assert shown[0] == "Stages of D-1 Lamps for Graz"
    assert shown[1].startswith("Initial contact: Mon 2 Mar 2026 09:30 · 3 days · Li")
    assert shown[2].endswith("1 day · Li · The customer is in a hurry")
    assert shown[3] == "⏭ skipped: Needs confirmed"
    assert shown[4].endswith("0 days · Li · The need has changed")
    assert shown[5] == "↩ back from Quotation"


async def test_won_asks_for_all_that_lacks(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await company.say(LI, "/deals 1")
    await company.press(LI, "Won")
    answers = ("today", "2000", "600x600", "today", "62万", "T/T 30/70", "HT-7", "today", "1")
    await company.say(LI, *answers)
    await company.press(LI, "Confirm")
    assert "D-1 is now in: Won" in company.last(LI).text
    assert _deal(company, "stage") == "won"


async def test_after_a_loss_another_try_is_offered(company: TradingDesk) -> None:
    await _open(company)
    await company.say(LI, "/deals 1")
    await company.press(LI, "Lost")
    await company.press(LI, "Price")
    await company.press(LI, "Confirm")
    assert company.last(LI).labels == ["Open", "Undo", "Remind me to try again"]
    pressed = company.last(LI)
    await company.press(LI, "Remind me to try again", on=pressed)
    assert "Try again: Lamps for Graz (Ernst Handel)" in company.last(LI).text
    (task,) = company.desk.rows("SELECT due_at, about_id FROM tasks")
    assert "Mon 1 Jun 2026" in company.last(LI).text, "90 days on is a Sunday: the Monday after"
    assert task.about_id == 1
    await company.press(LI, "Remind me to try again", on=pressed)
    assert len(company.desk.rows("SELECT id FROM tasks")) == 1


async def test_a_move_is_taken_back_once(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await company.say(LI, "/move 1 lost", "Price")
    await company.press(LI, "Confirm")
    card = company.last(LI)
    await company.press(LI, "Undo", on=card)
    assert company.last(LI).text == "D-1 is back in: Initial contact"
    assert _deal(company, "stage") == "initial"
    assert "Undo" not in company.last(LI).labels
    await company.say(LI, "/move 1 needs", "today")
    await company.press(LI, "Confirm")
    toast = await company.press(LI, "Undo", on=card)
    assert "The deal was moved on since." in toast + company.last(LI).text
    assert _deal(company, "stage") == "needs"


@pytest.mark.parametrize("words", ["/move Ernst to needs", "推进 Ernst 到 需求确认", "move ernst handel needs"])
async def test_a_deal_is_moved_by_its_customers_name(small_company: TradingDesk, words: str) -> None:
    company = small_company
    await _open(company)
    review = await company.say(LI, words, "today")
    await company.press(LI, "Save" if "Save" in review.text + str(review.labels) else "Confirm")
    assert _deal(company, "stage") == "needs"


async def test_of_several_deals_of_the_name_one_is_chosen(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    await _open(company, "Cable for Graz")
    await company.say(LI, "/move Ernst lost")
    assert company.last(LI).labels == ["D-2 Cable for Graz", "D-1 Lamps for Graz"]
    await company.press(LI, "D-1 Lamps for Graz")
    assert company.last(LI).lines[-1].startswith("Reason:")
    await company.say(LI, "Price")
    await company.press(LI, "Confirm")
    assert (_deal(company, "stage", 1), _deal(company, "stage", 2)) == ("lost", "initial")


async def test_the_board_is_narrowed_by_stage_standing_and_person(
    small_company: TradingDesk, make_person: MakePerson, clock: Clock
) -> None:
    company = small_company
    await company.link(make_person("Hu", team="North", at=company.desk.database))
    await _open(company)
    await _open(company, "Cable for Graz")
    await company.say(LI, "/move 2 needs", "today")
    await company.press(LI, "Confirm")
    shown = await company.say(LI, "deals needs")
    assert "Shown: Needs confirmed – 1 deal" in shown.lines
    assert ("Cable" in shown.text, "Lamps" in shown.text) == (True, False)
    await company.press(LI, "Initial contact")
    assert "Shown: Initial contact – 1 deal" in company.last(LI).lines
    clock.move(days=15)
    shown = await company.say(LI, "漏斗 停滞")
    assert ("Cable" in shown.text, "Lamps" in shown.text) == (False, True)
    assert "By person" not in shown.labels
    await company.say(ZHAO, "deals")
    await company.press(ZHAO, "By person")
    assert company.last(ZHAO).labels == ["Everybody", "Li"]
    await company.press(ZHAO, "Li")
    assert "Shown: Li – 2 deals" in company.last(ZHAO).lines


async def test_the_forecast_and_the_key_figures(company: TradingDesk) -> None:
    await _open(company)
    await company.say(LI, "/move 1 needs", "today")
    await company.press(LI, "Confirm")
    shown = await company.say(LI, "deals forecast")
    line = "2026-06: 1 deal · CNY 620,000 · likely CNY 248,000 · by own rate CNY 248,000"
    assert line in shown.lines
    assert line in (await company.say(ZHAO, "漏斗 预测")).lines
    shown = await company.say(ZHAO, "deals figures")
    assert shown.lines[0] == "Key figures: This month, all"
    assert "Response time: 0 working hours · 1 deal" in shown.lines
    assert "Sign rate: nothing to tell yet" in shown.lines
    await company.press(ZHAO, "Response time")
    assert "D-1 Lamps for Graz · Ernst Handel · Li: 0" in company.last(ZHAO).text
    await company.press(ZHAO, "Key figures")
    await company.press(ZHAO, "Last month")
    assert "Response time: nothing to tell yet" in company.last(ZHAO).lines


async def test_who_only_reads_is_offered_nothing_to_do(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    card = await company.say(CHEN, "/deals 1")
    assert card.labels == ["History"]


async def test_in_chinese(small_company: TradingDesk) -> None:
    company = small_company
    await _open(company)
    moved = partial(company.say, LI)
    await moved("/settings language zh")
    assert "D-1" in (await moved("推进 1 需求确认", "今天")).text
    await company.press(LI, "确认")
    assert _deal(company, "stage") == "needs"
