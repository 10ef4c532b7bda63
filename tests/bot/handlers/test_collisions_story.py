"""Somebody logs a company that a colleague looks after: a note there, a hand-over asked for, or logged all the same."""

import asyncio

import pytest

from crm.people.people import Role
from tests.bot.trading_desk import CHEN, LI, ZHAO, TradingDesk
from tests.conftest import MakePerson

QIAN = "Qian"


@pytest.fixture
async def two_reps(company: TradingDesk, make_person: MakePerson) -> TradingDesk:
    """Qian sells beside Li, in the same team."""
    await company.link(make_person(QIAN, Role.REP, team="North"))
    return company


async def _log(company: TradingDesk, account: str, name: str, reach: str = "skip") -> None:
    words = ("/lead", name, "Roland", reach, "skip", "website", "500 lamps")
    await company.say(account, *words)
    await company.press(account, "To the review")
    await company.press(account, "Confirm")


def _statuses(company: TradingDesk) -> list[str]:
    return [row.status for row in company.desk.rows("SELECT status FROM leads ORDER BY id")]


async def test_whose_it_is_is_told_and_nothing_else(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, LI, "Huis & Haard", "jan@huis.example, +49 30 901820")
    assert _statuses(company) == ["new"]
    await _log(company, QIAN, "Haard und Huis GmbH")
    asked = company.last(QIAN)
    assert "Haard und Huis GmbH may be known already" in asked.text
    assert "Lead Huis & Haard · Li · a name like it" in asked.text
    assert "901820" not in asked.text
    assert asked.labels == ["Add as a note", "Ask for hand-over", "Log anyway", "Cancel"]
    assert _statuses(company) == ["new", "held"]
    await company.say(QIAN, "/lead L-1")
    assert "There is no lead L-1" in company.last(QIAN).text


@pytest.mark.parametrize(
    ("reach", "why"),
    [
        ("+49 30 901820", "the same phone number"),
        ("Jan@Huis.example", "the same e-mail address"),
        ("sales@huis.example", "the same mail domain, huis.example"),
    ],
)
async def test_however_it_is_called_a_number_or_domain_tells(two_reps: TradingDesk, reach: str, why: str) -> None:
    company = two_reps
    await _log(company, LI, "Huis & Haard", "jan@huis.example, +49 30 901820")
    await _log(company, QIAN, "Zonneschijn", reach)
    assert f"Lead Huis & Haard · Li · {why}" in company.last(QIAN).text


async def test_a_free_mail_domain_tells_nothing(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, LI, "Huis & Haard", "jan@gmail.com")
    await _log(company, QIAN, "Zonneschijn", "piet@gmail.com")
    assert _statuses(company) == ["new", "new"]


async def test_logged_anyway_the_owner_and_their_superior_hear(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH")
    card = company.last(QIAN)
    assert await company.press(QIAN, "Log anyway") == "Saved lead L-1."
    assert "It looks like your Ernst Handel: a name like it." in company.last(LI).text
    assert "It looks like Ernst Handel, whose owner is Li" in company.last(ZHAO).text
    assert company.notices(CHEN, "looks like") == 0
    assert _statuses(company) == ["new"]
    assert company.last(QIAN).labels == ["Open", "Undo"]
    assert "answered already" in await company.press(QIAN, "Log anyway", on=card)
    assert len(company.desk.rows("SELECT id FROM leads")) == 1


async def test_a_note_is_added_to_what_a_colleague_has(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH", "+49 30 901820")
    await company.press(QIAN, "Add as a note")
    assert _statuses(company) == ["noted"]
    (note,) = company.desk.rows("SELECT text, person_id FROM communications")
    assert note.text == "Ernst Handel GmbH, Roland, +4930901820\n500 lamps"
    assert "Qian has added a note to Ernst Handel" in company.last(LI).text
    assert company.last(QIAN).labels == []


async def test_a_hand_over_is_asked_for_and_given(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH")
    await company.press(QIAN, "Ask for hand-over")
    assert company.last(QIAN).labels == ["Add as a note", "Log anyway", "Cancel"]
    asked = company.last(LI)
    assert asked.text.startswith("Qian asks for Ernst Handel")
    assert asked.labels == ["Hand over", "Keep it"]
    await company.press(LI, "Hand over")
    (owner,) = company.desk.rows("SELECT people.name FROM customers JOIN people ON people.id = customers.owner_id")
    assert owner.name == QIAN
    assert _statuses(company) == ["noted"]
    assert "Handed over to Qian by Li." in company.desk.room.seen[asked.ref].text
    assert company.notices(QIAN, "Li has handed Ernst Handel over to you.") == 1
    (note,) = company.desk.rows("SELECT text FROM communications")
    assert "500 lamps" in note.text
    assert "answered already" in await company.press(LI, "Keep it", on=asked)


async def test_a_hand_over_is_declined_and_the_question_stands(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH")
    await company.press(QIAN, "Ask for hand-over")
    await company.press(LI, "Keep it")
    assert "Li keeps Ernst Handel." in company.last(QIAN).text
    await company.press(QIAN, "Open")
    assert company.last(QIAN).labels == ["Add as a note", "Ask for hand-over", "Log anyway", "Cancel"]
    await company.press(QIAN, "Cancel")
    assert _statuses(company) == ["withdrawn"]


async def test_ones_own_is_asked_about_too_and_nobody_is_asked(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, LI, "Ernst Handel")
    assert "Customer Ernst Handel · yours · the same name" in company.last(LI).text
    assert company.last(LI).labels == ["Add as a note", "Log anyway", "Cancel"]


async def test_two_reps_confirm_one_new_company_at_once(two_reps: TradingDesk) -> None:
    company = two_reps
    for word in ("Vermeer", "Kristal", "Donau"):
        for account, name in ((LI, f"{word} & Zoon"), (QIAN, f"Zoon und {word} GmbH")):
            await company.say(account, "/lead", name, "Roland", "skip", "skip", "website", "500 lamps")
            await company.press(account, "To the review")
        await asyncio.gather(*(company.press(account, "Confirm") for account in (LI, QIAN)))
        assert sorted(_statuses(company)[-2:]) == ["held", "new"]


async def test_a_request_ends_with_what_it_was_made_for(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH")
    await company.press(QIAN, "Ask for hand-over")
    asked = company.last(LI)
    await company.press(QIAN, "Cancel")
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    shown = company.desk.room.seen[asked.ref]
    assert shown.text.endswith("It is not needed any more.")
    assert shown.labels == []


async def test_what_waits_for_an_answer_is_told_every_morning(two_reps: TradingDesk) -> None:
    company = two_reps
    await _log(company, QIAN, "Ernst Handel GmbH")
    told = await company.say(QIAN, "/today")
    assert "Leads that wait for your answer" in told.text
    assert "Ernst Handel GmbH looks like somebody's" in told.text
