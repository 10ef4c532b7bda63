"""Slack's payloads as Inbounds, acknowledgements from Receipts: pure."""

from typing import Any

import pytest

from bot.platforms.slack.answers import command_answer, form_answer, toast_of
from bot.platforms.slack.modal import render_form
from bot.platforms.slack.payloads import (
    Sender,
    delivery_id,
    form_values,
    from_closing,
    from_command,
    from_event,
    from_press,
    from_submission,
    is_typed,
    pressed_button,
)
from bot.platforms.slack.people import language_of
from bot.platforms.slack.typed import typed_text, without_mention
from bot.reception import Receipt
from bot.wording import wording
from tests.bot.platforms.slack.screens import FORM
from tests.counterparts.slack.blocks import problems_of_view

WORDS = wording("en", "UTC")
LI = Sender(account_id="U1", chat_id="D1", language="en")
VIEW = render_form(FORM, WORDS)
Json = dict[str, Any]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "/help"),
        ("  ", "/help"),
        ("lead Ernst", "/lead Ernst"),
        ("/lead", "/lead"),
        ("线索", "/线索"),
        ("note a &lt;b&gt; &amp; c", "/note a <b> & c"),
        ("note <mailto:a@b.com|a@b.com> <http://x.cn|x.cn> <https://y.cn>", "/note a@b.com x.cn https://y.cn"),
    ],
)
def test_a_command(typed: str, text: str) -> None:
    inbound = from_command({"text": typed, "trigger_id": "t"}, LI, "e1")
    assert (inbound.kind, inbound.text, inbound.forms, inbound.trigger) == ("text", text, True, "t")
    assert (inbound.account_id, inbound.chat_id, inbound.is_private) == ("U1", "D1", True)


def rich(*elements: Json) -> Json:
    return {
        "text": "plain",
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}],
    }


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"text": "a &lt;b&gt; &amp;lt; <mailto:a@b.c|a@b.c>"}, "a <b> &lt; a@b.c"),
        ({"text": "<tel:+49301|+49 301> <https://a.b/?x=1&amp;y=2>"}, "+49 301 https://a.b/?x=1&y=2"),
        ({"text": None}, ""),
        (
            rich({"type": "text", "text": "a <b> :x: "}, {"type": "emoji", "name": "tada", "unicode": "1f389"}),
            "a <b> :x: 🎉",
        ),
        (rich({"type": "emoji", "name": "ours"}, {"type": "user", "user_id": "U2"}), ":ours:<@U2>"),
        (rich({"type": "link", "url": "mailto:a@b.c"}, {"type": "link", "url": "http://x", "text": "x"}), "a@b.cx"),
        (rich({"type": "channel", "channel_id": "C1"}, {"type": "broadcast", "range": "here"}), "<#C1>@here"),
        (rich({"type": "something new"}), "plain"),
        (rich({"type": "emoji", "name": "bad", "unicode": "zz"}), "plain"),
    ],
)
def test_typed_text(event: Json, text: str) -> None:
    assert typed_text(event) == text


def test_lists_are_lines() -> None:
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]} for text in "ab"]
    block = {"type": "rich_text", "elements": [items[0], {"type": "rich_text_list", "elements": items}]}
    assert typed_text({"blocks": [block]}) == "a\na\nb"


def test_mentions() -> None:
    assert without_mention("<@U0> lead", "U0") == "lead"
    assert without_mention("hi <@U0|bot>  lead <@U0>", "U0") == "hi lead <@U0>"
    assert without_mention("hi <@U2>", "U0") == "hi <@U2>"


def test_which_events_are_for_us() -> None:
    direct = {"type": "message", "user": "U1", "channel": "D1", "text": "x"}
    assert is_typed(direct, "U0")
    assert is_typed(direct | {"subtype": "file_share"}, "U0")
    for more in (
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"bot_id": "B"},
        {"user": "U0"},
        {"hidden": True},
    ):
        assert not is_typed(direct | more, "U0")
    assert not is_typed({"type": "message", "channel": "D1"}, "U0")
    talk = direct | {"channel": "C1"}
    assert not is_typed(talk, "U0")
    assert is_typed(talk | {"text": "<@U0> x"}, "U0")
    assert is_typed(talk | {"type": "app_mention"}, "U0")
    assert not is_typed({"type": "reaction_added", "user": "U1"}, "U0")


def test_message_and_mention_are_one_delivery() -> None:
    event = {"type": "message", "channel": "C1", "ts": "1.2", "text": "<@U0> lead", "user": "U1"}
    sender = Sender(account_id="U1", chat_id="C1")
    first = from_event(event, sender, "U0")
    assert first == from_event(event | {"type": "app_mention"}, sender, "U0")
    assert (first.text, first.delivery_id, first.is_private, first.forms) == ("lead", "C1:1.2", False, False)


