"""Files that leave for Slack: uploaded into the person's own conversation."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cards.screen import say
from bot.gateway import Away, DeliveryError, Later, Message, Refused, Unreachable
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.gateway import SlackGateway
from bot.wording import wording
from crm.core.files import FileContent
from crm.people.people import find_by_name
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

CONTRACT = FileContent("合同 & <offer>.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 100_000)


@pytest.fixture
async def gateway(slack: SlackCounterpart) -> AsyncIterator[SlackGateway]:
    client = SlackClient(api_url=slack.api_url, bot_token=slack.bot_token, app_token=slack.app_token)
    yield SlackGateway(client)
    await client.close()


def message(li: Person, **more: str) -> Message:
    return Message(
        chat_id=li.channel_id,
        is_private=True,
        screen=say("SO-2026-0031"),
        wording=wording("en", "Asia/Shanghai"),
        sign=lambda action: action,
        document=CONTRACT,
        **more,  # type: ignore[arg-type]
    )


async def test_a_file_is_uploaded_and_shared(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    assert await gateway.send(message(li)) is None
    [(channel, file)] = slack.workspace.uploaded
    assert (channel, file.name, file.content) == (li.channel_id, CONTRACT.name, CONTRACT.content)
    assert slack.workspace.beside_uploads == ["SO-2026-0031"]
    assert li.messages() == []
    assert slack.violations == []


async def test_asked_for_in_a_channel_it_comes_in_ones_own_conversation(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person
) -> None:
    await gateway.send(message(li, shown_in="C1", only_for=li.id))
    assert [channel for channel, _ in slack.workspace.uploaded] == [li.channel_id]


@pytest.mark.parametrize(
    ("call", "error", "meaning"),
    [
        ("files.getUploadURLExternal", "ratelimited", Later),
        ("files.getUploadURLExternal", "missing_scope", TokenRefused),
        ("files.completeUploadExternal", "internal_error", Away),
        ("files.completeUploadExternal", "channel_not_found", Unreachable),
    ],
)
async def test_what_fails_has_its_name(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person, call: str, error: str, meaning: type[DeliveryError]
) -> None:
    slack.fail_next(call, error=error)
    with pytest.raises(meaning):
        await gateway.send(message(li))
    assert slack.workspace.uploaded == []


async def test_an_upload_that_breaks_off_is_tried_again(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person
) -> None:
    slack.fail_next("upload", status=503)
    with pytest.raises(Away):
        await gateway.send(message(li))
    await gateway.send(message(li))
    assert len(slack.workspace.uploaded) == 1


async def test_what_slack_never_takes_is_said(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    slack.fail_next("files.getUploadURLExternal", error="file_uploads_disabled")
    await gateway.send(message(li))
    [said] = li.messages()
    assert "could not be sent here. Your administrator finds the reason in the log." in said.shown


def test_a_document_is_attached_and_had_back(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    with tradewind.database.write() as work:
        rep = find_by_name(work, name="Li Na")
        create_customer(work, actor=rep, platform="slack", details=CustomerDetails(name="Wolza"))
    li.say("customer Wolza")
    card = li.wait_for(lambda message: message.from_bot and "Wolza" in message.shown)
    li.say("wants a contract", thread_ts=card.ts)
    li.wait_for(lambda message: "Noted for Wolza." in message.shown)
    li.send_file("contract.pdf", CONTRACT.content)
    asked = li.wait_for(lambda message: "Attach contract.pdf to Wolza?" in message.shown)
    li.press("Confirm", ts=asked.ts)
    li.wait_for(lambda message: "contract.pdf is attached to Wolza." in message.shown)
    li.press("Files", ts=li.wait_for(lambda message: "Files: 1" in message.shown).ts)
    li.press("contract.pdf", ts=li.wait_for(lambda message: "Files of Wolza" in message.shown).ts)
    uploaded = slack.workspace.wait_until(lambda: slack.workspace.uploaded, timeout=5, what="a file")
    assert [(channel, file.content) for channel, file in uploaded] == [(li.channel_id, CONTRACT.content)]


async def test_a_place_outside_slack_gets_nothing(slack: SlackCounterpart, li: Person) -> None:
    asked = slack.api_url.replace("127.0.0.1", "localhost")  # the address handed out is of another host
    client = SlackClient(api_url=asked, bot_token=slack.bot_token, app_token=slack.app_token)
    await SlackGateway(client).send(message(li))
    await client.close()
    assert slack.workspace.uploaded == []
    assert all(not file.content for file in slack.workspace.files.values())


async def test_nobody_sends_us_elsewhere_with_our_token() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"%PDF")

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound(other.make_url("/x.pdf"))

    there, here = web.Application(), web.Application()
    there.router.add_get("/x.pdf", elsewhere)
    here.router.add_get("/files/x.pdf", moved)
    async with TestServer(there) as other, TestServer(here) as server:
        client = SlackClient(api_url=str(server.make_url("/api/")), bot_token="xoxb-1", app_token="")
        with pytest.raises(Refused):
            async for _ in client.download(str(server.make_url("/files/x.pdf")), mime="application/pdf"):
                pass
        await client.close()
    assert asked == []
