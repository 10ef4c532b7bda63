"""Connecting, the lease, and what state the platform is in, whatever Telegram does."""

import asyncio
import os
import subprocess
import sys
from typing import Any

from sqlalchemy import text
from structlog.testing import capture_logs

from bot.handlers import menu
from bot.platforms.telegram.lease import PollingLease, _process
from bot.platforms.telegram.pace import Pace
from crm.core import leases
from crm.core.database import Database
from tests.bot.platforms.telegram.office import Open, locked, until
from tests.counterparts.telegram import TelegramCounterpart

STATES = {"telegram up", "telegram not up"}


def states(logs: list[Any]) -> list[str]:
    return [line.get("state", "up") for line in logs if line["event"] in STATES]


async def test_up_with_the_menu_in_both_languages(telegram: TelegramCounterpart, office: Open) -> None:
    async with office() as here:
        assert (here.platform.state, here.platform.may_send) == ("connecting", False)
        await here.is_state("up")
        assert here.platform.may_send
        await asyncio.to_thread(telegram.wait_for_calls, "setMyCommands", 2)
        await until(lambda: bool(telegram.commands("zh")))
    for code, language in (("", "en"), ("zh", "zh_CN")):
        assert [(one["command"], one["description"]) for one in telegram.commands(code)] == menu(language)


