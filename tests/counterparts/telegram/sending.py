"""The methods that put something into a chat, change it, or take it away."""

import time
from typing import Any

from tests.counterparts.telegram.formatting import Formatted, read_text, units
from tests.counterparts.telegram.keyboards import check_markup
from tests.counterparts.telegram.reading import Upload
from tests.counterparts.telegram.refusals import breach, circumstance
from tests.counterparts.telegram.rules import (
    CAPTION_UNITS,
    CHAT_ACTIONS,
    PHOTO_BYTES,
    TEXT_UNITS,
    UPLOAD_BYTES,
)
from tests.counterparts.telegram.world import JSON, Chat, Message, StoredFile, World


def send_message(world: World, given: JSON) -> JSON:
    shown = _message_text(given)
    check_markup(given.get("reply_markup"))
    chat = world.chat(given["chat_id"], to_write=True)
    return _post(world, chat, given, source=given["text"], shown=shown, preview=given.get("link_preview_options"))


def send_photo(world: World, given: JSON) -> JSON:
    return _send_file(world, given, kind="photo")


def send_document(world: World, given: JSON) -> JSON:
    return _send_file(world, given, kind="document")


def edit_message_text(world: World, given: JSON) -> JSON:
    shown = _message_text(given)
    check_markup(given.get("reply_markup"))
    message = _to_edit(world, given)
    if message.file is not None:
        raise circumstance("there is no text in the message to edit")
    inline, preview = given.get("reply_markup"), given.get("link_preview_options")
    before = (message.text, message.entities, _rows(message.inline), message.preview)
    if before == (shown.text, shown.entities, _rows(inline), preview):
        raise circumstance(_NOT_MODIFIED)
    message.text, message.source, message.entities = shown.text, given["text"], shown.entities
    message.inline, message.preview = inline if _rows(inline) else None, preview
    return _edited(world, message)


def edit_message_reply_markup(world: World, given: JSON) -> JSON:
    check_markup(given.get("reply_markup"))
    message = _to_edit(world, given)
    inline = given.get("reply_markup")
    if _rows(message.inline) == _rows(inline):
        raise circumstance(_NOT_MODIFIED)
    message.inline = inline if _rows(inline) else None
    return _edited(world, message)


def delete_message(world: World, given: JSON) -> bool:
    chat = world.chat(given["chat_id"])
    message = chat.messages.get(given["message_id"])
    if message is None or message.deleted:
        raise circumstance("message to delete not found")
    if not chat.is_private and message.sender != world.bot:
        raise circumstance("message can't be deleted")
    message.deleted = True
    world.notify()
    return True


def send_chat_action(world: World, given: JSON) -> bool:
    if given["action"] not in CHAT_ACTIONS:
        raise breach("wrong parameter action in request", detail=given["action"])
    world.chat(given["chat_id"], to_write=True).actions.append(given["action"])
    world.notify()
    return True


_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)


def _message_text(given: JSON) -> Formatted:
    shown = read_text(given.get("text", ""), parse_mode=given.get("parse_mode"))
    if not shown.text:
        raise breach("message text is empty")
    if units(shown.text) > TEXT_UNITS:
        raise breach("message is too long", detail=f"{units(shown.text)} UTF-16 units")
    return shown


def _post(
    world: World,
    chat: Chat,
    given: JSON,
    *,
    source: str,
    shown: Formatted,
    preview: JSON | None = None,
    **file: Any,
) -> JSON:
    markup = given.get("reply_markup")
    is_inline = bool(markup and "inline_keyboard" in markup)
    message = world.post(
        chat,
        sender=world.bot,
        text=shown.text,
        source=source,
        entities=shown.entities,
        inline=markup if is_inline and _rows(markup) else None,
        keyboard=None if is_inline else markup,
        preview=preview,
        reply_to=_replied(chat, given.get("reply_parameters")),
        **file,
    )
    return message.to_json()


def _replied(chat: Chat, reply: JSON | None) -> Message | None:
    if reply is None:
        return None
    if reply.get("chat_id", chat.described["id"]) != chat.described["id"]:
        raise breach("a reply into another chat is not played by this counterpart")
    message = chat.messages.get(reply["message_id"])
    if message is None or message.deleted:
        if reply.get("allow_sending_without_reply"):
            return None
        raise circumstance("message to be replied not found")
    return message


def _to_edit(world: World, given: JSON) -> Message:
    for name, missing in (
        ("chat_id", "chat_id is empty"),
        ("message_id", "message identifier is not specified"),
    ):
        if name not in given:
            raise breach(missing)
    chat = world.chat(given["chat_id"], to_write=True)
    message = chat.messages.get(given["message_id"])
    if message is None or message.deleted:
        raise circumstance("message to edit not found")
    if message.sender != world.bot or message.keyboard is not None:
        raise breach("message can't be edited")
    return message


def _edited(world: World, message: Message) -> JSON:
    message.edits += 1
    message.edited_at = int(time.time())
    world.notify()
    return message.to_json()


def _rows(markup: JSON | None) -> list[Any]:
    return list((markup or {}).get("inline_keyboard", []))


def _send_file(world: World, given: JSON, *, kind: str) -> JSON:
    caption = given.get("caption", "")
    shown = read_text(caption, parse_mode=given.get("parse_mode"))
    if units(shown.text) > CAPTION_UNITS:
        raise breach("message caption is too long", detail=f"{units(shown.text)} UTF-16 units")
    check_markup(given.get("reply_markup"))
    file = _file(world, given[kind], kind=kind)
    size = _picture_size(file.content) if kind == "photo" else None
    chat = world.chat(given["chat_id"], to_write=True)
    return _post(world, chat, given, source=caption, shown=shown, file=file, photo_size=size)


def _file(world: World, value: Upload | str, *, kind: str) -> StoredFile:
    if isinstance(value, str):
        known = world.files.get(value)
        if known is None:
            raise breach("wrong file identifier/HTTP URL specified", detail=value)
        return known
    if not value.content:
        raise breach("file must be non-empty", detail=value.name)
    if len(value.content) > (PHOTO_BYTES if kind == "photo" else UPLOAD_BYTES):
        raise breach("file is too big", detail=f"{len(value.content)} bytes")
    return world.store_file(name=value.name, mime=value.mime, content=value.content, folder=f"{kind}s")


def _picture_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; other kinds of pictures are taken as square."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24:
        width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    elif content.startswith((b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        width = height = 640
    else:
        raise breach("IMAGE_PROCESS_FAILED")
    if width + height > 10_000 or not width or not height or max(width, height) > 20 * min(width, height):
        raise breach("PHOTO_INVALID_DIMENSIONS", detail=f"{width} × {height}")
    return width, height
