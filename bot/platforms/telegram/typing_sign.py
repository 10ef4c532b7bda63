"""The sign that somebody is typing, shown while an answer takes long."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from telegram.error import TelegramError

from bot.platforms.telegram.api import Api
from bot.platforms.telegram.pace import Pace


class TypingSign:
    """A context: inside it, after a first moment, the chat shows that we are typing, until it is left."""

    def __init__(self, api: Api, chat_id: str, pace: Pace) -> None:
        self._api = api
        self._chat_id = chat_id
        self._pace = pace
        self._showing: asyncio.Task[None] | None = None
        self._begin: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        # A timer, not a task: nearly every answer is ready long before.
        self._begin = asyncio.get_running_loop().call_later(self._pace.typing_after, self._show)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begin is not None:
            self._begin.cancel()
        if self._showing is not None:
            self._showing.cancel()

    def _show(self) -> None:
        self._showing = asyncio.create_task(self._keep_showing())

    async def _keep_showing(self) -> None:
        """Telegram takes the sign away after five seconds."""
        while True:
            with suppress(TelegramError):  # a courtesy: where it fails, the answer comes all the same
                await self._api.show_typing(int(self._chat_id))
            await asyncio.sleep(self._pace.typing_every)
