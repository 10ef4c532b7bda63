"""A whole form at once: the same fields, read by the same kinds, with a problem under each that has one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.cards.screen import Choice
from bot.conversations.definition import Among, Conversation, Field, Group, Refused, Taken, World
from bot.conversations.draft import Draft, Path, derived, path_id, read_path, spots
from crm.core.text import T, Text

NEEDED = T("This is needed.")
GONE = T("That choice is not there any more. Please choose again.")


def fill(
    conversation: Conversation, draft: Draft, values: Mapping[str, Any], world: World
) -> tuple[Draft, dict[str, Text]]:
    """Take a form as it was filled in: the draft with what could be read, and what is wrong, by path.

    Fields that the form did not carry keep what they had; an empty one is skipped, and so is a line of which
    nothing is left, unless it is the only one.
    """
    problems: dict[str, Text] = {}
    filled = draft
    for path, asked in _form_spots(conversation, values):
        name = path_id(path)
        if name not in values:
            continue
        raw = values[name]
        if raw is None or raw == [] or (isinstance(raw, str) and not raw.strip()):
            filled = filled.without_answer(path)
            filled = filled.unskipped(path) if asked.required else filled
            continue
        value = _read(asked, raw, world)
        if isinstance(value, Text):
            problems[name] = value
        else:
            filled = filled.with_answer(path, value)
    filled = derived(conversation, filled, world)
    filled = replace(filled, closed=tuple(step.key for step in conversation.steps if isinstance(step, Group)))
    blank = _blank_lines(conversation, filled, problems)
    for path, asked in spots(conversation, filled, seldom=True):
        if asked.required and not filled.answered(path) and path[:2] not in blank:
            problems.setdefault(path_id(path), NEEDED)
    if not problems and conversation.check:
        problems = {found.key: found.problem for found in conversation.check(filled.answers, world)}
    if not problems:  # until then a problem's path counts the lines as the form has them
        for group, index in reversed(blank):
            filled = filled.without_line(group, index)
    return filled, problems


def _blank_lines(conversation: Conversation, draft: Draft, problems: Mapping[str, Text]) -> list[tuple[str, int]]:
    """Lines with nothing in them and nothing wrong, in order; the first stays where there would be no other."""
    blank: list[tuple[str, int]] = []
    for step in conversation.steps:
        lines = draft.answers.get(step.key) or [] if isinstance(step, Group) else []
        empty = [
            (step.key, index)
            for index, line in enumerate(lines)
            if not line and not any(name.startswith(f"{step.key}.{index}.") for name in problems)
        ]
        blank += empty[1:] if len(empty) == len(lines) else empty
    return blank


def _form_spots(conversation: Conversation, values: Mapping[str, Any]) -> Sequence[tuple[Path, Field]]:
    """The fields a form may carry: for a group, as many lines as the values name."""
    found: list[tuple[Path, Field]] = []
    for step in conversation.steps:
        if isinstance(step, Field):
            found.append(((step.key,), step))
            continue
        named = [read_path(name) for name in values if name.startswith(f"{step.key}.")]
        lines = 1 + max((int(path[1]) for path in named if len(path) == 3 and isinstance(path[1], int)), default=-1)
        for index in range(min(lines, step.most)):
            found += [((step.key, index, inner.key), inner) for inner in step.fields]
    return found


def _read(asked: Field, raw: Any, world: World) -> Any:
    """The value of one form field, or the Text of what is wrong with it."""
    if asked.kind.widget == "choices":
        chosen = [str(one) for one in raw] if isinstance(raw, list) else [str(raw)]
        return chosen if all(asked.kind.choice(one, world) for one in chosen) else GONE
    if asked.kind.widget in {"choice", "search"} and asked.kind.choice(str(raw), world) is not None:
        return str(raw)
    match asked.kind.read(str(raw).strip(), world):
        case Taken(value):
            return value
        case Refused(problem):
            return problem
        case Among(query):
            found, _ = asked.kind.offer(query, world, offset=0, most=5)
            return T("Several match: {names}. Please write one in full.", names=_names(found))


def _names(choices: Sequence[Choice]) -> list[Any]:
    return [choice.label for choice in choices]
