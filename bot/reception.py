"""The async edge of the one way in: per chat in order, in threads of its own, kept on disk when it cannot wait.

A listener calls `receive` and acknowledges when it returns: by then the delivery's effects are committed, or (for a
door that cannot wait) the delivery is safe on disk.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from bot.cards.screen import Choice, Form
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher, Outcome
from bot.inbound import Inbound
from bot.parcels import Parcel
from bot.spool import Kept, Spool
from bot.wording import Wording, wording
from crm.core.errors import StoreUnavailable
from crm.core.text import T
from crm.core.work import UnitOfWork

log = structlog.get_logger()

Parcels: TypeAlias = list[Parcel] | None

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

    def __init__(self, dispatcher: Dispatcher, delivery: Delivery, spool: Spool, *, threads: int = 8) -> None:
        self._dispatcher = dispatcher
        self._delivery = delivery
        self._spool = spool
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="dispatch")
        self._turns: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}
        self._tasks: set[asyncio.Task[Receipt]] = set()

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
            return _told(await self._in_turn(inbound, record))
        task = asyncio.create_task(self._in_turn(inbound, record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=patience)
        if done and task.result().status in {"handled", "again"}:
            return task.result()
        kept = await asyncio.to_thread(self._spool.keep, inbound)
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

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3)
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None) -> Receipt:
        async with self._turn(inbound):
            if self._spool.waiting(inbound.platform, inbound.chat_id) and not await self._clear_spool(inbound):
                return Receipt("unavailable")
            return await self._carry_out(inbound, record)

    async def _carry_out(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None) -> Receipt:
        loop = asyncio.get_running_loop()
        try:
            outcome, parcels = await loop.run_in_executor(self._executor, self._handle, inbound, record)
        except StoreUnavailable as unavailable:
            log.warning("store unavailable", reason=str(unavailable), delivery=inbound.delivery_id)
            words = wording(inbound.language or "zh_CN", "UTC")
            return Receipt("unavailable", words(unavailable.text))
        except Exception:
            log.exception("delivery failed", delivery=inbound.delivery_id, platform=inbound.platform)
            return Receipt("failed", wording(inbound.language or "zh_CN", "UTC")(_BROKEN))
        self._send(inbound.platform, outcome, parcels)
        return Receipt(outcome.status, outcome.toast, outcome.problems, outcome.form, outcome.wording)

    def _handle(self, inbound: Inbound, record: Callable[[UnitOfWork], None] | None) -> tuple[Outcome, Parcels]:
        """In a thread: carry it out, and while there, look up what is to be sent."""
        outcome = self._dispatcher.handle(inbound, record)
        if outcome.chat_id is None or outcome.token is None:
            return outcome, None
        return outcome, self._delivery.pack(outcome.chat_id, inbound.platform)

    def _send(self, platform: str, outcome: Outcome, parcels: Parcels) -> None:
        if outcome.chat_id is not None and outcome.token is not None:
            self._delivery.begin(outcome.chat_id, platform, outcome.token, parcels)
        if outcome.wakes:
            self._delivery.wake(outcome.wakes)

    async def _clear_spool(self, inbound: Inbound) -> bool:
        """Carry out what this chat has on disk, in order; False when the database still cannot take it."""
        for kept in self._spool.waiting(inbound.platform, inbound.chat_id):
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
        try:
            async with lock:
                yield
        finally:
            lock, users = self._turns[chat]
            if users == 1:
                del self._turns[chat]
            else:
                self._turns[chat] = (lock, users - 1)


def _told(receipt: Receipt) -> Receipt:
    """To a platform, what failed by itself is what could not be taken: it keeps it and delivers it again."""
    return Receipt("unavailable", receipt.toast) if receipt.status == "failed" else receipt
