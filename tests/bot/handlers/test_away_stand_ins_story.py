"""Who really decides for somebody away, when they hear of it, and what stays behind."""

from datetime import UTC, datetime

from scheduler.absences import tell_absences
from scheduler.watches import tell_watched
from tests.bot.trading_desk import CHEN, LI, SUN, ZHAO, TradingDesk
from tests.conftest import Clock

STAYS = "SO-2026-0001 was submitted by Zhao, who cannot decide on it: it stays with you."


async def _settle(company: TradingDesk) -> None:
    tell_absences(company.desk.database)
    tell_watched(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


async def _leave(company: TradingDesk, account: str, words: str, *, alone: bool = False) -> None:
    await company.say(account, words, *(["skip"] if alone else []))
    await company.press(account, "Confirm")


async def test_an_order_of_the_stand_in_stays(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.submit(actor=company.trade.boss)
    await _settle(company)
    review = await company.say(CHEN, f"/away until Friday @{ZHAO}")
    assert STAYS in review.lines
    await company.press(CHEN, "Confirm")
    assert company.last(CHEN).lines[1:] == ("Zhao decides for you meanwhile.", STAYS)


async def test_the_receipt_names_who_really_decides(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company, SUN, f"/away until Friday @{CHEN}")
    await _leave(company, ZHAO, f"/away until Friday @{SUN}")
    assert "Chen decides for you meanwhile (Sun is away too)." in company.last(ZHAO).lines


async def test_a_stand_in_away_at_that_time_is_refused_on_the_screen(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company, SUN, "/away Thursday to Friday", alone=True)
    refusal = "Sun is away through Fri 6 Mar 2026 too: choose somebody else."
    review = await company.say(ZHAO, f"/away Thursday to Friday @{SUN}")
    assert review.text.count(refusal) == 1
    assert await company.press(ZHAO, "Confirm") == ""
    asked = company.last(ZHAO)
    assert refusal in asked.text
    assert asked.lines[-1].startswith("Decides for me")
    await company.say(ZHAO, CHEN)
    await company.press(ZHAO, "Confirm")
    assert "Chen decides for you meanwhile." in company.last(ZHAO).lines


async def test_an_absence_before_or_after_is_no_obstacle(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company, SUN, "/away until Wednesday", alone=True)
    review = await company.say(ZHAO, f"/away Thursday to Friday @{SUN}")
    assert "is away" not in review.text
    await company.press(ZHAO, "Confirm")
    assert "Sun decides for you meanwhile." in company.last(ZHAO).lines


async def test_what_is_asked_at_night_comes_once(company: TradingDesk, clock: Clock) -> None:
    await _leave(company, ZHAO, f"/away tomorrow to Friday {CHEN}")
    await company.order()
    clock.now = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    await company.order()
    shown = len(company.desk.room.chat(CHEN))
    await _settle(company)
    assert len(company.desk.room.chat(CHEN)) == shown
    clock.now = datetime(2026, 3, 3, 1, tzinfo=UTC)
    await _settle(company)
    await _settle(company)
    for number in ("SO-2026-0001", "SO-2026-0002"):
        cards = [s for s in company.desk.room.chat(CHEN) if number in s.lines[0] and "Submitted by" in s.text]
        assert len(cards) == 1


async def test_who_stood_in_hears_when_it_runs_out(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _leave(company, ZHAO, f"/away until Wednesday @{SUN}")
    told = "Zhao is back: what is still open is theirs to decide again. Thank you!"
    clock.now = datetime(2026, 3, 4, 17, tzinfo=UTC)  # Thursday, one o'clock at night
    await _settle(company)
    assert company.notices(SUN, told) == 0
    clock.now = datetime(2026, 3, 5, 1, tzinfo=UTC)
    for _ in range(3):
        await _settle(company)
        clock.move(hours=1)
    assert company.notices(SUN, told) == 1


async def test_back_early_is_one_message(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _leave(company, ZHAO, "/away until Friday", alone=True)
    company.trade.submit()
    await _settle(company)
    clock.move(days=2, hours=1)
    before = len(company.desk.room.chat(ZHAO))
    welcome = await company.say(ZHAO, "away off")
    assert welcome.lines == (
        "Welcome back! While you were away: 1 order waits for you",
        "Decide: SO-2026-0001 Ernst Handel · CNY 2,000",
    )
    after = len(company.desk.room.chat(ZHAO))
    clock.move(minutes=1)
    await _settle(company)
    assert len(company.desk.room.chat(ZHAO)) == after
    assert after > before
    await company.press(ZHAO, "Open", on=welcome)
    assert "Approve" in " ".join(company.card(ZHAO).labels)


async def test_one_whole_day(small_company: TradingDesk) -> None:
    review = await small_company.say(LI, "请假 周四")
    assert (
        "You are away on Thu 5 Mar 2026, the whole day. Your next working time begins on Fri 6 Mar 2026."
        in review.lines
    )


async def test_words_that_are_no_date_are_named(small_company: TradingDesk) -> None:
    company = small_company
    asked = await company.say(ZHAO, f"请假 到开学 {CHEN}")
    assert "Not understood: 开学." in asked.lines
    assert asked.lines[-1].startswith("Until")
    assert f"Decides for me: {CHEN}" in asked.lines
    await company.say(ZHAO, "cancel")
    assert "Not understood: 开学." in (await company.say(ZHAO, "请假 到开学")).lines
    await company.say(ZHAO, "cancel")
    assert f"Decides for me: {CHEN}" in (await company.say(ZHAO, f"away {CHEN}")).lines