def test_a_press() -> None:
    action = {"type": "button", "value": "key"}
    body = {"actions": [action], "container": {"type": "message", "message_ts": "1.2"}, "trigger_id": "t"}
    assert pressed_button(body) == "key"
    inbound = from_press(body, LI, "e", "key")
    assert (inbound.kind, inbound.button, inbound.message_ref, inbound.trigger) == ("press", "key", "1.2", "t")
    passing = body | {"container": {"message_ts": "1.2", "is_ephemeral": True}}
    assert from_press(passing, LI, "e", "key").message_ref is None
    assert from_press(body | {"container": {"type": "view", "view_id": "V"}}, LI, "e", "k").message_ref == "view:V"
    assert pressed_button({"actions": [{"type": "static_select", "value": "x"}, {"type": "button"}]}) is None


def test_a_submission() -> None:
    state = {
        "company": {"value": {"type": "plain_text_input", "value": "Ernst"}},
        "notes": {"value": {"type": "plain_text_input", "value": None}},
        "source": {"value": {"type": "static_select", "selected_option": {"value": "b2b"}}},
        "customer": {"value": {"type": "external_select", "selected_option": None}},
        "tags": {"value": {"type": "multi_static_select", "selected_options": [{"value": "a"}, {"value": "b"}]}},
        "lines.0.product": {"value": {"type": "plain_text_input", "value": "x"}},
    }
    values = {
        "company": "Ernst",
        "notes": None,
        "source": "b2b",
        "customer": None,
        "tags": ["a", "b"],
        "lines.0.product": "x",
    }
    assert form_values(state) == values
    inbound = from_submission({"view": {"private_metadata": "tok", "state": {"values": state}}}, LI, "e")
    assert (inbound.kind, inbound.token, dict(inbound.values)) == ("form", "tok", values)
    assert from_closing({"view": {"private_metadata": "tok"}}, LI, "e").token == "tok"


def test_delivery_ids() -> None:
    assert delivery_id({"trigger_id": "t"}, "envelope") == "envelope"
    assert delivery_id({"trigger_id": "t"}, None) == "t"
    assert delivery_id({"type": "view_closed", "view": {"id": "V", "hash": "h"}}, None) == "view_closed:V:h"


def test_languages() -> None:
    assert [language_of(locale) for locale in ("zh-CN", "zh-TW", "en-GB", "de-DE", "")] == [
        "zh_CN",
        "zh_CN",
        "en",
        "en",
        "",
    ]


def test_problems_stand_under_fields_that_are_there() -> None:
    problems = {"company": "no", "gone": "lost", "lines.0.product": "bad"}
    answer = form_answer(Receipt("handled", problems=problems), VIEW, WORDS)
    assert answer == {
        "response_action": "errors",
        "errors": {"company": "no\nlost", "lines.0.product": "bad"},
    }
    only_gone = form_answer(Receipt("again", problems={"gone": "lost"}), VIEW, WORDS)
    assert only_gone["errors"] == {"company": "lost"}


def test_problems_of_a_form_without_fields_stand_on_top() -> None:
    note = {"type": "section", "block_id": "s", "text": {"type": "plain_text", "text": "review"}}
    view = {key: value for key, value in VIEW.items() if key != "blocks"} | {"blocks": [note], "id": "V", "hash": "h"}
    answer = form_answer(Receipt("handled", problems={"": "lost"}), view, WORDS)
    assert answer["response_action"] == "update"
    assert problems_of_view(answer["view"]) == []
    assert answer["view"]["blocks"][0]["text"]["text"] == "⚠️ lost"
    again = form_answer(Receipt("handled", problems={"": "still"}), answer["view"], WORDS)
    assert [block["text"]["text"] for block in again["view"]["blocks"]] == ["⚠️ still", "review"]


def test_other_answers_to_a_form() -> None:
    assert form_answer(Receipt("handled"), VIEW, WORDS) == {"response_action": "clear"}
    assert form_answer(Receipt("again", "gone"), VIEW, WORDS) == {"response_action": "clear"}
    kept = form_answer(Receipt("kept"), VIEW, WORDS)
    assert kept["response_action"] == "update"
    assert problems_of_view(kept["view"]) == []
    away = form_answer(Receipt("unavailable", "full"), VIEW, WORDS)
    assert away["errors"] == {"company": "full"}
    assert "try again" in form_answer(Receipt("unavailable"), VIEW, WORDS)["errors"]["company"]


def test_answers_to_a_command() -> None:
    assert command_answer("") == {}
    told = command_answer("<!channel> *x*")
    assert told["text"] == "&lt;!channel&gt; *x*"
    assert told["blocks"][0]["text"] == {"type": "plain_text", "text": "<!channel> *x*", "emoji": False}
    assert toast_of(Receipt("handled"), WORDS) == ""
    assert toast_of(Receipt("kept"), WORDS) == "Saving…"
    assert toast_of(Receipt("kept", "own words"), WORDS) == "own words"
