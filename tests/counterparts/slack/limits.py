"""What Slack accepts, as tables: the sizes of Block Kit, the arguments of the Web API methods served here."""

from dataclasses import dataclass
from typing import Any

# Shaped like the published limits, so that a test can compare leaf by leaf.
LIMITS: dict[str, Any] = {
    "text": {"min_length": 1, "max_length": 3000},
    "action_id": {"max_length": 255},
    "block_id": {"max_length": 255},
    "button": {
        "text": {"max_length": 75},
        "url": {"max_length": 3000},
        "value": {"max_length": 2000},
        "accessibility_label": {"max_length": 75},
    },
    "confirmation": {
        "title": {"max_length": 100},
        "text": {"max_length": 300},
        "confirm": {"max_length": 30},
        "deny": {"max_length": 30},
    },
    "option": {
        "text": {"max_length": 75},
        "value": {"max_length": 150},
        "description": {"max_length": 75},
        "url": {"max_length": 3000},
    },
    "option_group": {"label": {"max_length": 75}, "options": {"min_items": 1, "max_items": 100}},
    "select": {
        "placeholder": {"max_length": 150},
        "options": {"max_items": 100},
        "option_groups": {"max_items": 100},
    },
    "overflow": {"options": {"min_items": 1, "max_items": 5}},
    "checkboxes": {"options": {"min_items": 1, "max_items": 10}},
    "radio_buttons": {"options": {"min_items": 1, "max_items": 10}},
    "plain_text_input": {"max_length": {"max": 3000}},
    "actions": {"elements": {"max_items": 25}},
    "context": {"elements": {"max_items": 10}},
    "header": {"text": {"max_length": 150}},
    "input": {"label": {"max_length": 2000}, "hint": {"max_length": 2000}},
    "section": {"text": {"max_length": 3000}, "fields": {"max_items": 10, "item_max_length": 2000}},
    "view": {
        "blocks": {"min_items": 1, "max_items": 100},
        "private_metadata": {"max_length": 3000},
        "callback_id": {"max_length": 255},
        "title": {"max_length": 24},
        "close": {"max_length": 24},
        "submit": {"max_length": 24},
    },
}

# Known from the prose of Slack's documentation only.
MESSAGE_BLOCKS = 50
MESSAGE_TEXT = 40_000
EXTERNAL_ID = 255
VIEW_BYTES = 250_000
VIEW_STACK = 3
TRIGGER_SECONDS = 3.0
ACK_SECONDS = 3.0
DEFAULT_MIN_QUERY = 3
RESPONSE_URL_USES = 5
EVENT_RETRIES = 3


@dataclass(frozen=True)
class Method:
    """The arguments that a Web API method knows, and those it cannot do without."""

    args: frozenset[str]
    required: frozenset[str]


def _method(args: str, required: str = "") -> Method:
    return Method(args=frozenset(args.split()), required=frozenset(required.split()))


# Bolt's clients add the team to every call, documented for the method or not, and Slack lets them.
EVERYWHERE = frozenset({"team_id"})

METHODS: dict[str, Method] = {
    "auth.test": _method("token"),
    "apps.connections.open": _method(""),
    "chat.postMessage": _method(
        "as_user attachments blocks channel icon_emoji icon_url link_names markdown_text metadata mrkdwn"
        " parse reply_broadcast text thread_ts token unfurl_links unfurl_media username",
        "channel",
    ),
    "chat.update": _method(
        "as_user attachments blocks channel file_ids link_names markdown_text metadata parse reply_broadcast"
        " text token ts",
        "channel ts",
    ),
    "chat.delete": _method("as_user channel token ts", "channel ts"),
    "chat.postEphemeral": _method(
        "as_user attachments blocks channel icon_emoji icon_url link_names markdown_text parse text thread_ts"
        " token user username",
        "channel user",
    ),
    "views.open": _method("interactivity_pointer token trigger_id view", "view"),
    "views.push": _method("interactivity_pointer token trigger_id view", "view"),
    "views.update": _method("external_id hash token view view_id", "view"),
    "views.publish": _method("hash token user_id view", "user_id view"),
    "files.getUploadURLExternal": _method("alt_text filename length snippet_type token", "filename length"),
    "files.completeUploadExternal": _method("blocks channel_id files initial_comment thread_ts token", "files"),
    "users.info": _method("include_locale token user", "user"),
    "conversations.open": _method("channel prevent_creation return_im token users"),
    "conversations.info": _method("channel include_locale include_num_members token", "channel"),
}
