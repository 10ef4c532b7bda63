"""The Telegram counterpart holds what it promises: PTB starts on it, and it is strict, faulty and slow as asked."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.counterparts.telegram import TelegramCounterpart, TelegramUser

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (40).to_bytes(4) + (30).to_bytes(4) + b"\x08\x02"


class Raw:
    """Calls methods as they are written here, without a library that would correct them."""

    def __init__(self, server: TelegramCounterpart, session: aiohttp.ClientSession) -> None:
        self._base = f"{server.base_url}/bot{server.token}"
        self._session = session

    async def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        async with self._session.post(f"{self._base}/{method}", json=parameters) as response:
            answer: dict[str, Any] = await response.json()
        assert answer["ok"] == (response.status == 200)
        assert answer.get("error_code", 200) == response.status
        return answer

    async def refused(self, method: str, **parameters: Any) -> str:
        answer = await self(method, **parameters)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def ids(self, **parameters: Any) -> list[int]:
        answer = await self("getUpdates", **parameters)
        return [update["update_id"] for update in answer["result"]]


@pytest.fixture
def server() -> Iterator[TelegramCounterpart]:
    with TelegramCounterpart() as running:
        yield running


@pytest.fixture
def ann(server: TelegramCounterpart) -> TelegramUser:
    return server.user(42, first_name="Ann", username="ann")


@pytest.fixture
async def raw(server: TelegramCounterpart) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session:
        yield Raw(server, session)


@pytest.fixture
async def bot(server: TelegramCounterpart) -> AsyncIterator[Bot]:
    started = Bot(server.token, base_url=f"{server.base_url}/bot", base_file_url=f"{server.base_url}/file/bot")
    async with started:
        yield started


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row] for row in rows]}


async def in_thread(work: Callable[[], Any]) -> Any:
    """A test's blocking wait, off the loop that the bot runs on."""
    return await asyncio.to_thread(work)


# python-telegram-bot on it


async def test_ptb_talks_with_a_person(server: TelegramCounterpart, ann: TelegramUser, bot: Bot) -> None:
    assert bot.username == "tradewind_bot"
    number = ann.say("/lead@tradewind_bot Müller & Söhne")
    (update,) = await bot.get_updates(timeout=5)
    assert update.update_id == number
    assert update.message is not None
    assert update.message.text == "/lead@tradewind_bot Müller & Söhne"
    assert update.message.parse_entities(["bot_command"]) == {update.message.entities[0]: "/lead@tradewind_bot"}
    assert update.effective_user is not None
    assert update.effective_user.language_code == "zh-hans"

    markup = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("下一步", callback_data="n1")],
            [InlineKeyboardButton("Site", url="https://example.com/a")],
        ]
    )
    sent = await bot.send_message(ann.id, "<b>1 &lt; 2</b> 🏟", parse_mode="HTML", reply_markup=markup)
    shown = ann.wait_for("1 < 2")
    assert (shown.id, shown.text, shown.html) == (sent.message_id, "1 < 2 🏟", "<b>1 &lt; 2</b> 🏟")
    assert shown.buttons == ((("下一步", "n1"),), (("Site", None),))
    assert shown.links == {"Site": "https://example.com/a"}

    callback_id = ann.press("下一步")
    (pressed,) = await bot.get_updates(offset=number + 1, timeout=5)
    assert pressed.callback_query is not None
    assert (pressed.callback_query.id, pressed.callback_query.data) == (callback_id, "n1")
    assert pressed.callback_query.message is not None
    assert pressed.callback_query.message.message_id == sent.message_id
    assert server.unanswered_callbacks == [callback_id]
    await pressed.callback_query.answer("好的")
    assert [answer.text for answer in ann.answers()] == ["好的"]
    assert server.unanswered_callbacks == []

    await bot.edit_message_text("done", ann.id, sent.message_id)
    (after,) = ann.messages()
    assert (after.text, after.buttons, after.edited, after.edits) == ("done", (), True, 1)
    with pytest.raises(BadRequest, match=r"^Message is not modified"):
        await bot.edit_message_text("done", ann.id, sent.message_id)
    await bot.delete_message(ann.id, sent.message_id)
    assert ann.messages() == []
    assert server.violations == []


