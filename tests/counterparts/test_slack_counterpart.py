"""The loopback Slack against a real Bolt app over Socket Mode, and against raw requests that Slack would refuse."""

import asyncio
import copy
import functools
import gc
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import Any, Self

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.counterparts.slack import (
    NotAcknowledgedError,
    NotShownError,
    Person,
    SlackCounterpart,
    signature,
)

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text.lower()}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def text_input(label: str, block_id: str, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "in", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def button(text: str, action_id: str = "b", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    view = {"type": "modal", "title": plain("New lead"), "callback_id": "lead", "submit": plain("Confirm")}
    return {**view, "blocks": list(blocks), **more}


LEAD = modal(
    text_input("Company", "company"),
    {
        "type": "input",
        "block_id": "source",
        "label": plain("Source"),
        "element": {
            "type": "static_select",
            "action_id": "in",
            "options": [option("Exhibition"), option("Referral")],
        },
    },
    {
        "type": "input",
        "block_id": "customer",
        "optional": True,
        "label": plain("Customer"),
        "element": {"type": "external_select", "action_id": "customers", "min_query_length": 1},
    },
    {
        "type": "input",
        "block_id": "follow",
        "optional": True,
        "label": plain("Next follow-up"),
        "element": {"type": "datepicker", "action_id": "in"},
    },
    {"type": "actions", "block_id": "rest", "elements": [button("More fields", "more")]},
    private_metadata="turn-1",
    notify_on_close=True,
)


class Bot:
    """A small Bolt app in a thread of its own, connected to the counterpart."""

    def __init__(self, slack: SlackCounterpart) -> None:
        self.slack = slack
        self.seen: list[Json] = []
        self.saved: list[Json] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        try:
            self.run(self.connect())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.disconnect())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self, act: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await act

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(10)

    async def connect(self) -> None:
        client = AsyncWebClient(token=self.slack.bot_token, base_url=self.slack.api_url, retry_handlers=[])
        app = AsyncApp(client=client, process_before_response=True)
        app.command("/crm")(self.on_command)
        app.view("lead")(self.on_lead)
        app.view_closed("lead")(self.on_closed)
        app.action("more")(self.on_more)
        app.action("claim")(self.on_claim)
        app.options("customers")(self.on_customers)
        app.event("message")(self.on_event)
        app.event("app_mention")(self.on_event)
        self.handler = AsyncSocketModeHandler(app, self.slack.app_token, ping_interval=0.2)
        await self.handler.connect_async()

    async def disconnect(self) -> None:
        client = self.handler.client
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        await self.handler.close_async()
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)
        # What a refresh left behind: the client drops its former tasks unawaited.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def on_command(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        if body["text"] == "help":
            await ack("Try /crm lead")
            return
        await client.views_open(trigger_id=body["trigger_id"], view=LEAD)
        await ack()

    async def on_lead(self, ack: Any, view: Json, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(body)
        company = view["state"]["values"]["company"]["in"]["value"]
        if company == "?":
            await ack(response_action="errors", errors={"company": "A name, please"})
            return
        self.saved.append(view["state"]["values"])
        blocks = [section(f"Lead *{company}* saved"), {"type": "actions", "elements": [button("✅ Claim", "claim")]}]
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Lead {company} saved", blocks=blocks)
        await ack()

    async def on_closed(self, ack: Any, body: Json) -> None:
        self.seen.append(body)
        await ack()

    async def on_more(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        view = copy.deepcopy(LEAD)
        view["blocks"][-1] = text_input("Notes", "notes", multiline=True)
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    async def on_claim(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(body)
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**where, text="Claimed", blocks=[section("Claimed")])
        await ack()

    async def on_customers(self, ack: Any, body: Json) -> None:
        names = ["Ernst Handel", "Ernesto SA", "阳光贸易"]
        await ack(options=[option(name) for name in names if name.startswith(body["value"])])

    async def on_event(self, ack: Any, event: Json, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(body)
        await client.chat_postMessage(channel=event["channel"], text=f"heard: {event['text']}")
        await ack()


@pytest.fixture
def slack() -> Iterator[SlackCounterpart]:
    with SlackCounterpart(redeliver_after=0.1) as counterpart:
        yield counterpart


@pytest.fixture
def bot(slack: SlackCounterpart, caplog: pytest.LogCaptureFixture) -> Iterator[Bot]:
    caplog.set_level(logging.ERROR)
    with Bot(slack) as running:
        yield running
    gc.collect()
    left = [r.getMessage() for r in caplog.records if r.name == "asyncio"]
    assert left == []  # neither sessions nor tasks stay behind


@pytest.fixture
def li(slack: SlackCounterpart) -> Person:
    return slack.user("U1", real_name="Li Na")


# With a real Bolt app


def test_a_lead_is_logged_in_a_modal(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    delivery = li.command("/crm", "lead")
    assert delivery.acked
    assert delivery.answer is None
    assert 0 < delivery.took < 3
    view = li.open_view()
    assert view.title == "New lead"
    assert view.fields == ("Company", "Source", "Customer", "Next follow-up")

    assert li.submit() is None  # Slack's client keeps an empty form back
    assert set(li.errors()) == {"Company", "Source"}
    assert bot.seen == []

    li.fill({"Company": "?", "Source": "Referral", "Customer": ("Ern", "Ernst Handel")})
    li.fill({"Next follow-up": date(2030, 1, 2)})
    answered = li.submit()
    assert answered is not None
    assert answered.answer == {"response_action": "errors", "errors": {"company": "A name, please"}}
    assert li.errors() == {"Company": "A name, please"}

    li.fill({"Company": "阳光 <b>贸易</b> 🌞"})
    li.submit()
    li.wait_closed()
    values = bot.saved[0]
    assert values["company"]["in"] == {"type": "plain_text_input", "value": "阳光 <b>贸易</b> 🌞"}
    assert values["source"]["in"]["selected_option"]["value"] == "referral"
    assert values["customer"]["customers"]["selected_option"]["text"]["text"] == "Ernst Handel"
    assert values["follow"]["in"] == {"type": "datepicker", "selected_date": "2030-01-02"}
    assert bot.seen[-1]["view"]["private_metadata"] == "turn-1"

    message = li.wait_for("saved")
    assert message.from_bot
    assert message.buttons == ("✅ Claim",)
    li.press("Claim")
    edited = li.wait_for("Claimed")
    assert (edited.ts, edited.edits, edited.buttons) == (message.ts, 1, ())
    assert bot.seen[-1]["message"]["ts"] == message.ts
    assert slack.violations == []


def test_a_command_may_answer_in_its_acknowledgement(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    assert li.command("/crm", "help").answer == {"text": "Try /crm lead"}
    assert [message.text for message in li.ephemerals()] == ["Try /crm lead"]
    assert li.messages() == []
    assert slack.violations == []


def test_a_double_tap_submits_twice(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    li.command("/crm", "lead")
    li.fill({"Company": "Ernst", "Source": "Exhibition"})
    first = li.submit()
    again = li.resubmit()
    assert first is not None
    assert first.envelope_id != again.envelope_id
    submissions = [body["view"] for body in bot.seen]
    assert submissions[0] == submissions[1]
    assert li.view is None


def test_what_was_filled_in_survives_an_update_of_the_modal(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    li.command("/crm", "lead")
    li.fill({"Company": "Ernst"})
    before = li.open_view()
    li.press("More fields")
    view = li.open_view(lambda view: "Notes" in view.fields)
    assert view.values["Company"] == "Ernst"
    assert view.id == before.id
    assert view.hash != before.hash
    assert slack.violations == []


def test_closing_a_modal_is_told_where_the_app_asked(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    li.command("/crm", "lead")
    li.close()
    assert bot.seen[-1]["type"] == "view_closed"
    assert li.view is None


def test_a_person_can_only_do_what_the_screen_offers(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    with pytest.raises(NotShownError, match="no modal"):
        li.submit()
    li.command("/crm", "lead")
    for answers in ({"Nonsense": "x"}, {"Source": "Radio"}, {"Company": "two\nlines"}, {"Customer": ""}):
        with pytest.raises(NotShownError):
            li.fill(answers)
    with pytest.raises(NotShownError, match="More fields"):
        li.press("Less fields")
    li.fill({"Company": "x" * 3001, "Source": "Referral"})
    assert li.submit() is None
    assert set(li.errors()) == {"Company"}


def test_events_are_escaped_redelivered_and_doubled(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    slack.lose_acks(1, kind="events_api")
    said = li.say("a <b> & a@b.com", wait=False)
    said.wait()
    assert (said.sends, said.lost_acks, said.attempt) == (2, 1, 1)
    first, second = (body for body in bot.seen if body["type"] == "event_callback")
    assert first["event_id"] == second["event_id"]
    assert first["event"]["text"] == "a &lt;b&gt; &amp; <mailto:a@b.com|a@b.com>"
    assert first["event"]["channel_type"] == "im"
    assert len(set(said.envelope_ids)) == 2

    slack.redeliver(said.envelope_id).wait_sent(3)
    slack.wait_until(lambda: len(bot.seen) == 3)
    room = slack.channel("C1")
    li.mention("C1", "lead")
    slack.wait_until(lambda: len(bot.seen) == 5)
    both = [body["event"] for body in bot.seen[3:]]
    assert {event["type"] for event in both} == {"app_mention", "message"}
    assert {(event["channel"], event["ts"]) for event in both} == {("C1", room.messages()[0].ts)}
    assert slack.violations == []


def test_the_link_is_renewed_on_request_and_after_an_outage(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    slack.refresh()
    slack.wait_until(lambda: len(slack.calls_of("apps.connections.open")) == 2)
    slack.wait_connected()
    _get_through(li)

    slack.go_away()
    with pytest.raises(NotAcknowledgedError, match="dispatch_failed"):
        li.command("/crm", "help")
    said = li.say("while you were out", wait=False)
    slack.come_back()
    said.wait(60)  # the SDK takes its time to notice
    assert said.attempt == 1
    li.wait_for("heard: while you were out")
    assert slack.violations == []


def _get_through(person: Person) -> None:
    """The SDK drops what comes while it changes over to another link: a person types it again."""
    until = time.monotonic() + 60
    while True:
        try:
            person.command("/crm", "help")
        except NotAcknowledgedError:
            assert time.monotonic() < until
        else:
            return


def test_deliveries_take_turns_on_several_links(slack: SlackCounterpart, bot: Bot, li: Person) -> None:
    other = Bot(slack)
    with other:
        slack.wait_connected(2)
        for number in range(4):
            li.say(f"{number}")
        assert (len(bot.seen), len(other.seen)) == (2, 2)


def test_ratelimits_and_failures_reach_the_sdk(slack: SlackCounterpart, bot: Bot) -> None:
    slack.user("U1")
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    slack.fail_next("chat.postMessage", error="ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as limited:
        bot.run(client.chat_postMessage(channel="U1", text="x"))
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    slack.fail_next("chat.postMessage", status=500)
    with pytest.raises(SlackApiError):
        bot.run(client.chat_postMessage(channel="U1", text="x"))
    assert bot.run(client.chat_postMessage(channel="U1", text="x"))["ok"]
    assert len(slack.user("U1").messages()) == 1


# With raw requests


class Raw:
    """Calls of the Web API as they go over the wire."""

    def __init__(self, slack: SlackCounterpart, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.session = session

    async def call(self, method: str, *, token: str | None = None, form: bool = False, **arguments: Any) -> Json:
        headers = {"Authorization": f"Bearer {token or self.slack.bot_token}"}
        sent: Json = {"data": arguments} if form else {"json": arguments}
        async with self.session.post(self.slack.api_url + method, headers=headers, **sent) as answer:
            read: Json = await answer.json()
            return read

    async def link(self) -> aiohttp.ClientWebSocketResponse:
        opened = await self.call("apps.connections.open", token=self.slack.app_token)
        socket = await self.session.ws_connect(opened["url"])
        assert (await socket.receive_json())["type"] == "hello"
        return socket


def trigger(slack: SlackCounterpart, user: str = "U1", view: str | None = None) -> str:
    with slack.workspace.changed:
        return slack.workspace.new_trigger(user, view)


def with_raw(slack: SlackCounterpart, act: Callable[[Raw], Awaitable[None]]) -> None:
    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            await act(Raw(slack, session))

    asyncio.run(run())


def test_tokens_methods_and_arguments_are_checked(slack: SlackCounterpart, li: Person) -> None:
    async def act(raw: Raw) -> None:
        async def error(method: str, **given: Any) -> str:
            return str((await raw.call(method, **given)).get("error"))

        assert await error("auth.test", token="xoxb-other") == "invalid_auth"
        assert await error("auth.test", token=slack.app_token) == "not_allowed_token_type"
        assert await error("apps.connections.open") == "not_allowed_token_type"
        assert await error("chat.postMessage", channel="C404", text="x") == "channel_not_found"
        assert await error("chat.update", channel=li.channel_id, ts="1.1", text="x") == "message_not_found"
        async with raw.session.post(slack.api_url + "auth.test", json={"token": slack.bot_token}) as answer:
            assert (await answer.json())["error"] == "not_authed"  # Slack reads no token from JSON
        async with raw.session.post(slack.api_url + "auth.test", data={"token": slack.bot_token}) as answer:
            assert (await answer.json())["ok"]
        assert slack.violations == []
        assert await error("chat.scream") == "unknown_method"
        assert await error("chat.postMessage", channel=li.channel_id, text="x", colour="red") == "invalid_arguments"
        assert await error("chat.postMessage", text="x") == "invalid_arguments"
        assert await error("chat.postMessage", channel=li.channel_id) == "no_text"
        assert await error("chat.postMessage", channel=li.channel_id, blocks=[section("x")]) == "invalid_blocks"
        assert len(slack.violations) == 5
        blocks = json.dumps([section("x")])
        sent = await raw.call("chat.postMessage", form=True, channel=li.channel_id, text="x", blocks=blocks)
        assert sent["message"]["blocks"][0]["block_id"]
        updated = await raw.call("chat.update", channel=li.channel_id, ts=sent["ts"], text="only text")
        assert "blocks" not in updated["message"]
        assert [(m.shown, m.edits) for m in li.messages()] == [("only text", 1)]
        assert (await raw.call("chat.delete", channel=li.channel_id, ts=sent["ts"]))["ok"]
        await raw.call("chat.postEphemeral", channel=li.channel_id, user="U1", text="psst")
        assert (li.messages(), li.ephemerals()[0].text) == ([], "psst")
        user = (await raw.call("users.info", user="U1", include_locale=True))["user"]
        assert (user["real_name"], user["locale"]) == ("Li Na", "zh-CN")
        assert (await raw.call("conversations.open", users="U1"))["channel"]["id"] == li.channel_id
        assert (await raw.call("conversations.info", channel=li.channel_id))["channel"]["user"] == "U1"
        assert await error("chat.update", channel="U1", ts=sent["ts"], text="x") == "channel_not_found"

    with_raw(slack, act)


def static_select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option("A")], **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


BAD_BLOCKS: dict[str, list[Json]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "no blocks at all": [{}],
    "unknown block": [{"type": "rich_text", "elements": []}],
    "unknown key": [{**section("x"), "colour": "red"}],
    "section without text": [{"type": "section"}],
    "empty text": [section("")],
    "text too long": [section("x" * 3001)],
    "unknown key in a text": [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
    "header in mrkdwn": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "header too long": [{"type": "header", "text": plain("x" * 151)}],
    "block_id twice": [{**section("x"), "block_id": "a"}] * 2,
    "block_id too long": [{**section("x"), "block_id": "a" * 256}],
    "26 elements": [actions(*(button("x", f"b{n}") for n in range(26)))],
    "action_id twice": [actions(button("x"), button("y"))],
    "action_id too long": [actions(button("x", "a" * 256))],
    "button text too long": [actions(button("x" * 76))],
    "button value too long": [actions(button("x", value="v" * 2001))],
    "unknown key in a button": [actions(button("x", colour="red"))],
    "unknown key in an option": [actions(static_select(options=[{**option("x"), "colour": "red"}]))],
    "unknown key in a view's element": [text_input("x", "i", colour="red")],
    "11 radio buttons": [
        actions({"type": "radio_buttons", "action_id": "r", "options": [option(f"o{n}") for n in range(11)]})
    ],
    "no checkboxes": [actions({"type": "checkboxes", "action_id": "c", "options": []})],
    "initial options from elsewhere": [
        actions(
            {
                "type": "checkboxes",
                "action_id": "c",
                "options": [option("A")],
                "initial_options": [option("B")],
            }
        )
    ],
    "11 fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "field too long": [{"type": "section", "fields": [plain("x" * 2001)]}],
    "placeholder too long": [actions(static_select(placeholder=plain("x" * 151)))],
    "button style": [actions(button("x", style="default"))],
    "text input among actions": [actions({"type": "plain_text_input", "action_id": "t"})],
    "11 in a context": [{"type": "context", "elements": [plain("x")] * 11}],
    "no options": [actions(static_select(options=[]))],
    "101 options": [actions(static_select(options=[option(f"o{n}") for n in range(101)]))],
    "option text too long": [actions(static_select(options=[option("x" * 76, "v")]))],
    "option value too long": [actions(static_select(options=[option("x", "v" * 151)]))],
    "initial option from elsewhere": [actions(static_select(initial_option=option("A", "b")))],
    "6 in an overflow": [
        actions({"type": "overflow", "action_id": "o", "options": [option(f"o{n}") for n in range(6)]})
    ],
    "confirmation too long": [
        actions(
            button(
                "x",
                confirm={"title": plain("t" * 101), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")},
            )
        )
    ],
    "label too long": [text_input("x" * 2001, "i")],
    "hint too long": [{**text_input("x", "i"), "hint": plain("x" * 2001)}],
    "button in an input": [{"type": "input", "label": plain("x"), "element": button("x")}],
    "no date": [actions({"type": "datepicker", "action_id": "d", "initial_date": "tomorrow"})],
    "initial value too long": [text_input("x", "i", max_length=2, initial_value="abc")],
}


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_blocks_that_slack_refuses(slack: SlackCounterpart, li: Person, name: str) -> None:
    async def act(raw: Raw) -> None:
        answer = await raw.call("chat.postMessage", channel=li.channel_id, text="x", blocks=BAD_BLOCKS[name])
        assert answer["error"] == "invalid_blocks"
        assert len(answer["response_metadata"]["messages"]) == 1

    with_raw(slack, act)
    assert len(slack.violations) == 1
    assert li.messages() == []


BAD_VIEWS: dict[str, Json] = {
    "title too long": modal(text_input("x", "i"), title=plain("x" * 25)),
    "submit too long": modal(text_input("x", "i"), submit=plain("x" * 25)),
    "close too long": modal(text_input("x", "i"), close=plain("x" * 25)),
    "metadata too long": modal(text_input("x", "i"), private_metadata="x" * 3001),
    "callback_id too long": modal(text_input("x", "i"), callback_id="x" * 256),
    "101 blocks": modal(*[{"type": "divider"}] * 101),
    "no blocks": modal(),
    "inputs without submit": {key: value for key, value in LEAD.items() if key != "submit"},
    "unknown key": modal(section("x"), colour="red"),
    "no title": {key: value for key, value in LEAD.items() if key != "title"},
    "two focuses": modal(text_input("x", "i", focus_on_load=True), text_input("y", "j", focus_on_load=True)),
    "a home tab": {"type": "home", "blocks": [section("x")]},
}


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_views_that_slack_refuses(slack: SlackCounterpart, li: Person, name: str) -> None:
    async def act(raw: Raw) -> None:
        answer = await raw.call("views.open", trigger_id=trigger(slack), view=BAD_VIEWS[name])
        assert answer["error"] == "invalid_arguments"

    with_raw(slack, act)
    assert len(slack.violations) == 1
    assert li.view is None


def test_all_limits_may_be_used_up(slack: SlackCounterpart, li: Person) -> None:
    fields = [plain("f" * 2000)] * 10
    confirm = {"title": plain("t" * 100), "text": plain("x" * 300), "confirm": plain("y" * 30), "deny": plain("n" * 30)}
    select = static_select(options=[option("x" * 75, "v" * 150)] * 100, placeholder=plain("p" * 150))
    blocks: list[Json] = [
        {"type": "section", "text": plain("x" * 3000), "fields": fields, "accessory": select, "block_id": "b" * 255},
        {"type": "header", "text": plain("x" * 150)},
        actions(*(button("x" * 75, f"{n}", value="v" * 2000, confirm=confirm) for n in range(25))),
        {"type": "context", "elements": [plain("x")] * 10},
        *[{"type": "divider"}] * 96,
    ]
    most = {"private_metadata": "x" * 3000, "callback_id": "c" * 255, "title": plain("x" * 24)}

    async def act(raw: Raw) -> None:
        assert (await raw.call("views.open", trigger_id=trigger(slack), view=modal(*blocks, **most)))["ok"]
        assert (await raw.call("chat.postMessage", channel="U1", text="x", blocks=blocks[:50]))["ok"]

    with_raw(slack, act)
    assert slack.violations == []


def test_a_trigger_lives_three_seconds_and_opens_one_modal() -> None:
    now = [100.0]
    with SlackCounterpart(clock=lambda: now[0]) as slack:
        slack.user("U1")

        async def act(raw: Raw) -> None:
            async def opened(trigger_id: str) -> str | None:
                return (await raw.call("views.open", trigger_id=trigger_id, view=LEAD)).get("error")

            first, second = trigger(slack), trigger(slack)
            now[0] += 3
            assert await opened(first) is None
            assert await opened(first) == "exchanged_trigger_id"
            now[0] += 0.1
            assert await opened(second) == "expired_trigger_id"
            assert await opened("1.2.3") == "invalid_arguments"

        with_raw(slack, act)


def test_views_are_updated_by_hash_and_pushed_three_deep(slack: SlackCounterpart, li: Person) -> None:
    async def act(raw: Raw) -> None:
        view = (await raw.call("views.open", trigger_id=trigger(slack), view=LEAD))["view"]
        stale = await raw.call("views.update", view_id=view["id"], hash="1.x", view=LEAD)
        assert stale["error"] == "hash_conflict"
        fresh = await raw.call("views.update", view_id=view["id"], hash=view["hash"], view=LEAD)
        assert fresh["view"]["hash"] != view["hash"]
        assert (await raw.call("views.update", view_id="V404", view=LEAD))["error"] == "not_found"
        for _ in range(2):
            pushed = await raw.call("views.push", trigger_id=trigger(slack, view=view["id"]), view=LEAD)
            assert pushed["view"]["root_view_id"] == view["id"]
        too_deep = await raw.call("views.push", trigger_id=trigger(slack, view=view["id"]), view=LEAD)
        assert too_deep["error"] == "push_limit_reached"
        home = {"type": "home", "blocks": [section("Today")]}
        assert (await raw.call("views.publish", user_id="U1", view=home))["ok"]
        assert li.home is not None
        assert li.home.shown == "Today"
        with slack.workspace.changed:
            slack.workspace.stacks["U1"].clear()
        assert (await raw.call("views.update", view_id=view["id"], view=LEAD))["error"] == "not_found"

    with_raw(slack, act)


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, False),
        ({"response_action": "errors", "errors": {"rest": "no input"}}, False),
        ({"response_action": "errors", "errors": {}}, False),
        ({"response_action": "dance"}, False),
        ({"response_action": "update", "view": {"type": "modal"}}, False),
        ({"response_action": "update", "view": modal(section("Done"))}, True),
        ({"response_action": "push", "view": modal(section("Done"))}, True),
        ({"response_action": "clear"}, True),
    ],
)
def test_answers_to_a_submission_are_checked(slack: SlackCounterpart, li: Person, answer: Json, good: bool) -> None:
    async def act(raw: Raw) -> None:
        socket = await raw.link()
        await raw.call("views.open", trigger_id=trigger(slack), view=LEAD)
        li.fill({"Company": "Ernst", "Source": "Referral"})
        li.submit(wait=False)
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": answer})
        slack.wait_until(lambda: slack.deliveries[-1].acked)
        await socket.close()

    with_raw(slack, act)
    assert (slack.violations == []) == good
    if not good:
        assert li.open_view().fields[0] == "Company"
    elif answer["response_action"] == "clear":
        assert li.view is None
    else:
        assert li.open_view().shown == "Done"


def test_acknowledgements_are_checked(slack: SlackCounterpart, li: Person) -> None:
    async def act(raw: Raw) -> None:
        socket = await raw.link()
        said = li.say("hello", wait=False)
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["retry_attempt"]) == ("events_api", 0)
        assert not envelope["accepts_response_payload"]
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "no"}})
        await socket.send_json({"envelope_id": "unknown"})
        await socket.send_json({"envelope_id": envelope["envelope_id"], "hello": "there"})
        slack.wait_until(lambda: len(slack.violations) == 3)
        assert said.acked
        slack.redeliver(said.envelope_id)
        assert await socket.receive_json() == envelope
        with pytest.raises(NotAcknowledgedError):
            li.command("/crm", "lead", timeout=0.01)
        slack.warn()
        said_last = [await socket.receive_json() for _ in range(2)]
        assert said_last[1]["reason"] == "warning"
        await socket.close()
        async with raw.session.get(socket._response.url) as refused:
            assert refused.status == 403  # a ticket is for one connection

    with_raw(slack, act)


def test_a_late_acknowledgement_is_a_violation(slack: SlackCounterpart, li: Person) -> None:
    async def act(raw: Raw) -> None:
        socket = await raw.link()
        command = li.command("/crm", "lead", wait=False)
        envelope = await socket.receive_json()
        command.sent_at -= 3.5
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        command.wait()
        await socket.close()

    with_raw(slack, act)
    assert slack.violations == ["slash_commands: acknowledged after 3.5 s"]


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_call_is_broken_off_or_held_on_either_side_of_its_effect(
    slack: SlackCounterpart, li: Person, after_effect: bool
) -> None:
    async def act(raw: Raw) -> None:
        slack.drop_next("chat.postMessage", after_effect=after_effect)
        with pytest.raises(aiohttp.ClientConnectionError):
            await raw.call("chat.postMessage", channel="U1", text="x")
        assert len(li.messages()) == after_effect
        hold = slack.hold_next("chat.postMessage", after_effect=after_effect)
        pending = asyncio.create_task(raw.call("chat.postMessage", channel="U1", text="y"))
        await asyncio.to_thread(hold.reached)
        assert [m.text for m in li.messages()].count("y") == after_effect
        hold.release()
        assert (await pending)["ok"]

    with_raw(slack, act)
    assert [call.answer is None for call in slack.calls_of("chat.postMessage")] == [True, after_effect]


def test_response_urls_answer_five_times(slack: SlackCounterpart, li: Person) -> None:
    async def act(raw: Raw) -> None:
        socket = await raw.link()
        li.command("/crm", "lead", wait=False)
        url = (await socket.receive_json())["payload"]["response_url"]
        for number in range(6):
            async with raw.session.post(url, json={"text": f"{number}"}) as answer:
                assert (answer.status == 200) == (number < 5)
        await socket.close()

    with_raw(slack, act)
    assert [message.text for message in li.ephemerals()] == ["0", "1", "2", "3", "4"]
    assert len(slack.violations) == 1


def test_options_are_picked_and_their_acknowledgement_is_empty(slack: SlackCounterpart, li: Person) -> None:
    overflow = {"type": "overflow", "action_id": "o", "options": [option("Snooze"), option("Done")]}
    blocks = [actions(static_select(), {**overflow}), {**section("x"), "accessory": button("Old", "old")}]

    async def act(raw: Raw) -> None:
        socket = await raw.link()
        for text in ("first", "second"):
            await raw.call("chat.postMessage", channel="U1", text=text, blocks=blocks)
        li.pick("A", wait=False)
        chosen = (await socket.receive_json())["payload"]
        assert chosen["actions"][0]["selected_option"]["value"] == "a"
        assert chosen["message"]["text"] == "second"
        block_id = chosen["actions"][0]["block_id"]
        assert chosen["state"]["values"][block_id]["s"]["selected_option"]["value"] == "a"
        done = li.pick("Done", ts=li.messages()[0].ts, wait=False)
        envelope = await socket.receive_json()
        assert envelope["payload"]["message"]["text"] == "first"
        assert envelope["payload"]["response_url"].startswith(slack.base)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "nobody reads it"}})
        done.wait()
        await socket.close()

    with_raw(slack, act)
    assert len(slack.violations) == 1


DYING_BOT = """
import asyncio, sys, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": "Bearer " + sys.argv[2]}
        async with session.post(sys.argv[1] + "apps.connections.open", headers=headers) as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url) as socket:
            while True:
                await socket.receive()
asyncio.run(main())
"""


def test_what_a_killed_process_did_not_acknowledge_comes_again(slack: SlackCounterpart, li: Person) -> None:
    command = [sys.executable, "-c", DYING_BOT, slack.api_url, slack.app_token]
    with subprocess.Popen(command) as process:
        slack.wait_connected()
        said = li.say("lead", wait=False)
        said.wait_sent()
        process.kill()
    slack.wait_connected(0)

    async def act(raw: Raw) -> None:
        socket = await raw.link()
        envelope = await socket.receive_json()
        assert envelope["payload"]["event"]["text"] == "lead"
        assert envelope["retry_attempt"] >= 1
        assert envelope["envelope_id"] != said.envelope_id
        await socket.close()

    with_raw(slack, act)


def test_http_deliveries_are_signed_as_slack_signs(slack: SlackCounterpart, li: Person) -> None:
    """Bolt's own verification accepts them, and refuses a forged or an old one."""
    from aiohttp import web

    statuses: list[int] = []

    async def act() -> None:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        app = AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)

        @app.command("/crm")
        async def _(ack: Any) -> None:
            await ack("here")

        @app.event("message")
        async def _(ack: Any) -> None:
            await ack()

        @app.action("b")
        async def _(ack: Any) -> None:
            await ack()

        server = web.AppRunner(app.web_app("/slack/events"), access_log=None)
        await server.setup()
        await web.TCPSite(server, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{server.addresses[0][1]}/slack/events"
        slack.deliver_over_http(url)
        assert (await asyncio.to_thread(li.command, "/crm", "help")).answer == {"text": "here"}
        assert (await asyncio.to_thread(li.say, "hi & <you>")).acked
        await client.chat_postMessage(channel="U1", text="x", blocks=[actions(button("Approve"))])
        assert (await asyncio.to_thread(li.press, "Approve")).acked
        payload = slack.deliveries[0].payload
        old = int(time.time()) - 301
        for forged in ({}, {"timestamp": old}, {"headers": {"X-Slack-Signature": "v0=0"}}):
            send = functools.partial(slack.deliver_http, url, slack.signing_secret, payload, "slash_commands")
            answer = await asyncio.to_thread(send, **forged)
            statuses.append(answer.status)
        await server.cleanup()

    asyncio.run(act())
    assert statuses == [200, 401, 401]
    assert slack.violations == []


def test_the_signature_of_slacks_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, body) == expected
