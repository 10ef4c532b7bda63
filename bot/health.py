"""`/health` and `/metrics`: whether this process can work, and what it does. Cheap, and writes nothing.

They tell of the company's business (how many messages, which platforms), so strangers hear only `ok` or `down`: see
`bot.access`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.access import Access, may_see, refusal
from bot.metrics import CONTENT_TYPE, Metrics, Snapshot, lane_name
from bot.standings import Standings
from crm.core.backlog import Backlog, age_seconds, measure_backlog
from crm.core.database import Database
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

PATIENCE_S = 2.0
"""How long the database may take to answer before it counts as away."""
STALLED_S = 30.0
"""A scheduler that has not ticked for so long is in trouble."""


class Health:
    """Knows how everything stands. `spooled` tells how many deliveries wait on disk; `token` and `is_open`: who may
    see it (`bot.access`).
    """

    def __init__(
        self,
        database: Database,
        standings: Standings,
        metrics: Metrics,
        *,
        spooled: Callable[[], int],
        token: str,
        is_open: bool,
    ) -> None:
        self._database = database
        self._standings = standings
        self._metrics = metrics
        self._spooled = spooled
        self._token = token
        self._is_open = is_open
        self._last_tick: datetime | None = None
        self._asking: asyncio.Future[Backlog | None] | None = None

    async def tick(self) -> None:
        """The scheduler lives."""
        self._last_tick = self._database.clock()

    def routes(self) -> list[BaseRoute]:
        return [Route("/health", self._show_health), Route("/metrics", self._show_metrics)]

    async def snapshot(self) -> Snapshot:
        """How things stand now; waits for the database, but not for long."""
        backlog = await self._measure()
        return Snapshot(self._standings.look(), backlog, self._spooled(), self._last_tick)

    async def _show_health(self, request: Request) -> Response:
        told = report(await self.snapshot(), now=self._database.clock())
        status = 503 if told["status"] == "down" else 200
        if may_see(request, self._token, is_open=self._is_open) is not Access.GRANTED:
            return PlainTextResponse("down" if status == 503 else "ok", status)
        return JSONResponse(told, status)

    async def _show_metrics(self, request: Request) -> Response:
        access = may_see(request, self._token, is_open=self._is_open)
        if access is not Access.GRANTED:
            return refusal(access)
        return Response(self._metrics.render(await self.snapshot()), media_type=CONTENT_TYPE)

    async def _measure(self) -> Backlog | None:
        """One question at a time: a database that hangs is not asked again by everybody who wants to know."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(asyncio.to_thread(self._ask))
        done, _ = await asyncio.wait({self._asking}, timeout=PATIENCE_S)
        return self._asking.result() if done else None

    def _ask(self) -> Backlog | None:
        try:
            with self._database.read() as work:
                return measure_backlog(work)
        except StoreUnavailable as unavailable:
            log.warning("database away", reason=str(unavailable).partition("\n")[0])
        except Exception:
            log.exception("database not readable")
        return None


def report(snapshot: Snapshot, *, now: datetime) -> dict[str, Any]:
    """`status`: `ok`; `degraded`, where part of it does not work; `down`, where nobody can be served."""
    works = [stand.standing.works for stand in snapshot.stands.values()]
    tick = snapshot.last_tick
    stalled = tick is not None and (now - tick).total_seconds() > STALLED_S
    status = "ok" if all(works) and not stalled else "degraded"
    if snapshot.backlog is None or (works and not any(works)):
        status = "down"
    platforms = {
        name: {"state": stand.standing.state, "since": _time(stand.since), "detail": stand.standing.sentence}
        for name, stand in snapshot.stands.items()
    }
    return {
        "status": status,
        "platforms": platforms,
        "database": {"reachable": snapshot.backlog is not None},
        "queue": None if snapshot.backlog is None else _queue(snapshot.backlog),
        "spool": {"deliveries": snapshot.spooled},
        "scheduler": {"last_tick": None if tick is None else _time(tick)},
    }


def _queue(backlog: Backlog) -> dict[str, Any]:
    lanes = {
        f"{queue.platform}:{lane_name(queue.lane)}": {
            "waiting": queue.count,
            "oldest_due_seconds": round(age_seconds(queue, backlog.at), 1),
        }
        for queue in backlog.queues
        if queue.status == "pending"
    }
    return {
        "waiting": backlog.count("pending"),
        "given_up": backlog.count("dead"),
        "cards_behind": backlog.cards_behind,
        "oldest_due_seconds": round(backlog.oldest_seconds, 1),
        "lanes": lanes,
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
