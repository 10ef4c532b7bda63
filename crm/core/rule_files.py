"""The rules as a `tradewind.toml`: written back from the tables, and looked over before they seed a database."""

import json
import re
import tomllib
from collections.abc import Mapping

from crm.core.errors import Invalid
from crm.core.rules import SHIPPED, check_value, read_file, read_rules, shipped
from crm.core.text import T, Text
from crm.core.work import UnitOfWork

_SECTION = re.compile(r"\[(\w+)\]\s*")
_LINE = re.compile(r"""(?P<key>\w+) = (?P<value>"(?:[^"\\]|\\.)*"|[^\s#]+)(?P<gap>\s*)(?P<comment>\#.*)?""")


def rules_as_toml(work: UnitOfWork) -> str:
    """The file that comes with the program, comments and all, with every value as it stands now."""
    return filled(SHIPPED.read_text("utf-8"), read_rules(work))


def filled(text: str, rules: Mapping[str, str]) -> str:
    """The same file with these values; the comments stay in their column where there is room."""
    section, lines = "", []
    for line in text.splitlines():
        if heading := _SECTION.fullmatch(line):
            section = heading[1]
        lines.append(_filled(line, section, rules))
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A text as TOML has it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def mistakes(text: str) -> list[Text]:
    """What of a file's rules would not be read, or not be what it seems; nothing where all is well."""
    try:
        told = read_file(text)
    except tomllib.TOMLDecodeError as error:
        return [T("This is no TOML: {problem}", problem=str(error))]
    found = [T("There is no rule {key}.", key=key) for key in told if key not in shipped()]
    for key, value in told.items():
        try:
            if key in shipped():
                check_value(key, value)
        except Invalid as error:
            found.append(error.text)
    return found


def _filled(line: str, section: str, rules: Mapping[str, str]) -> str:
    parts = _LINE.fullmatch(line)
    if parts is None or f"{section}.{parts['key']}" not in rules:
        return line
    was, now = parts["value"], rules[f"{section}.{parts['key']}"]
    now = quoted(now) if was.startswith('"') else now
    gap = parts["gap"]
    if parts["comment"] and len(now) != len(was):
        gap = " " * max(1, len(gap) + len(was) - len(now))
    return f"{parts['key']} = {now}{gap}{parts['comment'] or ''}"
