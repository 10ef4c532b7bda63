"""The counterpart where it calls the bot: with the secret, a chat's updates in order, again until it is told 200."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.counterparts.telegram import TelegramCounterpart
from tests.counterparts.telegram.calling import SECRET_HEADER

URL = "https://x.example/hook"


@dataclass
class Hook:
    """A bot that is called: what came, and what it answers to the next ones, then 200."""

    url: str = ""
    came: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((request.headers.get(SECRET_HEADER), await request.json()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def numbers(self) -> list[int]:
        return [update["update_id"] for _, update in self.came]


@pytest.fixture
def server() -> Iterator[TelegramCounterpart]:
    with TelegramCounterpart() as running:
        yield running


@pytest.fixture
async def hook(server: TelegramCounterpart) -> AsyncIterator[Hook]:
    taken = Hook()
    app = web.Application()
    app.router.add_post("/hook", taken.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.calls_reach(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield taken
    await runner.cleanup()


async def call(server: TelegramCounterpart, method: str, **parameters: Any) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session:
        url = f"{server.base_url}/bot{server.token}/{method}"
        async with session.post(url, json=parameters) as response:
            answer: dict[str, Any] = await response.json()
            return answer


async def answered(server: TelegramCounterpart, update: int, statuses: list[int]) -> None:
    await asyncio.to_thread(server.wait_until, lambda: server.webhook_answers(update) == statuses)


async def test_updates_are_brought_with_the_secret(server: TelegramCounterpart, hook: Hook) -> None:
    ann = server.user(42)
    early = ann.say("before there is a webhook")
    await call(server, "setWebhook", url=URL, secret_token="s-_1", allowed_updates=["message"])
    await answered(server, early, [200])
    ann.blocks_bot()  # which was not asked for
    late = ann.say("hello")
    await answered(server, late, [200])
    assert {secret for secret, _ in hook.came} == {"s-_1"}
    assert hook.numbers() == [early, late]
    assert server.pending() == []


async def test_a_refused_call_comes_again_and_holds_up_its_chat_alone(server: TelegramCounterpart, hook: Hook) -> None:
    await call(server, "setWebhook", url=URL)
    hook.answers += [503, 500]
    first = server.user(42).say("one")
    await asyncio.to_thread(server.wait_until, lambda: bool(server.webhook_answers(first)))
    second = server.user(42).say("two")
    other = server.user(43).say("of another chat")
    for update in (second, other):
        await asyncio.to_thread(server.wait_until, lambda update=update: 200 in server.webhook_answers(update))
    assert server.webhook_answers(first)[-1] == 200
    assert hook.numbers().index(second) > max(at for at, number in enumerate(hook.numbers()) if number == first)
    assert sum(len(server.webhook_answers(one)) for one in (first, second, other)) == 5


async def test_a_bot_that_is_away_is_called_when_it_is_back(server: TelegramCounterpart, hook: Hook) -> None:
    there = server._front.calling.really
    server.calls_reach("http://127.0.0.1:9")
    await call(server, "setWebhook", url=URL)
    update = server.user(42).say("hello")
    await asyncio.to_thread(server.wait_until, lambda: server.webhook_answers(update)[:2] == [0, 0])
    server.calls_reach(there)
    await asyncio.to_thread(server.wait_until, lambda: server.webhook_answers(update)[-1] == 200)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"secret_token": "x" * 257}, "secret token contains unallowed characters"),
        ({"max_connections": 0}, "max_connections must be between 1 and 100"),
        ({"max_connections": 101}, "max_connections must be between 1 and 100"),
    ],
)
async def test_a_webhook_that_is_refused(server: TelegramCounterpart, parameters: dict[str, Any], error: str) -> None:
    answer = await call(server, "setWebhook", url=URL, **parameters)
    assert answer["description"] == f"Bad Request: {error}"
    assert server.webhook() == {}


async def test_a_menu_for_a_chat_that_is_not_there(server: TelegramCounterpart) -> None:
    scope = {"type": "chat", "chat_id": 42}
    commands = [{"command": "help", "description": "help"}]
    answer = await call(server, "setMyCommands", commands=commands, scope=scope)
    assert answer["description"] == "Bad Request: chat not found"
    server.user(42)
    assert (await call(server, "setMyCommands", commands=commands, scope=scope))["ok"]
    assert server.commands(scope=scope) == commands
    await call(server, "deleteMyCommands", scope=scope)
    assert server.commands(scope=scope) == []


async def test_a_group_that_has_become_a_supergroup(server: TelegramCounterpart) -> None:
    server.group(-77, "Sales", kind="group").becomes_supergroup(-1000077)
    refused = await call(server, "sendMessage", chat_id=-77, text="x")
    assert refused["parameters"] == {"migrate_to_chat_id": -1000077}
    assert (await call(server, "sendMessage", chat_id=-1000077, text="x"))["ok"]
    notes = [update["message"] for update in server.pending()]
    assert [note.get("migrate_to_chat_id", note.get("migrate_from_chat_id")) for note in notes] == [-1000077, -77]
