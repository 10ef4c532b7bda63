"""How a page hears: one stream of server-sent events for all the chats it shows.

An event's id is the whole of what the page has then seen (`person-1:14,person-2:3`), so a page that lost its
connection goes on where it was; the page itself knows a line it has seen by the line's number.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog

from bot.platforms.web import transcript
from bot.platforms.web.streams import Stream, Streams
from bot.platforms.web.transcript import Entry, Head
from bot.wording import wording
from crm.core.database import Database
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

HEARTBEAT_S = 15.0
RETRY_S = 1.0
MOST_CHATS = 50
MOST_AT_ONCE = 200

_CURSOR = re.compile(r"([A-Za-z0-9-]{1,100}):([0-9]{1,18})")


def read_cursor(text: str) -> dict[str, int] | None:
    """`a:12,b:0` as numbers by chat; None for anything else."""
    parts = text.split(",")
    if len(parts) > MOST_CHATS:
        return None
    found = [match for part in parts if (match := _CURSOR.fullmatch(part)) is not None]
    return {match[1]: int(match[2]) for match in found} if len(found) == len(parts) else None


def shown_entry(entry: Entry, head: Head) -> dict[str, Any]:
    """A line as the page gets it, its time drawn for the chat's person."""
    words = wording(head.language, head.timezone)
    local = entry.created_at.astimezone(words.zone)
    return {
        "chat": entry.chat,
        "id": entry.id,
        "seq": entry.seq,
        "author": entry.author,
        "body": entry.body,
        "client": entry.client_id,
        "at": entry.created_at.isoformat(timespec="seconds"),
        "time": local.strftime("%H:%M"),
        "day": words.day(local.date()),
        "language": head.language,
    }


class Feed:
    """Makes streams of events out of the transcript."""

    def __init__(self, database: Database, streams: Streams) -> None:
        self._database = database
        self._streams = streams
        self._seen: dict[str, int] = {}

    async def events(self, cursor: Mapping[str, int]) -> AsyncIterator[str]:
        """Everything that is said in these chats after these numbers, for as long as somebody listens.

        `message` (a line, new or changed), `typing` (an answer is being made), `reset` (the chat has fewer
        lines than the page has seen, or is not there: the database is another one), a comment now and then.
        """
        cursor = dict(cursor)
        with self._streams.listen(cursor) as stream:
            yield f"retry: {RETRY_S * 1000:.0f}\n\n"
            while stream.goes_on():
                for chat in stream.take_typing():
                    yield _event("typing", {"chat": chat})
                try:
                    async for event in self._news(cursor, stream):
                        yield event
                    silent = not await stream.wait(HEARTBEAT_S)
                except StoreUnavailable as error:
                    log.warning("web stream cannot read", reason=str(error))
                    silent = not await stream.wait(RETRY_S)
                if silent:
                    yield ": still here\n\n"

    async def ring_for_others(self) -> None:
        """Wake the streams for which another process has written; once."""
        listened = self._streams.listened()
        found = await asyncio.to_thread(self._heads, listened) if listened else {}
        for chat, head in found.items():
            if head.seq != self._seen.get(chat):
                self._streams.wake(chat)
        self._seen = {chat: head.seq for chat, head in found.items()}

    async def _news(self, cursor: dict[str, int], stream: Stream) -> AsyncIterator[str]:
        while cursor:
            found, entries = await asyncio.to_thread(self._read, dict(cursor))
            for chat in [chat for chat in cursor if chat not in found or found[chat].seq < cursor[chat]]:
                del cursor[chat]
                yield _event("reset", {"chat": chat})
            for entry in entries:
                if entry.chat in cursor:
                    cursor[entry.chat] = entry.seq
                    if entry.author == transcript.BOT:
                        stream.answered(entry.chat)
                    yield _event("message", shown_entry(entry, found[entry.chat]), cursor)
            if len(entries) < MOST_AT_ONCE:
                return

    def _read(self, cursor: Mapping[str, int]) -> tuple[dict[str, Head], list[Entry]]:
        with self._database.read() as work:
            return transcript.heads(work, chats=cursor), transcript.changes(work, after=cursor, most=MOST_AT_ONCE)

    def _heads(self, chats: set[str]) -> dict[str, Head]:
        with self._database.read() as work:
            return transcript.heads(work, chats=chats)


def _event(name: str, data: Mapping[str, Any], cursor: Mapping[str, int] | None = None) -> str:
    seen = "" if cursor is None else "id: " + ",".join(f"{chat}:{seq}" for chat, seq in cursor.items()) + "\n"
    return f"event: {name}\n{seen}data: {json.dumps(data, ensure_ascii=False)}\n\n"
