"""Long polling: our own `getUpdates` loop.

An update is confirmed (by asking for what comes after it) only when its effects are committed. Chats go side by side,
each in its own order; an update that cannot be saved just now is tried again and holds up its own chat alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.platforms.telegram.api import Api
from bot.platforms.telegram.intake import Intake, Update, said
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.platforms.telegram.window import MOST, Window

log = structlog.get_logger()

AWAY = "Telegram cannot be reached"
CONFLICT = "another program polls this token, and only one may"
_KEPT_TRIES = 4
"""So often an update is tried before it is put on disk, where it is the one that keeps newer ones from being shown."""
_KEPT_S = 2.0
_AGAIN_S = (0.05, 1.0)
"""First and longest pause before polling again while updates wait: others may have come, and the same comes back."""


class Listener:
    """One run of polling, under one lease. `report(state, detail)` is told `up` or `connecting` at each poll."""

    def __init__(self, api: Api, intake: Intake, *, pace: Pace, report: Callable[[str, str], None]) -> None:
        self._api = api
        self._intake = intake
        self._pace = pace
        self._report = report
        self._window = Window()
        self._asked: int | None = None
        self._chats: dict[str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._stopping = asyncio.Event()
        self._again = Pauses(*_AGAIN_S)

    async def listen(self) -> None:
        """Poll until cancelled. Raises InvalidToken when the token is refused; any other trouble is waited out."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        wait = 0  # the first poll after a trouble returns at once, so that the trouble is seen to be over
        while True:
            self._asked = self._window.ask()
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
        until = time.monotonic() + self._pace.finish
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._pace.finish)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._intake.finish(within=until - time.monotonic())
        if confirm and self._window.offset != self._asked:
            with suppress(TelegramError, TimeoutError):
                await asyncio.wait_for(self._api.poll(offset=self._window.offset, wait=0, most=1), 1.0)

    # — polling —

    async def _wait_out(self, error: TelegramError, pause: float) -> None:
        match error:
            case RetryAfter():
                pause = max(pause, seconds(error))
                self._report("connecting", f"{AWAY} ({said(error)})")
            case Conflict() if "webhook" in str(error):
                log.warning("telegram: a webhook keeps us from polling; it is being removed")
                with suppress(TelegramError):
                    await self._api.delete_webhook()
            case Conflict():
                self._report("connecting", f"{CONFLICT} ({said(error)})")
            case _:
                self._report("connecting", f"{AWAY} ({said(error)})")
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
        read = self._intake.read(update)
        if read is None:
            self._settle(number)
            return True
        queue = self._chats.setdefault(read.chat_id, deque())
        queue.append(read)
        if len(queue) == 1:
            self._spawn(self._work_off(read.chat_id, queue))
        return True

    async def _work_off(self, chat: str, queue: deque[Update]) -> None:
        while queue and not self._stopping.is_set():
            await self._see_through(queue)
            queue.popleft()
        del self._chats[chat]

    async def _see_through(self, queue: deque[Update]) -> None:
        """Give the first of a chat to the reception until it is taken; its press is answered after the first try."""
        update = queue[0]
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        tries = 0
        while not self._stopping.is_set():
            keep = tries >= _KEPT_TRIES and self._window.is_full and self._window.offset == update.number
            receipt = await self._intake.take(update, patience=_KEPT_S if keep else None)
            if receipt.status != "unavailable":
                self._settle(update.number)
                return
            tries += 1
            for waiting in queue:
                self._intake.answer_press(waiting, receipt)  # it waits for the same, and its clock runs too
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pauses.next())

    def _settle(self, number: int) -> None:
        self._window.settle(number)
        if self._window.is_idle:
            self._idle.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