async def test_ptb_uses_the_other_methods(server: TelegramCounterpart, ann: TelegramUser, bot: Bot) -> None:
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == ""
    await bot.set_my_commands([BotCommand("lead", "记录线索")], language_code="zh")
    assert [command.command for command in await bot.get_my_commands(language_code="zh")] == ["lead"]
    assert server.commands("zh") == [{"command": "lead", "description": "记录线索"}]
    await bot.delete_my_commands(language_code="zh")
    assert server.commands("zh") == []
    await bot.set_my_description("Logs leads")
    assert server.description() == "Logs leads"
    await bot.send_chat_action(ann.id, "typing")
    assert ann.chat.actions() == ["typing"]
    assert (await bot.get_chat(ann.id)).first_name == "Ann"

    photo = await bot.send_photo(ann.id, PNG, caption="<i>a chart</i>", parse_mode="HTML")
    assert (photo.photo[0].width, photo.photo[0].height) == (40, 30)
    await bot.send_document(ann.id, b"a,b\n", filename="leads.csv")
    chart, table = ann.messages()
    assert (chart.text, chart.file and chart.file.content) == ("a chart", PNG)
    assert (table.file and table.file.name, table.file and table.file.content) == ("leads.csv", b"a,b\n")

    ann.send_file("import.csv", b"x,y\n", mime="text/csv", caption="please")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.document is not None
    assert bytes(await (await update.message.document.get_file()).download_as_bytearray()) == b"x,y\n"
    assert server.violations == []


async def test_ptb_reads_cards_forwards_replies_and_groups(
    server: TelegramCounterpart, ann: TelegramUser, bot: Bot
) -> None:
    group = server.group(-1001, "Sales")
    bob = server.user(43, first_name="Bob")
    await bot.send_message(ann.id, "Name?")
    sent = await bot.send_message(
        group.id, "Approve?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    )
    ann.share_contact("+8613800138000", "Li", last_name="Wei")
    ann.say("Globex", reply_to=ann.messages()[0])
    ann.say("we need 500 pcs", forwarded_from="A customer")
    bob.say("/leads", chat=group)
    bob.press("Yes", chat=group)
    card, reply, forward, command, press = await bot.get_updates(timeout=5)
    assert card.message is not None
    assert card.message.contact is not None
    assert card.message.contact.phone_number == "+8613800138000"
    assert reply.message is not None
    assert reply.message.reply_to_message is not None
    assert reply.message.reply_to_message.text == "Name?"
    assert forward.message is not None
    assert forward.message.forward_origin is not None
    assert command.effective_chat is not None
    assert (command.effective_chat.id, command.effective_chat.title) == (-1001, "Sales")
    assert press.effective_user is not None
    assert (press.effective_user.id, press.effective_chat and press.effective_chat.id) == (43, -1001)
    assert sent.message_id == 1, "a group counts its messages by itself"

    group.removes_bot()
    with pytest.raises(Forbidden, match="kicked"):
        await bot.send_message(group.id, "still here?")


async def test_a_wrong_token_and_an_unknown_method(server: TelegramCounterpart, raw: Raw) -> None:
    stranger = Bot("1:wrong", base_url=f"{server.base_url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    assert server.violations == []
    assert (await raw("sendPoll"))["description"] == "Not Found"
    assert server.violations == ["sendPoll: Not Found (no such method)"]


async def test_every_form_of_request(server: TelegramCounterpart, ann: TelegramUser) -> None:
    url = f"{server.base_url}/bot{server.token}/sendMessage"
    markup = keyboard([("A", "a")])
    fields = {"chat_id": str(ann.id), "reply_markup": json.dumps(markup), "protect_content": "true"}
    form = aiohttp.FormData({**fields, "text": "multipart"}, default_to_multipart=True)
    async with aiohttp.ClientSession() as session:
        for request in (
            session.get(url, params={**fields, "text": "query"}),
            session.post(url, data={**fields, "text": "urlencoded"}),
            session.post(url, data=form),
            session.post(url, json={"chat_id": ann.id, "reply_markup": markup, "text": "json"}),
        ):
            async with request as response:
                assert response.status == 200, await response.text()
    assert [message.text for message in ann.messages()] == ["query", "urlencoded", "multipart", "json"]
    assert {message.buttons for message in ann.messages()} == {((("A", "a"),),)}


# strictness

TOO_LONG = "x" * 4097


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"disable_web_page_preview": True}, "unknown parameter disable_web_page_preview"),
        ({"message_thread_id": 3}, "message_thread_id is not played by this counterpart"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "\u0000\u202e"}, "message text is empty"),
        ({"text": TOO_LONG}, "message is too long"),
        ({"text": "🏟" * 2049}, "message is too long"),
        ({"text": f"<b>{TOO_LONG}</b>", "parse_mode": "HTML"}, "message is too long"),
        ({"text": 5}, "sendMessage.text is not String"),
        ({"text": "\ud800"}, "strings must be encoded in UTF-8"),
        ({"text": "*a*", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        ({"chat_id": "4 2"}, "chat not found"),
        ({"link_preview_options": {"disabled": True}}, "unknown field disabled in LinkPreviewOptions"),
        ({"reply_markup": "{"}, "can't parse sendMessage.reply_markup JSON object"),
        ({"reply_markup": {"buttons": []}}, "object expected as reply markup"),
        ({"reply_markup": keyboard([("t", "d" * 65)])}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": keyboard([("t", "好" * 22)])}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": keyboard([("t", "")])}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": keyboard([(" ", "d")])}, "keyboard button text must be non-empty"),
        ({"reply_markup": keyboard([("t", "d")] * 9)}, "reply markup is too long"),
        ({"reply_markup": keyboard(*[[("t", "d")]] * 101)}, "reply markup is too long"),
        ({"reply_markup": keyboard([])}, "reply markup has an empty row"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "t", "url": "javascript:alert(1)"}]]}},
            "inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong HTTP URL",
        ),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "t"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ],
)
async def test_a_message_that_is_refused(
    server: TelegramCounterpart, ann: TelegramUser, raw: Raw, parameters: dict[str, Any], description: str
) -> None:
    answer = await raw("sendMessage", **({"chat_id": ann.id, "text": "hello"} | parameters))
    assert answer["description"] == f"Bad Request: {description}"
    assert ann.messages() == []
    is_circumstance = "not found" in description
    assert len(server.violations) == (0 if is_circumstance else 1)
    assert [refused.description for refused in server.refusals] == [answer["description"]]


