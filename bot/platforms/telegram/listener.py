"""From Telegram's updates to Receptions' deliveries: our own `getUpdates` loop.

An update is confirmed (by asking for what comes after it) only when its effects are committed. Chats go side by side,
each in its own order; an update that cannot be saved just now is tried again and holds up its own chat alone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.inbound import PRESS, Inbound
from bot.platforms.telegram.api import Api, Me
from bot.platforms.telegram.keyboard import shorten
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.platforms.telegram.reading import Malformed, callback_of, read_update
from bot.platforms.telegram.window import MOST, Window
from bot.reception import Receipt, Reception

log = structlog.get_logger()

AWAY = "Telegram cannot be reached"
CONFLICT = "another program polls this token, and only one may"
TOAST_CHARACTERS = 200
_ANSWER_TRIES = 3
_KEPT_TRIES = 4
"""So often an update is tried before it is put on disk, where it is the one that keeps newer ones from being shown."""
_KEPT_S = 2.0
_AGAIN_S = (0.05, 1.0)
"""First and longest pause before polling again while updates wait: others may have come, and the same comes back."""


@dataclass(slots=True)
class _Update:
    """One that waits for its receipt. `callback`: the press that wants an answer, None once it has got it."""

    number: int
    inbound: Inbound
    callback: str | None


class Listener:
    """One run of polling, under one lease. `report(state, detail)` is told `up` or `connecting` at each poll."""

    def __init__(
        self, api: Api, me: Me, reception: Reception, *, pace: Pace, report: Callable[[str, str], None]
    ) -> None:
        self._api = api
        self._me = me
        self._reception = reception
        self._pace = pace
        self._report = report
        self._window = Window()
        self._asked: int | None = None
        self._chats: dict[str, deque[_Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._stopping = asyncio.Event()
        self._again = Pauses(*_AGAIN_S)

    async def listen(self) -> None:
        """Poll until cancelled. Raises InvalidToken when the token is refused; any other trouble is waited out."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        wait = 0  # the first poll after a trouble returns at once, so that the trouble is seen to be over
        while True:
            self._asked = self._window.offset
            try:
                updates = await self._api.poll(offset=self._asked, wait=wait, most=MOST)
            except InvalidToken:
                raise
            except TelegramError as error:
                wait = 0
                await self._wait_out(error, pauses.next())
                continue
            pauses.over()
            wait = self._pace.poll
            self._report("up", "")
            await self._breathe(fresh=sum(map(self._admit, updates)), seen=len(updates))

    async def finish(self, *, confirm: bool) -> None:
        """Let what is under way come to its end, for as long as the pace allows; `confirm` to Telegram what is done."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._pace.finish)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if confirm and self._window.offset != self._asked:
            with suppress(TelegramError, TimeoutError):
                await asyncio.wait_for(self._api.poll(offset=self._window.offset, wait=0, most=1), 1.0)

    # — polling —

    async def _wait_out(self, error: TelegramError, pause: float) -> None:
        match error:
            case RetryAfter():
                pause = max(pause, seconds(error))
                self._report("connecting", f"{AWAY} ({_said(error)})")
            case Conflict() if "webhook" in str(error):
                log.warning("telegram: a webhook keeps us from polling; it is being removed")
                with suppress(TelegramError):
                    await self._api.delete_webhook()
            case Conflict():
                self._report("connecting", f"{CONFLICT} ({_said(error)})")
            case _:
                self._report("connecting", f"{AWAY} ({_said(error)})")
        await asyncio.sleep(pause)

    async def _breathe(self, *, fresh: int, seen: int) -> None:
        """Poll again at once when everything is done, else soon: Telegram would only show the same again."""
        if fresh:
            self._again.over()
        elif seen and self._window.is_idle:
            await asyncio.sleep(1.0)  # nothing of it could be told apart, not even by a number
        if not self._window.is_idle:
            self._idle.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again.next()):
                    await self._idle.wait()

    # — taking updates in —

    def _admit(self, update: Any) -> bool:
        """Take an update into its chat's queue; False for one that is known already."""
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            log.error("telegram: update without a number passed over")
            return False
        if not self._window.admit(number):
            return False
        callback = callback_of(update)
        inbound = self._read(update)
        if inbound is None:
            if callback is not None:
                self._spawn(self._answer(callback, ""))
            self._settle(number)
            return True
        queue = self._chats.setdefault(inbound.chat_id, deque())
        queue.append(_Update(number, inbound, callback if inbound.kind == PRESS else None))
        if len(queue) == 1:
            self._spawn(self._work_off(inbound.chat_id, queue))
        return True

    def _read(self, update: dict[str, Any]) -> Inbound | None:
        """None for what is not for us, and for what cannot be read: it would come back for ever."""
        try:
            return read_update(update, self._me)
        except Malformed as malformed:
            log.warning("telegram: malformed update passed over", update=update["update_id"], what=str(malformed))
        except Exception:
            log.exception("telegram: unreadable update passed over", update=update["update_id"])
        return None

    async def _work_off(self, chat: str, queue: deque[_Update]) -> None:
        while queue and not self._stopping.is_set():
            await self._see_through(queue)
            queue.popleft()
        del self._chats[chat]

    async def _see_through(self, queue: deque[_Update]) -> None:
        """Give the first of a chat to the reception until it is taken; its press is answered after the first try."""
        update = queue[0]
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        tries = 0
        while not self._stopping.is_set():
            keep = tries >= _KEPT_TRIES and self._window.is_full and self._window.offset == update.number
            receipt = await self._receive(update.inbound, patience=_KEPT_S if keep else None)
            self._answer_press(update, receipt)
            if receipt.status != "unavailable":
                self._settle(update.number)
                return
            tries += 1
            for waiting in queue:
                self._answer_press(waiting, receipt)  # it waits for the same, and its clock runs too
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pauses.next())

    async def _receive(self, inbound: Inbound, *, patience: float | None) -> Receipt:
        try:
            return await self._reception.receive(inbound, patience=patience)
        except Exception:
            log.exception("telegram: update not taken", delivery=inbound.delivery_id)
            return Receipt("unavailable")

    def _settle(self, number: int) -> None:
        self._window.settle(number)
        if self._window.is_idle:
            self._idle.set()

    # — answering presses —

    def _answer_press(self, update: _Update, receipt: Receipt) -> None:
        callback, update.callback = update.callback, None
        if callback is not None:
            self._spawn(self._answer(callback, receipt.toast))

    async def _answer(self, callback: str, toast: str) -> None:
        """Answer a press, once. Telegram takes no answer after some seconds, so it is not tried for long."""
        text = shorten(toast, TOAST_CHARACTERS) or None
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        for _ in range(_ANSWER_TRIES):
            try:
                await self._api.answer_callback_query(callback, text=text)
            except (BadRequest, InvalidToken) as error:
                log.debug("telegram: press not answered", reason=_said(error))
                return
            except TelegramError as error:
                pause = max(pauses.next(), seconds(error) if isinstance(error, RetryAfter) else 0.0)
            else:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        log.info("telegram: press not answered in time")

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _said(error: TelegramError) -> str:
    return f"{type(error).__name__}: {error}"
