"""What is done again and again: APScheduler in memory, which only ticks. What is due stands in the database."""

from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()


class Ticker:
    """Runs jobs at intervals in the running loop; a job still running when its time comes is not started again."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run `job` every `seconds`. What it raises is logged, and it runs again at its next time."""

        async def guarded() -> None:
            try:
                await job()
            except Exception:
                log.exception("tick failed", job=name)

        self._scheduler.add_job(
            guarded, "interval", seconds=seconds, id=name, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
