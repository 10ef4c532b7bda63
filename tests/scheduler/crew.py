"""Several processes of Tradewind at one database and two counterparts, from the test's side; and what arrived there."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from crm.core.database import Database, utc_now
from crm.core.outbox import enter_chat, let_go
from crm.people.identities import tie
from crm.people.people import Member
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scheduler.crew_driver import AHEAD, moved_clock

PATIENCE_S = 60.0
LEASE_S = 2.0
JOURNEY_S = 0.02
"""There, and as long back."""


class Town:
    """The other side: both counterparts, and everybody who reads there."""

    def __init__(self, telegram: TelegramCounterpart, slack: SlackCounterpart) -> None:
        self.telegram, self.slack = telegram, slack
        self._messages: dict[int, Callable[[], list[str]]] = {}

    def settle(self, database: Database, person: Member, platform: str) -> None:
        """The person lives on this platform, in a private chat."""
        if platform == "telegram":
            account = chat = str(1000 + person.id)
            on_telegram = self.telegram.user(int(account), language_code="en")
            self._messages[person.id] = lambda: [one.text for one in on_telegram.messages(everything=True)]
        else:
            account, chat = f"U{person.id:04}", f"DU{person.id:04}"
            on_slack = self.slack.user(account, real_name=person.name, locale="en-US")
            self._messages[person.id] = lambda: [one.text for one in on_slack.messages() if one.from_bot]
        with database.write() as work:
            entered = enter_chat(work, platform=platform, external_id=chat, is_private=True, token="t")
            let_go(work, chat_id=entered.id, token="t")
            tie(work, platform=platform, account_id=account, person_id=person.id, chat_id=entered.id)

    def messages(self, person: Member) -> list[str]:
        """The text of every message that the person got, the oldest first."""
        return self._messages[person.id]()

    def arrivals(self, pattern: str) -> "Counter[str]":
        """How often each text that the pattern finds arrived, at anybody's."""
        sought = re.compile(pattern)
        texts = [one for messages in self._messages.values() for one in messages()]
        return Counter(found[0] for one in texts if (found := sought.search(one)) is not None)

    def violations(self) -> list[str]:
        return [*self.telegram.violations, *self.slack.violations]


class Crew:
    """The processes. `at` sets the clock of all of them, which goes on from there."""

    def __init__(self, url: str, folder: Path, town: Town) -> None:
        self._folder = folder
        (folder / "ahead").write_bytes(AHEAD.pack(0.0))
        telegram, slack = town.telegram, town.slack
        settings = {
            "database_url": url,
            "secret_key": "the secret key of this very company, long",
            "port": 0,
            "language": "en",
            "spool_dir": str(folder / "spool"),
            "telegram_token": telegram.token,
            "telegram_api_url": telegram.base_url,
            "telegram_limits": False,
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.api_url,
            "lease_s": LEASE_S,
            "journey_s": JOURNEY_S,
        }
        (folder / "settings").write_text(json.dumps(settings))
        self._driver: subprocess.Popen[str] | None = None
        self._changed = threading.Condition()
        self._up: set[int] = set()
        self._ended: dict[int, int] = {}
        self.clock = moved_clock(folder)
        self.database = Database(url, clock=self.clock)

    @property
    def processes(self) -> list[int]:
        """Those that run, the oldest first."""
        with self._changed:
            return sorted(self._up)

    def at(self, now: datetime) -> None:
        """It is this time now, for everybody; a jump if they run."""
        ahead = (now - utc_now()).total_seconds()
        with (self._folder / "ahead").open("r+b") as file:
            file.write(AHEAD.pack(ahead))

    def start(self, count: int) -> None:
        """So many more; returns when they listen."""
        if self._driver is None:
            self._driver = self._open()
            threading.Thread(target=self._read, args=(self._driver,), daemon=True).start()
        wanted = len(self._up) + count
        assert self._driver.stdin is not None
        self._driver.stdin.write("s" * count)
        self._driver.stdin.flush()
        self._wait(lambda: len(self._up) >= wanted, "to be up")

    def kill(self, process: int) -> None:
        """Pull its plug; returns when it is no more."""
        os.kill(process, signal.SIGKILL)
        self._wait(lambda: process in self._ended, "to be dead")

    def kill_all(self) -> None:
        for process in self.processes:
            os.kill(process, signal.SIGKILL)
        self._wait(lambda: not self._up, "all to be dead")

    def rows(self, query: str) -> list[Any]:
        with self.database.read() as work:
            return list(work.connection.execute(text(query)))

    def wait_sent(self) -> None:
        """Returns when nothing waits in the outbox for a chat that could have it now."""
        waiting = "SELECT count(*) FROM outbox WHERE status = 'pending' AND chat_id IS NOT NULL AND not_before IS NULL"
        self.wait_until(lambda: self.rows(waiting) == [(0,)], "everything to be sent")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, f"waited in vain for {what}; {self._ended}; log: {self._log()}"
            time.sleep(0.02)

    def end(self) -> None:
        if self._driver is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._driver.pid, signal.SIGKILL)
            self._driver.wait(PATIENCE_S)
            for pipe in (self._driver.stdin, self._driver.stdout):
                assert pipe is not None
                pipe.close()
        self.database.close()

    def _open(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.scheduler.crew_driver", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            start_new_session=True,  # a group of its own: it ends with all that it forked
        )

    def _read(self, driver: "subprocess.Popen[str]") -> None:
        assert driver.stdout is not None
        for line in driver.stdout:
            word, number, *status = line.split()
            with self._changed:
                if word == "up":
                    self._up.add(int(number))
                else:
                    self._up.discard(int(number))
                    self._ended[int(number)] = int(status[0])
                self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        with self._changed:
            seen = self._changed.wait_for(condition, PATIENCE_S)
        assert seen, f"waited in vain for them {what}; up {self._up}, ended {self._ended}; log: {self._log()}"

    def _log(self) -> str:
        log = self._folder / "log"
        return log.read_text()[-3000:] if log.exists() else ""
