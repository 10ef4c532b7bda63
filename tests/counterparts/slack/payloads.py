"""The payloads of Slack's deliveries. Pure, but for the ids."""

import re
import secrets
import time
import uuid
from typing import Any

from .workspace import APP, BOT_USER, TEAM, Channel, OpenView, Profile, Stored

Json = dict[str, Any]
VERIFICATION = "verification-token"

_LINKED = re.compile(
    r"(?P<mail>[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)|(?P<url>https?://[^\s<>]+)",
    re.ASCII,
)


def typed(text: str) -> str:
    """Typed text as it stands in an event: `&<>` escaped, addresses linked as `<mailto:a@b.c|a@b.c>`."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def link(found: re.Match[str]) -> str:
        whole = found[0]
        return f"<mailto:{whole}|{whole}>" if found["mail"] else f"<{whole}>"

    return _LINKED.sub(link, escaped)


def slash_command(
    person: Profile, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """A `/command text`; all values are strings, as in the form that HTTP delivers."""
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "team_domain": "loopback",
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.person else channel.name,
        "user_id": person.id,
        "user_name": person.id.lower(),
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event(inner: Json) -> Json:
    """An event in its callback, with an `event_id` of its own."""
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(8)}",
    }


def message_event(
    kind: str, stored: Stored, channel: Channel, raw: str, *, files: list[Json], parent: str | None
) -> Json:
    """`message` or `app_mention` of the same message; `parent` wrote what it is a reply to."""
    inner: Json = {
        "type": kind,
        "user": stored.user,
        "ts": stored.ts,
        "client_msg_id": str(uuid.uuid5(uuid.NAMESPACE_OID, stored.ts)),
        "text": stored.text,
        "team": TEAM,
        "channel": channel.id,
        "event_ts": stored.ts,
        "blocks": [
            {
                "type": "rich_text",
                "block_id": "rt1",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": raw}]}],
            }
        ],
    }
    if kind == "message":
        inner["channel_type"] = "im" if channel.person else "channel"
    if stored.thread_ts:
        inner |= {"thread_ts": stored.thread_ts, "parent_user_id": parent}
    if files:
        inner |= {"subtype": "file_share", "files": files, "upload": False}
    return inner


def home_opened(person: Profile, view: OpenView | None) -> Json:
    """`app_home_opened`; the view is told where one was published before."""
    inner: Json = {"type": "app_home_opened", "user": person.id, "channel": person.dm, "tab": "home"}
    inner["event_ts"] = f"{time.time():.6f}"
    return inner | ({"view": view.wire()} if view is not None else {})


def shortcut(person: Profile, callback_id: str, *, trigger_id: str) -> Json:
    """A global shortcut."""
    return interaction(person, "shortcut") | {
        "action_ts": f"{time.time():.6f}",
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    person: Profile, callback_id: str, stored: Stored, channel: Channel, *, trigger_id: str, response_url: str
) -> Json:
    """A shortcut on a message."""
    return interaction(person, "message_action") | {
        "action_ts": f"{time.time():.6f}",
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": stored.ts,
        "channel": {"id": channel.id, "name": "directmessage" if channel.person else channel.name},
        "message": stored.wire(),
    }


def interaction(person: Profile, kind: str) -> Json:
    """What all interactive payloads have."""
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.id.lower(),
            "name": person.id.lower(),
            "team_id": TEAM,
        },
        "api_app_id": APP,
        "token": VERIFICATION,
        "team": {"id": TEAM, "domain": "loopback"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_message(stored: Stored, channel: Channel, *, response_url: str) -> Json:
    """Where an action happened, for one in a message."""
    return {
        "container": {
            "type": "message",
            "message_ts": stored.ts,
            "channel_id": channel.id,
            "is_ephemeral": stored.seen_by is not None,
        },
        "channel": {"id": channel.id, "name": "directmessage" if channel.person else channel.name},
        "message": stored.wire(),
        "state": {"values": stored.values},
        "response_url": response_url,
    }


def in_view(view: OpenView) -> Json:
    """Where an action happened, for one in a modal or home tab."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view.wire()}


def action(block: Json, element: Json, state: Json) -> Json:
    """An entry of `actions`: the element, and what was pressed or chosen."""
    entry = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": f"{time.time():.6f}",
        **{key: value for key, value in state.items() if key != "type"},
    }
    if element["type"] == "button":
        entry["text"] = element["text"]
        entry |= {key: element[key] for key in ("value", "style") if key in element}
    elif "placeholder" in element:
        entry["placeholder"] = element["placeholder"]
    return entry
