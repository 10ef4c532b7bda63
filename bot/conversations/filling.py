"""A whole form at once: the same fields, read by the same kinds, with a problem under each that has one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from bot.cards.screen import Choice
from bot.conversations.definition import Among, Conversation, Field, Group, Refused, Taken, World
from bot.conversations.draft import Draft, Path, derived, path_id, read_path, spots, with_whole_lines
from crm.core.text import T, Text

NEEDED = T("This is needed.")
GONE = T("That choice is not there any more. Please choose again.")
NO_LINES = T("I could not read these lines. Please write one below another, each as in the example.")

Lines: TypeAlias = list[dict[str, Any]]


def fill(
    conversation: Conversation, draft: Draft, values: Mapping[str, Any], world: World
) -> tuple[Draft, dict[str, Text]]:
    """Take a form as it was filled in: the draft with what could be read, and what is wrong, by path.

    Fields that the form did not carry keep what they had; an empty one is skipped, and so is a line of which
    nothing is left, unless it is the only one. Lines written together come last, once nothing else is wrong.
    """
    filled, problems = take(conversation, draft, values, world)
    filled = derived(conversation, filled, world)
    filled = replace(filled, closed=tuple(step.key for step in conversation.steps if isinstance(step, Group)))
    pasted, unread = _pasted(conversation, filled, values, world)
    problems |= unread
    written = {*pasted, *(name.partition(".")[0] for name in unread)}
    blank = _blank_lines(conversation, filled, problems, written)
    for path, asked in spots(conversation, filled, seldom=True):
        if asked.required and not filled.answered(path) and path[:2] not in blank:
            problems.setdefault(path_id(path), NEEDED)
    if problems:  # their paths count the lines as the form has them
        return filled, problems
    whole = _with_pasted(conversation, filled, pasted)
    if conversation.check:
        problems = {_place(found.key, filled): found.problem for found in conversation.check(whole.answers, world)}
    if problems:
        return filled, problems
    for group, index in reversed(blank):
        whole = whole.without_line(group, index)
    return whole, {}


def take(
    conversation: Conversation, draft: Draft, values: Mapping[str, Any], world: World
) -> tuple[Draft, dict[str, Text]]:
    """The draft with those of the values that can be read, and what is wrong with the others, by path."""
    problems: dict[str, Text] = {}
    for path, asked in form_spots(conversation, values):
        name = path_id(path)
        if name not in values and own_key(name) not in values:
            continue
        own = values.get(own_key(name))
        raw = values.get(name) if is_blank(own) else own
        if is_blank(raw):
            draft = draft.without_answer(path)
            draft = draft.unskipped(path) if asked.required else draft
            continue
        value = _read(asked, raw, world)
        if isinstance(value, Text):
            problems[name] = value
        else:
            draft = draft.with_answer(path, value)
    return draft, problems


def form_spots(conversation: Conversation, values: Mapping[str, Any]) -> Sequence[tuple[Path, Field]]:
    """The fields a form may carry: for a group, as many lines as the values name."""
    found: list[tuple[Path, Field]] = []
    for step in conversation.steps:
        if isinstance(step, Field):
            found.append(((step.key,), step))
            continue
        for index in range(lines_named(step, values)):
            found += [((step.key, index, inner.key), inner) for inner in step.fields]
    return found


def lines_named(group: Group, values: Mapping[str, Any]) -> int:
    """How many lines of a group the values of a form name, at most as many as it may have."""
    named = [read_path(name) for name in values if name.startswith(f"{group.key}.")]
    last = max((path[1] for path in named if len(path) == 3 and isinstance(path[1], int)), default=-1)
    return min(last + 1, group.most)


def paste_key(group: Group) -> str:
    """The path of the field of a form that takes several lines of a group written together."""
    return f"{group.key}.paste"


def own_key(name: str) -> str:
    """The path of the field of a form that takes one's own words in place of what a list offers."""
    return f"{name}.own"


def is_blank(raw: Any) -> bool:
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip())


def _pasted(
    conversation: Conversation, draft: Draft, values: Mapping[str, Any], world: World
) -> tuple[dict[str, Lines], dict[str, Text]]:
    """The lines written together, by group, and what is wrong with them."""
    pasted: dict[str, Lines] = {}
    problems: dict[str, Text] = {}
    for step in conversation.steps:
        raw = values.get(paste_key(step)) if isinstance(step, Group) else None
        if not isinstance(step, Group) or step.read is None or not isinstance(raw, str) or not raw.strip():
            continue
        found = step.read(raw.strip(), draft.answers, world)
        room = step.most - sum(bool(line) for line in draft.answers.get(step.key) or ())
        if found is None or isinstance(found, Refused):
            problems[paste_key(step)] = NO_LINES if found is None else found.problem
        elif len(found) > room:
            problems[paste_key(step)] = T("There can be at most {most} lines.", most=step.most)
        else:
            pasted[step.key] = [dict(line) for line in found]
    return pasted, problems


def _with_pasted(conversation: Conversation, draft: Draft, pasted: Mapping[str, Lines]) -> Draft:
    for step in conversation.steps:
        if isinstance(step, Group) and step.key in pasted:
            lines = [*(draft.answers.get(step.key) or [{}]), *pasted[step.key]]
            draft = with_whole_lines(replace(draft, answers={**draft.answers, step.key: lines}), step)
    return draft


def _place(name: str, draft: Draft) -> str:
    """Where a form shows what is wrong with an answer: a line that it has no place for was written with others."""
    path = read_path(name)
    if len(path) == 3 and isinstance(path[1], int) and path[1] >= len(draft.answers.get(str(path[0])) or [{}]):
        return f"{path[0]}.paste"
    return name


def _blank_lines(
    conversation: Conversation, draft: Draft, problems: Mapping[str, Text], written: Collection[str]
) -> list[tuple[str, int]]:
    """Lines with nothing in them and nothing wrong, in order; the first stays where there would be no other.

    `written`: groups of which several lines are written together.
    """
    blank: list[tuple[str, int]] = []
    for step in conversation.steps:
        if not isinstance(step, Group):
            continue
        lines = draft.answers.get(step.key) or ([{}] if step.key in written else [])
        empty = [
            (step.key, index)
            for index, line in enumerate(lines)
            if not line and not any(name.startswith(f"{step.key}.{index}.") for name in problems)
        ]
        blank += empty[1:] if len(empty) == len(lines) and step.key not in written else empty
    return blank


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
