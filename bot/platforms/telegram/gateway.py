"""Sends and edits messages in Telegram."""

from telegram.error import TelegramError

from bot.gateway import Away, Message, Refused, Vanished
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.narrowing import is_unchanged, narrow
from bot.platforms.telegram.renderer import Drawn, render


class TelegramGateway:
    """Delivery's way into Telegram; a reference is the message's id, and holds in its chat only."""

    platform = "telegram"

    def __init__(self, api: Api) -> None:
        self._api = api

    async def send(self, message: Message) -> str:
        """Draw and send; returns the message's id. Raises the errors of `bot.gateway`."""
        chat = _chat(message)
        drawn = render(message.screen, message.wording, message.sign)
        try:
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
        drawn = render(message.screen, message.wording, message.sign)
        try:
            await self._api.edit_html(chat, int(ref), drawn.text, _keyboard(drawn))
        except TelegramError as error:
            if not is_unchanged(error):
                raise narrow(error) from error


def _chat(message: Message) -> int:
    try:
        return int(message.chat_id)
    except ValueError as error:
        raise Refused(f"{message.chat_id} is no chat of Telegram") from error


def _keyboard(drawn: Drawn) -> list[list[dict[str, str]]]:
    return [[key.to_json() for key in row] for row in drawn.buttons]
