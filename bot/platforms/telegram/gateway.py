"""Sends and edits messages in Telegram, within its limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from telegram.error import RetryAfter, TelegramError

from bot.gateway import Away, Message, Refused, Vanished
from bot.platforms.telegram.api import CAPTION, Api
from bot.platforms.telegram.keyboard import no_link
from bot.platforms.telegram.limits import Limiter
from bot.platforms.telegram.narrowing import is_unchanged, narrow, seconds
from bot.platforms.telegram.renderer import Drawn, render, units
from crm.core.files import FileContent


class TelegramGateway:
    """Delivery's way into Telegram; a reference is the message's id, and holds in its chat only.

    Everything waits its turn in `limiter`, where there is one, and is Busy where that would take too long.
    """

    platform = "telegram"

    def __init__(self, api: Api, limiter: Limiter | None = None) -> None:
        self._api = api
        self._limiter = limiter

    async def send(self, message: Message) -> str:
        """Draw and send; returns the message's id. Raises the errors of `bot.gateway`."""
        chat = _chat(message)
        drawn = self._draw(message)
        try:
            if message.document is not None:
                return await self._send_file(chat, message.document, drawn, message.lane)
            async with self._turn(chat, message.lane):
                return str(await self._api.send_html(chat, drawn.text, _keyboard(drawn)))
        except TelegramError as error:
            raise narrow(error) from error
        except (KeyError, TypeError, ValueError) as error:
            raise Away(f"Telegram's answer cannot be read: {error!r}") from error

    async def edit(self, message: Message, ref: str) -> None:
        """Draw it anew in the message `ref`. Raises the errors of `bot.gateway`."""
        chat = _chat(message)
        if not ref.isdecimal():
            raise Vanished(f"{ref} is no message of Telegram")
        drawn = self._draw(message)
        try:
            async with self._turn(chat, message.lane):
                await self._api.edit_html(chat, int(ref), drawn.text, _keyboard(drawn))
        except TelegramError as error:
            if not is_unchanged(error):
                raise narrow(error) from error

    async def retire(self, chat_id: str, ref: str) -> None:
        """Delete the question: its answer stands in the next one. Raises the errors of `bot.gateway`."""
        if not ref.isdecimal():
            return
        try:
            with nullcontext() if self._limiter is None else self._limiter.deletion():
                await self._api.delete(int(chat_id), int(ref))
        except TelegramError as error:
            raise narrow(error) from error

    async def _send_file(self, chat: int, file: FileContent, drawn: Drawn, lane: int) -> str:
        """Words too many to stand beside the file go before it."""
        beside = drawn.text
        if units(beside) > CAPTION:
            async with self._turn(chat, lane):
                await self._api.send_html(chat, beside, [])
            beside = ""
        async with self._turn(chat, lane):
            return str(await self._api.send_file(chat, file, beside, _keyboard(drawn)))

    @asynccontextmanager
    async def _turn(self, chat: int, lane: int) -> AsyncIterator[None]:
        """When a message to this chat may go; a refusal for too many is a lesson to the limiter."""
        if self._limiter is None:
            yield
            return
        async with self._limiter.turn(chat, lane=lane):
            try:
                yield
            except RetryAfter as error:
                self._limiter.refused(chat, seconds(error))
                raise

    def _draw(self, message: Message) -> Drawn:
        """In a group what opens a record leads into one's own chat; there it is a button like any other."""
        link = no_link if message.is_private else self._api.link_to
        return render(message.screen, message.wording, message.sign, link)


def _chat(message: Message) -> int:
    try:
        return int(message.chat_id)
    except ValueError as error:
        raise Refused(f"{message.chat_id} is no chat of Telegram") from error


def _keyboard(drawn: Drawn) -> list[list[dict[str, str]]]:
    return [[key.to_json() for key in row] for row in drawn.buttons]
