"""What the Bot API takes: methods, their parameters, the objects inside them, and the limits on values.

A name ending in `!` is required; types are the documentation's own words. The tables are complete for the
methods that are played, so that the test against the published description can compare them exactly; what is
in a table but not played by this counterpart is named in `NOT_PLAYED` and refused aloud, never ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TEXT_UNITS = 4096  # UTF-16 code units after parsing: what Telegram counts entities in, and the stricter reading
CAPTION_UNITS = 1024
CALLBACK_DATA_BYTES = 64
BUTTONS = 100
BUTTONS_IN_ROW = 8
ANSWER_CHARACTERS = 200
COMMANDS = 100
COMMAND_CHARACTERS = 32
COMMAND_DESCRIPTION_CHARACTERS = 256
BOT_DESCRIPTION_CHARACTERS = 512
UPDATES_PER_POLL = 100
POLL_SECONDS = 50
WEBHOOK_CONNECTIONS = 100
PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
UPDATES_NOT_SENT_UNLESS_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True)
class Parameter:
    types: tuple[str, ...]
    required: bool


Fields = Mapping[str, Parameter]


def _fields(table: Mapping[str, str]) -> Fields:
    return {
        name.removesuffix("!"): Parameter(tuple(types.split(" | ")), required=name.endswith("!"))
        for name, types in table.items()
    }


_MARKUPS = "InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply"

_SENDING = {
    "business_connection_id": "String",
    "chat_id!": "Integer | String",
    "message_thread_id": "Integer",
    "direct_messages_topic_id": "Integer",
    "parse_mode": "String",
    "disable_notification": "Boolean",
    "protect_content": "Boolean",
    "allow_paid_broadcast": "Boolean",
    "message_effect_id": "String",
    "suggested_post_parameters": "SuggestedPostParameters",
    "reply_parameters": "ReplyParameters",
    "reply_markup": _MARKUPS,
}

_EDITING = {
    "business_connection_id": "String",
    "chat_id": "Integer | String",
    "message_id": "Integer",
    "inline_message_id": "String",
    "reply_markup": "InlineKeyboardMarkup",
}

METHODS: Mapping[str, Fields] = {
    name: _fields(table)
    for name, table in {
        "getMe": {},
        "getUpdates": {
            "offset": "Integer",
            "limit": "Integer",
            "timeout": "Integer",
            "allowed_updates": "Array of String",
        },
        "setWebhook": {
            "url!": "String",
            "certificate": "InputFile",
            "ip_address": "String",
            "max_connections": "Integer",
            "allowed_updates": "Array of String",
            "drop_pending_updates": "Boolean",
            "secret_token": "String",
        },
        "deleteWebhook": {"drop_pending_updates": "Boolean"},
        "getWebhookInfo": {},
        "sendMessage": {
            **_SENDING,
            "text!": "String",
            "entities": "Array of MessageEntity",
            "link_preview_options": "LinkPreviewOptions",
        },
        "sendPhoto": {
            **_SENDING,
            "photo!": "InputFile | String",
            "caption": "String",
            "caption_entities": "Array of MessageEntity",
            "show_caption_above_media": "Boolean",
            "has_spoiler": "Boolean",
        },
        "sendDocument": {
            **_SENDING,
            "document!": "InputFile | String",
            "thumbnail": "InputFile | String",
            "caption": "String",
            "caption_entities": "Array of MessageEntity",
            "disable_content_type_detection": "Boolean",
        },
        "editMessageText": {
            **_EDITING,
            "text": "String",
            "parse_mode": "String",
            "entities": "Array of MessageEntity",
            "link_preview_options": "LinkPreviewOptions",
            "rich_message": "InputRichMessage",
        },
        "editMessageReplyMarkup": _EDITING,
        "deleteMessage": {"chat_id!": "Integer | String", "message_id!": "Integer"},
        "answerCallbackQuery": {
            "callback_query_id!": "String",
            "text": "String",
            "show_alert": "Boolean",
            "url": "String",
            "cache_time": "Integer",
        },
        "sendChatAction": {
            "business_connection_id": "String",
            "chat_id!": "Integer | String",
            "message_thread_id": "Integer",
            "action!": "String",
        },
        "setMyCommands": {
            "commands!": "Array of BotCommand",
            "scope": "BotCommandScope",
            "language_code": "String",
        },
        "getMyCommands": {"scope": "BotCommandScope", "language_code": "String"},
        "deleteMyCommands": {"scope": "BotCommandScope", "language_code": "String"},
        "setMyDescription": {"description": "String", "language_code": "String"},
        "getFile": {"file_id!": "String"},
        "getChat": {"chat_id!": "Integer | String"},
    }.items()
}

OBJECTS: Mapping[str, Fields] = {
    name: _fields(table)
    for name, table in {
        "InlineKeyboardMarkup": {"inline_keyboard!": "Array of Array of InlineKeyboardButton"},
        "InlineKeyboardButton": {
            "text!": "String",
            "icon_custom_emoji_id": "String",
            "style": "String",
            "url": "String",
            "callback_data": "String",
            "web_app": "WebAppInfo",
            "login_url": "LoginUrl",
            "switch_inline_query": "String",
            "switch_inline_query_current_chat": "String",
            "switch_inline_query_chosen_chat": "SwitchInlineQueryChosenChat",
            "copy_text": "CopyTextButton",
            "callback_game": "CallbackGame",
            "pay": "Boolean",
        },
        "CopyTextButton": {"text!": "String"},
        "ReplyKeyboardMarkup": {
            "keyboard!": "Array of Array of KeyboardButton",
            "is_persistent": "Boolean",
            "resize_keyboard": "Boolean",
            "one_time_keyboard": "Boolean",
            "input_field_placeholder": "String",
            "selective": "Boolean",
        },
        "KeyboardButton": {
            "text!": "String",
            "icon_custom_emoji_id": "String",
            "style": "String",
            "request_users": "KeyboardButtonRequestUsers",
            "request_chat": "KeyboardButtonRequestChat",
            "request_managed_bot": "KeyboardButtonRequestManagedBot",
            "request_contact": "Boolean",
            "request_location": "Boolean",
            "request_poll": "KeyboardButtonPollType",
            "web_app": "WebAppInfo",
        },
        "ReplyKeyboardRemove": {"remove_keyboard!": "Boolean", "selective": "Boolean"},
        "ForceReply": {
            "force_reply!": "Boolean",
            "input_field_placeholder": "String",
            "selective": "Boolean",
        },
        "LinkPreviewOptions": {
            "is_disabled": "Boolean",
            "url": "String",
            "prefer_small_media": "Boolean",
            "prefer_large_media": "Boolean",
            "show_above_text": "Boolean",
        },
        "ReplyParameters": {
            "message_id!": "Integer",
            "chat_id": "Integer | String",
            "allow_sending_without_reply": "Boolean",
            "quote": "String",
            "quote_parse_mode": "String",
            "quote_entities": "Array of MessageEntity",
            "quote_position": "Integer",
            "checklist_task_id": "Integer",
            "poll_option_id": "String",
        },
        "BotCommand": {"command!": "String", "description!": "String"},
        "BotCommandScopeDefault": {"type!": "String"},
        "BotCommandScopeAllPrivateChats": {"type!": "String"},
        "BotCommandScopeAllGroupChats": {"type!": "String"},
        "BotCommandScopeAllChatAdministrators": {"type!": "String"},
        "BotCommandScopeChat": {"type!": "String", "chat_id!": "Integer | String"},
        "BotCommandScopeChatAdministrators": {"type!": "String", "chat_id!": "Integer | String"},
        "BotCommandScopeChatMember": {
            "type!": "String",
            "chat_id!": "Integer | String",
            "user_id!": "Integer",
        },
    }.items()
}

COMMAND_SCOPES: Mapping[str, str] = {
    "default": "BotCommandScopeDefault",
    "all_private_chats": "BotCommandScopeAllPrivateChats",
    "all_group_chats": "BotCommandScopeAllGroupChats",
    "all_chat_administrators": "BotCommandScopeAllChatAdministrators",
    "chat": "BotCommandScopeChat",
    "chat_administrators": "BotCommandScopeChatAdministrators",
    "chat_member": "BotCommandScopeChatMember",
}

NOT_PLAYED = frozenset(
    {
        "business_connection_id",
        "message_thread_id",
        "direct_messages_topic_id",
        "allow_paid_broadcast",
        "message_effect_id",
        "suggested_post_parameters",
        "entities",
        "caption_entities",
        "rich_message",
        "inline_message_id",
        "certificate",
        "thumbnail",
        "has_spoiler",
        "show_caption_above_media",
        "icon_custom_emoji_id",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "callback_game",
        "pay",
        "request_users",
        "request_chat",
        "request_managed_bot",
        "request_poll",
        "quote",
        "quote_parse_mode",
        "quote_entities",
        "quote_position",
        "checklist_task_id",
        "poll_option_id",
    }
)
