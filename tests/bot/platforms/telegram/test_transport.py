"""The library's requests over aiohttp."""

import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram.error import TelegramError

from bot.platforms.telegram.api import Api
from bot.platforms.telegram.transport import Transport
from tests.counterparts.telegram import TelegramCounterpart


async def test_a_file_goes_up_as_multipart(telegram: TelegramCounterpart) -> None:
    li = telegram.user(5)
    api = Api(token=telegram.token, url=telegram.base_url + "/")
    await api.connect()
    await api.send_document(5, b"%PDF-1.7", filename="报价 Q-7.pdf", caption="Q-7")
    [shown] = li.messages()
    assert shown.file is not None
    assert (shown.file.name, shown.file.content, shown.text) == ("报价 Q-7.pdf", b"%PDF-1.7", "Q-7")
    await api.shutdown()


async def test_a_proxys_page_is_no_bot_api_and_makes_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>login</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", page)
    async with TestServer(app) as server:
        api = Api(token="1:x", url=str(server.make_url("/")))
        with caplog.at_level(logging.WARNING), pytest.raises(TelegramError, match="not the Bot API"):
            await api.connect()
        await api.shutdown()
    assert caplog.text == ""


def test_the_environments_proxy_is_used_except_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    assert Transport("https://api.telegram.org", connections=1)._proxy == "http://proxy.example:3128"
    assert Transport("http://127.0.0.1:8081", connections=1)._proxy is None
    monkeypatch.setenv("no_proxy", "telegram.org")
    assert Transport("https://api.telegram.org", connections=1)._proxy is None
