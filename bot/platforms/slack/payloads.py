"""Slack's payloads as Inbounds. Pure."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.inbound import CLOSED, FILE, FORM, FORWARD, HOME, PRESS, TEXT, Inbound
from bot.platforms.slack.gateway import HOME_TAB, PLATFORM, VIEW
from bot.platforms.slack.people import is_private
from bot.platforms.slack.typed import typed_text, unescape, without_mention

Json = dict[str, Any]

LOG_LEAD, ADD_TO_HISTORY, REMIND_ME = "log_lead", "add_to_history", "remind_me"
"""The callback ids of the shortcuts."""
_TYPED_SUBTYPES = {None, "file_share", "thread_broadcast"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who it is and where they read what we say: in `chat_id`, or in the channel `shown_in`, where only they see it.

    `heard_at`: when (`time.monotonic`) what they did came here.
    """

    account_id: str
    chat_id: str
    shown_in: str = ""
    language: str = ""
    heard_at: float = field(default_factory=time.monotonic, compare=False)

    def inbound(self, kind: str, delivery_id: str, **more: Any) -> Inbound:
        return Inbound(
            platform=PLATFORM,
            delivery_id=delivery_id,
            account_id=self.account_id,
            chat_id=self.chat_id,
            is_private=is_private(self.chat_id),
            shown_in=self.shown_in,
            language=self.language,
            kind=kind,
            **more,
        )


def delivery_id(body: Json, envelope_id: str | None) -> str:
    """What names a delivery when it comes again: its envelope, or where there is none, what it can be told by."""
    view = body.get("view") or {}
    return str(envelope_id or body.get("trigger_id") or f"{body.get('type')}:{view.get('id')}:{view.get('hash')}")


def is_typed(event: Json, bot_user: str) -> bool:
    """Whether an event is something that a person wrote to us: a direct message, or a mention in a channel."""
    if event.get("type") not in {"message", "app_mention"} or event.get("subtype") not in _TYPED_SUBTYPES:
        return False
    if event.get("bot_id") or event.get("hidden") or event.get("user") in {None, "", bot_user}:
        return False
    if event["type"] == "app_mention" or is_private(str(event.get("channel", ""))):
        return True
    return f"<@{bot_user}" in str(event.get("text") or "")


def from_event(event: Json, sender: Sender, bot_user: str) -> Inbound:
    """A typed message. `message` and `app_mention` of the same one get the same delivery id.

    In a channel a conversation that it begins is offered as a form: a press there brings the right to open it.
    """
    text = without_mention(typed_text(event), bot_user)
    forms = bool(sender.shown_in)
    return sender.inbound(TEXT, message_id(event), text=text, forms=forms, replies_to=_replied_to(event))


def message_id(event: Json) -> str:
    """What names a message, in whichever event it comes."""
    return f"{event['channel']}:{event['ts']}"


def files_of(event: Json) -> list[Json]:
    """The files that came with a message."""
    return [file for file in event.get("files") or () if isinstance(file, dict) and file.get("id")]


def from_file(event: Json, file: Json, values: Mapping[str, Any], sender: Sender, text: str) -> Inbound:
    """One file of a message, fetched (or not) as `values` say; `text` is what was typed beside it."""
    delivery, replies_to = f"{message_id(event)}:{file['id']}", _replied_to(event)
    return sender.inbound(FILE, delivery, text=text, values=values, replies_to=replies_to)


def from_home(body: Json, sender: Sender) -> Inbound:
    """Somebody looks at the app's home."""
    return sender.inbound(HOME, str(body["event_id"]), message_ref=HOME_TAB + sender.account_id)


def from_command(body: Json, sender: Sender, delivery: str) -> Inbound:
    """`/crm lead Ernst` as `/lead Ernst`; `/crm` alone as `/help`."""
    text = unescape(str(body.get("text") or "")).strip().lstrip("/").strip()
    return sender.inbound(TEXT, delivery, text=f"/{text or 'help'}", forms=True, trigger=body.get("trigger_id"))


def from_shortcut(body: Json, sender: Sender, delivery: str, author: str) -> Inbound | None:
    """A shortcut chosen, on a message of `author`'s or on none; None for one that is not ours."""
    opens = {"forms": True, "trigger": body.get("trigger_id")}
    message = body.get("message") or {}
    text = typed_text(message)
    if body.get("callback_id") == LOG_LEAD:
        return sender.inbound(TEXT, delivery, text="/lead", **opens)
    if body.get("callback_id") == REMIND_ME:
        return sender.inbound(TEXT, delivery, text=f"/remind {_first_line(text)}".strip(), **opens)
    if body.get("callback_id") == ADD_TO_HISTORY:
        values = {"author": author, "said_at": _said_at(str(message.get("ts") or ""))}
        return sender.inbound(FORWARD, delivery, text=text, values=values, **opens)
    return None


def pressed_button(body: Json) -> str | None:
    """The key of the button pressed; None for anything else that can be acted on (a link, a list)."""
    for action in body.get("actions") or ():
        if action.get("type") == "button" and action.get("value"):
            return str(action["value"])
    return None


def from_press(body: Json, sender: Sender, delivery: str, button: str) -> Inbound:
    """A button pressed. What only this person sees (ephemeral) cannot be edited and has no reference."""
    container = body.get("container") or {}
    ref = container.get("message_ts") if not container.get("is_ephemeral") else None
    if container.get("type") == "view":
        ref = VIEW + str(container.get("view_id"))
    return sender.inbound(PRESS, delivery, button=button, message_ref=ref, forms=True, trigger=body.get("trigger_id"))


def from_submission(body: Json, sender: Sender, delivery: str) -> Inbound:
    """A form handed in."""
    view = body["view"]
    return sender.inbound(
        FORM,
        delivery,
        token=str(view.get("private_metadata") or ""),
        values=form_values((view.get("state") or {}).get("values") or {}),
        forms=True,
        trigger=body.get("trigger_id"),
    )


def from_closing(body: Json, sender: Sender, delivery: str) -> Inbound:
    """A form closed without being handed in."""
    return sender.inbound(CLOSED, delivery, token=str(body["view"].get("private_metadata") or ""))


def form_values(state: Mapping[str, Mapping[str, Json]]) -> dict[str, Any]:
    """Field path → text typed, value chosen, list of values; None for a field left empty."""
    return {path: _value(field) for path, fields in state.items() for field in fields.values()}


def _value(field: Json) -> Any:
    if "selected_options" in field:
        return [option["value"] for option in field["selected_options"] or ()]
    if "selected_option" in field:
        return (field["selected_option"] or {}).get("value")
    return field.get("value")


def _replied_to(event: Json) -> str | None:
    """The message in whose thread this was said, if it was in one."""
    thread = event.get("thread_ts")
    if not thread or thread == event.get("ts"):
        return None
    return str(thread)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _said_at(ts: str) -> str:
    """When a message was written, ISO 8601; empty for what is no time."""
    try:
        return datetime.fromtimestamp(float(ts), UTC).isoformat()
    except (ValueError, OverflowError):
        return ""
