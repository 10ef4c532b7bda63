"""A crew of processes of Tradewind under a clock that the test moves: `python -m tests.scheduler.crew_driver FOLDER`.

Everything is imported once; each letter on standard input forks a process that runs the real application, with
every platform, every tick and its delivery. FOLDER/settings (JSON) holds its settings, how long a lease lasts here and
how long a message is under way to a platform, FOLDER/ahead (a double) by how many seconds its clock is ahead of the
machine's. Standard output tells `up PID` and `ended PID STATUS`.
"""

import asyncio
import faulthandler
import json
import logging
import mmap
import os
import selectors
import signal
import struct
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import structlog

from bot.app import Application
from bot.config import Settings
from bot.gateway import Message
from bot.platforms.slack.gateway import SlackGateway
from bot.platforms.telegram.gateway import TelegramGateway
from crm.core import outbox
from crm.core.database import Clock, utc_now
from scheduler.ticker import Ticker

AHEAD = struct.Struct("d")
QUICK_S = 0.2
"""No job waits longer for its next tick: a test is not to wait for what only looks."""


def main(folder: Path) -> None:
    """No threads here: what is forked while another thread holds a lock would wait for it for ever."""
    watched: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd != sys.stdin.fileno():
                    selector.unregister(key.fd)
                    _report(key.fd, watched.pop(key.fd))
                elif os.read(key.fd, 1):
                    process = os.fork() or _run(folder)
                    watched[told := os.pidfd_open(process)] = process
                    selector.register(told, selectors.EVENT_READ)
                else:  # whoever gave the orders is gone
                    return


def moved_clock(folder: Path) -> Clock:
    """The clock of the crew, for all its processes and the test alike."""
    with (folder / "ahead").open("r+b") as file:
        shared = mmap.mmap(file.fileno(), AHEAD.size)

    def now() -> datetime:
        return utc_now() + timedelta(seconds=AHEAD.unpack(shared[: AHEAD.size])[0])

    return now


def _report(watched: int, process: int) -> None:
    os.close(watched)
    _, status = os.waitpid(process, 0)
    _tell(f"ended {process} {os.waitstatus_to_exitcode(status)}")


def _tell(line: str) -> None:
    """In one piece: others write there too."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _run(folder: Path) -> NoReturn:
    faulthandler.register(signal.SIGUSR1, file=sys.stderr)
    try:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # ticks left out are no news here
        plain = [structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
        log = structlog.PrintLoggerFactory(file=(folder / "log").open("a"))
        structlog.configure(processors=plain, logger_factory=log)
        given = json.loads((folder / "settings").read_text())
        _hurry(given.pop("lease_s"))
        _put_far_away(given.pop("journey_s"))
        settings = Settings(_env_file=None, **given)  # type: ignore[call-arg]
        asyncio.run(_serve(Application(settings, clock=moved_clock(folder))))
    finally:
        os._exit(0)


def _hurry(lease_s: float) -> None:
    """Leases and ticks are the real ones, only shorter."""
    outbox.LEASE = timedelta(seconds=lease_s)
    every = Ticker.every

    def often(self: Ticker, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        every(self, min(seconds, QUICK_S), name, job)

    Ticker.every = often  # type: ignore[method-assign]


def _put_far_away(journey_s: float) -> None:
    """A message takes its time to the platform, and the answer back."""
    for gateway in (TelegramGateway, SlackGateway):
        gateway.send = _delayed(gateway.send, journey_s)  # type: ignore[method-assign]


def _delayed(send: Any, journey_s: float) -> Any:
    async def delayed(self: Any, message: Message) -> Any:
        await asyncio.sleep(journey_s)
        sent = await send(self, message)
        await asyncio.sleep(journey_s)
        return sent

    return delayed


async def _serve(application: Application) -> None:
    serving = asyncio.create_task(application.serve(ready=lambda _: _tell(f"up {os.getpid()}")))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    (ended,) = await asyncio.gather(serving, return_exceptions=True)
    if not isinstance(ended, asyncio.CancelledError):
        print("".join(traceback.format_exception(ended)), file=sys.stderr, flush=True)
        os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
