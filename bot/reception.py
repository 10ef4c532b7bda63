"""The async edge of the one way in: per chat in order, in threads of its own, kept on disk when it cannot wait.

A listener calls `receive` and acknowledges when it returns: by then the delivery's effects are committed, or (for a
door that cannot wait) the delivery is safe on disk.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog
from structlog.contextvars import bound_contextvars

from bot.cards.screen import Choice, Form
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher, Outcome
from bot.inbound import FILE, Inbound
from bot.incoming import discard
from bot.parcels import Parcel
from bot.spool import Kept, Spool
from bot.wording import Wording, wording
from crm.core.errors import StoreUnavailable
from crm.core.text import T
from crm.core.work import UnitOfWork

log = structlog.get_logger()

Parcels: TypeAlias = list[Parcel] | None

Observe: TypeAlias = Callable[[Inbound, str, float], None]
"""Is told of each delivery, how it ended (see Receipt; `incident`: with an apology) and the seconds it took."""

_BROKEN = T("Something went wrong on our side. Please try again in a moment.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a delivery was taken.

    `handled`; `again` (it had been handled before, nothing was done twice); `kept` (on disk, will be done);
    `unavailable` (nothing was written: deliver it again after a pause). `toast` and `problems` (by field path) are
    drawn in the person's language. `form`: to stand in for the one handed in, which has not a place for each problem;
    `wording` draws it.
    """

    status: str
    toast: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None
    wording: Wording | None = None


