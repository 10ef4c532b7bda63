"""One update on its way in, however Telegram brought it: read, its file fetched, handed over, its press answered."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.inbound import FILE, PRESS, Inbound
from bot.platforms.telegram.api import Api, Me
from bot.platforms.telegram.downloads import Downloads
from bot.platforms.telegram.keyboard import shorten
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.platforms.telegram.reading import CLOSED, OPENED, ChatChange, Malformed, callback_of, read_update
from bot.platforms.telegram.typing_sign import TypingSign
from bot.reception import Receipt, Reception
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.people.chat_changes import chat_closed, chat_moved, chat_opened
from crm.people.identities import is_linked

log = structlog.get_logger()

TOAST_CHARACTERS = 200
_ANSWER_TRIES = 3


@dataclass(slots=True)
class Update:
    """One that waits for its receipt. `callback`: the press that wants an answer, None once it has got it."""

    number: int
    content: Inbound | ChatChange
    callback: str | None
    is_fetched: bool = field(default=False)

    @property
    def chat_id(self) -> str:
        return self.content.chat_id


class Intake:
    """Takes the updates of one bot to the reception."""

    def __init__(
        self, api: Api, me: Me, reception: Reception, database: Database, settings: Settings, *, pace: Pace
    ) -> None:
        self._api = api
        self._me = me
        self._reception = reception
        self._database = database
        self._pace = pace
        self._downloads = Downloads(api, settings, pace=pace)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def read(self, raw: Mapping[str, Any]) -> Update | None:
        """What is to be taken; None for what is not for us, or cannot be read (it would come back for ever)."""
        callback = callback_of(raw)
        content = self._read(raw)
        if content is None:
            if callback is not None:
                self._spawn(self._answer(callback, ""))
            return None
        is_press = isinstance(content, Inbound) and content.kind == PRESS
        return Update(raw["update_id"], content, callback if is_press else None)

    async def take(self, update: Update, *, patience: float | None = None) -> Receipt:
        """Try once to have it carried out. Its press is answered, whatever became of it; nothing is raised."""
        try:
            receipt = await self._take(update, patience)
        except Exception:
            log.exception("telegram: update not taken", update=update.number)
            receipt = Receipt("unavailable")
        self.answer_press(update, receipt)
        return receipt

    def answer_press(self, update: Update, receipt: Receipt) -> None:
        """Answer the press, unless it has been: it waits for seconds only, its effect for as long as it takes."""
        callback, update.callback = update.callback, None
        if callback is not None:
            self._spawn(self._answer(callback, receipt.toast))

    async def finish(self, *, within: float) -> None:
        """Let the answers under way come to their end, for so many seconds."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, within))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # — taking in —

    def _read(self, raw: Mapping[str, Any]) -> Inbound | ChatChange | None:
        try:
            return read_update(raw, self._me)
        except Malformed as malformed:
            log.warning("telegram: malformed update passed over", update=raw["update_id"], what=str(malformed))
        except Exception:
            log.exception("telegram: unreadable update passed over", update=raw["update_id"])
        return None

    async def _take(self, update: Update, patience: float | None) -> Receipt:
        if isinstance(update.content, ChatChange):
            return await self._change_chat(update.content)
        with TypingSign(self._api, update.chat_id, self._pace):
            if update.content.kind == FILE and not update.is_fetched:
                update.content = await self._fetch(update.content)
                update.is_fetched = True
            return await self._reception.receive(update.content, patience=patience)

    async def _fetch(self, inbound: Inbound) -> Inbound:
        """The file too, but only for people we know: nobody else fills our disk."""
        if await asyncio.to_thread(self._is_known, inbound.account_id):
            return await self._downloads.fetch(inbound)
        return self._downloads.leave(inbound)

    def _is_known(self, account: str) -> bool:
        with self._database.read() as work:
            return is_linked(work, platform="telegram", account_id=account)

    async def _change_chat(self, change: ChatChange) -> Receipt:
        try:
            await asyncio.to_thread(self._write_change, change)
        except StoreUnavailable as unavailable:
            log.warning("store unavailable", reason=str(unavailable), chat=change.kind)
            return Receipt("unavailable")
        return Receipt("handled")

    def _write_change(self, change: ChatChange) -> None:
        with self._database.write() as work:
            if change.kind == CLOSED:
                chat_closed(work, platform="telegram", external_id=change.chat_id)
            elif change.kind == OPENED:
                chat_opened(work, platform="telegram", external_id=change.chat_id)
            else:
                chat_moved(work, platform="telegram", old=change.chat_id, new=change.to)

    # — answering presses —

    async def _answer(self, callback: str, toast: str) -> None:
        """Answer a press, once. Telegram takes no answer after some seconds, so it is not tried for long."""
        text = shorten(toast, TOAST_CHARACTERS) or None
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        for _ in range(_ANSWER_TRIES):
            try:
                await self._api.answer_callback_query(callback, text=text)
            except (BadRequest, InvalidToken) as error:
                log.debug("telegram: press not answered", reason=said(error))
                return
            except TelegramError as error:
                pause = max(pauses.next(), seconds(error) if isinstance(error, RetryAfter) else 0.0)
            else:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        log.info("telegram: press not answered in time")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def said(error: TelegramError) -> str:
    """An error of the library's in a line of the log."""
    return f"{type(error).__name__}: {error}"
