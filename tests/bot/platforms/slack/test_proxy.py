"""Where the environment names a proxy, files go through it as calls do."""

import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.config import Settings
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.files import fetch_file
from crm.core.files import FileContent
from tests.counterparts.slack import Person, SlackCounterpart

CONTRACT = FileContent("contract.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 100_000)


class Proxy(BaseHTTPRequestHandler):
    """Passes plain HTTP on, and notes what for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))) or None
        headers = {name: value for name, value in self.headers.items() if not name.startswith("Proxy-")}
        request = urllib.request.Request(self.path, data=body, headers=headers, method=self.command)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.read())

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *given: object) -> None:
        """Silent."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that a proxy was asked for, which the environment names."""
    Proxy.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_port}")
        yield Proxy.asked
        server.shutdown()
        thread.join(10)


@pytest.fixture
async def client(slack: SlackCounterpart, asked: list[str]) -> AsyncIterator[SlackClient]:
    opened = SlackClient(api_url=slack.api_url, bot_token=slack.bot_token, app_token=slack.app_token)
    yield opened
    await opened.close()


async def test_a_file_that_leaves(slack: SlackCounterpart, client: SlackClient, li: Person, asked: list[str]) -> None:
    await client.upload(CONTRACT, channel=li.channel_id, words="SO-2026-0031")
    [(_, file)] = slack.workspace.uploaded
    assert file.content == CONTRACT.content
    assert [path.rpartition("/")[2] for path in asked][::2] == [
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    ]
    assert len(asked) == 3


async def test_a_file_that_comes(
    slack: SlackCounterpart, client: SlackClient, li: Person, asked: list[str], tmp_path: Path
) -> None:
    file = slack.workspace.new_file("x.pdf", b"%PDF", "application/pdf", size=None).wire(slack.base)
    settings = Settings(_env_file=None, secret_key="k" * 40, spool_dir=tmp_path)
    values = await fetch_file(settings, client, file)
    assert (values["size"], "problem" in values) == (4, False)
    assert asked == [urlsplit(file["url_private_download"]).path]
