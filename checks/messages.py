"""Finds the messages in the code: every `T("…", name=…)` and `TN("…", "…", n=…)`.

Reads the syntax tree rather than Babel's tokens, so that a `context=` counts, and a message that is no
literal, or whose placeholders are not given, is an error and not a gap in the catalogues.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

MARKS = {"T": 1, "TN": 2}
"""The marking functions of `crm.core.text` and how many literals each begins with."""

DEFINITION = Path("crm/core/text.py")
"""Where the marks are defined; what is called there is no message."""


@dataclass(frozen=True, order=True)
class Message:
    """A message to translate: English wording, plural wording or "", context or ""."""

    text: str
    plural: str = ""
    context: str = ""


class MessageError(Exception):
    """A call that cannot be extracted; says where and what to do."""


def find_messages(root: Path, folders: Iterable[str]) -> list[Message]:
    """Return the messages of all Python files in `folders` under `root`, sorted, each once.

    Raises MessageError, one line per faulty call; also where one text stands with and without a plural,
    which a catalogue cannot hold.
    """
    found: set[Message] = set()
    faults: list[str] = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            where = path.relative_to(root)
            if where != DEFINITION:
                _read(path.read_text("utf-8"), where, found, faults)
    faults += _clashes(found)
    if faults:
        raise MessageError("\n".join(faults))
    return sorted(found)


def placeholders(text: str) -> frozenset[str]:
    """Return the names in `text`'s placeholders. Raises ValueError unless each is a plain `{name}`."""
    names = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"a placeholder must be a plain {{name}}: {text!r}")
        names.add(name)
    return frozenset(names)


def _read(source: str, where: Path, found: set[Message], faults: list[str]) -> None:
    for call, literals in _marked(ast.parse(source, str(where))):
        try:
            found.add(_message(call, literals))
        except ValueError as error:
            faults.append(f"{where}:{call.lineno}: {error}")


def _marked(tree: ast.AST) -> Iterator[tuple[ast.Call, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in MARKS:
                yield node, MARKS[name]


def _message(call: ast.Call, literals: int) -> Message:
    texts = [_literal(argument) for argument in call.args[:literals]]
    if len(texts) < literals:
        raise ValueError("a message is missing: T takes one literal, TN two")
    context = next((_literal(word.value) for word in call.keywords if word.arg == "context"), "")
    _require_facts(call, placeholders(texts[-1]) | placeholders(texts[0]))
    return Message(texts[0], texts[1] if literals == 2 else "", context)


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        return node.value
    raise ValueError("write the message as one plain literal, with {name} for what changes: T('…', name=…)")


def _require_facts(call: ast.Call, wanted: frozenset[str]) -> None:
    given = {word.arg for word in call.keywords}
    missing = sorted(wanted - given)
    if missing and None not in given:  # None stands for **facts
        raise ValueError(f"the message has {{{missing[0]}}}, the call does not: add {missing[0]}=…")


def _clashes(found: set[Message]) -> list[str]:
    seen: dict[tuple[str, str], Message] = {}
    faults = []
    for message in sorted(found):
        other = seen.setdefault((message.text, message.context), message)
        if other != message:
            faults.append(f"{message.text!r} stands with two plural wordings: make them one, or add context=")
    return faults