async def test_the_longest_that_is_allowed(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    rows = [[("t", "d" * 64)] * 8] * 12
    for text in ("x" * 4096, "🏟" * 2048):
        assert (await raw("sendMessage", chat_id=ann.id, text=text, reply_markup=keyboard(*rows)))["ok"]
    html = "&lt;" * 4096
    assert (await raw("sendMessage", chat_id=ann.id, text=html, parse_mode="HTML"))["ok"]
    assert server.violations == []


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<i>a</em>", 'Unmatched end tag at byte offset 4, expected "</i>", found "</em>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("R&D", 'Unescaped "&" at byte offset 1'),
        ("a&nbsp;b", 'Unescaped "&" at byte offset 1'),
        ("2 > 1", 'Unescaped ">" at byte offset 2'),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a<br/>b", 'Unsupported start tag "br/" at byte offset 1'),
        ("<b style='x'>a</b>", 'Attribute "style" in the tag "b" at byte offset 0'),
        ("<code><b>a</b></code>", 'Tag "b" inside "code" at byte offset 6'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_html_that_is_refused(ann: TelegramUser, raw: Raw, html: str, error: str) -> None:
    refused = await raw.refused("sendMessage", chat_id=ann.id, text=html, parse_mode="HTML")
    assert refused == f"Bad Request: can't parse entities: {error}"


async def test_html_becomes_text_and_entities(ann: TelegramUser, raw: Raw) -> None:
    html = ' 🏟<b>a<i>b</i></b> <a href="https://x.example/?a=1&amp;b=2">&quot;c&#x27;</a>\x00<pre>d\r</pre> '
    message = (await raw("sendMessage", chat_id=ann.id, text=html, parse_mode="HTML"))["result"]
    assert message["text"] == "🏟ab \"c' d"
    assert message["entities"] == [
        {"type": "bold", "offset": 2, "length": 2},
        {"type": "italic", "offset": 3, "length": 1},
        {"type": "text_link", "offset": 5, "length": 3, "url": "https://x.example/?a=1&b=2"},
        {"type": "pre", "offset": 9, "length": 1},
    ]
    plain = (await raw("sendMessage", chat_id=ann.id, text="<b>1 & 2</b>"))["result"]
    assert plain["text"] == "<b>1 & 2</b>"
    assert "entities" not in plain


async def test_edits_and_answers_that_are_refused(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    sent = (await raw("sendMessage", chat_id=ann.id, text="a", reply_markup=keyboard([("A", "a")])))["result"]
    place = {"chat_id": ann.id, "message_id": sent["message_id"]}
    same = "Bad Request: message is not modified: specified new message content and reply markup are exactly"
    assert (await raw.refused("editMessageText", **place, text=" a ", reply_markup=keyboard([("A", "a")]))).startswith(
        same
    )
    assert (await raw.refused("editMessageReplyMarkup", **place, reply_markup=keyboard([("A", "a")]))).startswith(same)
    gone = {**place, "message_id": 77}
    assert await raw.refused("editMessageText", **gone, text="b") == "Bad Request: message to edit not found"
    assert await raw.refused("deleteMessage", **gone) == "Bad Request: message to delete not found"

    first, second = ann.press("A"), ann.press("A")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert (await raw("answerCallbackQuery", callback_query_id=first))["ok"]
    assert await raw.refused("answerCallbackQuery", callback_query_id=first) == too_old
    server.expire_callback(second)
    assert await raw.refused("answerCallbackQuery", callback_query_id=second) == too_old
    assert await raw.refused("answerCallbackQuery", callback_query_id="1") == too_old
    assert server.violations == [], "circumstances are no violations"
    assert len(server.refusals) == 7

    await raw.refused("answerCallbackQuery", callback_query_id=second, text="x" * 201)
    ann.say("mine")
    mine = ann.messages(everything=True)[-1].id
    await raw.refused("editMessageText", chat_id=ann.id, message_id=mine, text="b")
    await raw.refused("editMessageText", chat_id=ann.id, text="b")
    assert [line.split(":")[0] for line in server.violations] == [
        "answerCallbackQuery",
        "editMessageText",
        "editMessageText",
    ]


@pytest.mark.parametrize(
    ("command", "description", "error"),
    [
        ("Lead", "x", "BOT_COMMAND_INVALID"),
        ("/lead", "x", "BOT_COMMAND_INVALID"),
        ("l" * 33, "x", "BOT_COMMAND_INVALID"),
        ("", "x", "BOT_COMMAND_INVALID"),
        ("lead", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("lead", "x" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_commands_that_are_refused(raw: Raw, command: str, description: str, error: str) -> None:
    commands = [{"command": command, "description": description}]
    assert await raw.refused("setMyCommands", commands=commands) == f"Bad Request: {error}"
    many = [{"command": f"c{number}", "description": "x"} for number in range(101)]
    assert await raw.refused("setMyCommands", commands=many) == "Bad Request: BOT_COMMANDS_TOO_MUCH"


# updates


async def test_updates_are_confirmed_by_the_offset(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    one, two, three, four = (ann.say(text) for text in "abcd")
    assert await raw.ids() == [one, two, three, four]
    assert await raw.ids(limit=2) == [one, two], "asking confirms nothing"
    assert await raw.ids(offset=two) == [two, three, four]
    server.wait_confirmed(one)
    assert await raw.ids(offset=-2) == [three, four]
    assert await raw.ids() == [three, four], "a negative offset forgets what is before"
    server.redeliver(one)
    assert await raw.ids(offset=four) == [one, four]
    assert await raw.ids(offset=four + 1) == []
    with pytest.raises(AssertionError, match="in vain"):
        server.wait_confirmed(four + 1, timeout=0)
    assert server.deliver({"update_id": four + 10, "message": {}}) == four + 10
    assert await raw.ids(offset=four + 1) == [four + 10]


async def test_a_poll_waits_for_an_update(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    poll = asyncio.create_task(raw.ids(timeout=30))
    await in_thread(lambda: server.wait_for_calls("getUpdates"))
    assert not poll.done()
    number = ann.say("hello")
    assert await asyncio.wait_for(poll, 5) == [number]
    assert await raw.ids(offset=number + 1, timeout=0) == []


async def test_a_second_poll_ends_the_first(server: TelegramCounterpart, ann: TelegramUser, bot: Bot, raw: Raw) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await in_thread(lambda: server.wait_for_calls("getUpdates"))
    second = asyncio.create_task(raw.ids(timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 5)
    number = ann.say("hello")
    assert await asyncio.wait_for(second, 5) == [number]


async def test_a_poll_whose_client_died_takes_nothing(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    poll = asyncio.create_task(raw.ids(timeout=30))
    await in_thread(lambda: server.wait_for_calls("getUpdates"))
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    number = ann.say("hello")
    assert await raw.ids() == [number]


async def test_only_allowed_updates_are_queued(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    assert await raw.ids(allowed_updates=["callback_query"]) == []
    await raw("sendMessage", chat_id=ann.id, text="a", reply_markup=keyboard([("A", "a")]))
    ann.say("not wanted")
    ann.press("A")
    (update,) = (await raw("getUpdates"))["result"]
    assert "callback_query" in update
    await raw("getUpdates", offset=update["update_id"] + 1, allowed_updates=[])
    server.deliver({"message_reaction": {}})
    assert await raw.ids() == []


async def test_a_webhook_excludes_polling(raw: Raw) -> None:
    assert await raw.refused("setWebhook", url="http://x.example") == (
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    )
    await raw("setWebhook", url="https://x.example/hook")
    assert (await raw("getUpdates"))["error_code"] == 409
    await raw("deleteWebhook")
    assert await raw.ids() == []


# people


async def test_presses_on_what_is_no_longer_there(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    await raw("sendMessage", chat_id=ann.id, text="Q1", reply_markup=keyboard([("Old", "o")]))
    stale = ann.wait_for("Q1")
    await raw("editMessageText", chat_id=ann.id, message_id=stale.id, text="Q2", reply_markup=keyboard([("New", "n")]))
    with pytest.raises(AssertionError, match="no such button"):
        ann.press("Old")
    ann.press("Old", stale)
    await raw("deleteMessage", chat_id=ann.id, message_id=stale.id)
    ann.press_data(stale, "forged" * 40)
    with pytest.raises(AssertionError, match="no message with buttons"):
        ann.press("New")
    old, forged = [update["callback_query"] for update in (await raw("getUpdates"))["result"]]
    assert (old["data"], old["message"]["text"]) == ("o", "Q2")
    assert (forged["data"], forged["message"]["date"]) == ("forged" * 40, 0)


async def test_waiting_for_a_message(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    ann.say("hello")
    with pytest.raises(AssertionError, match=r"no message with 'hello'[^$]*1 user: hello"):
        ann.wait_for("hello", timeout=0)
    waiting = asyncio.create_task(in_thread(lambda: ann.wait_for(lambda shown: shown.edits == 1)))
    sent = (await raw("sendMessage", chat_id=ann.id, text="a"))["result"]
    await raw("editMessageText", chat_id=ann.id, message_id=sent["message_id"], text="b")
    assert (await waiting).text == "b"
    with pytest.raises(AssertionError):
        ann.wait_for("b", timeout=0, after=sent["message_id"])


async def test_a_person_blocks_and_unblocks(server: TelegramCounterpart, ann: TelegramUser, bot: Bot) -> None:
    ann.blocks_bot()
    with pytest.raises(Forbidden, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(ann.id, "hello")
    ann.unblocks_bot()
    await bot.send_message(ann.id, "hello")
    blocked, unblocked = [update.my_chat_member for update in await bot.get_updates(timeout=5)]
    assert blocked is not None
    assert unblocked is not None
    assert (blocked.new_chat_member.status, unblocked.new_chat_member.status) == ("kicked", "member")
    assert server.violations == []


# misfortune


async def test_refusals_on_demand(
    server: TelegramCounterpart, ann: TelegramUser, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else PTB warns whenever it makes a RetryAfter
    server.fail_next("sendMessage", retry_after=3)
    server.fail_next("*", status=500, after=True)
    with pytest.raises(RetryAfter) as limited:
        await bot.send_message(ann.id, "a")
    assert limited.value.retry_after == timedelta(seconds=3)
    assert ann.messages() == []
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(ann.id, "b")
    await bot.send_message(ann.id, "c")
    assert [message.text for message in ann.messages()] == ["b", "c"]
    assert server.violations == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_connection_that_breaks(server: TelegramCounterpart, ann: TelegramUser, bot: Bot, after: bool) -> None:
    server.drop_connection("sendMessage", after=after)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "a")
    assert [message.text for message in ann.messages()] == (["a"] if after else [])
    await bot.send_message(ann.id, "b")
    assert len(server.calls("sendMessage")) == 2


async def test_a_call_held_before_its_answer(server: TelegramCounterpart, ann: TelegramUser, raw: Raw) -> None:
    with server.hold("sendMessage", after=True) as held:
        sending = asyncio.create_task(raw("sendMessage", chat_id=ann.id, text="a"))
        await in_thread(held.wait_reached)
        assert [message.text for message in ann.messages()] == ["a"]
        assert not sending.done()
    assert (await sending)["ok"]
    with server.hold("sendMessage") as held:
        sending = asyncio.create_task(raw("sendMessage", chat_id=ann.id, text="b"))
        await in_thread(held.wait_reached)
        assert len(ann.messages()) == 1
    assert (await sending)["ok"]
    assert len(ann.messages()) == 2


SENDS_AND_POLLS = """
import json, sys, urllib.request
def call(method, **given):
    body = json.dumps(given).encode()
    asked = urllib.request.Request(f"{sys.argv[1]}/{method}", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(asked))["result"]
(update,) = call("getUpdates", timeout=10)
call("sendMessage", chat_id=update["message"]["chat"]["id"], text="got it")
call("getUpdates", offset=update["update_id"] + 1)
"""


@pytest.mark.parametrize("after", [False, True])
def test_a_process_killed_in_the_middle_of_a_call(server: TelegramCounterpart, ann: TelegramUser, after: bool) -> None:
    number = ann.say("hello")
    command = [sys.executable, "-c", SENDS_AND_POLLS, f"{server.base_url}/bot{server.token}"]
    with server.hold("sendMessage", after=after) as held, subprocess.Popen(command) as process:
        held.wait_reached(timeout=20)
        process.kill()
        held.wait_gone()
    assert [update["update_id"] for update in server.pending()] == [number]
    assert [message.text for message in ann.messages()] == (["got it"] if after else [])

    subprocess.run(command, check=True, timeout=20)
    server.wait_confirmed(number)
    assert [message.text for message in ann.messages()] == ["got it"] * (2 if after else 1)


async def test_a_slow_answer(server: TelegramCounterpart, raw: Raw) -> None:
    server.delay("getMe", 0.2)
    started = asyncio.get_running_loop().time()
    await raw("getMe")
    assert asyncio.get_running_loop().time() - started >= 0.2


async def test_the_server_goes_away_and_comes_back(server: TelegramCounterpart, ann: TelegramUser, bot: Bot) -> None:
    address = server.base_url
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await in_thread(lambda: server.wait_for_calls("getUpdates"))
    await in_thread(server.go_away)
    with pytest.raises(NetworkError):
        await asyncio.wait_for(poll, 5)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "a")
    ann.say("while you were out")
    await in_thread(server.come_back)
    assert server.base_url == address
    assert len(await bot.get_updates(timeout=5)) == 1
    await bot.send_message(ann.id, "b")
    assert [message.text for message in ann.messages()] == ["b"]


async def test_limits_of_sending() -> None:
    now = [1000.0]
    with TelegramCounterpart(enforce_limits=True, clock=lambda: now[0]) as server:
        group = server.group(-5, "G")
        async with aiohttp.ClientSession() as session:
            raw = Raw(server, session)

            async def send(chat_id: int) -> int:
                answer = await raw("sendMessage", chat_id=chat_id, text="x")
                return int(answer.get("parameters", {"retry_after": 0})["retry_after"])

            people = [server.user(number).id for number in range(1, 40)]
            assert [await send(people[0]) for _ in range(4)] == [0, 0, 0, 3]
            now[0] += 3
            assert await send(people[0]) == 0
            now[0] += 1
            assert [await send(person) for person in people[:31]].count(1) == 1
            now[0] += 60
            paced = []
            for _ in range(21):
                paced.append(await send(group.id))
                now[0] += 1
            assert paced == [0] * 20 + [40]
        assert {refused.status for refused in server.refusals} == {429}
        assert server.violations == []


def test_starting_and_stopping_leaves_nothing_behind() -> None:
    before = threading.active_count()
    server = TelegramCounterpart().start()
    server.stop()
    server.stop()
    assert threading.active_count() == before
    server.user(1).say("late")  # harmless on a server that is gone
