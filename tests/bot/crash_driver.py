"""Tradewind as a process that can be made to die at a point: `python -m tests.bot.crash_driver FOLDER`.

Everything is imported once; each line `start SECONDS` on standard input forks a process that runs the real
application with its clock that far ahead, `stop` ends it in an orderly way. The process dies by SIGKILL at the point
named in FOLDER/armed, of its own doing, as if the plug had been pulled there (`before send#2`: the second time it
gets there). Standard output tells `up` and `ended STATUS`.
"""

import asyncio
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from bot.app import Application
from bot.config import Settings
from bot.delivery import Delivery
from bot.platforms.telegram.gateway import TelegramGateway
from bot.reception import Reception
from crm.core.database import utc_now
from crm.core.work import UnitOfWork

POINTS = ("after receipt", "before commit", "after commit", "before send", "after send", "before mark", "after mark")


def main(folder: Path) -> None:
    running = 0
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "start":
            running = os.fork()
            if not running:
                _run(folder, float(argument))
            threading.Thread(target=_report, args=(running,), daemon=True).start()
        elif command == "stop" and running:
            os.kill(running, signal.SIGTERM)
    if running:  # whoever gave the orders is gone
        with suppress(ProcessLookupError):
            os.kill(running, signal.SIGKILL)


def _report(process: int) -> None:
    _, status = os.waitpid(process, 0)
    print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


def _run(folder: Path, ahead: float) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=(folder / "log").open("a")))
    _make_mortal(folder / "armed")
    settings = Settings(_env_file=None, **_values(folder))  # type: ignore[arg-type]
    application = Application(settings, clock=lambda: utc_now() + timedelta(seconds=ahead))

    async def serve() -> None:
        serving = asyncio.create_task(application.serve(ready=lambda _: print("up", flush=True)))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
        await asyncio.gather(serving, return_exceptions=True)

    try:
        asyncio.run(serve())
    finally:
        os._exit(0)


def _values(folder: Path) -> dict[str, Any]:
    given = dict(line.split("=", 1) for line in (folder / "settings").read_text().splitlines())
    return {"secret_key": "k" * 32, "language": "en", "port": 0, "spool_dir": folder / "spool", **given}


def _make_mortal(armed: Path) -> None:
    """Wrap the real functions around which the process may die."""

    def die(point: str) -> None:
        wanted, _, times = (armed.read_text() if armed.exists() else "").partition("#")
        if not wanted or wanted != point:
            return
        if int(times or 1) > 1:
            armed.write_text(f"{point}#{int(times) - 1}")
            return
        armed.unlink()
        os.kill(os.getpid(), signal.SIGKILL)

    def dispatching() -> bool:
        return threading.current_thread().name.startswith("dispatch")

    def plain(owner: type, name: str, before: str, after: str, *, when: Callable[[], bool] = lambda: True) -> None:
        real = getattr(owner, name)

        @functools.wraps(real)
        def mortal(*arguments: Any, **more: Any) -> Any:
            if when():
                die(before)
            result = real(*arguments, **more)
            if when():
                die(after)
            return result

        setattr(owner, name, mortal)

    def awaited(owner: type, name: str, before: str, after: str) -> None:
        real = getattr(owner, name)

        @functools.wraps(real)
        async def mortal(*arguments: Any, **more: Any) -> Any:
            die(before)
            result = await real(*arguments, **more)
            die(after)
            return result

        setattr(owner, name, mortal)

    awaited(Reception, "receive", "after receipt", "")
    plain(UnitOfWork, "finish", "before commit", "after commit", when=dispatching)
    for name in ("send", "edit"):
        awaited(TelegramGateway, name, "before send", "after send")
    plain(Delivery, "_mark", "before mark", "after mark")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
