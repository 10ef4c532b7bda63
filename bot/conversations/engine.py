"""The engine of all conversations: `apply(conversation, draft, action, world) -> Turn`.

Pure: it knows no platform, no database and no clock but what the World tells. One set of fields, readings and
sentences serves the step-by-step doors and the one-page forms alike.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.conversations.definition import Among, Conversation, Field, Group, Refused, Taken, World
from bot.conversations.draft import ANOTHER, ASK, REVIEW, Draft, with_whole_lines
from bot.conversations.filling import NEEDED, fill
from bot.conversations.pressing import choose, press
from bot.conversations.turns import Turn, forward, onward, open_place
from crm.core.text import T


@dataclass(frozen=True, slots=True)
class Say:
    """A typed answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button: one of those in `pressing.py`, or `choose:NUMBER`, `go:PATH`, `shortcut:KEY`."""

    code: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A whole form: path (`company`, `lines.0.product`) → text typed, value chosen, or list of values."""

    values: Mapping[str, Any]


def begin(
    conversation: Conversation, world: World, answers: Mapping[str, Any] | None = None, *, captured: bool = False
) -> Draft:
    """A draft at its first open place, perhaps with answers known already (None: known not to be any).

    `captured`: see Draft.
    """
    known = {key: value for key, value in (answers or {}).items() if value is not None}
    told_of = set(answers or {})
    closed = tuple(step.key for step in conversation.steps if isinstance(step, Group) and known.get(step.key))
    passed = [step.key for step in conversation.steps if isinstance(step, Field) and not step.required]
    skipped = tuple(key for key in passed if key not in known and (captured or key in told_of))
    draft = Draft(answers=known, closed=closed, skipped=skipped, captured=captured)
    for step in conversation.steps:
        if isinstance(step, Group) and step.key in closed:
            draft = with_whole_lines(draft, step)
    return forward(conversation, draft, world)


def apply(conversation: Conversation, draft: Draft, action: Say | Press | Fill, world: World) -> Turn:
    """Carry out one action. Never raises for anything a person may type or press."""
    match action:
        case Fill(values):
            filled, problems = fill(conversation, draft, values, world)
            if problems:
                return Turn(forward(conversation, filled, world), problems=problems)
            return Turn(filled.at(REVIEW, returning=False), complete=True)
        case Say(text):
            return _say(conversation, draft, text.strip(), world)
        case Press(code):
            return press(conversation, draft, code, world)


def revive(conversation: Conversation, draft: Draft, world: World) -> Draft:
    """Look an old draft over: answers that no field asks for or that do not hold any more are asked again."""
    answers: dict[str, Any] = {}
    for step in conversation.steps:
        kept = draft.answers.get(step.key)
        if isinstance(step, Group):
            if isinstance(kept, list) and all(isinstance(line, dict) for line in kept):
                answers[step.key] = [_held(step.fields, line, world) for line in kept]
        else:
            answers |= _held((step,), draft.answers, world)
    return forward(conversation, replace(draft, answers=answers), world)


def _held(fields: Sequence[Field], answers: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Of these answers those that their fields can still use, whatever another version has kept under their keys."""
    held: dict[str, Any] = {}
    for asked in fields:
        value = answers.get(asked.key)
        with suppress(ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            if value is not None and asked.kind.holds(value, world):
                held[asked.key] = value
    return held


def _say(conversation: Conversation, draft: Draft, text: str, world: World) -> Turn:
    if draft.place == ANOTHER and text and not text.isdecimal():
        return _say_line(conversation, draft, text, world)
    if draft.place != ASK:
        # Typed labels of buttons are turned into presses before they come here; other words change nothing.
        return Turn(draft, problem=T("Please choose one of the buttons."))
    if not text:
        return Turn(draft, problem=NEEDED)
    asked = conversation.field(draft.path)
    if asked.required and text.casefold() in _SKIPPING and not draft.answered(draft.path):
        return Turn(draft, problem=NEEDED)
    number = _which(asked, draft, text, world)
    if number is not None:
        return choose(conversation, draft, number, world)
    lines = _read_lines(conversation, draft, text, world)
    if lines is not None:
        return lines
    said = asked.said(text, draft.answers, world) if asked.said else None
    if said is not None:
        answers, wrong = said
        told = onward(conversation, replace(draft, answers={**draft.answers, **answers}), world)
        return replace(told, problem=wrong) if wrong else told
    match asked.kind.read(text, world):
        case Taken(value):
            return onward(conversation, draft.with_answer(draft.path, value), world)
        case Refused(problem):
            return Turn(draft, problem=problem)
        case Among(query):
            narrowed = open_place(conversation, replace(draft, query=query, page=0), world)
            return Turn(narrowed, problem=T("Several match {text}. Which one?", text=text))


def _say_line(conversation: Conversation, draft: Draft, text: str, world: World) -> Turn:
    """What is typed where one more line may be added: lines written whole, or the first answer of the next."""
    added = press(conversation, draft, "add", world)
    if not added.understood or added.problem is not None:
        return added
    told = _say(conversation, added.draft, text, world)
    if told.problem is None or told.draft.query:
        return told
    is_line = _lines_in(conversation, added.draft, text, world) is not None
    return Turn(draft, problem=told.problem if is_line else _BUTTON_OR_LINE)


def _lines_in(
    conversation: Conversation, draft: Draft, text: str, world: World
) -> Sequence[Mapping[str, Any]] | Refused | None:
    group = next((s for s in conversation.steps if isinstance(s, Group) and s.key == draft.path[0]), None)
    return None if group is None or group.read is None else group.read(text, draft.answers, world)


_SKIPPING = {"skip", "跳过"}
"""Typed where there is no such button: nobody means it as the answer."""
_BUTTON_OR_LINE = T("Please choose one of the buttons, or write the next line.")


def _read_lines(conversation: Conversation, draft: Draft, text: str, world: World) -> Turn | None:
    """Several lines in one message, where a line begins; None when the text is not of that form."""
    group = next((s for s in conversation.steps if isinstance(s, Group) and s.key == draft.path[0]), None)
    if group is None or group.read is None or draft.path[2] != group.fields[0].key or draft.returning:
        return None
    found = group.read(text, draft.answers, world)
    if found is None:
        return None
    if isinstance(found, Refused):
        return Turn(draft, problem=found.problem)
    kept = [line for line in draft.answers.get(group.key, []) if line]
    lines = [*kept, *(dict(line) for line in found)]
    if len(lines) > group.most:
        return Turn(draft, problem=T("There can be at most {most} lines.", most=group.most))
    filled = replace(draft, answers={**draft.answers, group.key: lines})
    return onward(conversation, with_whole_lines(filled, group), world)


def _which(asked: Field, draft: Draft, text: str, world: World) -> int | None:
    """The offered choice that a typed number or label means."""
    if text.isdecimal() and not getattr(asked.kind, "numeric", False) and 1 <= int(text[:6]) <= len(draft.offered):
        return int(text[:6]) - 1
    if asked.kind.widget in {"text", "long"}:
        return None
    for index, value in enumerate(draft.offered):
        choice = asked.kind.choice(value, world)
        if choice is not None and isinstance(choice.label, str) and choice.label.casefold() == text.casefold():
            return index
    return None
