"""`tradewind run` as a process of its own, with what it prints, what it logs, and how long it takes to be gone."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart

PATIENCE = 20.0
ROOT = Path(__file__).parents[2]


class Program:
    """Started by `start`; `lines` is its standard output so far."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        telegram: TelegramCounterpart | None = None,
        slack: SlackCounterpart | None = None,
        **settings: str,
    ) -> None:
        given = {
            "DATABASE_URL": url,
            "SECRET_KEY": "the secret key of this very company, long",
            "PORT": "0",
            "LANGUAGE": "en",
            "SPOOL_DIR": str(folder / "spool"),
            **settings,
        }
        if telegram is not None:
            given |= {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.base_url}
        if slack is not None:
            given |= {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
            given |= {"SLACK_API_URL": slack.api_url}
        self._folder = folder
        # What is set wins over what is given here: a wrong token, say.
        self.settings = given | settings
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._changed = threading.Condition()

    def start(self) -> "Program":
        """Start it, and return when it listens."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADEWIND_")}
        environment |= {f"TRADEWIND_{name}": value for name, value in self.settings.items()}
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from bot.cli import main; main()", "run"],
                env=environment | {"PYTHONPATH": str(ROOT)},
                cwd=self._folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.lines = []
        threading.Thread(target=self._read, args=(self._process, self.lines), daemon=True).start()
        self.wait_line("Tradewind is running at")
        return self

    @property
    def address(self) -> str:
        return self.wait_line("Tradewind is running at").split()[-1]

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text()

    def wait_line(self, part: str, *, after: int = 0) -> str:
        """The first line (of those from `after` on) that has this in it."""

        def found() -> list[str]:
            return [line for line in self.lines[after:] if part in line]

        with self._changed:
            assert self._changed.wait_for(found, PATIENCE), f"no {part!r} in {self.lines}; log: {self.log[-2000:]}"
            return found()[0]

    def wait_until(self, condition: Callable[[], Any]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, f"waited in vain; {self.lines}; log: {self.log[-2000:]}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send it; returns the time at which it was sent."""
        assert self._process is not None
        self._process.send_signal(number)
        return time.monotonic()

    def wait_gone(self) -> int:
        """The exit status, negative for a signal."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def stop(self) -> float:
        """Ask it to stop; returns the seconds it took."""
        asked = self.signal()
        assert self.wait_gone() == 0
        return time.monotonic() - asked

    def end(self) -> None:
        """Whatever goes on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            assert self._process.stdout is not None

    def _read(self, process: "subprocess.Popen[str]", lines: list[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self._changed:
                    lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
