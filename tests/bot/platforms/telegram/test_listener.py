"""Updates in, through the real reception: confirmed when committed, in order, and none in another's way."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from crm.core.database import Database
from tests.bot.platforms.telegram.office import Open
from tests.counterparts.telegram import TelegramCounterpart


async def test_what_is_said_is_answered_and_then_confirmed(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        update = li.say("hello")
        await asyncio.to_thread(li.wait_for, "not linked yet")
        await asyncio.to_thread(telegram.wait_confirmed, update)


async def test_only_what_is_asked_for_comes(telegram: TelegramCounterpart, office: Open) -> None:
    async with office() as here:
        await here.is_state("up")
    wanted = ["message", "callback_query", "my_chat_member"]
    assert telegram.calls("getUpdates")[0].parameters["allowed_updates"] == wanted


async def test_a_delivery_twice_is_done_once(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office() as here:
        update = li.say("hello")
        await asyncio.to_thread(telegram.wait_confirmed, update)
        telegram.redeliver(update)
        last = li.say("/help")
        await asyncio.to_thread(telegram.wait_confirmed, last)
        assert len(here.traces()) == 2


async def test_200_updates_of_50_people_in_order_per_person(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None]
) -> None:
    people = [telegram.user(number) for number in range(1, 51)]
    said: dict[int, list[str]] = defaultdict(list)
    last = 0
    for number in range(4):
        for person in people:
            last = person.say(f"line {number}")
            said[person.id].append(f"telegram:7300000001:{last}")
    async with office() as here:
        await asyncio.to_thread(telegram.wait_confirmed, last, 30.0)
        for person in people:
            await asyncio.to_thread(_has, telegram, person.id, 4)
        traces: dict[int, list[str]] = defaultdict(list)
        for chat, trace in here.traces():
            traces[chat].append(trace)
    assert sorted(traces.values()) == sorted(said.values())


async def test_malformed_updates_are_passed_over(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    with capture_logs() as logs:
        async with office():
            telegram.deliver({"message": {"text": "from nowhere"}})
            telegram.deliver({"message": None})
            telegram.deliver({"callback_query": {"id": "1", "data": 5}})
            update = li.say("hello")
            await asyncio.to_thread(li.wait_for, "not linked yet")
            await asyncio.to_thread(telegram.wait_confirmed, update)
    assert sum("malformed" in line["event"] for line in logs) == 3
    assert "nowhere" not in str(logs)


@pytest.mark.parametrize(
    "odd", ["\x00", "\ud800 half", "<b>&amp;", "\u202eright to left", "🚢" * 2000, "*_[`", "'; --"]
)
async def test_odd_texts_do_no_harm(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None], odd: str
) -> None:
    linked(5)
    li = telegram.user(5, language_code="en")
    async with office():
        li.say(odd)
        update = li.say("/help")
        await asyncio.to_thread(telegram.wait_confirmed, update)
        await asyncio.to_thread(li.wait_for, "did not understand")


async def test_a_press_is_answered_once_with_its_toast(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None]
) -> None:
    linked(5)
    li = telegram.user(5, language_code="en")
    async with office():
        li.say("what?")
        shown = await asyncio.to_thread(li.wait_for, "did not understand")
        good = li.press("Help", shown)
        forged = li.press_data(shown, "lead.claim:1~forged")
        assert (await asyncio.to_thread(li.wait_for_answer, good)).text == ""
        assert "not one of ours" in (await asyncio.to_thread(li.wait_for_answer, forged)).text
    assert telegram.unanswered_callbacks == []
    assert telegram.refusals == []


async def test_an_answer_that_got_lost_is_tried_again(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None]
) -> None:
    linked(5)
    li = telegram.user(5, language_code="en")
    async with office():
        li.say("what?")
        shown = await asyncio.to_thread(li.wait_for, "did not understand")
        telegram.drop_connection("answerCallbackQuery")
        await asyncio.to_thread(li.wait_for_answer, li.press("Help", shown))
        telegram.fail_next("answerCallbackQuery", status=500)
        await asyncio.to_thread(li.wait_for_answer, li.press("Help", shown))


async def test_a_chat_that_waits_does_not_hold_up_the_others(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    """Updates of one chat cannot be taken; more than Telegram shows at once come behind it."""
    li, wang = telegram.user(5, language_code="en"), telegram.user(6, language_code="en")
    with database.write() as work:
        work.connection.execute(text(DEFECT))
    async with office() as here:
        await here.is_state("up")
        with capture_logs():
            stuck = li.say("hello")
            for number in range(130):
                last = wang.say(f"line {number}")
            # The one that waits is put on disk when it is the one that keeps the rest from being shown.
            await asyncio.to_thread(telegram.wait_confirmed, last, 20.0)
            await asyncio.to_thread(_has, telegram, 6, 130)
        with database.write() as work:
            work.connection.execute(text("DROP TRIGGER defect"))
        await here.reception.drain()
        await asyncio.to_thread(li.wait_for, "not linked yet")
        assert sum(trace.endswith(f":{stuck}") for _, trace in here.traces()) == 1


DEFECT = """
CREATE TRIGGER defect BEFORE INSERT ON chats WHEN NEW.external_id = '5'
BEGIN SELECT RAISE(ABORT, 'a defect that only this chat meets'); END
"""


def _has(telegram: TelegramCounterpart, user: int, count: int) -> None:
    person = telegram.user(user)
    telegram.wait_until(lambda: len(person.messages()) >= count, 20.0, what=f"{count} answers to {user}")
