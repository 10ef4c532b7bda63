"""Text as Telegram reads it: cleaned, HTML parsed into plain text and entities, measured in UTF-16 units.

The messages of errors and the byte offsets in them are the real server's. Stricter than the real one in three
points, each of which is a missing escape in practice: an `&` that starts none of the allowed entities, a bare
`>`, and other tags inside `code` or `pre` are refused instead of shown or dropped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.counterparts.telegram.refusals import breach

TAGS: Mapping[str, str] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "a": frozenset({"href"}),
    "span": frozenset({"class"}),
    "tg-emoji": frozenset({"emoji-id"}),
    "code": frozenset({"class"}),
    "blockquote": frozenset({"expandable"}),
}
ENTITIES: Mapping[str, str] = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_NAME = re.compile(r"[^\s>]*(?=[\s>])")
_ENTITY = re.compile(r"&(?:#(?P<decimal>[0-9]{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[a-z]+));")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([a-zA-Z0-9.-]+)))?""")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e]")


@dataclass(frozen=True)
class Formatted:
    text: str
    entities: tuple[Mapping[str, Any], ...] = ()


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Control characters become spaces; carriage returns and direction overrides vanish."""
    return _CONTROL.sub(" ", _DROPPED.sub("", text))


def read_text(text: str, *, parse_mode: str | None) -> Formatted:
    """Returns the trimmed text as it will be shown; a wrong markup raises the 400."""
    cleaned = clean(text)
    if not parse_mode:
        return Formatted(cleaned.strip())
    if parse_mode != "HTML":
        raise breach("unsupported parse_mode", detail=f"{parse_mode!r}: HTML is what this counterpart plays")
    return _trimmed(_Parser(cleaned).parse())


def _trimmed(parsed: Formatted) -> Formatted:
    text = parsed.text.strip()
    shift = units(parsed.text[: len(parsed.text) - len(parsed.text.lstrip())])
    end = units(text)
    entities = []
    for entity in parsed.entities:
        start = max(entity["offset"] - shift, 0)
        stop = min(entity["offset"] - shift + entity["length"], end)
        if stop > start:
            entities.append({**entity, "offset": start, "length": stop - start})
    return Formatted(text, tuple(sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))))


@dataclass
class _Open:
    tag: str
    attributes: Mapping[str, str]
    offset: int


@dataclass
class _Parser:
    html: str
    position: int = 0
    shown: list[str] = field(default_factory=list)
    offset: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)

    def parse(self) -> Formatted:
        while self.position < len(self.html):
            character = self.html[self.position]
            if character == "<":
                self._tag()
            elif character == "&":
                self._entity()
            elif character == ">":
                raise self._wrong(f'Unescaped ">" at byte offset {self._byte(self.position)}')
            else:
                self._show(character)
                self.position += 1
        if self.stack:
            raise self._wrong(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return Formatted("".join(self.shown), tuple(self.entities))

    def _show(self, text: str) -> None:
        self.shown.append(text)
        self.offset += units(text)

    def _entity(self) -> None:
        match = _ENTITY.match(self.html, self.position)
        if match is None or (match["name"] and match["name"] not in ENTITIES):
            raise self._wrong(f'Unescaped "&" at byte offset {self._byte(self.position)}')
        if match["name"]:
            self._show(ENTITIES[match["name"]])
        else:
            code = int(match["decimal"]) if match["decimal"] else int(match["hex"], 16)
            if not 0 < code <= 0x10FFFF or 0xD800 <= code < 0xE000:
                raise self._wrong(f"Wrong character reference at byte offset {self._byte(self.position)}")
            self._show(chr(code))
        self.position = match.end()

    def _tag(self) -> None:
        start = self.position
        at = self._byte(start)
        closing = self.html.startswith("/", start + 1)
        if closing and not self.stack:
            raise self._wrong(f"Unexpected end tag at byte offset {at}")
        name = _NAME.match(self.html, start + 1)
        if not closing and name and name[0].lower() not in TAGS:
            raise self._wrong(f'Unsupported start tag "{name[0].lower()}" at byte offset {at}')
        end = self.html.find(">", start)
        if end < 0:
            raise self._wrong(f"Unclosed {'end' if closing else 'start'} tag at byte offset {at}")
        if closing:
            self._close(self.html[start + 2 : end].strip().lower(), at)
        else:
            self._open(self.html[start + 1 : end], at)
        self.position = end + 1

    def _open(self, inside: str, at: int) -> None:
        name = re.split(r"\s", inside, maxsplit=1)[0].lower()
        within = self.stack[-1].tag if self.stack else ""
        if within == "code" or (within == "pre" and name != "code"):
            raise self._wrong(f'Tag "{name}" inside "{within}" at byte offset {at}')
        self.stack.append(_Open(name, self._attributes(name, inside[len(name) :], at), self.offset))

    def _attributes(self, tag: str, source: str, at: int) -> Mapping[str, str]:
        found: dict[str, str] = {}
        position = 0
        while match := _ATTRIBUTE.match(source, position):
            value = next((group for group in match.groups()[1:] if group is not None), "")
            found[match[1].lower()] = _unescaped(value)
            position = match.end()
        if source[position:].strip():
            raise self._wrong(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
        if extra := found.keys() - ATTRIBUTES.get(tag, frozenset()):
            raise self._wrong(f'Attribute "{min(extra)}" in the tag "{tag}" at byte offset {at}')
        if tag == "span" and found.get("class") != "tg-spoiler":
            raise self._wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        return found

    def _close(self, name: str, at: int) -> None:
        opened = self.stack.pop()
        if opened.tag != name:
            raise self._wrong(f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{name}>"')
        if self.offset > opened.offset:
            kind = TAGS[opened.tag]
            entity: dict[str, Any] = {
                "type": kind,
                "offset": opened.offset,
                "length": self.offset - opened.offset,
            }
            if kind == "text_link":
                entity["url"] = opened.attributes.get("href", "")
            if kind == "custom_emoji":
                entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
            if "expandable" in opened.attributes:
                entity["type"] = "expandable_blockquote"
            self.entities.append(entity)

    def _byte(self, position: int) -> int:
        return len(self.html[:position].encode())

    def _wrong(self, message: str) -> Exception:
        return breach(f"can't parse entities: {message}", detail=repr(self.html))


def _unescaped(value: str) -> str:
    return _ENTITY.sub(lambda match: ENTITIES.get(match["name"] or "", match[0]), value)
