"""What each button of a conversation does."""

from dataclasses import replace

from bot.conversations.definition import Conversation, Group, Taken, World
from bot.conversations.draft import (
    ANOTHER,
    ASK,
    EDIT,
    REVIEW,
    Draft,
    Path,
    missing,
    open_spot,
    path_id,
    read_path,
    spots,
    with_whole_lines,
)
from bot.conversations.filling import GONE, NEEDED
from bot.conversations.turns import PAGE, Turn, confirm, forward, onward, open_place, previous_spot
from crm.core.text import T


def press(conversation: Conversation, draft: Draft, code: str, world: World) -> Turn:
    name, _, argument = code.partition(":")
    if name == "choose" and argument.isdecimal():
        return choose(conversation, draft, int(argument[:6]), world)
    if name == "go":
        return _go(conversation, draft, argument, world)
    if name == "shortcut":
        return _shortcut(conversation, draft, argument, world)
    handler = _PRESSES.get(name)
    return handler(conversation, draft, world) if handler else Turn(draft, understood=False)


def choose(conversation: Conversation, draft: Draft, number: int, world: World) -> Turn:
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
                return onward(conversation, draft.with_answer(draft.path, read), world)
            case _:
                return Turn(draft, problem=GONE)
    if asked.kind.choice(value, world) is None:
        return Turn(open_place(conversation, draft, world), problem=GONE)
    return onward(conversation, draft.with_answer(draft.path, value), world)


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
        return onward(conversation, filled, world)
    return Turn(draft, understood=False)


def _skip(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ASK or conversation.field(draft.path).required:
        return Turn(draft, understood=False)
    return onward(conversation, draft.without_answer(draft.path), world)


def _keep(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """Leave an answer gone back to as it is."""
    if draft.place != ASK or not draft.answered(draft.path):
        return Turn(draft, understood=False)
    return onward(conversation, draft, world)


def _back(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place == EDIT:
        upper = draft.at(EDIT, draft.path[:-1]) if draft.path else draft.at(REVIEW)
        return Turn(open_place(conversation, upper, world))
    if draft.place == ASK and draft.returning:
        return Turn(forward(conversation, draft, world))
    previous = previous_spot(conversation, draft)
    if previous is None:
        return Turn(draft, understood=False)
    return Turn(open_place(conversation, draft.unskipped(previous).at(ASK, previous), world))


def _turn_page(conversation: Conversation, draft: Draft, world: World, by: int) -> Turn:
    page = draft.page + by
    if page < 0 or page * PAGE >= draft.total or draft.place not in {ASK, EDIT}:
        return Turn(draft, understood=False)
    return Turn(open_place(conversation, replace(draft, page=page), world))


def _next(conversation: Conversation, draft: Draft, world: World) -> Turn:
    return _turn_page(conversation, draft, world, 1)


def _previous(conversation: Conversation, draft: Draft, world: World) -> Turn:
    return _turn_page(conversation, draft, world, -1)


def _edit(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    return Turn(open_place(conversation, draft.at(EDIT), world))


def _more(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """The first seldom field without a value, then the next: each leads back to the review."""
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    for path, asked in spots(conversation, draft, seldom=True):
        if asked.seldom and not draft.answered(path) and path_id(path) not in draft.skipped:
            return Turn(open_place(conversation, draft.at(ASK, path, returning=True), world))
    return Turn(draft, understood=False)


def _go(conversation: Conversation, draft: Draft, argument: str, world: World) -> Turn:
    path = read_path(argument)
    if draft.place not in {REVIEW, EDIT} or not any(
        found == path for found, _ in spots(conversation, draft, seldom=True)
    ):
        return Turn(draft, understood=False)
    return Turn(open_place(conversation, draft.unskipped(path).at(ASK, path, returning=True), world))


def _open_edit(conversation: Conversation, draft: Draft, path: Path, world: World) -> Draft:
    is_group = len(path) == 1 and any(isinstance(s, Group) and s.key == path[0] for s in conversation.steps)
    if is_group or len(path) == 2:
        return open_place(conversation, draft.at(EDIT, path), world)
    return open_place(conversation, draft.unskipped(path).at(ASK, path, returning=True), world)


def _add(conversation: Conversation, draft: Draft, world: World) -> Turn:
    group = _group_at(conversation, draft)
    if group is None:
        return Turn(draft, understood=False)
    count = len(draft.answers.get(group.key, []))
    if count >= group.most:
        return Turn(draft, problem=T("There can be at most {most} lines.", most=group.most))
    first = (group.key, count, group.fields[0].key)
    answers = {**draft.answers, group.key: [*draft.answers.get(group.key, []), {}]}
    return Turn(open_place(conversation, replace(draft, answers=answers).at(ASK, first, returning=False), world))


def _enough(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ANOTHER:
        return Turn(draft, understood=False)
    return onward(conversation, replace(draft, closed=(*draft.closed, str(draft.path[0]))), world)


def _remove(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != EDIT or len(draft.path) != 2:
        return Turn(draft, understood=False)
    group, index = str(draft.path[0]), int(draft.path[1])
    return Turn(forward(conversation, draft.without_line(group, index), world))


def _done(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != ASK or conversation.field(draft.path).kind.widget != "choices":
        return Turn(draft, understood=False)
    if not draft.picked:
        return Turn(draft, problem=NEEDED)
    return onward(conversation, draft.with_answer(draft.path, list(draft.picked)), world)


def _review(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """Skip whatever optional is still open."""
    if draft.place != ASK or missing(conversation, draft) is not None:
        return Turn(draft, understood=False)
    place, path = open_spot(conversation, draft)
    while place == ASK:
        draft = draft.without_answer(path)
        place, path = open_spot(conversation, draft)
    return onward(conversation, draft, world)


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
    "confirm": confirm,
}
