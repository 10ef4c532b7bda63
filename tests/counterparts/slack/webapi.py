"""The Web API's methods over the workspace: strict about arguments and blocks, with Slack's error names."""

import json
from collections.abc import Callable
from typing import Any

from . import uploads
from .blocks import problems_of_blocks, problems_of_view
from .limits import EVERYWHERE, MESSAGE_BLOCKS, MESSAGE_TEXT, METHODS, VIEW_STACK
from .workspace import APP, BOT, BOT_USER, TEAM, Channel, OpenView, Stored, Workspace

Json = dict[str, Any]

_LISTS = {"blocks", "attachments", "metadata", "view", "files"}
_FLAGS = {"return_im", "include_locale", "mrkdwn", "unfurl_links", "unfurl_media", "as_user", "link_names"}


class RefusedError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages


def call(workspace: Workspace, method: str, given: Json) -> Json:
    """Do what the method says and answer as Slack does; a malformed call is also kept as a violation.

    `given` are the arguments without the token, still as strings where they came as a form.
    """
    with workspace.changed:
        try:
            answer = _answer(workspace, method, given)
        except RefusedError as refused:
            answer = {"ok": False, "error": refused.error}
            if refused.messages:
                answer["response_metadata"] = {"messages": list(refused.messages)}
                workspace.violations += [f"{method}: {message}" for message in refused.messages]
        workspace.changed.notify_all()
        return answer


def respond(workspace: Workspace, key: str, body: Json) -> str | None:
    """Answer through a response_url; an error's name where it cannot be."""
    known = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts"}
    with workspace.changed:
        url = workspace.response_urls.get(key)
        if url is None or url.left == 0:
            workspace.violate("response_url: unknown or used more than five times")
            return "used_url"
        url.left -= 1
        problems = [f"unknown argument {name!r}" for name in body.keys() - known]
        problems += _content_problems(body)
        if problems:
            workspace.violations += [f"response_url: {problem}" for problem in problems]
            workspace.changed.notify_all()
            return "invalid_blocks"
        channel = workspace.channels[url.channel]
        original = workspace.find(url.channel, url.message) if url.message else None
        if original and body.get("delete_original"):
            channel.messages.remove(original)
        elif original and body.get("replace_original"):
            workspace.rewrite(original, text=body.get("text", ""), blocks=body.get("blocks", []))
        else:
            seen_by = None if body.get("response_type") == "in_channel" else url.user
            blocks = body.get("blocks", [])
            workspace.post(channel, user=BOT_USER, text=body.get("text", ""), blocks=blocks, seen_by=seen_by)
        workspace.changed.notify_all()
        return None


def show_answer(workspace: Workspace, user: str, channel: str, payload: Json) -> None:
    """The answer in a command's acknowledgement: a message that only the person sees, if not in_channel."""
    problems = [f"unknown key {key!r}" for key in payload.keys() - {"text", "blocks", "response_type"}]
    problems += _content_problems(payload)
    workspace.violations += [f"acknowledged command: {problem}" for problem in problems]
    if not problems:
        seen_by = None if payload.get("response_type") == "in_channel" else user
        room = workspace.channels[channel]
        blocks = payload.get("blocks", [])
        workspace.post(room, user=BOT_USER, text=payload.get("text", ""), blocks=blocks, seen_by=seen_by)


def _answer(workspace: Workspace, method: str, given: Json) -> Json:
    if method not in _METHODS:
        raise RefusedError("unknown_method", f"{method} is not served here")
    known = METHODS[method]
    problems = [f"unknown argument {name!r}" for name in given.keys() - known.args - EVERYWHERE]
    problems += [f"missing required argument {name!r}" for name in known.required - given.keys()]
    arguments = {}
    for name, value in given.items():
        try:
            arguments[name] = _read(name, value)
        except ValueError:
            problems.append(f"{name} is no JSON")
    if problems:
        raise RefusedError("invalid_arguments", *problems)
    return {"ok": True, **_METHODS[method](workspace, arguments)}


def _read(name: str, value: Any) -> Any:
    if name in _LISTS and isinstance(value, str):
        return json.loads(value)
    if name in _FLAGS and isinstance(value, str):
        return value in {"1", "true", "True"}
    return value


def _auth_test(workspace: Workspace, given: Json) -> Json:
    return {
        "url": "https://loopback.example/",
        "team": "Loopback",
        "user": "tradewind",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "app_id": APP,
        "is_enterprise_install": False,
    }