class Reception:
    """Takes deliveries from all listeners of this process."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        delivery: Delivery,
        spool: Spool,
        *,
        threads: int = 8,
        observe: Observe | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._delivery = delivery
        self._spool = spool
        self._observe = observe or _overlook
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="dispatch")
        self._turns: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}
        self._tasks: set[asyncio.Task[Receipt]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def receive(
        self,
        inbound: Inbound,
        *,
        record: Callable[[UnitOfWork], None] | None = None,
        patience: float | None = None,
    ) -> Receipt:
        """Carry out a delivery after those that came before it in the same chat.

        `record` is called in the same transaction. With `patience` (seconds), a commit that takes longer, or cannot
        be had at all, leaves the delivery on disk and `kept` is returned at once.
        """
        if patience is None:
            return _told(await self._in_turn(inbound, record, time.time_ns()))
        arrived = time.time_ns()
        task = asyncio.create_task(self._in_turn(inbound, record, arrived))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=patience)
        if done and task.result().status in {"handled", "again"}:
            return task.result()
        kept = await asyncio.to_thread(self._spool.keep, inbound, arrived)
        with bound_contextvars(delivery=_trace(inbound)):
            self._observe(inbound, "kept", patience)
        task.add_done_callback(lambda ended: self._settle(kept, ended))
        return Receipt("kept")

    async def suggest(
        self, *, platform: str, chat_id: str, account_id: str, token: str, path: str, query: str
    ) -> list[Choice]:
        """Choices for what was typed so far into a searched field (`path`) of the form with this token.

        Drawn in the person's language, best first; none where it is not their form. Raises StoreUnavailable.
        """

        def find() -> list[Choice]:
            return self._dispatcher.suggest(
                platform=platform, chat_id=chat_id, account_id=account_id, token=token, path=path, query=query
            )

        return await asyncio.get_running_loop().run_in_executor(self._executor, find)

    async def drain(self) -> None:
        """Carry out what waits on disk and is not being carried out; called at the start and now and then."""
        for kept in self._spool.everything():
            inbound = kept.inbound
            if (inbound.platform, inbound.chat_id) in self._turns:
                continue
            async with self._turn(inbound):
                await self._clear_spool(inbound)

    async def close(self, *, seconds: float = 3.0) -> None:
        """Wait so long for what is under way. What comes after that is not taken: the platform delivers it again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None, arrived: int) -> Receipt:
        async with self._turn(inbound):
            # Only what came before: what came after may be kept already, but its turn is yet to come.
            if not await self._clear_spool(inbound, before=arrived):
                return Receipt("unavailable")
            return await self._carry_out(inbound, record)

    async def _carry_out(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None) -> Receipt:
        started = time.monotonic()
        with bound_contextvars(delivery=_trace(inbound)):
            outcome, parcels, receipt = await self._try(inbound, record)
            ended = "incident" if outcome is not None and outcome.incident else receipt.status
            self._observe(inbound, ended, time.monotonic() - started)
        if outcome is not None:
            self._send(inbound.platform, outcome, parcels)
        return receipt

    async def _try(
        self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None
    ) -> tuple[Outcome | None, Parcels, Receipt]:
        if self._closed:
            return None, None, Receipt("unavailable")
        loop = asyncio.get_running_loop()
        try:
            outcome, parcels = await loop.run_in_executor(self._executor, self._handle, inbound, record)
        except StoreUnavailable as unavailable:
            log.warning("store unavailable", reason=str(unavailable), delivery=_trace(inbound))
            words = wording(inbound.language or "zh_CN", "UTC")
            return None, None, Receipt("unavailable", words(unavailable.text))
        except Exception:
            log.exception("delivery failed", delivery=_trace(inbound))
            return None, None, Receipt("failed", wording(inbound.language or "zh_CN", "UTC")(_BROKEN))
        told = Receipt(outcome.status, outcome.toast, outcome.problems, outcome.form, outcome.wording)
        return outcome, parcels, told

    def _handle(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None) -> tuple[Outcome, Parcels]:
        """In a thread: carry it out, and while there, look up what is to be sent."""
        with bound_contextvars(delivery=_trace(inbound)):  # a thread has a context of its own
            outcome = self._dispatcher.handle(inbound, record)
            if inbound.kind == FILE:
                discard(inbound.values)
            if outcome.chat_id is None or outcome.token is None:
                return outcome, None
            return outcome, self._delivery.pack(outcome.chat_id, inbound.platform)

    def _send(self, platform: str, outcome: Outcome, parcels: Parcels) -> None:
        if outcome.chat_id is not None and outcome.token is not None:
            self._delivery.begin(outcome.chat_id, platform, outcome.token, parcels)
        if outcome.wakes:
            self._delivery.wake(outcome.wakes)

    async def _clear_spool(self, inbound: Inbound, *, before: int | None = None) -> bool:
        """Carry out what this chat has on disk, in order; False when the database still cannot take it."""
        for kept in self._spool.waiting(inbound.platform, inbound.chat_id, before=before):
            receipt = await self._carry_out(kept.inbound, None)
            if receipt.status == "unavailable":
                return False
            # One that fails by itself would fail for ever: it is set aside, for a person to look at.
            settled = self._spool.set_aside if receipt.status == "failed" else self._spool.done
            await asyncio.to_thread(settled, kept)
        return True

    def _settle(self, kept: Kept, ended: "asyncio.Task[Receipt]") -> None:
        if not ended.cancelled() and ended.exception() is None and ended.result().status in {"handled", "again"}:
            self._spool.done(kept)

    @asynccontextmanager
    async def _turn(self, inbound: Inbound) -> AsyncIterator[None]:
        """First come, first served within a chat; the lock is forgotten with its last user."""
        chat = (inbound.platform, inbound.chat_id)
        lock, users = self._turns.get(chat, (asyncio.Lock(), 0))
        self._turns[chat] = (lock, users + 1)
        self._idle.clear()
        try:
            async with lock:
                yield
        finally:
            lock, users = self._turns[chat]
            if users == 1:
                del self._turns[chat]
                if not self._turns:
                    self._idle.set()
            else:
                self._turns[chat] = (lock, users - 1)


def _told(receipt: Receipt) -> Receipt:
    """To a platform, what failed by itself is what could not be taken: it keeps it and delivers it again."""
    return Receipt("unavailable", receipt.toast) if receipt.status == "failed" else receipt


def _trace(inbound: Inbound) -> str:
    """The delivery's name in logs and in the outbox (`trace`)."""
    return f"{inbound.platform}:{inbound.delivery_id}"


def _overlook(inbound: Inbound, outcome: str, seconds: float) -> None:
    """Nobody wants to know."""
