"""Exchange rates set in the chat, and small things that a new company stumbles over."""

from datetime import date
from decimal import Decimal

from crm.core.rates import rate_on
from crm.people.people import Role
from tests.bot.front_desk import Desk
from tests.conftest import MakePerson


async def test_finance_sets_a_rate_and_sees_it(desk: Desk, make_person: MakePerson) -> None:
    sun = desk.link(make_person("Sun", Role.FINANCE))
    await desk.say(sun, "rates")
    assert desk.room.last(sun).lines[1] == "None is set yet."
    await desk.say(sun, "汇率 usd 7,1")
    assert desk.room.last(sun).text == "1 USD is now 7.1 CNY."
    await desk.say(sun, "rates")
    assert desk.room.last(sun).lines[1].startswith("1 USD: 7.1 CNY, since ")
    with desk.database.read() as work:
        assert rate_on(work, currency="USD", day=date(2099, 1, 1), base="CNY") == Decimal("7.1")
    assert [row.act for row in desk.rows("SELECT act FROM history WHERE entity = 'exchange_rate'")] == ["rate set"]


async def test_a_new_rate_tells_the_old_one_and_is_taken_back(desk: Desk, make_person: MakePerson) -> None:
    sun = desk.link(make_person("Sun", Role.FINANCE))
    await desk.say(sun, "rates USD 7.1")
    await desk.say(sun, "rates USD 7.25")
    assert desk.room.last(sun).text == "1 USD is now 7.25 CNY, before 7.1."
    await desk.press(sun, "Undo")
    assert desk.room.last(sun).text == "1 USD is now 7.1 CNY, before 7.25."


async def test_a_rate_far_from_the_old_one_is_asked_about_first(desk: Desk, make_person: MakePerson) -> None:
    sun = desk.link(make_person("Sun", Role.FINANCE))
    await desk.say(sun, "rates USD 7.1")
    await desk.say(sun, "rates USD 71")
    assert desk.room.last(sun).text == "1 USD is 7.1 CNY now. 71 is far from that: is it meant?"
    with desk.database.read() as work:
        assert rate_on(work, currency="USD", day=date(2099, 1, 1), base="CNY") == Decimal("7.1")
    await desk.press(sun, "Set 71")
    assert desk.room.last(sun).text == "1 USD is now 71 CNY, before 7.1."


async def test_what_is_no_rate_is_said_and_nothing_is_set(desk: Desk, make_person: MakePerson) -> None:
    sun = desk.link(make_person("Sun", Role.FINANCE))
    for words, told in (
        ("rates USD", "Write the currency and what one of it is worth: rates USD 7.1"),
        ("rates USD -7", "Write the currency and what one of it is worth: rates USD 7.1"),
        ("rates USD NaN", "Write the currency and what one of it is worth: rates USD 7.1"),
        ("rates CNY 1", "CNY is the company's own currency; it needs no rate."),
        ("rates lamp 3", "LAMP is no currency. Write its code, such as USD."),
    ):
        await desk.say(sun, words)
        assert desk.room.last(sun).text == told
    assert desk.rows("SELECT * FROM exchange_rates") == []


async def test_a_rep_does_not_set_rates(desk: Desk, make_person: MakePerson) -> None:
    li = desk.link(make_person("Li"))
    await desk.say(li, "rates USD 7.1")
    assert desk.room.last(li).text == "rates is for other roles than yours."
    assert desk.rows("SELECT * FROM exchange_rates") == []


async def test_a_note_keeps_what_was_said_with_the_verb(desk: Desk, make_person: MakePerson) -> None:
    li = desk.link(make_person("Li"))
    await desk.say(li, "/note sent samples today")
    assert "sent samples today" in desk.room.last(li).text
    assert desk.room.last(li).lines[-1].startswith("Customer")


async def test_a_lead_with_a_round_budget_is_converted(desk: Desk, make_person: MakePerson) -> None:
    li = desk.link(make_person("Li"))
    for words in ("/lead Ernst", "Roland", "skip", "AT", "fair", "lamps", "skip", "500000 CNY"):
        await desk.say(li, words)
    await desk.press(li, "To the review")
    await desk.press(li, "Confirm")
    await desk.press(li, "Open")
    await desk.press(li, "Convert")
    await desk.say(li, "31/12/2026")
    assert "500,000" in desk.room.last(li).text
    await desk.press(li, "Confirm")
    assert [row.amount for row in desk.rows("SELECT amount FROM deals")] == [500_000 * 10_000]
