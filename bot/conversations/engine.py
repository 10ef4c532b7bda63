"""The engine of all conversations: `apply(conversation, draft, action, world) -> Turn`.

Pure: it knows no platform, no database and no clock but what the World tells. One set of fields, readings and
sentences serves the step-by-step doors and the one-page forms alike.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversations.definition import Among, Conversation, Field, Group, Refused, Taken, World
from bot.conversations.draft import (
    ANOTHER,
    ASK,
    EDIT,
    REVIEW,
    Draft,
    Path,
    answers_at,
    derived,
    get_answer,
    missing,
    open_spot,
    path_id,
    read_path,
    spots,
    with_whole_lines,
)
from bot.conversations.filling import GONE, NEEDED, fill
from crm.core.text import T, Text

PAGE = 8
"""Choices shown at once."""


@dataclass(frozen=True, slots=True)
class Say:
    """A typed answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button: one of `_PRESSES`, or `choose:NUMBER`, `go:PATH`, `shortcut:KEY`."""

    code: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A whole form: path (`company`, `lines.0.product`) → text typed, value chosen, or list of values."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What an action led to. `complete`: everything is given and confirmed, the draft's answers can be submitted.

    `problem` belongs to the place asked; `problems` (by path) to a form's fields. `understood` is False for a press
    that means nothing where the conversation stands.
    """

    draft: Draft
    problem: Text | None = None
    problems: Mapping[str, Text] = field(default_factory=dict)
    complete: bool = False
    understood: bool = True


def begin(conversation: Conversation, world: World, answers: Mapping[str, Any] | None = None) -> Draft:
    """A draft at its first open place, perhaps with answers known already."""
    known = dict(answers or {})
    closed = tuple(step.key for step in conversation.steps if isinstance(step, Group) and known.get(step.key))
    draft = Draft(answers=known, closed=closed)
    for step in conversation.steps:
        if isinstance(step, Group) and step.key in closed:
            draft = with_whole_lines(draft, step)
    return _forward(conversation, draft, world)


def apply(conversation: Conversation, draft: Draft, action: Say | Press | Fill, world: World) -> Turn:
    """Carry out one action. Never raises for anything a person may type or press."""
    match action:
        case Fill(values):
            filled, problems = fill(conversation, draft, values, world)
            if problems:
                return Turn(_forward(conversation, filled, world), problems=problems)
            return Turn(filled.at(REVIEW, returning=False), complete=True)
        case Say(text):
            return _say(conversation, draft, text.strip(), world)
        case Press(code):
            return _press(conversation, draft, code, world)


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
    return _forward(conversation, replace(draft, answers=answers), world)


