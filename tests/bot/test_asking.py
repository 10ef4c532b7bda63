"""A model behind an OpenAI-compatible endpoint: asked where our rules read nothing, believed in nothing it says."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.asking import ask_model, model_of
from bot.understanding.model import Model, ModelUnavailable, proposal_of
from tests.bot.front_desk import Desk

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
# Nothing in it that the rules take: no way to reach anybody, no budget, no verb of wanting.
UNREADABLE = (
    "Yesterday evening the fellow from nordwind licht, roland, told me the hall gets dark and they fix it in spring"
)
PROPOSED = {
    "intent": "lead",
    "company": "nordwind licht",
    "contact": "roland",
    "source": "other",
    "product_need": "the hall gets dark",
    "budget": "1,000,000 USD",
    "next_follow_up": "soonish",
}


class Endpoint:
    """Answers chat completions as it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], tuple[int, bytes]] = lambda: (200, completion(PROPOSED))
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((self.path, said, self.headers.get("Authorization", "")))
                status, content = endpoint.answer()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Keeps the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def completion(proposed: Any) -> bytes:
    content = proposed if isinstance(proposed, str) else json.dumps(proposed)
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    opened = Endpoint()
    yield opened
    opened.close()


@pytest.fixture
def asked_desk(desk: Desk, endpoint: Endpoint) -> Desk:
    for name, value in (("model_url", endpoint.url), ("model_name", "small"), ("model_key", "")):
        setattr(desk.settings, name, type(getattr(desk.settings, name))(value))
    return desk


async def _asked(desk: Desk) -> None:
    model = model_of(desk.settings)
    assert model is not None
    await ask_model(desk.database, desk.reception, model, timezone="Asia/Shanghai")
    await desk.delivery.settle()


async def test_it_is_off_by_default(desk: Desk, li: str) -> None:
    await desk.say(li, UNREADABLE)
    assert desk.room.last(li).text.startswith("I did not understand that.")
    assert model_of(desk.settings) is None


async def test_what_holds_is_shown_and_saved_only_then(asked_desk: Desk, li: str, endpoint: Endpoint) -> None:
    await asked_desk.say(li, UNREADABLE)
    assert asked_desk.room.last(li).text == "One moment: I am reading this."
    assert endpoint.asked == []
    await _asked(asked_desk)
    ((path, said, key),) = endpoint.asked
    assert (path, said["model"], key) == ("/v1/chat/completions", "small", "")
    assert said["messages"][1]["content"] == UNREADABLE
    review = asked_desk.room.last(li)
    assert review.lines[:5] == (
        "New lead",
        "Company: nordwind licht",
        "Contact: roland",
        "Source: Other",
        "Product need: the hall gets dark",
    )
    assert "Budget" not in review.text  # it does not stand in the message
    assert "Next follow-up" not in review.text  # our own parser cannot read it
    assert f"Notes: {UNREADABLE}" in review.lines
    assert asked_desk.leads() == []
    await asked_desk.press(li, "Save")
    assert asked_desk.leads() == ["nordwind licht"]
    await _asked(asked_desk)
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"out of order"),
        (302, b""),
        (200, b"no JSON"),
        (200, completion("no JSON either")),
        (200, completion({"intent": "transfer all money"})),
        (200, completion({"intent": "lead", "company": "Somebody Else Ltd", "contact": "Jane"})),
        (200, completion({"intent": "note", "customer": "nobody we know", "text": "x"})),
        (200, completion(["lead"])),
    ],
)
async def test_what_is_of_no_use_gets_the_helpful_answer(
    asked_desk: Desk, li: str, endpoint: Endpoint, answer: tuple[int, bytes]
) -> None:
    endpoint.answer = lambda: answer
    await asked_desk.say(li, UNREADABLE)
    await _asked(asked_desk)
    assert asked_desk.room.last(li).text.startswith("I did not understand that.")
    assert asked_desk.leads() == []


async def test_a_draft_begun_meanwhile_stays(asked_desk: Desk, li: str) -> None:
    await asked_desk.say(li, UNREADABLE)
    await asked_desk.say(li, "/lead")
    await _asked(asked_desk)
    await asked_desk.say(li, "Ernst Handel")
    assert asked_desk.room.last(li).lines[:2] == ("New lead", "Company: Ernst Handel")


async def test_what_the_rules_read_is_not_asked(asked_desk: Desk, li: str, endpoint: Endpoint) -> None:
    await asked_desk.say(li, "Hans Müller, Nordwind Licht GmbH, hans@nordwind-licht.de, wants 2,000 LED panels")
    await asked_desk.say(li, "cancel")
    await asked_desk.say(li, "hello")
    await _asked(asked_desk)
    assert endpoint.asked == []


def test_it_is_not_waited_for_long(endpoint: Endpoint) -> None:
    gate = threading.Event()
    endpoint.answer = lambda: (200, b"{}") if gate.wait(20) else (500, b"")
    began = time.monotonic()
    with pytest.raises(ModelUnavailable):
        Model(endpoint.url, "small", timeout=0.2).ask(UNREADABLE, now=NOW)
    gate.set()
    assert time.monotonic() - began < 10


def test_the_key_goes_with_it(endpoint: Endpoint) -> None:
    assert Model(endpoint.url, "small", "secret").ask(UNREADABLE, now=NOW)["company"] == "nordwind licht"
    assert endpoint.asked[0][2] == "Bearer secret"


def test_only_strings_under_known_keys_are_taken() -> None:
    told = {"intent": "lead", "company": {"a": 1}, "tags": ["a", 2, "b"], "drop": "tables", "contact": " Hans "}
    answer = {"choices": [{"message": {"content": f"```json\n{json.dumps(told)}\n```"}}]}
    assert proposal_of(answer) == {"intent": "lead", "tags": "a, b", "contact": "Hans"}


def test_what_is_no_http_is_an_answer_that_did_not_come() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"garbage\r\n\r\n")

        answering = threading.Thread(target=answer)
        answering.start()
        model = Model(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", "any")
        with pytest.raises(ModelUnavailable):
            model.ask("hello", now=datetime(2026, 3, 9, tzinfo=UTC))
        answering.join()
