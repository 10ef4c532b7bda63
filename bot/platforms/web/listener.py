"""The browser chat's routes: the page, who there is, what was said, what is being said, and what one says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import quote

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.inbound import clean
from bot.platforms.web import entrance, transcript
from bot.platforms.web.assets import Assets
from bot.platforms.web.chrome import page_words
from bot.platforms.web.feed import Feed, read_cursor, shown_entry
from bot.platforms.web.forms import draw_choices, draw_form
from bot.platforms.web.guards import OwnPageOnly, refuse
from bot.platforms.web.posts import PLATFORM, BadPost, Post, read_json, read_post
from bot.platforms.web.streams import Streams
from bot.platforms.web.transcript import Head
from bot.reception import Reception
from crm.core.database import Database
from crm.core.errors import NotFound, StoreUnavailable
from crm.core.files import FileContent
from crm.core.work import UnitOfWork

_MOST_LINES = 200
_NOT_OPEN = "Nobody has opened this chat."

Endpoint = Callable[[Request], Awaitable[Response]]


class Listener:
    """Answers the page. `get_reception` is asked when something comes in, not before."""

    def __init__(
        self,
        database: Database,
        streams: Streams,
        feed: Feed,
        get_reception: Callable[[], Reception],
        *,
        language: str,
    ) -> None:
        self._database = database
        self._streams = streams
        self._feed = feed
        self._get_reception = get_reception
        self._language = language
        self._assets = Assets()
        self._words = page_words()

    def routes(self) -> list[BaseRoute]:
        return [
            _route("/", self._assets.page),
            _route("/assets/{version}/{name}", self._assets.part),
            _route("/api/people", self.people),
            _route("/api/chats", self.open_chat, "POST"),
            _route("/api/chats/{chat}/messages", self.messages),
            _route("/api/chats/{chat}/messages", self.post, "POST"),
            _route("/api/chats/{chat}/suggest", self.suggest),
            _route("/api/chats/{chat}/files/{line:int}", self.file),
            _route("/api/events", self.events),
        ]

    async def people(self, request: Request) -> Response:
        """Whom one can be, and the page's own words in both languages."""
        people = await asyncio.to_thread(self._people)
        return JSONResponse({"people": people, "words": self._words, "language": self._language})

    async def open_chat(self, request: Request) -> Response:
        """Open the chat of a person: `{person: id}` gives `{chat, language}`. 404 for who is not there or disabled."""
        person = (await read_json(request)).get("person")
        if type(person) is not int:
            raise BadPost("`person` is a person's number.")
        opened = await asyncio.to_thread(self._open, person)
        return JSONResponse(opened)

    async def messages(self, request: Request) -> Response:
        """Lines of a chat: the last ones, those above a line (`before=ID`), or what has changed (`after=SEQ`).

        `seq` is how far this answer reaches: a stream that begins there misses nothing.
        """
        chat = request.path_params["chat"]
        after, before = _number(request, "after"), _number(request, "before")
        found = await asyncio.to_thread(self._lines, chat, after, before)
        return refuse(404, _NOT_OPEN) if found is None else JSONResponse(found)

    async def events(self, request: Request) -> Response:
        """The stream; `chats=a:12,b:0`, or what the browser says it saw last."""
        cursor = read_cursor(request.query_params.get("chats", ""))
        if cursor is None:
            raise BadPost("`chats` is chats and numbers: person-1:12,person-2:0.")
        seen = read_cursor(request.headers.get("last-event-id", "")) or {}
        cursor |= {chat: seq for chat, seq in seen.items() if chat in cursor}
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._feed.events(cursor), media_type="text/event-stream", headers=headers)

    async def post(self, request: Request) -> Response:
        """What somebody typed, pressed or filled in: `{status, toast, problems, form?}`, 503 when it was not saved."""
        chat = request.path_params["chat"]
        post = read_post(chat, await read_json(request))
        head = await asyncio.to_thread(self._head, chat)
        if head is None:
            return refuse(404, _NOT_OPEN)
        self._streams.typing(chat)
        inbound = replace(post.inbound, language=head.language)
        receipt = await self._get_reception().receive(inbound, record=_recorder(chat, post))
        self._streams.wake(chat)
        answer: dict[str, Any] = {"status": receipt.status, "toast": receipt.toast, "problems": dict(receipt.problems)}
        if receipt.form is not None and receipt.wording is not None:
            answer["form"] = draw_form(receipt.form, receipt.wording)
        return JSONResponse(answer, 503 if receipt.status == "unavailable" else 200)

    async def suggest(self, request: Request) -> Response:
        """Choices for what was typed (`q`) into a searched field (`path`) of a form (`token`), best first.

        `{choices: [{value, label, note?}]}`; none for a form that is not of this chat.
        """
        chat, asked = request.path_params["chat"], request.query_params
        found = await self._get_reception().suggest(
            platform=PLATFORM,
            chat_id=chat,
            account_id=chat,
            token=clean(asked.get("token", "")),
            path=clean(asked.get("path", "")),
            query=clean(asked.get("q", "")),
        )
        return JSONResponse({"choices": draw_choices(found)}, headers={"Cache-Control": "no-store"})

    async def file(self, request: Request) -> Response:
        """The file that came with a line of this chat, to be saved: it is never shown as a page of ours."""
        chat, line = request.path_params["chat"], request.path_params["line"]
        found = await asyncio.to_thread(self._file, chat, line) if line < 10**18 else None
        if found is None:
            return refuse(404, "There is no such file in this chat.")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "Cache-Control": "no-store",
        }
        return Response(found.content, media_type="application/octet-stream", headers=headers)

    def _file(self, chat: str, line: int) -> FileContent | None:
        with self._database.read() as work:
            return transcript.file_of_line(work, chat=chat, message_id=line)

    def _people(self) -> list[dict[str, Any]]:
        with self._database.read() as work:
            return entrance.people(work)

    def _open(self, person: int) -> dict[str, Any]:
        with self._database.write() as work:
            return entrance.open_chat(work, person_id=person)

    def _head(self, chat: str) -> Head | None:
        with self._database.read() as work:
            return transcript.heads(work, chats=[chat]).get(chat)

    def _lines(self, chat: str, after: int | None, before: int | None) -> dict[str, Any] | None:
        with self._database.read() as work:
            head = transcript.heads(work, chats=[chat]).get(chat)
            if head is None:
                return None
            if after:
                found = transcript.changes(work, after={chat: after}, most=_MOST_LINES)
                seq = found[-1].seq if found else head.seq
            else:
                found = transcript.last_lines(work, chat=chat, before=before, most=_MOST_LINES)
                seq = head.seq
        shown = [shown_entry(entry, head) for entry in found]
        return {"messages": shown, "seq": seq, "more": len(found) == _MOST_LINES}


def _recorder(chat: str, post: Post) -> Callable[[UnitOfWork], None] | None:
    text = post.line
    if text is None:
        return None

    def record(work: UnitOfWork) -> None:
        transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": text}, client_id=post.client_id)

    return record


def _route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
    return Route(path, _answering(endpoint), methods=[method], middleware=[Middleware(OwnPageOnly)])


def _answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with what can go wrong said in a sentence."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadPost as error:
            return refuse(error.status, str(error))
        except NotFound as error:
            return refuse(404, str(error))
        except StoreUnavailable as error:
            return refuse(503, error.text.message)

    return answer


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise BadPost(f"`{name}` is a number.")
    return int(text)
