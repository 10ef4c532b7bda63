"""A form that is still open: something in it was changed or pressed, and what hangs on it is worked out anew. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversations.definition import Conversation, Field, Group, World
from bot.conversations.draft import (
    Draft,
    Path,
    answers_at,
    derived,
    line_count,
    path_id,
    put_answer,
    spots,
    with_whole_lines,
)
from bot.conversations.filling import form_spots, is_blank, lines_named, own_key, paste_key, take
from crm.core.text import Text

ADD, MORE, SHORTCUT, EDIT = "add", "more", "shortcut", "edit"
"""What the buttons of a form mean: `add:GROUP`, `more`, `shortcut:KEY`; `edit` leads from the review to the fields."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change led to. `draft` has what could be read; `typed` is what stands in the form now, by path, None
    for a field that stands there empty; `problems`, by path, only what is wrong with the very field changed.
    """

    draft: Draft
    typed: Mapping[str, Any]
    problems: Mapping[str, Text] = field(default_factory=dict)


def change(conversation: Conversation, draft: Draft, values: Mapping[str, Any], what: str, world: World) -> Change:
    """Take a form as it stands, and what was changed (a field's path) or pressed (a button's code) in it.

    Nothing typed is lost: what cannot be read stays as it is, without a word before its field is left. A default is
    put only where nothing is, or where the one that was put there before still stands.
    """
    taken, problems = take(conversation, draft, values, world)
    taken = derived(conversation, replace(taken, skipped=draft.skipped), world)
    typed = _standing(conversation, values)
    name, _, argument = what.partition(":")
    if name == ADD:
        typed |= _another_line(conversation, taken, typed, argument)
    elif name == MORE:
        typed |= {one: typed.get(one) for one in _seldom(conversation, taken, typed)}
    elif name == SHORTCUT:
        taken, typed = _with_shortcut(conversation, taken, typed, argument, world)
    taken, typed = _with_new_defaults(conversation, draft, taken, typed, world)
    wrong = {what: problems[what]} if what in problems else {}
    return Change(_trimmed(conversation, draft, derived(conversation, taken, world)), typed, wrong)


def is_empty(key: str, draft: Draft, typed: Mapping[str, Any]) -> bool:
    """Whether nothing stands yet in a field, or in any line of a group."""
    known = draft.answers.get(key)
    if any(known) if isinstance(known, list) else known is not None:
        return False
    return all(is_blank(raw) for name, raw in typed.items() if name.split(".")[0] == key)


def default_of(asked: Field, path: Path, draft: Draft, world: World) -> str | None:
    """What a form puts into a field by itself, as it could be typed."""
    return None if asked.default is None else asked.default(answers_at(draft.answers, path), world)


def _standing(conversation: Conversation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields that there are; None for an empty one."""
    names = [path_id(path) for path, _ in form_spots(conversation, values)]
    names += [own_key(name) for name in names]  # one's own words stay too, where they are too long to be taken
    names += [paste_key(step) for step in conversation.steps if isinstance(step, Group) and step.read is not None]
    return {name: None if is_blank(values[name]) else values[name] for name in names if name in values}


def _another_line(conversation: Conversation, draft: Draft, typed: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The fields of one more line of a group; none where it has as many as it may."""
    for step in conversation.steps:
        if isinstance(step, Group) and step.key == key:
            count = max(line_count(draft.answers, step), lines_named(step, typed))
            if count < step.most:
                return {path_id((key, count, inner.key)): None for inner in step.fields if not inner.seldom}
    return {}


def _seldom(conversation: Conversation, draft: Draft, typed: Mapping[str, Any]) -> list[str]:
    """The paths of the fields behind "More fields", and of those for several lines at once."""
    found: list[str] = []
    for step in conversation.steps:
        if isinstance(step, Field):
            found += [step.key] if step.seldom else []
            continue
        lines = range(max(line_count(draft.answers, step), lines_named(step, typed)))
        found += [path_id((step.key, index, inner.key)) for index in lines for inner in step.fields if inner.seldom]
        found += [paste_key(step)] if step.read is not None else []
    return found


def _with_shortcut(
    conversation: Conversation, draft: Draft, typed: Mapping[str, Any], key: str, world: World
) -> tuple[Draft, dict[str, Any]]:
    """What the shortcut knows, wherever nothing stands yet; a group as a whole."""
    found = next((one for one in conversation.shortcuts if one.key == key), None)
    known = found.answers(draft.answers, world) if found is not None else None
    rest = dict(typed)
    for step in conversation.steps:
        if known is None or step.key not in known or not is_empty(step.key, draft, typed):
            continue
        rest = {name: raw for name, raw in rest.items() if name.split(".")[0] != step.key}
        draft = replace(draft, answers={**draft.answers, step.key: known[step.key]})
        if isinstance(step, Group):
            draft = with_whole_lines(draft, step)
    return draft, rest


def _with_new_defaults(
    conversation: Conversation, before: Draft, after: Draft, typed: Mapping[str, Any], world: World
) -> tuple[Draft, dict[str, Any]]:
    """Where a default has become another, what stands empty or still holds the old one gets the new one.

    A field that may not stay empty gets it in any case: the drawing that would have brought it may be lost.
    """
    rest = dict(typed)
    asking = [
        (path, asked, default_of(asked, path, before, world))
        for path, asked in spots(conversation, after, seldom=True)
        if asked.default is not None and path_id(path) in typed
    ]
    # What we have put in ourselves is no answer that another default could follow from.
    bare = after
    for path, _, old in asking:
        if _is(typed[path_id(path)], old):
            bare = replace(bare, answers=put_answer(bare.answers, path, None))
    for path, asked, old in asking:
        raw, new = typed[path_id(path)], default_of(asked, path, bare, world)
        if (raw is None and asked.required) or (old != new and (raw is None or _is(raw, old))):
            after = replace(after, answers=put_answer(after.answers, path, None))
            rest[path_id(path)] = new
    return after, rest


def _is(raw: Any, default: str | None) -> bool:
    return isinstance(raw, str) and raw.strip() == default


def _trimmed(conversation: Conversation, before: Draft, after: Draft) -> Draft:
    """The draft without the empty lines at the end of a group that it did not have before."""
    answers = dict(after.answers)
    for step in conversation.steps:
        lines = answers.get(step.key)
        if not isinstance(step, Group) or not isinstance(lines, list):
            continue
        least = len(before.answers.get(step.key) or ())
        kept = list(lines)
        while len(kept) > least and not kept[-1]:
            kept.pop()
        answers[step.key] = kept
        if not kept and step.key not in before.answers:
            del answers[step.key]
    return replace(after, answers=answers)
