"""What comes in and what goes out, seen from beside the road: counted, timed, and one line in the log each.

The lines carry the delivery's id from end to end: `delivery` while it is handled, `trace` while its answers are sent.
Never what was said.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.gateway import Away, Door, Gateway, Later, Message, Refused, Unreachable, Vanished
from bot.inbound import Inbound
from bot.metrics import Metrics

log = structlog.get_logger()

_RESULTS: tuple[tuple[type[Exception], str], ...] = (
    (Later, "later"),
    (Away, "away"),
    (Unreachable, "unreachable"),
    (Refused, "refused"),
    (Vanished, "vanished"),
)


class Observation:
    """Tells metrics and the log of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def handled(self, inbound: Inbound, outcome: str, seconds: float) -> None:
        """See `bot.reception.Observe`."""
        self._metrics.count_delivery(inbound.platform, inbound.kind, outcome, seconds)
        log.info("delivery", platform=inbound.platform, kind=inbound.kind, outcome=outcome, ms=_ms(seconds))

    def door(self, door: Door) -> Door:
        """The same door, with a gateway that is watched."""
        return ObservedDoor(door, self._metrics)


class ObservedDoor:
    """Passes everything on. Whatever else a door has, it has too."""

    def __init__(self, door: Door, metrics: Metrics) -> None:
        self._door = door
        self.gateway: Gateway = ObservedGateway(door.gateway, metrics)

    @property
    def name(self) -> str:
        return self._door.name

    @property
    def may_send(self) -> bool:
        return self._door.may_send

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)


class ObservedGateway:
    """Passes everything on, and notes what became of it. Seconds include the wait for the platform's limits."""

    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        self._gateway = gateway
        self._metrics = metrics
        self.platform = gateway.platform

    async def send(self, message: Message) -> str | None:
        with self._watched("send", message.lane):
            return await self._gateway.send(message)

    async def edit(self, message: Message, ref: str) -> None:
        with self._watched("edit", message.lane):
            await self._gateway.edit(message, ref)

    async def retire(self, chat_id: str, ref: str) -> None:
        with self._watched("retire", 0):
            await self._gateway.retire(chat_id, ref)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    @contextmanager
    def _watched(self, act: str, lane: int) -> Iterator[None]:
        started = time.monotonic()
        result = "sent"
        try:
            yield
        except Exception as error:
            result = next((name for kind, name in _RESULTS if isinstance(error, kind)), "error")
            raise
        finally:
            seconds = time.monotonic() - started
            self._metrics.count_message(self.platform, act, result, seconds)
            tell = log.debug if act == "retire" or result == "away" else log.info
            tell("message", platform=self.platform, act=act, lane=lane, result=result, ms=_ms(seconds))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
