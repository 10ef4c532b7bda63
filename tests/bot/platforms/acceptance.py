"""Whether a platform would take what is drawn: each renderer's output read by the strict reader of its platform."""

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.cards.keys import Keys
from bot.cards.screen import Form, Screen
from bot.gateway import Message
from bot.platforms.slack import modal
from bot.platforms.slack import renderer as slack
from bot.platforms.telegram import renderer as telegram
from bot.platforms.web import forms as web_forms
from bot.platforms.web import renderer as web
from bot.wording import Wording
from tests.counterparts.slack.blocks import problems_of_blocks, problems_of_view
from tests.counterparts.slack.limits import MESSAGE_BLOCKS, MESSAGE_TEXT
from tests.counterparts.telegram.formatting import clean, read_text, units
from tests.counterparts.telegram.keyboards import check_markup
from tests.counterparts.telegram.refusals import RefusedError
from tests.counterparts.telegram.rules import TEXT_UNITS

Json = dict[str, Any]
TOKEN = "123456789012.99999"
"""A session and a turn as long as they may become."""
_KEYS = Keys("k" * 32)
_CHATS = {"telegram": "-1001234567890123", "slack": "D0123456789AB", "web": "123456789012"}


def in_telegram(screen: Screen, words: Wording) -> list[str]:
    """What Telegram would refuse in this message."""
    drawn = telegram.render(screen, words, _sign("telegram"))
    try:
        shown = read_text(drawn.text, parse_mode="HTML")
        check_markup({"inline_keyboard": [[key.to_json() for key in row] for row in drawn.buttons]})
    except RefusedError as refused:
        return [f"{refused.description} {refused.detail}"]
    length = units(shown.text)
    return [] if 1 <= length <= TEXT_UNITS else [f"{length} UTF-16 units"]


def shown_in_telegram(screen: Screen, words: Wording) -> str:
    return read_text(telegram.render(screen, words, _sign("telegram")).text, parse_mode="HTML").text


def in_slack(screen: Screen, words: Wording) -> list[str]:
    """What Slack would refuse in this message, and words that it would read as markup."""
    drawn = slack.render(screen, words, _sign("slack"))
    found = problems_of_blocks(drawn.blocks, where="message", at_most=MESSAGE_BLOCKS)
    if not 1 <= len(drawn.text) <= MESSAGE_TEXT:
        found.append(f"text of {len(drawn.text)} characters")
    found += [trouble for block in drawn.blocks for trouble in _doubts(Block.parse(block), block)]
    return [*found, *(f"markup: {text[:80]}" for text in _markup(drawn.blocks))]


def in_a_modal(form: Form, words: Wording) -> list[str]:
    """What Slack would refuse in this modal; a label that is cut off is no label any more."""
    view = modal.render_form(sealed(form), words)
    cut = [block["label"]["text"] for block in view["blocks"] if block.get("label", {}).get("text", "").endswith("…")]
    return [
        *problems_of_view(view),
        *_doubts(View(**view), view),
        *(f"markup: {text[:80]}" for text in _markup(view)),
        *cut,
    ]


def in_the_page(screen: Screen, words: Wording) -> list[str]:
    """What the page would not show whole: it has no limits but its own."""
    drawn = web.draw(message(screen, words, "web"))
    keys = [button["key"] for row in drawn["rows"] for button in row]
    found = [f"key of {len(key)} bytes" for key in keys if not 1 <= len(key.encode()) <= 64]
    found += ["no lines"] if not drawn["lines"] else []
    found += [f"{len(keys)} buttons"] if len(keys) > web.MOST_BUTTONS else []
    inputs = drawn.get("form", {}).get("inputs", [])
    if len(inputs) > web_forms.MOST_INPUTS:
        found.append(f"{len(inputs)} inputs")
    return found + [f"no label: {field['key']}" for field in inputs if not field["label"].strip()]


def message(screen: Screen, words: Wording, platform: str) -> Message:
    chat = _CHATS[platform]
    return Message(chat_id=chat, is_private=True, screen=screen, wording=words, sign=_sign(platform))


def sealed(form: Form) -> Form:
    return Form(form.title, _sign("slack")(form.token), form.inputs, form.submit, form.close, form.lines)


def as_telegram_shows(text: str) -> str:
    """A person's words as Telegram leaves them: some invisible characters go."""
    return clean(text)


def _doubts(read: JsonObject | None, drawn: Json) -> list[str]:
    """What Slack's own models of blocks find wrong, or do not know."""
    if read is None:
        return [f"no such block: {drawn}"]
    try:
        known = read.to_dict()
    except SlackObjectFormationError as error:
        return [str(error)]
    return [] if known == drawn else [f"not all known: {drawn}"[:200]]


def _sign(platform: str) -> Any:
    return lambda action: _KEYS.seal(action, platform=platform, chat_id=_CHATS[platform])


def _markup(drawn: Any) -> Iterator[str]:
    """Texts in which Slack would look for mentions and links, code blocks with everything escaped left out."""
    if isinstance(drawn, list):
        for one in drawn:
            yield from _markup(one)
    elif isinstance(drawn, dict):
        text = str(drawn.get("text"))
        if drawn.get("type") == "mrkdwn" and ("<" in text or not text.startswith("```") or not drawn.get("verbatim")):
            yield text
        if drawn.get("type") == "plain_text" and drawn.get("emoji") is not False:
            yield text
        for one in drawn.values():
            yield from _markup(one)
