"""A lead's card is where one works on it: a call, no answer, a note, the next date, a reminder."""

import pytest

from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, TradingDesk
from tests.conftest import Clock


async def _lead(company: TradingDesk, *, next_follow_up: str = "skip") -> None:
    words = ("/lead", "Huis & Haard", "Jan", "skip", "skip", "website", "lamps", "skip", "skip", next_follow_up)
    await company.say(LI, *words)
    while "Confirm" not in "".join(company.last(LI).labels):
        await company.press(LI, "Skip")
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")


def _leads(company: TradingDesk) -> tuple[str, str, str | None]:
    (lead,) = company.desk.rows("SELECT status, notes, next_follow_up_at FROM leads")
    return lead.status, lead.notes or "", lead.next_follow_up_at


async def test_called_from_its_card_and_when_again(company: TradingDesk) -> None:
    await _lead(company)
    card = company.last(LI)
    assert card.labels[:6] == ["Called", "No answer", "Remind me", "Add a note", "Convert", "Disqualify"]
    await company.press(LI, "Called")
    assert company.last(LI).text.startswith("Noted for L-1 Huis & Haard. When again?")
    assert _leads(company)[:2] == ("contacted", "2026-03-02 Li: Called")
    await company.press(LI, "+3 · Thu 5 Mar 2026")
    assert company.last(LI).text == "I will remind you Thu 5 Mar 2026 09:00: Huis & Haard"
    assert str(_leads(company)[2]).startswith("2026-03-05")
    standing = "SELECT about, about_id, is_follow_up, status FROM tasks WHERE status = 'open'"
    (task,) = company.desk.rows(standing)
    assert (task.about, task.about_id, bool(task.is_follow_up), task.status) == ("lead", 1, True, "open")


async def test_no_answer_leaves_it_new_and_another_date_is_written(small_company: TradingDesk) -> None:
    company = small_company
    await _lead(company)
    await company.say(LI, "/settings language zh")
    await company.say(LI, "/leads")
    await company.press(LI, "L-1 Huis & Haard")
    card = company.last(LI)
    assert {"已联系", "未联系上"} <= set(card.labels)
    await company.press(LI, "未联系上")
    assert _leads(company)[:2] == ("new", "2026-03-02 Li: 未联系上")
    offer = company.last(LI)
    await company.press(LI, offer.labels[-1])
    await company.say(LI, "明天下午3点")
    assert "2026年3月3日 周二 15:00" in company.last(LI).text


@pytest.mark.parametrize("label", ["Called", "No answer"])
async def test_the_next_date_is_simply_typed(company: TradingDesk, clock: Clock, label: str) -> None:
    await _lead(company)
    await company.press(LI, label)
    assert "is in the past" in (await company.say(LI, "yesterday")).text
    assert (await company.say(LI, "tomorrow 3pm")).text == "I will remind you Tue 3 Mar 2026 15:00: Huis & Haard"
    assert str(_leads(company)[2]).startswith("2026-03-03")
    clock.move(minutes=1)
    assert "I will remind you" not in (await company.say(LI, "next Monday")).text, "it is set already"
    await company.say(LI, "/leads")
    await company.press(LI, "L-1 Huis & Haard")
    await company.press(LI, label)
    clock.move(hours=2)
    assert "I will remind you" not in (await company.say(LI, "next Monday")).text, "that was long ago"


async def test_a_follow_up_that_was_due_is_over_with_the_call(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _lead(company, next_follow_up="tomorrow 3pm")
    card = company.last(LI)
    clock.move(days=1, hours=6)
    tell_reminders(company.desk.database)
    await company.press(LI, "Called", on=card)
    assert _leads(company)[0] == "contacted"
    assert str(_leads(company)[2]).startswith("2026-03-05")  # the day that the plan has next
    assert [row.status for row in company.desk.rows("SELECT status FROM tasks ORDER BY id")] == ["done", "open"]


async def test_a_note_from_its_card(small_company: TradingDesk) -> None:
    company = small_company
    await _lead(company)
    await company.press(LI, "Add a note")
    assert company.last(LI).lines[-1].startswith("Note")
    await company.say(LI, "wants samples")
    assert company.last(LI).text == "Noted for L-1 Huis & Haard."
    assert _leads(company)[1] == "2026-03-02 Li: wants samples"


@pytest.mark.parametrize("label", ["Called", "No answer", "Add a note"])
async def test_a_closed_one_is_left_alone(small_company: TradingDesk, label: str) -> None:
    company = small_company
    await _lead(company)
    card = company.last(LI)
    await company.press(LI, "Disqualify")
    await company.say(LI, "too small")
    assert company.desk.rows("SELECT status FROM leads")[0].status == "disqualified"
    assert await company.press(LI, label, on=card) == "Lead L-1 is closed."
    assert _leads(company)[1] == ""


async def test_the_number_opens_it(small_company: TradingDesk) -> None:
    company = small_company
    await _lead(company)
    for typed in ("/lead L-1", "线索 l-1"):
        assert (await company.say(LI, typed)).lines[0] == "L-1 Huis & Haard"
    assert (await company.say(LI, "/lead L-99")).text == "There is no lead L-99."
    assert company.desk.rows("SELECT count(*) AS n FROM conversation_sessions WHERE status = 'active'")[0].n == 0


@pytest.mark.parametrize(
    ("label", "word"), [("Called", "Called, Mon 2 Mar 2026 10:30"), ("No answer", "No answer, Mon 2 Mar 2026 10:30")]
)
async def test_the_last_word_of_a_reminder_is_what_came_of_it(
    small_company: TradingDesk, clock: Clock, label: str, word: str
) -> None:
    company = small_company
    await _lead(company)
    await company.press(LI, "Remind me")
    await company.say(LI, "ask for the drawing in 1 hour")
    await company.press(LI, "Confirm")
    clock.move(hours=1)
    tell_reminders(company.desk.database)
    for _ in range(2):
        await company.desk.delivery.tick()
        await company.desk.delivery.settle()
    card = company.last(LI)
    await company.press(LI, label, on=card)
    assert company.notices(LI, word) == 1


async def test_a_deals_number_opens_it(small_company: TradingDesk) -> None:
    company = small_company
    assert "no deal" in (await company.say(LI, "商机 D-99")).text.lower()
    assert company.desk.rows("SELECT count(*) AS n FROM conversation_sessions WHERE status = 'active'")[0].n == 0


async def test_a_number_in_the_text_ties_the_reminder_to_the_lead(small_company: TradingDesk) -> None:
    company = small_company
    await _lead(company)
    shown = await company.say(LI, "/remind call L-1 tomorrow 3pm")
    assert "About: L-1 Huis & Haard" in shown.lines
    shown = await company.say(LI, "/remind call L-99 tomorrow 3pm")
    assert "About" not in shown.text


async def test_a_follow_up_of_a_day_is_over_with_the_call(small_company: TradingDesk, clock: Clock) -> None:
    """No reminder was told of it: the digest alone names it."""
    company = small_company
    await _lead(company, next_follow_up="tomorrow")
    assert _leads(company)[2] is not None
    card = company.last(LI)
    clock.move(days=1)
    await company.press(LI, "Called", on=card)
    assert str(_leads(company)[2]).startswith("2026-03-05")  # the day that the plan has next