def _post_message(workspace: Workspace, given: Json) -> Json:
    channel = _channel(workspace, given["channel"], people_too=True)
    _check_content(given)
    if not channel.has_bot:
        raise RefusedError("not_in_channel")
    stored = workspace.post(
        channel,
        user=BOT_USER,
        text=given.get("text", ""),
        blocks=given.get("blocks") or [],
        thread_ts=given.get("thread_ts"),
    )
    return {"channel": channel.id, "ts": stored.ts, "message": stored.wire()}


def _update(workspace: Workspace, given: Json) -> Json:
    stored = _own_message(workspace, given, "cant_update_message")
    _check_content(given)
    # A text without blocks takes the old blocks away.
    workspace.rewrite(stored, text=given.get("text"), blocks=given.get("blocks") or [])
    return {"channel": stored.channel, "ts": stored.ts, "text": stored.text, "message": stored.wire()}


def _delete(workspace: Workspace, given: Json) -> Json:
    stored = _own_message(workspace, given, "cant_delete_message")
    workspace.channels[stored.channel].messages.remove(stored)
    return {"channel": stored.channel, "ts": stored.ts}


def _post_ephemeral(workspace: Workspace, given: Json) -> Json:
    channel = _channel(workspace, given["channel"])
    if given["user"] not in workspace.people or channel.person not in {None, given["user"]}:
        raise RefusedError("user_not_in_channel")
    _check_content(given)
    if not channel.has_bot:
        raise RefusedError("not_in_channel")
    stored = workspace.post(
        channel,
        user=BOT_USER,
        text=given.get("text", ""),
        blocks=given.get("blocks") or [],
        seen_by=given["user"],
    )
    return {"message_ts": stored.ts}


def _open(workspace: Workspace, given: Json) -> Json:
    return _show_modal(workspace, given, push=False)


def _push(workspace: Workspace, given: Json) -> Json:
    return _show_modal(workspace, given, push=True)


def _show_modal(workspace: Workspace, given: Json, *, push: bool) -> Json:
    _check_view(given["view"], kind="modal")
    if "trigger_id" not in given:
        raise RefusedError("invalid_arguments", "missing required argument 'trigger_id'")
    trigger = workspace.take_trigger(given["trigger_id"])
    if isinstance(trigger, str):
        raise RefusedError(trigger, *(["invalid `trigger_id`"] if trigger == "invalid_arguments" else []))
    under: OpenView | None = None
    if push:
        stack = workspace.stacks.get(trigger.user, [])
        if not stack or trigger.view is None:
            raise RefusedError("not_found", "views.push needs a trigger from an open modal")
        if len(stack) >= VIEW_STACK:
            raise RefusedError("push_limit_reached", f"at most {VIEW_STACK} views on each other")
        under = stack[-1]
    _check_external_id(workspace, given["view"], None)
    trigger.used = True
    return {"view": workspace.new_view(trigger.user, given["view"], under=under).wire()}


def _update_view(workspace: Workspace, given: Json) -> Json:
    if ("view_id" in given) == ("external_id" in given):
        raise RefusedError("invalid_arguments", "exactly one of view_id and external_id")
    _check_view(given["view"])
    view = _find_view(workspace, given)
    if view is None or not workspace.is_open(view):
        raise RefusedError("not_found")
    _check_hash(given, view)
    _check_external_id(workspace, given["view"], view)
    workspace.redraw(view, given["view"])
    return {"view": view.wire()}


def _publish(workspace: Workspace, given: Json) -> Json:
    _check_view(given["view"], kind="home")
    if given["user_id"] not in workspace.people:
        raise RefusedError("invalid_arguments", f"unknown user {given['user_id']!r}")
    view = workspace.homes.get(given["user_id"])
    if view is None:
        return {"view": workspace.new_view(given["user_id"], given["view"]).wire()}
    _check_hash(given, view)
    workspace.redraw(view, given["view"])
    return {"view": view.wire()}


def _users_info(workspace: Workspace, given: Json) -> Json:
    person = workspace.people.get(given["user"])
    if person is None:
        raise RefusedError("user_not_found")
    user: Json = {
        "id": person.id,
        "team_id": TEAM,
        "name": person.id.lower(),
        "deleted": False,
        "real_name": person.real_name,
        "tz": person.tz,
        "profile": {"real_name": person.real_name, "display_name": "", "email": person.email},
        "is_bot": False,
        "is_app_user": False,
    }
    if given.get("include_locale"):
        user["locale"] = person.locale
    return {"user": user}


