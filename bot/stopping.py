"""From the first line to the last: serving until somebody says stop, and being gone within five seconds of that."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import structlog

from bot.config import Settings
from bot.standings import Say

log = structlog.get_logger()

GONE_S = 4.8
"""After so many seconds the process ends whatever still hangs: what was not committed will be delivered again, what
was not sent stands in the outbox."""


def serve_until_stopped(settings: Settings, ready: Callable[[str], None], *, say: Say | None) -> None:
    """Run Tradewind until SIGTERM or Ctrl-C, which let what is under way end; a second one stops it at once.

    Raises SettingsError as `Application.serve` does.
    """
    from bot.app import Application
    from bot.logs import set_up_logs

    set_up_logs(settings)

    async def serve() -> None:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, loop, task)
        with suppress(asyncio.CancelledError):
            await Application(settings).serve(ready=ready, say=say)

    asyncio.run(serve())


def _stop(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)  # the system's own: it works even where this process hangs
    end = threading.Timer(GONE_S, _end)
    end.daemon = True
    end.start()
    task.cancel()


def _end() -> None:
    """A thread that hangs (in a database that does not answer, say) would keep the process for as long as it does."""
    log.warning("stopped before everything under way had ended; nothing is lost, it goes on at the next start")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
