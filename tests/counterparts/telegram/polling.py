"""`getUpdates`: one poll at a time, woken by updates, ended by a second one."""

import asyncio
import time

from tests.counterparts.telegram.refusals import RefusedError, breach
from tests.counterparts.telegram.rules import POLL_SECONDS, UPDATES_PER_POLL
from tests.counterparts.telegram.world import JSON, World

_OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class _Poll:
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.terminated = False


class Polling:
    def __init__(self, world: World) -> None:
        self._world = world
        self._current: _Poll | None = None

    def wake(self) -> None:
        """On the server's loop: lets the pending poll look again."""
        if self._current:
            self._current.woken.set()

    async def get_updates(self, given: JSON) -> list[JSON]:
        """Waits up to `timeout` seconds for something to return; a later call ends this one with a 409."""
        limit, timeout = given.get("limit", UPDATES_PER_POLL), given.get("timeout", 0)
        if not 1 <= limit <= UPDATES_PER_POLL:
            raise breach("limit must be between 1 and 100", detail="the real server would clamp it")
        if not 0 <= timeout <= POLL_SECONDS:
            raise breach("timeout must be between 0 and 50", detail="the real server would clamp it")
        mine = self._begin(given)
        end = time.monotonic() + timeout
        try:
            while True:
                mine.woken.clear()
                batch = self._look(mine, limit)
                left = end - time.monotonic()
                if batch or left <= 0:
                    return batch
                try:
                    await asyncio.wait_for(mine.woken.wait(), left)
                except TimeoutError:
                    return self._look(mine, limit)
        finally:
            if self._current is mine:
                self._current = None

    def _begin(self, given: JSON) -> _Poll:
        with self._world.changed:
            if self._world.webhook:
                raise RefusedError(_WEBHOOK, status=409)
            if "allowed_updates" in given:
                self._world.updates.allowed = frozenset(given["allowed_updates"])
            if given.get("offset"):
                self._world.updates.confirm(given["offset"])
            self._world.changed.notify_all()
        if self._current:
            self._current.terminated = True
            self._current.woken.set()
        self._current = _Poll()
        return self._current

    def _look(self, mine: _Poll, limit: int) -> list[JSON]:
        if mine.terminated:
            raise RefusedError(_OTHER_POLL, status=409)
        with self._world.changed:
            return self._world.updates.take(limit)
