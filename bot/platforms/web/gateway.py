"""Sends to the browser chat: a message is a line in the transcript, and a ring to the pages that show it."""

import asyncio

from bot.gateway import Away, Message, Unreachable, Vanished
from bot.platforms.web import transcript
from bot.platforms.web.renderer import draw
from bot.platforms.web.streams import Streams
from crm.core.database import Database
from crm.core.errors import StoreUnavailable


class GatewayWeb:
    """The gateway of the platform `web`; a message's reference is its line's id."""

    platform = "web"

    def __init__(self, database: Database, streams: Streams) -> None:
        self._database = database
        self._streams = streams

    async def send(self, message: Message) -> str:
        """Write the line. Raises Away (the database is) and Unreachable (nobody has opened this chat)."""
        ref = await asyncio.to_thread(self._add, message)
        self._streams.wake(message.chat_id)
        return ref

    async def edit(self, message: Message, ref: str) -> None:
        """Change the line. Raises Away, Unreachable, and Vanished for a line this chat does not have."""
        await asyncio.to_thread(self._edit, message, ref)
        self._streams.wake(message.chat_id)

    async def retire(self, chat_id: str, ref: str) -> None:
        """Leave the line without its buttons. Raises Away and Unreachable."""
        await asyncio.to_thread(self._retire, chat_id, ref)
        self._streams.wake(chat_id)

    def _add(self, message: Message) -> str:
        try:
            with self._database.write() as work:
                return str(transcript.add_line(work, chat=message.chat_id, author=transcript.BOT, body=draw(message)))
        except transcript.NoSuchChat as error:
            raise Unreachable(f"nobody has opened the chat {error}") from error
        except StoreUnavailable as error:
            raise Away(str(error)) from error

    def _edit(self, message: Message, ref: str) -> None:
        try:
            with self._database.write() as work:
                found = ref.isdecimal() and transcript.edit_line(
                    work, chat=message.chat_id, message_id=int(ref), body=draw(message)
                )
                if not found:
                    raise Vanished(f"the chat {message.chat_id} has no line {ref}")
        except transcript.NoSuchChat as error:
            raise Unreachable(f"nobody has opened the chat {error}") from error
        except StoreUnavailable as error:
            raise Away(str(error)) from error

    def _retire(self, chat_id: str, ref: str) -> None:
        try:
            with self._database.write() as work:
                if ref.isdecimal():
                    transcript.retire_line(work, chat=chat_id, message_id=int(ref))
        except transcript.NoSuchChat as error:
            raise Unreachable(f"nobody has opened the chat {error}") from error
        except StoreUnavailable as error:
            raise Away(str(error)) from error
