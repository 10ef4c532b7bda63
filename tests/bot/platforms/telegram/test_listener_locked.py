"""A database that cannot be written for a while: nothing is confirmed, nothing lost, presses are answered."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from crm.core.database import Database
from tests.bot.platforms.telegram.office import Open, locked, until
from tests.counterparts.telegram import TelegramCounterpart


@pytest.fixture
def busy_timeout() -> float:
    return 0.4


async def test_an_update_that_cannot_be_saved_is_not_confirmed_and_done_later(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office() as here:
        await here.is_state("up")
        with locked(database), capture_logs() as logs:
            update = li.say("hello")
            await until(lambda: sum(line["event"] == "store unavailable" for line in logs) >= 2)
            assert [one["update_id"] for one in telegram.pending()] == [update]
            assert li.messages() == []
        await asyncio.to_thread(li.wait_for, "not linked yet")
        await asyncio.to_thread(telegram.wait_confirmed, update)
        assert len(here.traces()) == 1


async def test_an_update_comes_again_after_a_stop_in_the_middle(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office(name="one") as here:
        await here.is_state("up")
        with locked(database), capture_logs() as logs:
            update = li.say("hello")
            await until(lambda: any(line["event"] == "store unavailable" for line in logs))
            await here.stop()
        assert [one["update_id"] for one in telegram.pending()] == [update]
        assert here.traces() == []
    async with office(name="two") as there:
        await asyncio.to_thread(telegram.wait_confirmed, update)
        assert len(there.traces()) == 1


async def test_a_press_that_cannot_be_saved_is_answered_at_once_and_once(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None], database: Database
) -> None:
    linked(5)
    li = telegram.user(5, language_code="en")
    async with office() as here:
        li.say("what?")
        shown = await asyncio.to_thread(li.wait_for, "did not understand")
        await here.delivery.settle()
        with locked(database):
            li.say("kept from being saved")
            behind = li.press("Help", shown)
            answer = await asyncio.to_thread(li.wait_for_answer, behind)
            assert "database is busy" in answer.text
        await asyncio.to_thread(li.wait_for, lambda message: "lead" in message.text and message.id > shown.id)
    assert len(telegram.calls("answerCallbackQuery")) == 1


async def test_nothing_overtakes_what_waits_in_its_chat(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office() as here:
        await here.is_state("up")
        with locked(database), capture_logs() as logs:
            said = [li.say("first")]
            first = f"telegram:7300000001:{said[0]}"
            await until(lambda: len(_tried(logs)) >= 2)
            said += [li.say("second"), li.say("third")]
            polls, tried = len(telegram.calls("getUpdates")), len(_tried(logs))
            await until(lambda: len(telegram.calls("getUpdates")) >= polls + 2 and len(_tried(logs)) >= tried + 2)
            assert set(_tried(logs)) == {first}
        await asyncio.to_thread(telegram.wait_confirmed, said[-1])
        assert [trace for _, trace in here.traces()] == [f"telegram:7300000001:{number}" for number in said]


def _tried(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The deliveries that could not be saved, once for each try."""
    return [line["delivery"] for line in logs if line["event"] == "store unavailable"]
