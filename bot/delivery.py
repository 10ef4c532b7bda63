"""The one way out: outbox → gateway → sent, later, or dead.

A chat is sent to under its lease, so its messages keep their order whichever process wrote them. What is sent is
marked in the same transaction that gives the lease back.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy import select

from bot.cards.keys import Keys
from bot.config import Settings
from bot.gateway import Away, DeliveryError, Door, Gateway, Later, Unreachable, Vanished
from bot.parcels import Parcel, pack
from crm.core import outbox
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.outbox import Chat
from crm.core.work import UnitOfWork

log = structlog.get_logger()

TRIES = 5
"""How often a message is tried whose failing nobody has a name for, before it is given up."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a parcel: `sent` (with its reference), `dropped`, `dead`, `stuck` (the chat must wait) or
    `puzzling` (it failed in a way that has no name).
    """

    parcel: Parcel
    state: str
    ref: str | None = None
    error: str = ""
    wait: float | None = None
    unreachable: bool = False


class Delivery:
    """Sends what the outbox holds, through the gateways of this process."""

    def __init__(
        self,
        database: Database,
        doors: Sequence[Door],
        keys: Keys,
        settings: Settings,
        *,
        worker: str,
        threads: int = 4,
    ) -> None:
        self._database = database
        self._doors = {door.name: door for door in doors}
        self._keys = keys
        self._settings = settings
        self._worker = worker
        self._numbers = itertools.count(1)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="deliver")
        self._tasks: set[asyncio.Task[None]] = set()

    def pack(self, chat_id: int, platform: str) -> list[Parcel] | None:
        """What waits in a chat, for `begin`; None where it is not for this process to send, or cannot be drawn now.

        Blocking. Whoever is in a thread with a lease just taken saves `begin` the way into another one.
        """
        try:
            return self._pack(chat_id) if platform in self._platforms() else None
        except StoreUnavailable:
            return None  # `begin` looks again
        except Exception:
            log.exception("not packed ahead", chat=chat_id)
            return None

    def begin(self, chat_id: int, platform: str, token: str, parcels: list[Parcel] | None = None) -> None:
        """Send what waits in a chat whose lease is held under this token; `parcels` are what `pack` found there."""
        if platform in self._platforms():
            self._spawn(self._serve(chat_id, token, parcels))
        else:
            self._spawn(self._hand_back(chat_id, token))

    def wake(self, chat_ids: Iterable[int]) -> None:
        """Something was written for these chats: send it now rather than at the next tick."""
        for chat_id in chat_ids:
            self._spawn(self._lease_and_serve(chat_id))

    async def tick(self) -> None:
        """Find chats with something due that nobody is sending to, and serve them."""
        platforms = self._platforms()
        if not platforms:
            return
        try:
            due = await self._in_thread(self._due, platforms)
        except StoreUnavailable as unavailable:
            log.warning("delivery waits for the store", reason=str(unavailable))
            return
        await asyncio.gather(*(self._lease_and_serve(chat_id) for chat_id in due))

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Let what is under way finish, for up to 3 seconds; the rest stays in the outbox."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=3)
        for task in self._tasks:
            task.cancel()
        self._executor.shutdown(wait=False, cancel_futures=True)

    # — one chat —

    async def _lease_and_serve(self, chat_id: int) -> None:
        token = f"{self._worker}~{next(self._numbers)}"
        if await self._in_thread(self._lease, chat_id, token):
            await self._serve(chat_id, token)

    async def _serve(self, chat_id: int, token: str, parcels: list[Parcel] | None = None) -> None:
        """Send batch after batch until nothing is left and the lease is given back."""
        done = False
        while not done:
            if parcels is None:
                parcels = await self._in_thread(self._pack, chat_id)
            results = await self._send_all(parcels)
            done, parcels = await self._mark_as_told(chat_id, token, results), None

    async def _mark_as_told(self, chat_id: int, token: str, results: list[Result]) -> bool:
        """Mark what was sent, again and again while the lease lasts: unmarked, it would be sent a second time."""
        until = time.monotonic() + outbox.LEASE.total_seconds()
        while True:
            try:
                return await self._in_thread(self._mark, chat_id, token, results)
            except StoreUnavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.2)

    async def _hand_back(self, chat_id: int, token: str) -> None:
        await self._in_thread(self._release, chat_id, token)

    async def _send_all(self, parcels: list[Parcel]) -> list[Result]:
        results: list[Result] = []
        started = time.monotonic()
        for parcel in parcels:
            result = await self._send(parcel)
            results.append(result)
            # Nothing may overtake what has to be tried again.
            if result.state in {"stuck", "puzzling"}:
                break
            # Half the lease is gone: mark what is sent before somebody else believes this process dead.
            if time.monotonic() - started > outbox.LEASE.total_seconds() / 2:
                break
        return results

    async def _send(self, parcel: Parcel) -> Result:
        if parcel.refused is not None and parcel.replaces is None:
            return Result(parcel, "dropped", error=parcel.refused.message)
        gateway = self._doors[parcel.platform].gateway
        try:
            ref = await self._send_or_edit(gateway, parcel)
        except Later as later:
            return Result(parcel, "stuck", error=str(later), wait=later.seconds)
        except Away as away:
            return Result(parcel, "stuck", error=str(away))
        except Unreachable as unreachable:
            return Result(parcel, "dead", error=str(unreachable), unreachable=True)
        except DeliveryError as refused:
            log.error(
                "message refused", platform=parcel.platform, row=parcel.row_id, trace=parcel.trace, error=str(refused)
            )
            return Result(parcel, "dead", error=str(refused))
        except Exception as error:
            log.exception("message failed", platform=parcel.platform, row=parcel.row_id, trace=parcel.trace)
            return Result(parcel, "puzzling", error=f"{type(error).__name__}: {error}")
        return Result(parcel, "sent", ref)

    async def _send_or_edit(self, gateway: Gateway, parcel: Parcel) -> str | None:
        if parcel.replaces is not None:
            try:
                await gateway.edit(parcel.message, parcel.replaces)
            except Vanished:
                if parcel.row_id is None:
                    return None  # a copy that its reader has deleted needs no new one
            else:
                return parcel.replaces
        return await gateway.send(parcel.message)

    # — in threads —

    def _due(self, platforms: list[str]) -> list[int]:
        with self._database.read() as work:
            return outbox.due_chats(work, platforms=platforms)

    def _lease(self, chat_id: int, token: str) -> bool:
        with self._database.write() as work:
            platform = work.connection.execute(select(Chat.platform).where(Chat.id == chat_id)).scalar()
            if platform not in self._platforms():
                return False
            return outbox.lease_chat(work, chat_id=chat_id, token=token)

    def _release(self, chat_id: int, token: str) -> None:
        with self._database.write() as work:
            outbox.let_go(work, chat_id=chat_id, token=token)

    def _pack(self, chat_id: int) -> list[Parcel]:
        with self._database.read() as work:
            return pack(work, chat_id, keys=self._keys, settings=self._settings)

    def _mark(self, chat_id: int, token: str, results: list[Result]) -> bool:
        """Write down what became of a batch; True when the lease has been given back."""
        with self._database.write() as work:
            stuck = None
            for result in results:
                if result.state in {"stuck", "puzzling"} and not self._given_up(work, result):
                    stuck = result
                    break
                self._mark_one(work, chat_id, result)
            if stuck is not None:
                outbox.pause_chat(work, chat_id=chat_id, token=token, seconds=stuck.wait)
                return True
            return outbox.release_chat(work, chat_id=chat_id, token=token)

    def _given_up(self, work: UnitOfWork, result: Result) -> bool:
        if result.parcel.row_id is None:
            return result.state == "puzzling"
        tries = outbox.mark_failed(work, row_id=result.parcel.row_id, error=result.error)
        return result.state == "puzzling" and tries >= TRIES

    def _mark_one(self, work: UnitOfWork, chat_id: int, result: Result) -> None:
        parcel = result.parcel
        if parcel.copy_id is not None:
            ref = result.ref if result.state == "sent" else None
            outbox.mark_drawn(work, copy_id=parcel.copy_id, version=parcel.version, message_ref=ref)
        if parcel.row_id is not None and result.state == "sent":
            outbox.mark_sent(work, row_id=parcel.row_id, message_ref=result.ref)
        elif parcel.row_id is not None and result.state == "dropped":
            outbox.mark_dropped(work, row_id=parcel.row_id, reason=result.error)
        elif parcel.row_id is not None:
            outbox.mark_dead(work, row_id=parcel.row_id, error=result.error)
        if result.unreachable:
            outbox.mark_unreachable(work, chat_id=chat_id)

    def _platforms(self) -> list[str]:
        """Those this process may send to at the moment."""
        return [name for name, door in self._doors.items() if door.may_send]

    async def _in_thread(self, function: Callable[P, R], *arguments: P.args, **_: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except StoreUnavailable as unavailable:
            # Sent but not marked, or not sent at all: the lease runs out and the next tick takes it up.
            log.warning("delivery waits for the store", reason=str(unavailable))
        except Exception:
            log.exception("delivery failed")