def _conversations_open(workspace: Workspace, given: Json) -> Json:
    if ("users" in given) == ("channel" in given):
        raise RefusedError("invalid_arguments", "exactly one of users and channel")
    if "channel" in given:
        return {"channel": {"id": _channel(workspace, given["channel"]).id}}
    person = workspace.people.get(given["users"])
    if person is None:
        raise RefusedError("user_not_found")
    shown = {"id": person.dm, "is_im": True, "user": person.id} if given.get("return_im") else {"id": person.dm}
    return {"no_op": True, "already_open": True, "channel": shown}


def _conversations_info(workspace: Workspace, given: Json) -> Json:
    channel = _channel(workspace, given["channel"])
    shown: Json = {"id": channel.id, "is_im": channel.person is not None, "is_archived": False}
    if channel.person is not None:
        shown["user"] = channel.person
    else:
        shown |= {"name": channel.name, "is_channel": True, "is_member": True, "is_private": False}
    return {"channel": shown}


def _new_upload(workspace: Workspace, given: Json) -> Json:
    return _told(uploads.new_place(workspace, given))


def _complete_upload(workspace: Workspace, given: Json) -> Json:
    channel = _channel(workspace, given["channel_id"]) if "channel_id" in given else None
    if channel is not None and not channel.has_bot:
        raise RefusedError("not_in_channel")
    return _told(uploads.share(workspace, channel, given["files"], given.get("initial_comment", "")))


def _told(answer: Json | str) -> Json:
    if isinstance(answer, str):
        raise RefusedError(answer, answer)
    return answer


def _content_problems(given: Json) -> list[str]:
    problems = []
    blocks = given.get("blocks")
    if blocks:
        problems += problems_of_blocks(blocks, where="message", at_most=MESSAGE_BLOCKS)
        if not given.get("text"):
            problems.append("blocks without the text that notifications and screen readers need")
    if not isinstance(given.get("text", ""), str):
        problems.append("text is no string")
    return problems


def _check_content(given: Json) -> None:
    problems = _content_problems(given)
    if problems:
        raise RefusedError("invalid_blocks", *problems)
    if not given.get("text") and not given.get("blocks"):
        raise RefusedError("no_text", "neither text nor blocks")
    if len(given.get("text", "")) > MESSAGE_TEXT:
        raise RefusedError("msg_too_long", f"more than {MESSAGE_TEXT} characters")


def _check_view(view: Any, *, kind: str | None = None) -> None:
    problems = problems_of_view(view)
    if not problems and kind is not None and view["type"] != kind:
        problems = [f"view: a {kind} expected"]
    if problems:
        raise RefusedError("invalid_arguments", *problems)


def _check_hash(given: Json, view: OpenView) -> None:
    if given.get("hash", view.hash) != view.hash:
        raise RefusedError("hash_conflict")


def _check_external_id(workspace: Workspace, definition: Json, own: OpenView | None) -> None:
    wanted = definition.get("external_id")
    if wanted and any(v.definition.get("external_id") == wanted and v is not own for v in workspace.views.values()):
        raise RefusedError("duplicate_external_id", f"external_id {wanted!r} is taken")


def _find_view(workspace: Workspace, given: Json) -> OpenView | None:
    if "view_id" in given:
        return workspace.views.get(given["view_id"])
    named = given["external_id"]
    return next((view for view in workspace.views.values() if view.definition.get("external_id") == named), None)


def _channel(workspace: Workspace, channel_id: Any, *, people_too: bool = False) -> Channel:
    if people_too and channel_id in workspace.people:
        channel_id = workspace.people[channel_id].dm
    channel = workspace.channels.get(channel_id)
    if channel is None:
        raise RefusedError("channel_not_found")
    return channel


def _own_message(workspace: Workspace, given: Json, error: str) -> Stored:
    channel = _channel(workspace, given["channel"])
    stored = workspace.find(channel.id, given["ts"])
    if stored is None or stored.seen_by is not None:
        raise RefusedError("message_not_found")
    if stored.user != BOT_USER:
        raise RefusedError(error)
    return stored


_METHODS: dict[str, Callable[[Workspace, Json], Json]] = {
    "auth.test": _auth_test,
    "apps.connections.open": lambda _workspace, _given: {},  # the server adds its address
    "chat.postMessage": _post_message,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.postEphemeral": _post_ephemeral,
    "views.open": _open,
    "views.push": _push,
    "views.update": _update_view,
    "views.publish": _publish,
    "files.getUploadURLExternal": _new_upload,
    "files.completeUploadExternal": _complete_upload,
    "users.info": _users_info,
    "conversations.open": _conversations_open,
    "conversations.info": _conversations_info,
}
