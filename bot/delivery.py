"""The one way out: outbox → gateway → sent, later, or dead.

A chat is sent to under its lease, so its messages keep their order whichever process wrote them. What is sent is
marked in the same transaction that gives the lease back; until then the lease is kept alive, however long it takes.
PLACES chats at a time are served per platform, the next as soon as one is done; replies take no place and go at once.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy import select
from structlog.contextvars import bound_contextvars

from bot.cards.keys import Keys
from bot.config import Settings
from bot.gateway import Away, Busy, DeliveryError, Door, Gateway, Later, Message, Unreachable, Vanished
from bot.marking import Result, mark_results
from bot.parcels import Parcel, pack, with_file
from crm.core import outbox
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.outbox import Chat, Lane

log = structlog.get_logger()

PLACES = 16
"""Chats served at a time: enough for 30 messages a second to a platform that takes half a second over each."""
AHEAD = 2 * PLACES
"""Chats looked up at a time. What is written meanwhile and is more urgent waits for no more than these."""
LOOK_AGAIN_S = 1.0
UNMARKED_S = 0.02
"""So long what was sent to a chat may go unmarked while more is sent there."""

P = ParamSpec("P")
R = TypeVar("R")


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
        self._places = {name: asyncio.Semaphore(PLACES) for name in self._doors}
        self._held: dict[str, float] = {}
        """Platforms that want nothing before this moment (`time.monotonic`)."""
        self._served: set[int] = set()
        self._news: set[int] = set()
        """Chats being served for which something was written meanwhile."""
        self._platform_of: dict[int, str] = {}
        self._closing = False

    def pack(self, chat_id: int, platform: str) -> list[Parcel] | None:
        """The messages that wait in a chat, for `begin`; None where it has none, or they are not to be sent here now.

        Blocking. Whoever is in a thread with a lease just taken saves `begin` the way into another one. Cards that
        have fallen behind are drawn later: nobody waits for them as for a reply.
        """
        try:
            return self._pack(chat_id, with_copies=False) or None if platform in self._platforms() else None
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
            self._spawn(self._in_thread(self._release, chat_id, token))

    def wake(self, chat_ids: Iterable[int]) -> None:
        """Something was written for these chats: send it now rather than at the next tick."""
        chats = set(chat_ids)
        self._news |= chats & self._served
        if others := sorted(chats - self._served):
            self._spawn(self._attend(others))

    async def tick(self) -> None:
        """Find chats with something due that nobody is sending to, and serve them, until there are none."""
        await asyncio.gather(*(self._work_off(platform) for platform in self._platforms()))

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self, *, seconds: float = 3.0) -> None:
        """Let what is under way finish, for so long; the rest stays in the outbox."""
        self._closing = True
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        unfinished = set(self._tasks)
        for task in unfinished:
            task.cancel()
        if unfinished:  # what they were sending is for the next process, which need not wait for their leases to end
            with suppress(StoreUnavailable, TimeoutError):
                await asyncio.wait_for(self._in_thread(self._release_all), 1.0)
        self._executor.shutdown(wait=False, cancel_futures=True)

    # — which chats —

    async def _work_off(self, platform: str) -> None:
        """One platform's tick. Looks again when a chat is done, and now and then while one takes its time."""
        mine: dict[asyncio.Task[None], int] = {}
        while self._may_take(platform):
            try:
                due = await self._in_thread(self._due, platform)
            except StoreUnavailable as unavailable:
                log.warning("delivery waits for the store", reason=str(unavailable))
                break
            fresh = [chat_id for chat_id in due if chat_id not in mine.values()]
            if not fresh and not mine:
                break
            for chat_id in fresh:
                await self._places[platform].acquire()
                task = self._spawn(self._in_place(platform, chat_id))
                mine[task] = chat_id
                task.add_done_callback(mine.pop)
            if not fresh:
                await asyncio.wait(set(mine), timeout=LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
        if mine:
            await asyncio.wait(set(mine))

    async def _attend(self, chat_ids: list[int]) -> None:
        unknown = [chat_id for chat_id in chat_ids if chat_id not in self._platform_of]
        if unknown:
            self._platform_of.update(await self._in_thread(self._whereabouts, unknown))
        for chat_id in chat_ids:
            platform = self._platform_of.get(chat_id)
            if platform is not None and self._may_take(platform):
                self._spawn(self._when_there_is_room(platform, chat_id))

    async def _when_there_is_room(self, platform: str, chat_id: int) -> None:
        await self._places[platform].acquire()
        await self._in_place(platform, chat_id)

    async def _in_place(self, platform: str, chat_id: int) -> None:
        """Lease and serve in a place that was taken for it. What waits for a place holds no lease."""
        try:
            token = f"{self._worker}~{next(self._numbers)}"
            if self._may_take(platform) and await self._in_thread(self._lease, chat_id, token):
                await self._serve(chat_id, token)
        finally:
            self._places[platform].release()

    def _may_take(self, platform: str) -> bool:
        held = self._held.get(platform, 0.0) > time.monotonic()
        return not held and not self._closing and platform in self._platforms()

    # — one chat —

    async def _serve(self, chat_id: int, token: str, parcels: list[Parcel] | None = None) -> None:
        """Send batch after batch until nothing is left and the lease is given back."""
        async with self._kept(chat_id, token):
            refs: dict[int, str] = {}
            done = False
            while not done:
                if parcels is None:
                    self._news.discard(chat_id)
                    parcels = await self._in_thread(self._pack, chat_id)
                results = await self._send_all(chat_id, parcels)
                done, parcels = await self._mark_as_told(chat_id, token, results), None
                self._retire_answered(results, refs)

    def _retire_answered(self, results: list[Result], refs: dict[int, str]) -> None:
        """Take away what these take the place of. `refs`: what this process has sent to the chat before them, by row.

        (Who answers faster than we send has the next question packed before the one before has its reference.)
        """
        for result in results:
            parcel = result.parcel
            if result.state != "sent":
                continue
            if parcel.row_id is not None and result.ref is not None:
                refs[parcel.row_id] = result.ref
            ref = None if parcel.retires is None else parcel.retires_ref or refs.get(parcel.retires)
            if ref is not None and ref != parcel.replaces:
                self._spawn(self._retire(parcel, ref))

    @asynccontextmanager
    async def _kept(self, chat_id: int, token: str) -> AsyncIterator[None]:
        """The chat counts as served, and its lease does not run out."""
        self._served.add(chat_id)
        keeping = asyncio.create_task(self._keep(chat_id, token))
        try:
            yield
        finally:
            keeping.cancel()
            self._served.discard(chat_id)
            if chat_id in self._news:  # it came when the lease had just been given back
                self._news.discard(chat_id)
                self.wake([chat_id])

    async def _keep(self, chat_id: int, token: str) -> None:
        while True:
            await asyncio.sleep(outbox.LEASE.total_seconds() / 3)
            with suppress(StoreUnavailable):
                await self._in_thread(self._renew, chat_id, token)

    async def _mark_as_told(self, chat_id: int, token: str, results: list[Result]) -> bool:
        """Mark what was sent, again and again while the lease lasts: unmarked, it would be sent a second time."""
        until = time.monotonic() + outbox.LEASE.total_seconds()
        wakes: set[int] = set()
        while True:
            try:
                done = await self._in_thread(self._mark, chat_id, token, results, wakes)
            except StoreUnavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.2)
            else:
                if wakes:
                    self.wake(wakes)
                return done

    async def _send_all(self, chat_id: int, parcels: list[Parcel]) -> list[Result]:
        results: list[Result] = []
        started = time.monotonic()
        for parcel in parcels:
            # Something was written meanwhile: what was sent is marked, and replies go before the rest of this.
            if results and chat_id in self._news and parcel.message.lane > Lane.REPLY:
                break
            with bound_contextvars(trace=parcel.trace):
                result = await self._send(parcel)
            results.append(result)
            # Nothing may overtake what has to be tried again, and nothing else arrives where nobody reads.
            if result.state in {"stuck", "puzzling"} or result.unreachable:
                break
            # Should this process die, what is not marked yet will be sent again: let that be one message, if sending
            # takes longer than marking.
            if time.monotonic() - started > UNMARKED_S:
                break
        return results

    async def _send(self, parcel: Parcel) -> Result:
        if parcel.refused is not None and parcel.replaces is None:
            return Result(parcel, "dropped", error=parcel.refused.message)
        if parcel.held_until is not None:
            return Result(parcel, "held")
        gateway = self._doors[parcel.platform].gateway
        try:
            ref = await self._send_or_edit(gateway, parcel)
        except StoreUnavailable as unavailable:
            return Result(parcel, "stuck", error=str(unavailable), tried=False)
        except Busy as busy:
            if busy.everywhere:
                self._held[parcel.platform] = time.monotonic() + busy.seconds
            return Result(parcel, "stuck", error=str(busy), wait=busy.seconds, tried=False)
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

    async def _retire(self, parcel: Parcel, ref: str) -> None:
        """Tidying: where it fails the old question stands a little longer, and a press on it is told so."""
        gateway = self._doors[parcel.platform].gateway
        try:
            await gateway.retire(parcel.message.chat_id, ref)
        except DeliveryError as error:
            log.debug("question not taken away", platform=gateway.platform, reason=str(error))
        except Exception:
            log.exception("question not taken away", platform=gateway.platform)

    async def _send_or_edit(self, gateway: Gateway, parcel: Parcel) -> str | None:
        if parcel.replaces is not None:
            try:
                await gateway.edit(parcel.message, parcel.replaces)
            except Vanished:
                if parcel.row_id is None:
                    return None  # a copy that its reader has deleted needs no new one
            else:
                return parcel.replaces
        return await gateway.send(parcel.message if parcel.file is None else await self._in_thread(self._read, parcel))

    # — in threads —

    def _due(self, platform: str) -> list[int]:
        with self._database.read() as work:
            return outbox.due_chats(work, platforms=[platform], most=AHEAD)

    def _whereabouts(self, chat_ids: list[int]) -> dict[int, str]:
        """The platform of each chat."""
        with self._database.read() as work:
            found = work.connection.execute(select(Chat.id, Chat.platform).where(Chat.id.in_(chat_ids)))
            return {row.id: row.platform for row in found}

    def _lease(self, chat_id: int, token: str) -> bool:
        with self._database.write() as work:
            return outbox.lease_chat(work, chat_id=chat_id, token=token)

    def _renew(self, chat_id: int, token: str) -> None:
        with self._database.write() as work:
            outbox.renew_lease(work, chat_id=chat_id, token=token)

    def _release(self, chat_id: int, token: str) -> None:
        with self._database.write() as work:
            outbox.let_go(work, chat_id=chat_id, token=token)

    def _release_all(self) -> None:
        with self._database.write() as work:
            outbox.let_go_all(work, worker=self._worker)

    def _pack(self, chat_id: int, *, with_copies: bool = True) -> list[Parcel]:
        with self._database.read() as work:
            return pack(work, chat_id, keys=self._keys, settings=self._settings, with_copies=with_copies)

    def _read(self, parcel: Parcel) -> Message:
        with self._database.read() as work:
            return with_file(work, parcel)

    def _mark(self, chat_id: int, token: str, results: list[Result], wakes: set[int] | None = None) -> bool:
        """Write down what became of a batch; True when the lease has been given back.

        `wakes` gets the chats to which something was sent on from here.
        """
        with self._database.write() as work:
            done = mark_results(work, results, chat_id=chat_id, token=token)
        if wakes is not None:
            wakes.update(work.wakes - {chat_id})
        return done

    def _platforms(self) -> list[str]:
        """Those this process may send to at the moment."""
        return [name for name, door in self._doors.items() if door.may_send]

    async def _in_thread(self, function: Callable[P, R], *arguments: P.args, **_: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except StoreUnavailable as unavailable:
            # Sent but not marked, or not sent at all: the lease runs out and the next tick takes it up.
            log.warning("delivery waits for the store", reason=str(unavailable))
        except Exception:
            log.exception("delivery failed")
