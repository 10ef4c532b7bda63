"""From an HTTP request, in any form that the real server takes, to parameters checked by the tables."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.counterparts.telegram.refusals import breach
from tests.counterparts.telegram.rules import COMMAND_SCOPES, METHODS, NOT_PLAYED, OBJECTS, Fields


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    content: bytes


async def read_request(request: web.Request) -> dict[str, Any]:
    """Returns raw parameters, of query and body together: texts, uploads, or what a JSON body holds."""
    raw: dict[str, Any] = dict(_form(request.rel_url.raw_query_string))
    kind = request.content_type
    if request.method != "POST":
        return raw
    if kind == "application/json":
        raw.update(_json_body(await request.read()))
    elif kind == "multipart/form-data":
        for name, part in (await request.post()).items():
            raw[name] = _upload(part) if isinstance(part, web.FileField) else part
    elif body := await request.read():
        if kind != "application/x-www-form-urlencoded":
            raise breach("unsupported content type", detail=kind)
        raw.update(_form(body.decode("ascii", "surrogateescape")))
    return raw


def read_parameters(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Checks names, presence and types; nested objects become dicts. The first thing wrong raises the 400."""
    fields = METHODS[method]
    attached = {name: value for name, value in raw.items() if isinstance(value, Upload) and name not in fields}
    wanted = {
        value.removeprefix("attach://")
        for value in raw.values()
        if isinstance(value, str) and value.startswith("attach://")
    }
    if unknown := sorted(raw.keys() - fields.keys() - (attached.keys() & wanted)):
        raise breach(f"unknown parameter {unknown[0]}", detail="the real server would ignore it")
    given = {
        name: attached.get(value.removeprefix("attach://"), value) if isinstance(value, str) else value
        for name, value in raw.items()
        if name in fields and value != ""
    }
    if method == "setWebhook" and raw.get("url") == "":
        given["url"] = ""
    return _object(method, fields, given)


def _form(source: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(source, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise breach("strings must be encoded in UTF-8") from None


def _json_body(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, UnicodeDecodeError):
        raise breach("can't parse request JSON object") from None
    if not isinstance(found, dict):
        raise breach("expected an Object as request JSON")
    return found


def _upload(part: web.FileField) -> Upload:
    with part.file as file:
        return Upload(name=part.filename, mime=part.content_type, content=file.read())


_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
}


def _object(where: str, fields: Fields, given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(given.keys() - fields.keys()):
        raise breach(f"unknown field {unknown[0]} in {where}", detail="the real server would ignore it")
    for name, field in fields.items():
        if field.required and given.get(name) is None:
            raise breach(_MISSING.get(name, f"{where} needs {name}"), detail=f"{name} is missing")
    checked = {}
    for name, value in given.items():
        if name in NOT_PLAYED:
            raise breach(f"{name} is not played by this counterpart", detail=where)
        checked[name] = _first_fitting(f"{where}.{name}", fields[name].types, value)
    return checked


def _first_fitting(where: str, types: tuple[str, ...], value: Any) -> Any:
    if len(types) > 1 and all(name in OBJECTS for name in types):
        types = (_markup_kind(where, value),)
    for name in types:
        fitted = _value(where, name, value)
        if fitted is not None:
            return fitted
    raise breach(f"{where} is not {' or '.join(types)}", detail=repr(value)[:200])


def _markup_kind(where: str, value: Any) -> str:
    found = _structure(where, value)
    keys = {
        "inline_keyboard": "InlineKeyboardMarkup",
        "keyboard": "ReplyKeyboardMarkup",
        "remove_keyboard": "ReplyKeyboardRemove",
        "force_reply": "ForceReply",
    }
    for key, name in keys.items():
        if isinstance(found, dict) and key in found:
            return name
    raise breach("object expected as reply markup", detail=repr(value)[:200])


def _value(where: str, name: str, value: Any) -> Any:
    if name in _SCALARS:
        return _SCALARS[name](value)
    found = _structure(where, value)
    if name.startswith("Array of "):
        if not isinstance(found, list):
            return None
        inner = name.removeprefix("Array of ")
        return [_first_fitting(f"{where}[{index}]", (inner,), each) for index, each in enumerate(found)]
    if name == "KeyboardButton" and isinstance(found, str):
        return {"text": found}
    if not isinstance(found, dict):
        return None
    if name == "BotCommandScope":
        name = COMMAND_SCOPES.get(str(found.get("type")), "")
    return _object(name, OBJECTS[name], found) if name in OBJECTS else None


def _structure(where: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise breach(f"can't parse {where} JSON object", detail=value[:200]) from None


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if value.removeprefix("-").isdecimal() and value.isascii() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _string(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        raise breach("strings must be encoded in UTF-8", detail=ascii(value)) from None
    return value


def _boolean(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else _only_bool(value)


def _only_bool(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _file(value: Any) -> Upload | None:
    return value if isinstance(value, Upload) else None


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "Integer": _integer,
    "String": _string,
    "Boolean": _boolean,
    "InputFile": _file,
}
