"""What is shown, before any platform draws it: lines, buttons, perhaps a form. Goes through JSON unharmed."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.core.text import Words, pack, unpack


class Style(StrEnum):
    """What a line is, not how it looks: each platform draws a style in its own way."""

    TITLE = "title"
    BODY = "body"
    FIELD = "field"  # a label and its value
    MUTED = "muted"
    PROBLEM = "problem"
    PROMPT = "prompt"  # what is asked for; always the last line
    COPY = "copy"  # a text ready to be pasted elsewhere


@dataclass(frozen=True, slots=True)
class Line:
    style: Style
    words: Words
    label: Words | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is what a press means (`lead.disqualify:17`); signed and shortened before it leaves the house.

    `mark` may stand before the label; `role` is `primary`, `danger` or empty; `note` explains a choice where the
    platform has room for it.
    """

    label: Words
    action: str
    role: str = ""
    mark: str = ""
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a form's list."""

    value: str
    label: Words
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form. `kind`: `text`, `long`, `choice`, `choices` or `search` (choices asked for as one types).

    `value` is the raw text typed, or the value chosen; `choices` of a `search` hold only what is chosen already.
    `refreshes`: other fields hang on it, so that the form is to be drawn anew when it changes.
    """

    key: str
    label: Words
    kind: str
    required: bool
    hint: Words | None = None
    value: Any = None
    choices: tuple[Choice, ...] = ()
    problem: Words | None = None
    refreshes: bool = False


@dataclass(frozen=True, slots=True)
class FormButton:
    """A button within a form, which asks for the same form with more in it: another line, the seldom fields.

    `code` comes back as what was pressed; `below` is the path of the input it stands under, empty for the end.
    """

    code: str
    label: Words
    below: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The whole conversation on one page. `token` (session and turn) comes back with what was filled in.

    `lines` stand above the inputs; a form without inputs is a review, to be submitted or left. Without `submit` there
    is nothing to be handed in any more: its lines say why.
    """

    title: Words
    token: str
    inputs: tuple[Input, ...]
    submit: Words | None
    close: Words
    lines: tuple[Line, ...] = ()
    buttons: tuple[FormButton, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """A message. `rows` are its buttons; `form` is the same question as one page, for platforms that have pages."""

    lines: tuple[Line, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    form: Form | None = field(default=None)


def title(words: Words) -> Line:
    return Line(Style.TITLE, words)


def body(words: Words) -> Line:
    return Line(Style.BODY, words)


def muted(words: Words) -> Line:
    return Line(Style.MUTED, words)


def problem(words: Words) -> Line:
    return Line(Style.PROBLEM, words)


def prompt(words: Words) -> Line:
    return Line(Style.PROMPT, words)


def labelled(label: Words, words: Words) -> Line:
    return Line(Style.FIELD, words, label)


def say(words: Words, *buttons: Button) -> Screen:
    """One line, and buttons under it."""
    return Screen((body(words),), (buttons,) if buttons else ())


def pack_screen(screen: Screen) -> dict[str, Any]:
    """Plain JSON of a screen."""
    packed: dict[str, Any] = {"lines": [_pack_line(line) for line in screen.lines]}
    if screen.rows:
        packed["rows"] = [[_pack_button(button) for button in row] for row in screen.rows]
    if screen.form is not None:
        packed["form"] = pack_form(screen.form)
    return packed


def unpack_screen(packed: dict[str, Any]) -> Screen:
    """The inverse of `pack_screen`."""
    lines = tuple(_unpack_line(line) for line in packed["lines"])
    rows = tuple(tuple(_unpack_button(button) for button in row) for row in packed.get("rows", ()))
    form = packed.get("form")
    return Screen(lines, rows, None if form is None else unpack_form(form))


def _pack_button(button: Button) -> dict[str, Any]:
    packed: dict[str, Any] = {"label": pack(button.label), "action": button.action}
    if button.role:
        packed["role"] = button.role
    if button.mark:
        packed["mark"] = button.mark
    if button.note is not None:
        packed["note"] = pack(button.note)
    return packed


def _unpack_button(packed: dict[str, Any]) -> Button:
    return Button(
        unpack(packed["label"]),
        packed["action"],
        packed.get("role", ""),
        packed.get("mark", ""),
        unpack(packed["note"]) if "note" in packed else None,
    )


def pack_form(form: Form) -> dict[str, Any]:
    """Plain JSON of a form."""
    return {
        "title": pack(form.title),
        "token": form.token,
        "submit": pack(form.submit),
        "close": pack(form.close),
        "lines": [_pack_line(line) for line in form.lines],
        "inputs": [
            {
                "key": field.key,
                "label": pack(field.label),
                "kind": field.kind,
                "required": field.required,
                "hint": pack(field.hint),
                "value": field.value,
                "problem": pack(field.problem),
                "refreshes": field.refreshes,
                "choices": [[choice.value, pack(choice.label), pack(choice.note)] for choice in field.choices],
            }
            for field in form.inputs
        ],
        "buttons": [[button.code, pack(button.label), button.below] for button in form.buttons],
    }


def unpack_form(packed: dict[str, Any]) -> Form:
    """The inverse of `pack_form`."""
    inputs = tuple(
        Input(
            key=field["key"],
            label=unpack(field["label"]),
            kind=field["kind"],
            required=field["required"],
            hint=unpack(field["hint"]),
            value=field["value"],
            problem=unpack(field["problem"]),
            choices=tuple(Choice(value, unpack(label), unpack(note)) for value, label, note in field["choices"]),
            refreshes=field.get("refreshes", False),
        )
        for field in packed["inputs"]
    )
    lines = tuple(_unpack_line(line) for line in packed.get("lines", ()))
    buttons = tuple(FormButton(code, unpack(label), below) for code, label, below in packed.get("buttons", ()))
    submit, close = unpack(packed["submit"]), unpack(packed["close"])
    return Form(unpack(packed["title"]), packed["token"], inputs, submit, close, lines, buttons)


def _pack_line(line: Line) -> dict[str, Any]:
    packed = {"style": line.style.value, "words": pack(line.words)}
    return packed if line.label is None else packed | {"label": pack(line.label)}


def _unpack_line(packed: dict[str, Any]) -> Line:
    label = unpack(packed["label"]) if "label" in packed else None
    return Line(Style(packed["style"]), unpack(packed["words"]), label)
