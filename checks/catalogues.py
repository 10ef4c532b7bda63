"""The catalogues: every message of the code in every language, translated, with the same placeholders.

`python -m checks.catalogues` checks; `--write` brings the .po files up to date, never guessing a translation.
A catalogue depends on the messages and translations alone: no dates, no places in the code, sorted.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po

from checks.messages import Message, MessageError, find_messages, placeholders

FOLDERS = ("crm", "bot", "scheduler")
LANGUAGES = ("en", "zh_CN")
WRITTEN_IN = "en"
"""The language of the messages themselves: its catalogue starts as they are, and may word them better."""

SHOWN = 10
"""How many problems are told at once."""


def check_catalogues(root: Path) -> list[str]:
    """Return what is wrong with the catalogues under `root`, a line each that says what to do."""
    messages = find_messages(root, FOLDERS)
    problems = []
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        name = path.relative_to(root)
        if not path.exists():
            problems.append(f"{name} is missing: run `make messages`")
            continue
        catalogue = _read(path, language)
        faults = [fault for entry in catalogue if entry.id for fault in _faults(entry)]
        problems += [f"{name}: {fault}" for fault in faults]
        if not faults and render_catalogue(messages, catalogue, language) != path.read_bytes():
            problems.append(f"{name} does not agree with the code: run `make messages`, then translate the new")
    return problems


def write_catalogues(root: Path) -> None:
    """Bring every catalogue under `root` up to date; what is new in a translation stays empty."""
    messages = find_messages(root, FOLDERS)
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        old = _read(path, language) if path.exists() else Catalog(locale=language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render_catalogue(messages, old, language))


def catalogue_path(root: Path, language: str) -> Path:
    """Return where the catalogue of `language` lives."""
    return root / "bot" / "locales" / language / "LC_MESSAGES" / "tradewind.po"


def render_catalogue(messages: list[Message], old: Catalog, language: str) -> bytes:
    """Return the .po file with exactly `messages`, and what `old` has for them."""
    new = Catalog(locale=language)
    for message in messages:
        key = (message.text, message.plural) if message.plural else message.text
        known = old.get(message.text, message.context or None)
        keeps = known is not None and known.pluralizable == bool(message.plural)
        new.add(
            key,
            (known.string if known and keeps else None) or (key if language == WRITTEN_IN else None),
            flags=known.flags - {"python-format", "python-brace-format"} if known else (),
            user_comments=known.user_comments if known else (),
            context=message.context or None,
        )
    return _header(new, language) + _body(new)


def _header(catalogue: Catalog, language: str) -> bytes:
    lines = [
        "Project-Id-Version: tradewind",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalogue.plural_forms}",
    ]
    quoted = "".join(f'"{line}\\n"\n' for line in lines)
    return f'msgid ""\nmsgstr ""\n{quoted}\n'.encode()


def _body(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return file.getvalue()


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _faults(entry: Entry) -> list[str]:
    wordings = entry.id if isinstance(entry.id, tuple | list) else (entry.id,)
    strings = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
    if entry.fuzzy:
        return [f"{wordings[0]!r} is marked fuzzy: check the translation and remove the mark"]
    if not all(strings):
        return [f"{wordings[0]!r} is not translated: fill its msgstr"]
    return [fault for string in strings if string and (fault := _misplaced(wordings, string))]


def _misplaced(wordings: tuple[str, ...] | list[str], string: str) -> str | None:
    try:
        has = placeholders(string)
    except ValueError as error:
        return str(error)
    allowed = [placeholders(wording) for wording in wordings]
    if has in allowed:
        return None
    names = " ".join(f"{{{name}}}" for name in sorted(allowed[-1])) or "none"
    return f"{string!r} has other placeholders than {wordings[-1]!r}: they must be {names}"


def main() -> int:
    """Run as a program; the exit status is 1 if something is wrong."""
    root = Path(__file__).resolve().parent.parent
    try:
        if "--write" in sys.argv[1:]:
            write_catalogues(root)
            return 0
        problems = check_catalogues(root)
    except MessageError as error:
        problems = str(error).splitlines()
    for problem in problems[:SHOWN]:
        print(f"catalogues: {problem}", file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"catalogues: … and {len(problems) - SHOWN} more", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