def _held(fields: Sequence[Field], answers: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Of these answers those that their fields can still use, whatever another version has kept under their keys."""
    held: dict[str, Any] = {}
    for asked in fields:
        value = answers.get(asked.key)
        with suppress(ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            if value is not None and asked.kind.holds(value, world):
                held[asked.key] = value
    return held


def gone(conversation: Conversation, draft: Draft, world: World) -> Path | None:
    """The first answer that has stopped to hold (a product discontinued meanwhile), None when all still do."""
    for path, asked in spots(conversation, draft, seldom=True):
        value = get_answer(draft.answers, path)
        if value is not None and not asked.kind.holds(value, world):
            return path
    return None


# — moving on —


def _forward(conversation: Conversation, draft: Draft, world: World) -> Draft:
    draft = derived(conversation, draft, world)
    place, path = open_spot(conversation, draft)
    return _open(conversation, draft.at(place, path, returning=False), world)


def _onward(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """After an answer: back to the review where one came from there, else to the next open place."""
    moved = _forward(conversation, draft, world)
    if moved.place == REVIEW and not conversation.reviewed:
        return _confirm(conversation, moved, world)
    return Turn(moved)


def _open(conversation: Conversation, draft: Draft, world: World) -> Draft:
    """Fill in what the place offers as buttons."""
    if draft.place == EDIT:
        offered = edit_choices(conversation, draft)
        start = draft.page * PAGE
        return replace(draft, offered=tuple(offered[start : start + PAGE]), total=len(offered))
    if draft.place != ASK:
        return draft
    asked = conversation.field(draft.path)
    proposed = _proposed(asked, draft, world)
    choices, total = asked.kind.offer(draft.query, world, offset=draft.page * PAGE, most=PAGE)
    values = [choice.value for choice in choices]
    if asked.kind.widget in {"text", "long"}:
        return replace(draft, offered=tuple(proposed or values), total=len(proposed) or total)
    if proposed and not draft.query and draft.page == 0:
        values = list(dict.fromkeys([*proposed, *values]))[: PAGE + len(proposed)]
    return replace(draft, offered=tuple(values), total=total)


def _proposed(asked: Field, draft: Draft, world: World) -> list[str]:
    if asked.propose is None:
        return []
    return list(asked.propose(answers_at(draft.answers, draft.path), world))


def edit_choices(conversation: Conversation, draft: Draft) -> list[str]:
    """What can be chosen for editing at this place, as path ids: fields and groups, lines, or a line's fields."""
    if not draft.path:
        keys = dict.fromkeys(str(path[0]) for path, _ in spots(conversation, draft, seldom=True))
        return list(keys)
    group = str(draft.path[0])
    if len(draft.path) == 1:
        return [f"{group}.{index}" for index in range(len(draft.answers.get(group, [])))]
    return [path_id(path) for path, _ in spots(conversation, draft, seldom=True) if path[:2] == draft.path]


# — answering —


def _say(conversation: Conversation, draft: Draft, text: str, world: World) -> Turn:
    if draft.place != ASK:
        # Typed labels of buttons are turned into presses before they come here; other words change nothing.
        return Turn(draft, problem=T("Please choose one of the buttons."))
    if not text:
        return Turn(draft, problem=NEEDED)
    asked = conversation.field(draft.path)
    number = _which(asked, draft, text, world)
    if number is not None:
        return _choose(conversation, draft, number, world)
    lines = _read_lines(conversation, draft, text, world)
    if lines is not None:
        return lines
    match asked.kind.read(text, world):
        case Taken(value):
            return _onward(conversation, draft.with_answer(draft.path, value), world)
        case Refused(problem):
            return Turn(draft, problem=problem)
        case Among(query):
            narrowed = _open(conversation, replace(draft, query=query, page=0), world)
            return Turn(narrowed, problem=T("Several match {text}. Which one?", text=text))


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
    lines = [*kept, *(dict(line) for line in found)][: group.most]
    filled = replace(draft, answers={**draft.answers, group.key: lines})
    return _onward(conversation, with_whole_lines(filled, group), world)


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


def _choose(conversation: Conversation, draft: Draft, number: int, world: World) -> Turn:
    if not 0 <= number < len(draft.offered):
        return Turn(draft, understood=False)
    value = draft.offered[number]
    if draft.place == EDIT:
        return Turn(_open_edit(conversation, draft, read_path(value), world))
    if draft.place != ASK:
        return Turn(draft, understood=False)
    asked = conversation.field(draft.path)
    if asked.kind.widget == "choices":
        picked = tuple(one for one in draft.picked if one != value)
        return Turn(replace(draft, picked=picked if value in draft.picked else (*picked, value)))
    if asked.kind.widget in {"text", "long"}:
        match asked.kind.read(value, world):
            case Taken(read):
                return _onward(conversation, draft.with_answer(draft.path, read), world)
            case _:
                return Turn(draft, problem=GONE)
    if asked.kind.choice(value, world) is None:
        return Turn(_open(conversation, draft, world), problem=GONE)
    return _onward(conversation, draft.with_answer(draft.path, value), world)


# — buttons —


def _press(conversation: Conversation, draft: Draft, code: str, world: World) -> Turn:
    name, _, argument = code.partition(":")
    if name == "choose" and argument.isdecimal():
        return _choose(conversation, draft, int(argument[:6]), world)
    if name == "go":
        return _go(conversation, draft, argument, world)
    if name == "shortcut":
        return _shortcut(conversation, draft, argument, world)
    handler = _PRESSES.get(name)
    return handler(conversation, draft, world) if handler else Turn(draft, understood=False)


def _shortcut(conversation: Conversation, draft: Draft, key: str, world: World) -> Turn:
    for shortcut in conversation.shortcuts:
        if shortcut.key != key or draft.place != ASK or not shortcut.offered(draft.path, draft.answers, world):
            continue
        known = shortcut.answers(draft.answers, world)
        if known is None:
            return Turn(draft, problem=GONE)
        closed = {step.key for step in conversation.steps if isinstance(step, Group) and known.get(step.key)}
        filled = replace(draft, answers={**draft.answers, **known}, closed=tuple({*draft.closed, *closed}))
        for step in conversation.steps:
            if isinstance(step, Group) and step.key in closed:
                filled = with_whole_lines(filled, step)
        return _onward(conversation, filled, world)
    return Turn(draft, understood=False)


def _skip(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ASK or conversation.field(draft.path).required:
        return Turn(draft, understood=False)
    return _onward(conversation, draft.without_answer(draft.path), world)


def _keep(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """Leave an answer gone back to as it is."""
    if draft.place != ASK or not draft.answered(draft.path):
        return Turn(draft, understood=False)
    return _onward(conversation, draft, world)


def _back(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place == EDIT:
        upper = draft.at(EDIT, draft.path[:-1]) if draft.path else draft.at(REVIEW)
        return Turn(_open(conversation, upper, world))
    if draft.place == ASK and draft.returning:
        return Turn(_forward(conversation, draft, world))
    previous = previous_spot(conversation, draft)
    if previous is None:
        return Turn(draft, understood=False)
    return Turn(_open(conversation, draft.unskipped(previous).at(ASK, previous), world))


def previous_spot(conversation: Conversation, draft: Draft) -> Path | None:
    """The field asked before the place the draft is at."""
    before: Path | None = None
    for path, _ in spots(conversation, draft):
        if draft.place == ASK and path == draft.path:
            return before
        if draft.place == ANOTHER and before and before[0] == draft.path[0] != path[0]:
            return before
        before = path
    return before


def _turn_page(conversation: Conversation, draft: Draft, world: World, by: int) -> Turn:
    page = draft.page + by
    if page < 0 or page * PAGE >= draft.total or draft.place not in {ASK, EDIT}:
        return Turn(draft, understood=False)
    return Turn(_open(conversation, replace(draft, page=page), world))


def _next(conversation: Conversation, draft: Draft, world: World) -> Turn:
    return _turn_page(conversation, draft, world, 1)


def _previous(conversation: Conversation, draft: Draft, world: World) -> Turn:
    return _turn_page(conversation, draft, world, -1)


def _edit(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    return Turn(_open(conversation, draft.at(EDIT), world))


def _more(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """The first seldom field without a value, then the next: each leads back to the review."""
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    for path, asked in spots(conversation, draft, seldom=True):
        if asked.seldom and not draft.answered(path) and path_id(path) not in draft.skipped:
            return Turn(_open(conversation, draft.at(ASK, path, returning=True), world))
    return Turn(draft, understood=False)


def _go(conversation: Conversation, draft: Draft, argument: str, world: World) -> Turn:
    path = read_path(argument)
    if draft.place not in {REVIEW, EDIT} or not any(
        found == path for found, _ in spots(conversation, draft, seldom=True)
    ):
        return Turn(draft, understood=False)
    return Turn(_open(conversation, draft.unskipped(path).at(ASK, path, returning=True), world))


def _open_edit(conversation: Conversation, draft: Draft, path: Path, world: World) -> Draft:
    is_group = len(path) == 1 and any(isinstance(s, Group) and s.key == path[0] for s in conversation.steps)
    if is_group or len(path) == 2:
        return _open(conversation, draft.at(EDIT, path), world)
    return _open(conversation, draft.unskipped(path).at(ASK, path, returning=True), world)


def _add(conversation: Conversation, draft: Draft, world: World) -> Turn:
    group = _group_at(conversation, draft)
    if group is None:
        return Turn(draft, understood=False)
    count = len(draft.answers.get(group.key, []))
    if count >= group.most:
        return Turn(draft, problem=T("There can be at most {most} lines.", most=group.most))
    first = (group.key, count, group.fields[0].key)
    answers = {**draft.answers, group.key: [*draft.answers.get(group.key, []), {}]}
    return Turn(_open(conversation, replace(draft, answers=answers).at(ASK, first, returning=False), world))


def _enough(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ANOTHER:
        return Turn(draft, understood=False)
    return _onward(conversation, replace(draft, closed=(*draft.closed, str(draft.path[0]))), world)


def _remove(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != EDIT or len(draft.path) != 2:
        return Turn(draft, understood=False)
    group, index = str(draft.path[0]), int(draft.path[1])
    return Turn(_forward(conversation, draft.without_line(group, index), world))


def _done(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ASK or conversation.field(draft.path).kind.widget != "choices":
        return Turn(draft, understood=False)
    if not draft.picked:
        return Turn(draft, problem=NEEDED)
    return _onward(conversation, draft.with_answer(draft.path, list(draft.picked)), world)


def _review(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """Skip whatever optional is still open."""
    if draft.place != ASK or missing(conversation, draft) is not None:
        return Turn(draft, understood=False)
    place, path = open_spot(conversation, draft)
    while place == ASK:
        draft = draft.without_answer(path)
        place, path = open_spot(conversation, draft)
    return _onward(conversation, draft, world)


def _confirm(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    lacking = missing(conversation, draft)
    if lacking is not None:
        return Turn(_open(conversation, draft.at(ASK, lacking, returning=True), world), problem=NEEDED)
    stale = gone(conversation, draft, world)
    if stale is not None:
        return Turn(_open(conversation, draft.at(ASK, stale, returning=True), world), problem=GONE)
    for found in conversation.check(draft.answers, world) if conversation.check else ():
        asked = draft.at(ASK, read_path(found.key), returning=True)
        return Turn(_open(conversation, asked, world), problem=found.problem)
    return Turn(draft, complete=True)


def _group_at(conversation: Conversation, draft: Draft) -> Group | None:
    if draft.place == ANOTHER or (draft.place == EDIT and len(draft.path) == 1):
        for step in conversation.steps:
            if isinstance(step, Group) and step.key == draft.path[0]:
                return step
    return None


_PRESSES = {
    "skip": _skip,
    "keep": _keep,
    "back": _back,
    "next": _next,
    "previous": _previous,
    "edit": _edit,
    "more": _more,
    "add": _add,
    "enough": _enough,
    "remove": _remove,
    "done": _done,
    "review": _review,
    "confirm": _confirm,
}