async def test_away_at_the_start_and_later_is_waited_out(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    telegram.go_away()
    with capture_logs() as logs:
        async with office() as here:
            await until(lambda: here.platform.detail.startswith("Telegram cannot be reached"))
            assert here.platform.state == "connecting"
            telegram.come_back()
            await here.is_state("up")
            telegram.go_away()
            await here.is_state("connecting")
            telegram.come_back()
            await here.is_state("up")
            li.say("hello")
            await asyncio.to_thread(li.wait_for, "not linked yet")
    assert states(logs) == ["connecting", "up", "connecting", "up"]
    assert telegram.token not in str(logs)
    assert not any("exc_info" in line or "exception" in line for line in logs)


async def test_trouble_of_telegrams_own_is_waited_out(telegram: TelegramCounterpart, office: Open) -> None:
    li = telegram.user(5, language_code="en")
    telegram.fail_next("getMe", status=429, retry_after=1)
    telegram.fail_next("getUpdates", status=502)
    telegram.fail_next("getUpdates", status=429, retry_after=1)
    telegram.drop_connection("getUpdates")
    async with office() as here:
        li.say("hello")
        await asyncio.to_thread(li.wait_for, "not linked yet", 10.0)
        await here.is_state("up")


async def test_a_refused_token_is_one_line_and_stays_down(telegram: TelegramCounterpart, office: Open) -> None:
    with capture_logs() as logs:
        async with office(token="7300000001:revoked") as here:
            await here.is_state("refused")
            assert not here.running.done()
            assert not here.platform.may_send
            assert "TRADEWIND_TELEGRAM_TOKEN" in here.platform.detail
    assert states(logs) == ["refused"]
    assert "7300000001:revoked" not in str(logs)
    assert len(telegram.refusals) == 1


async def test_a_token_revoked_later_gives_the_lease_back(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    async with office() as here:
        await here.is_state("up")
        telegram.fail_next("getUpdates", status=401)
        telegram.user(5).say("hello")
        await here.is_state("refused")
        await until(lambda: holder(database) is None)
        assert not here.platform.may_send


async def test_somebody_else_polls_the_token(telegram: TelegramCounterpart, office: Open) -> None:
    with capture_logs() as logs:
        telegram.fail_next(
            "getUpdates", status=409, times=3, description="Conflict: terminated by other getUpdates request"
        )
        async with office() as here:
            await here.is_state("up")
    assert states(logs) == ["connecting", "up"]
    assert sum("another program polls this token" in line.get("detail", "") for line in logs) == 1


async def test_a_webhook_left_behind_is_removed(telegram: TelegramCounterpart, office: Open) -> None:
    telegram._world.webhook = {"url": "https://elsewhere.example/hook"}
    async with office() as here:
        await here.is_state("up")
    assert len(telegram.calls("deleteWebhook")) == 1


async def test_one_polls_and_the_other_takes_over(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office(name="two") as second:
        await second.is_state("up")
        async with office(name="one") as first:
            await first.is_state("standby")
            assert not first.platform.may_send
            await second.stop()
            assert second.platform.may_send  # the last replies can still go
            await second.platform.close()
            assert not second.platform.may_send
            await first.is_state("up")
            li.say("hello")
            await asyncio.to_thread(li.wait_for, "not linked yet")
        assert holder(database) is None
    assert [refusal.status for refusal in telegram.refusals] == []


async def test_a_lease_lost_stops_the_polling(telegram: TelegramCounterpart, office: Open, database: Database) -> None:
    pace = Pace(first_pause=0.02, longest_pause=0.2, poll=5, standby=0.05, lease=0.4)
    async with office(pace=pace) as here:
        await here.is_state("up")
        with database.write() as work:
            work.connection.execute(text("UPDATE leases SET holder = 'another'"))
        await here.is_state("standby")
        await here.is_state("up")  # the other one's has run out


async def test_what_is_under_way_at_a_stop_is_finished_and_confirmed(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5, language_code="en")
    async with office() as here:
        await here.is_state("up")
        with locked(database):
            update = li.say("hello")
            await until(lambda: bool(here.reception._turns))
            stopping = asyncio.create_task(here.stop())
            await asyncio.sleep(0)
            assert telegram.pending() != []
        await stopping
        assert telegram.pending() == []
        telegram.wait_confirmed(update)
        await here.delivery.settle()
        assert len(li.messages()) == 1


async def test_a_stop_does_not_wait_for_ever(telegram: TelegramCounterpart, office: Open, database: Database) -> None:
    li = telegram.user(5, language_code="en")
    pace = Pace(first_pause=0.02, longest_pause=0.2, poll=5, finish=0.1)
    async with office(pace=pace) as here:
        await here.is_state("up")
        with locked(database):
            update = li.say("hello")
            await until(lambda: bool(here.reception._turns))
            async with asyncio.timeout(2.0):
                await here.stop()
            assert [one["update_id"] for one in telegram.pending()] == [update]


async def test_who_died_holds_nobody_up(database: Database) -> None:
    """The holder's process is gone without giving its lease back: who starts on this machine need not wait."""
    dead = f"{process_that_died()}:abc123"
    with database.write() as work:
        assert leases.hold(work, name="telegram:1", holder=dead, seconds=3600)
    lease = PollingLease(database, name="telegram:1", seconds=20)
    assert await lease.take()
    assert lease.held


async def test_who_lives_or_runs_elsewhere_keeps_the_lease(database: Database) -> None:
    place, _, rest = _process(os.getpid()).partition(":")
    for holder_name in (f"{place}:{rest}:abc123", f"0123456789abcdef:{rest}:abc123", "somewhere:1:0:abc123"):
        with database.write() as work:
            work.connection.execute(text("DELETE FROM leases"))
            leases.hold(work, name="telegram:1", holder=holder_name, seconds=20)
        assert not await PollingLease(database, name="telegram:1", seconds=20).take()


async def test_two_bots_do_not_share_a_lease(telegram: TelegramCounterpart, office: Open, database: Database) -> None:
    with database.write() as work:
        leases.hold(work, name="telegram:1", holder="another", seconds=3600)
    async with office() as here:
        await here.is_state("up")


def process_that_died() -> str:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = _process(child.pid)
    child.communicate(b"\n")
    return name


def holder(database: Database) -> str | None:
    with database.read() as work:
        found: str | None = work.connection.execute(text("SELECT holder FROM leases")).scalar()
        return found
