"""All methods but `getUpdates`, which has to wait and therefore lives with the server."""

import json
import re
from collections.abc import Callable, Mapping

from tests.counterparts.telegram import sending
from tests.counterparts.telegram.refusals import breach, circumstance
from tests.counterparts.telegram.rules import (
    ANSWER_CHARACTERS,
    BOT_DESCRIPTION_CHARACTERS,
    COMMAND_CHARACTERS,
    COMMAND_DESCRIPTION_CHARACTERS,
    COMMANDS,
    DOWNLOAD_BYTES,
    WEBHOOK_CONNECTIONS,
)
from tests.counterparts.telegram.world import JSON, Toast, World


def carry_out(world: World, method: str, given: JSON) -> object:
    """Returns the `result` of a checked call. Called under the world's lock."""
    return _METHODS[method](world, given)


def _get_me(world: World, given: JSON) -> JSON:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


_GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def _get_chat(world: World, given: JSON) -> JSON:
    return {
        **world.chat(given["chat_id"]).described,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }


def _get_file(world: World, given: JSON) -> JSON:
    file = world.files.get(given["file_id"])
    if file is None:
        raise breach("invalid file_id", detail=given["file_id"])
    if len(file.content) > DOWNLOAD_BYTES:
        raise circumstance("file is too big")
    return {**file.described(), "file_path": file.path}


def _answer_callback_query(world: World, given: JSON) -> bool:
    text = given.get("text", "")
    if len(text) > ANSWER_CHARACTERS:
        raise breach("MESSAGE_TOO_LONG", detail=f"{len(text)} characters in the answer to a callback query")
    callback = world.callbacks.get(given["callback_query_id"])
    if callback is None or callback.answered or callback.expired:
        raise circumstance("query is too old and response timeout expired or query ID is invalid")
    callback.answered = True
    toast = Toast(callback.id, callback.user_id, text, given.get("show_alert", False), given.get("url", ""))
    world.toasts.append(toast)
    world.notify()
    return True


def _set_my_commands(world: World, given: JSON) -> bool:
    commands = given["commands"]
    if len(commands) > COMMANDS:
        raise breach("BOT_COMMANDS_TOO_MUCH", detail=f"{len(commands)} commands")
    for each in commands:
        if not re.fullmatch(rf"[a-z0-9_]{{1,{COMMAND_CHARACTERS}}}", each["command"]):
            raise breach("BOT_COMMAND_INVALID", detail=repr(each["command"]))
        if not 1 <= len(each["description"]) <= COMMAND_DESCRIPTION_CHARACTERS:
            raise breach("BOT_COMMAND_DESCRIPTION_INVALID", detail=each["command"])
    _look_for_chat(world, given)
    world.commands[_scope(given)] = commands
    world.notify()
    return True


def _get_my_commands(world: World, given: JSON) -> list[JSON]:
    return world.commands.get(_scope(given), [])


def _delete_my_commands(world: World, given: JSON) -> bool:
    _look_for_chat(world, given)
    world.commands.pop(_scope(given), None)
    world.notify()
    return True


def _set_my_description(world: World, given: JSON) -> bool:
    description = given.get("description", "")
    if len(description) > BOT_DESCRIPTION_CHARACTERS:
        raise breach("description is too long", detail=f"{len(description)} characters")
    world.descriptions[_language(given)] = description
    world.notify()
    return True


def _look_for_chat(world: World, given: JSON) -> None:
    if "chat_id" in (scope := given.get("scope", {})):
        world.chat(scope["chat_id"])


def _scope(given: JSON) -> tuple[str, str]:
    scope = given.get("scope", {"type": "default"})
    return json.dumps(scope, sort_keys=True), _language(given)


def _language(given: JSON) -> str:
    language = str(given.get("language_code", ""))
    if not re.fullmatch("([a-z]{2})?", language):
        raise breach("LANG_CODE_INVALID", detail=f"{language!r}: two letters or none")
    return language


def _set_webhook(world: World, given: JSON) -> bool:
    if given["url"] and not given["url"].startswith("https://"):
        raise breach("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", given.get("secret_token", "")):
        raise breach("secret token contains unallowed characters")
    if not 1 <= given.get("max_connections", 40) <= WEBHOOK_CONNECTIONS:
        raise breach("max_connections must be between 1 and 100", detail="the real server would clamp it")
    world.webhook = {name: value for name, value in given.items() if value} if given["url"] else {}
    if "allowed_updates" in given:
        world.updates.allowed = frozenset(given["allowed_updates"])
    return _drop_pending(world, given)


def _delete_webhook(world: World, given: JSON) -> bool:
    world.webhook = {}
    return _drop_pending(world, given)


def _drop_pending(world: World, given: JSON) -> bool:
    if given.get("drop_pending_updates"):
        world.updates.confirm(world.updates.next_id)
    world.notify()
    return True


def _get_webhook_info(world: World, given: JSON) -> JSON:
    return {
        "url": world.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
        **world.webhook_error,
    }


_METHODS: Mapping[str, Callable[[World, JSON], object]] = {
    "getMe": _get_me,
    "getChat": _get_chat,
    "getFile": _get_file,
    "answerCallbackQuery": _answer_callback_query,
    "setMyCommands": _set_my_commands,
    "getMyCommands": _get_my_commands,
    "deleteMyCommands": _delete_my_commands,
    "setMyDescription": _set_my_description,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": sending.edit_message_text,
    "editMessageReplyMarkup": sending.edit_message_reply_markup,
    "deleteMessage": sending.delete_message,
}
