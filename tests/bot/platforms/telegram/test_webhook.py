"""Webhook mode: called at a secret address, acknowledged after the commit, in order, by any process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.config import Settings
from bot.platforms.telegram.api import Webhook
from bot.platforms.telegram.webhook import HEADER, MOST_BYTES, Address, failing
from crm.core.database import Database
from crm.core.errors import SettingsError
from crm.core.history import SYSTEM
from crm.people.identities import issue_code
from crm.people.people import Role, add_person
from tests.bot.platforms.telegram.office import PUBLIC, Office, Open, locked, until
from tests.bot.platforms.web.serving import serve
from tests.counterparts.telegram import TelegramCounterpart


@pytest.fixture
def webhook_address() -> Address:
    given = {"telegram_mode": "webhook", "telegram_token": "7300000001:x", "secret_key": "k" * 32}
    return Address(Settings(_env_file=None, public_url=PUBLIC, **given))


def address(here: Office) -> Address:
    return Address(here.settings)


async def call(here: Office, *, secret: str | None = None, **body: Any) -> int:
    """A call as Telegram makes it, or as somebody else does; returns the status."""
    where = address(here)
    headers = {HEADER: (where.secret if secret is None else secret).encode()}
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return (await client.post(here.url + where.path, headers=headers, **body)).status_code


async def test_what_is_said_is_answered(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
        update = li.say("hello")
        await asyncio.to_thread(li.wait_for, "not linked yet")
        await asyncio.to_thread(telegram.wait_confirmed, update)
        assert telegram.webhook_answers(update) == [200]
        where, asked = address(here), telegram.webhook()
    assert asked["url"] == PUBLIC + where.path
    assert asked["secret_token"] == where.secret
    assert asked["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    assert telegram.calls("getUpdates") == []


async def test_the_address_and_the_secret_are_the_keys_alone(telegram: TelegramCounterpart, office: Open) -> None:
    with capture_logs() as logs:
        async with office(mode="webhook") as here:
            await here.is_state("up")
            mine = address(here)
            assert await call(here, json={"update_id": 1}, secret="guessed") == 403
    others = [
        Address(here.settings.model_copy(update=changed))
        for changed in (
            {"secret_key": type(here.settings.secret_key)("another key of thirty-two bytes.")},
            {"telegram_token": type(here.settings.secret_key)("7300000002:another")},
        )
    ]
    assert len({mine.path, *(one.path for one in others)}) == 3
    assert len({mine.secret, mine.path.rpartition("/")[2], *(one.secret for one in others)}) == 4
    assert len(mine.path.rpartition("/")[2]) == 40
    for hidden in (mine.secret, mine.path, telegram.token):
        assert hidden not in str(logs)


@pytest.mark.parametrize("secret", ["", "x", "é", "0" * 64])
async def test_without_the_secret_nothing_is_read(office: Open, secret: str) -> None:
    async with office(mode="webhook") as here:
        await here.is_state("up")
        with capture_logs() as logs:
            assert await call(here, content=b"not json", secret=secret) == 403
        assert logs == []


async def test_without_the_secret_nothing_happens(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram._world.webhook["secret_token"] = "wrong"
        update = li.say("hello")
        await asyncio.to_thread(
            telegram.wait_until, lambda: len(telegram.webhook_answers(update)) >= 2, what="two calls"
        )
        assert set(telegram.webhook_answers(update)) == {403}
        assert here.traces() == []


UNREADABLE = (b"", b"{", b"[]", b"null", b'"update"', b"{}", b'{"update_id": "1"}', b"\xff\xfe", b"[" * 100_000)
MALFORMED = (b'{"update_id": 1, "message": {}}', b'{"update_id": 1, "callback_query": []}')
NOT_FOR_US = b'{"update_id": 2}'


@pytest.mark.parametrize("body", [*UNREADABLE, *MALFORMED, NOT_FOR_US])
async def test_what_cannot_be_read_is_passed_over(office: Open, body: bytes) -> None:
    async with office(mode="webhook") as here:
        await here.is_state("up")
        with capture_logs() as logs:
            assert await call(here, content=body) == 200
        assert here.traces() == []
        assert len(logs) == (0 if body == NOT_FOR_US else 1)


async def test_more_than_any_update_is_not_taken(office: Open) -> None:
    async def in_pieces() -> Any:
        for _ in range(MOST_BYTES // 65536 + 1):
            yield b" " * 65536

    async with office(mode="webhook") as here:
        await here.is_state("up")
        assert await call(here, content=b" " * (MOST_BYTES + 1)) == 413
        assert await call(here, content=in_pieces()) == 413


async def test_a_call_twice_is_done_once(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
        update = li.say("hello")
        await asyncio.to_thread(telegram.wait_confirmed, update)
        telegram.redeliver(update)
        await asyncio.to_thread(
            telegram.wait_until, lambda: telegram.webhook_answers(update) == [200, 200], what="two calls"
        )
        assert len(here.traces()) == 1


async def test_200_updates_of_50_people_in_order_per_person(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None]
) -> None:
    people = [telegram.user(number) for number in range(1, 51)]
    said: dict[int, list[str]] = defaultdict(list)
    async with office(mode="webhook") as here:
        await here.is_state("up")
        for number in range(4):
            for person in people:
                said[person.id].append(f"telegram:7300000001:{person.say(f'line {number}')}")
        for person in people:
            await asyncio.to_thread(_has, telegram, person.id, 4)
        traces: dict[int, list[str]] = defaultdict(list)
        for chat, trace in here.traces():
            traces[chat].append(trace)
    assert sorted(traces.values()) == sorted(said.values())


async def test_a_press_is_answered_once_with_its_toast(
    telegram: TelegramCounterpart, office: Open, linked: Callable[[int], None]
) -> None:
    linked(5)
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook"):
        li.say("what?")
        shown = await asyncio.to_thread(li.wait_for, "did not understand")
        good = li.press("Help", shown)
        forged = li.press_data(shown, "lead.claim:1~forged")
        assert (await asyncio.to_thread(li.wait_for_answer, good)).text == ""
        assert "not one of ours" in (await asyncio.to_thread(li.wait_for_answer, forged)).text
    assert telegram.refusals == []
    assert telegram.unanswered_callbacks == []


async def test_away_at_the_start_and_later_is_waited_out(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    telegram.go_away()
    async with office(mode="webhook") as here:
        await until(lambda: here.platform.detail.startswith("Telegram cannot be reached"))
        assert await call(here, json={"update_id": 7}) == 503
        telegram.come_back()
        await here.is_state("up")
        telegram.go_away()
        await here.is_state("connecting")
        telegram.come_back()
        await here.is_state("up")
        li.say("hello")
        await asyncio.to_thread(li.wait_for, "not linked yet")


async def test_a_refused_token_is_one_line_and_stays_down(telegram: TelegramCounterpart, office: Open) -> None:
    with capture_logs() as logs:
        async with office(mode="webhook", token="7300000001:revoked") as here:
            await here.is_state("refused")
            assert not here.running.done()
            assert await call(here, json={"update_id": 1}) == 503
    assert "7300000001:revoked" not in str(logs)


async def test_a_token_revoked_later_gives_the_lease_back(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram.fail_next("getWebhookInfo", status=401)
        await here.is_state("refused")
        await until(lambda: _holders(database) == 0)
        assert not here.platform.may_send


async def test_an_address_that_telegram_does_not_take_is_said(telegram: TelegramCounterpart, office: Open) -> None:
    telegram.fail_next(
        "setWebhook", status=400, description="Bad Request: bad webhook: Failed to resolve host", times=2
    )
    with capture_logs() as logs:
        async with office(mode="webhook") as here:
            await here.is_state("up")
    said = [line["detail"] for line in logs if line["event"] == "telegram not up" and "PUBLIC_URL" in line["detail"]]
    assert len(said) == 1


async def test_calls_that_fail_are_told_and_over_when_they_come_again(
    telegram: TelegramCounterpart, office: Open
) -> None:
    """Nothing listens where the public address leads: asked for is not yet called."""
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram.calls_reach("http://127.0.0.1:1")
        li.say("hello")
        await here.is_state("connecting")
        assert here.platform.detail == "Telegram cannot deliver to TRADEWIND_PUBLIC_URL (Connection refused)"
        assert (here.platform.describe().state, here.platform.describe().sentence) == (
            "away",
            "cannot deliver to TRADEWIND_PUBLIC_URL (Connection refused), trying again",
        )
        assert here.platform.may_send
        telegram.calls_reach(here.url)
        await asyncio.to_thread(li.wait_for, "not linked yet")
        await here.is_state("up")


async def test_a_call_that_failed_while_we_were_away_at_the_start_is_no_trouble(
    telegram: TelegramCounterpart, office: Open
) -> None:
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram.calls_reach("")
        telegram.user(5).say("hello")
        before = {"last_error_date": time.time() - 30, "last_error_message": "Connection refused"}
        telegram._world.webhook_error = before
        looks = len(telegram.calls("getWebhookInfo"))
        await asyncio.to_thread(telegram.wait_for_calls, "getWebhookInfo", looks + 3)
        assert here.platform.state == "up"


async def test_a_call_that_comes_here_shows_that_the_trouble_is_over(
    telegram: TelegramCounterpart, office: Open
) -> None:
    """Although something waits, as it does most of the time where much is written."""
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram.calls_reach("")
        telegram.user(5).say("hello")
        telegram._world.webhook_error = {"last_error_date": time.time(), "last_error_message": "Connection timed out"}
        await here.is_state("connecting")
        assert await call(here, json={"update_id": 7}) == 200
        await here.is_state("up")
        assert len(telegram.pending()) == 1


def told(address: Address, **more: Any) -> Webhook:
    given = {"url": address.url, "waiting": 1, "failed_at": time.time(), "failure": "Connection timed out"}
    return Webhook(**(given | more))


def test_what_is_no_trouble_of_now(webhook_address: Address) -> None:
    now = time.time()
    assert failing(told(webhook_address), webhook_address, since=now - 60)
    for harmless in (
        told(webhook_address, waiting=0),
        told(webhook_address, url="https://elsewhere.example"),
        told(webhook_address, failure="", failed_at=0.0),
        told(webhook_address, failed_at=now - 61),
        told(webhook_address, failed_at=now - 4000),
    ):
        assert failing(harmless, webhook_address, since=now - 60) is None
    assert failing(told(webhook_address, failed_at=now - 4000), webhook_address, since=0.0) is None


def test_a_failure_tells_no_secret(webhook_address: Address) -> None:
    failure = f"Wrong response from {webhook_address.url}: 502\n with {webhook_address.secret}" + "x" * 1000
    said = failing(told(webhook_address, failure=failure), webhook_address, since=0.0)
    assert said is not None
    assert "Wrong response from https://tradewind.example…: 502 with …xx" in said
    assert webhook_address.path not in said
    assert webhook_address.secret not in said
    assert len(said) < 300


async def test_a_webhook_taken_away_is_asked_for_again(telegram: TelegramCounterpart, office: Open) -> None:
    async with office(mode="webhook") as here:
        await here.is_state("up")
        telegram._world.webhook = {}
        await asyncio.to_thread(telegram.wait_for_calls, "setWebhook", 2)
        await until(lambda: telegram.webhook().get("url") == address(here).url)


async def test_any_process_is_called_and_the_one_with_the_lease_sends(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook", name="one") as first:
        await first.is_state("up")
        async with office(mode="webhook", name="two") as second:  # the calls reach this one
            await second.is_state("standby")
            update = li.say("hello")
            await asyncio.to_thread(telegram.wait_confirmed, update)
            assert not second.platform.may_send
            assert li.messages() == []
            await second.delivery.settle()  # it gives the chat back after the answer, as whoever may not send does
            await first.delivery.tick()
            await asyncio.to_thread(li.wait_for, "not linked yet")
            assert len(telegram.calls("setWebhook")) == 1
            await first.stop()
            await first.platform.close()
            await second.is_state("up")
            assert len(telegram.calls("setWebhook")) == 2


async def test_polling_again_takes_the_webhook_away(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
    assert telegram.webhook() != {}  # what comes meanwhile is kept for the next start
    async with office() as here:
        await here.is_state("up")
        li.say("hello")
        await asyncio.to_thread(li.wait_for, "not linked yet")
    assert telegram.webhook() == {}


async def test_what_comes_at_a_stop_is_finished_or_comes_again(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here:
        await here.is_state("up")
        with locked(database):
            first = li.say("hello")
            await until(lambda: bool(here.reception._turns))
            stopping = asyncio.create_task(here.stop())
            await until(lambda: here.platform._endpoint is not None and here.platform._endpoint._intake is None)
            other = telegram.user(6, language_code="en").say("too late")
            await asyncio.to_thread(
                telegram.wait_until, lambda: 503 in telegram.webhook_answers(other), what="a refused call"
            )
        await stopping
        await asyncio.to_thread(
            telegram.wait_until, lambda: telegram.webhook_answers(first) == [200], what="the first one's end"
        )
        assert len(here.traces()) == 1
    async with office(mode="webhook", name="two") as there:
        await until(lambda: len(there.traces()) == 2)


async def test_the_program_as_it_runs(telegram: TelegramCounterpart, sqlite_url: str, tmp_path: Path) -> None:
    """Served by its one web server, to somebody who links their account by a code in a link."""
    li = telegram.user(5, language_code="en")
    settings = Settings(
        _env_file=None,
        database_url=sqlite_url,
        port=0,
        secret_key="k" * 32,
        telegram_token=telegram.token,
        telegram_api_url=telegram.base_url,
        telegram_mode="webhook",
        public_url=PUBLIC,
        spool_dir=tmp_path / "spool",
    )
    async with serve(settings) as here:
        telegram.calls_reach(here.url)
        with here.app.database.write() as work:
            person = add_person(
                work, actor=SYSTEM, name="Li Na", roles=[Role.ADMIN], language="en", timezone="Asia/Shanghai"
            )
            code = issue_code(work, actor=SYSTEM, person_id=person.id)
        li.say(f"/start {code}")
        await asyncio.to_thread(li.wait_for, "Welcome. You are linked as Li Na.")
        li.say("/people code Li Na")
        await asyncio.to_thread(li.wait_for, "https://t.me/tradewind_bot?start=")


class TestWithLittlePatience:
    @pytest.fixture
    def busy_timeout(self) -> float:
        return 0.3

    async def test_what_cannot_be_saved_is_brought_again(
        self, telegram: TelegramCounterpart, office: Open, database: Database
    ) -> None:
        li = telegram.user(5, language_code="en")
        async with office(mode="webhook") as here:
            await here.is_state("up")
            with locked(database), capture_logs():
                update = li.say("hello")
                await asyncio.to_thread(
                    telegram.wait_until, lambda: len(telegram.webhook_answers(update)) >= 2, what="two calls"
                )
                assert set(telegram.webhook_answers(update)) == {503}
                assert telegram.pending() != []
            await asyncio.to_thread(li.wait_for, "not linked yet")
            await asyncio.to_thread(telegram.wait_confirmed, update)  # said before it is acknowledged, or after
            assert telegram.webhook_answers(update)[-1] == 200
            assert len(here.traces()) == 1


@pytest.mark.parametrize(
    ("changed", "works"),
    [
        ({"public_url": ""}, False),
        ({"public_url": "http://tradewind.example"}, False),
        ({"public_url": "http://tradewind.example", "telegram_api_url": "http://127.0.0.1:8081"}, True),
        ({"public_url": "https://tradewind.example/"}, True),
    ],
)
def test_a_webhook_needs_an_address(changed: dict[str, str], works: bool) -> None:
    settings = Settings(
        _env_file=None,
        **{"telegram_mode": "webhook", "telegram_token": "1:x", "secret_key": "k" * 32, **changed},
    )
    if works:
        assert "//telegram" not in Address(settings).url
    else:
        with pytest.raises(SettingsError, match="TRADEWIND_PUBLIC_URL"):
            Address(settings)


def _holders(database: Database) -> int:
    with database.read() as work:
        return int(work.connection.execute(text("SELECT count(*) FROM leases")).scalar_one())


def _has(telegram: TelegramCounterpart, user: int, count: int) -> None:
    person = telegram.user(user)
    telegram.wait_until(lambda: len(person.messages()) >= count, 20.0, what=f"{count} answers to {user}")
