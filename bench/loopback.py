"""The least a Bot API server can be, on loopback: it hands out updates and notes when replies arrive.

Not the strict counterpart of the tests: whatever the server costs is added to both sides and flatters the ratio.
"""

import asyncio
import itertools
import threading
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Self, TypeVar

from aiohttp import web

T = TypeVar("T")

TOKEN = "7300000001:AAE-loopback_token_of_35_characters"
_ME = {"id": 7300000001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class Loopback:
    """One bot's server in a thread of its own, at `url`."""

    def __init__(self) -> None:
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._updates: deque[dict[str, Any]] = deque()
        self._more = asyncio.Event()
        self._polled = asyncio.Event()
        self._replies: dict[int, asyncio.Future[float]] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._runner is not None
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_polled(self) -> None:
        """Until a bot asks for updates."""
        self._run(asyncio.wait_for(self._polled.wait(), 30))

    def throughput(self, chats: Sequence[int], texts: Sequence[str]) -> float:
        """Say the texts in every chat, side by side, each as soon as the one before has its reply.

        Returns seconds per message, from the first update to the last reply.
        """
        return self._run(self._side_by_side(chats, texts))

    def latency(self, chat: int, texts: Sequence[str], *, pause: float) -> float:
        """Say the texts one after another, `pause` seconds after each reply; returns the mean seconds to a reply."""
        return self._run(self._one_by_one(chat, texts, pause))

    async def _side_by_side(self, chats: Sequence[int], texts: Sequence[str]) -> float:
        started = time.perf_counter()
        await asyncio.gather(*(self._one_by_one(chat, texts, 0.0) for chat in chats))
        return (time.perf_counter() - started) / (len(chats) * len(texts))

    async def _one_by_one(self, chat: int, texts: Sequence[str], pause: float) -> float:
        waited = 0.0
        for text in texts:
            reply = self._replies[chat] = self._loop.create_future()
            started = time.perf_counter()
            self._updates.append(_update(next(self._numbers), chat, text))
            self._more.set()
            waited += await asyncio.wait_for(reply, 30) - started
            await asyncio.sleep(pause)
        return waited / len(texts)

    async def _open(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.Response:
        given: dict[str, Any] = dict(await request.post())
        if request.content_type == "application/json":
            given = await request.json()
        match request.match_info["method"]:
            case "getUpdates":
                result: Any = await self._hand_out(int(given.get("offset") or 0), float(given.get("timeout") or 0))
            case "sendMessage":
                result = self._take(int(given["chat_id"]), str(given["text"]))
            case "getMe":
                result = _ME
            case _:
                result = True
        return web.json_response({"ok": True, "result": result})

    async def _hand_out(self, offset: int, patience: float) -> list[dict[str, Any]]:
        self._polled.set()
        while self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()
        if not self._updates and patience:
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), patience)
            except TimeoutError:
                return []
        return list(itertools.islice(self._updates, 100))

    def _take(self, chat: int, text: str) -> dict[str, Any]:
        reply = self._replies.get(chat)
        assert reply is not None, "nobody speaks there"
        assert not reply.done(), f"a second reply: {text}"
        reply.set_result(time.perf_counter())
        return {"message_id": next(self._numbers), "date": 0, "chat": {"id": chat, "type": "private"}, "text": text}

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _update(number: int, chat: int, text: str) -> dict[str, Any]:
    sender = {"id": chat, "is_bot": False, "first_name": "Anna", "language_code": "en"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private", "first_name": "Anna"},
        "from": sender,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": number, "message": message}
