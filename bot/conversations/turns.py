"""Where an action leads: the next open place of a draft, what it offers, and when all of it can be submitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.cards import labels
from bot.conversations.definition import Conversation, Field, World
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
)
from bot.conversations.filling import GONE, NEEDED
from crm.core.text import Text

PAGE = 8
"""Choices shown at once."""


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


def forward(conversation: Conversation, draft: Draft, world: World) -> Draft:
    draft = derived(conversation, draft, world)
    place, path = open_spot(conversation, draft)
    return open_place(conversation, draft.at(place, path, returning=False), world)


def onward(conversation: Conversation, draft: Draft, world: World) -> Turn:
    """After an answer: back to the review where one came from there, else to the next open place."""
    moved = forward(conversation, draft, world)
    if moved.place == REVIEW and not conversation.reviewed:
        return confirm(conversation, moved, world)
    return Turn(moved)


def open_place(conversation: Conversation, draft: Draft, world: World) -> Draft:
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


def confirm(conversation: Conversation, draft: Draft, world: World) -> Turn:
    if draft.place != REVIEW:
        return Turn(draft, understood=False)
    lacking = missing(conversation, draft)
    if lacking is not None:
        return Turn(open_place(conversation, draft.at(ASK, lacking, returning=True), world), problem=NEEDED)
    stale = gone(conversation, draft, world)
    if stale is not None:
        return Turn(open_place(conversation, draft.at(ASK, stale, returning=True), world), problem=GONE)
    for found in conversation.check(draft.answers, world) if conversation.check else ():
        asked = draft.at(ASK, read_path(found.key), returning=True)
        return Turn(open_place(conversation, asked, world), problem=found.problem)
    return Turn(draft, complete=True)


def gone(conversation: Conversation, draft: Draft, world: World) -> Path | None:
    """The first answer that has stopped to hold (a product discontinued meanwhile), None when all still do."""
    for path, asked in spots(conversation, draft, seldom=True):
        value = get_answer(draft.answers, path)
        if value is not None and not asked.kind.holds(value, world):
            return path
    return None


def submit_label(conversation: Conversation, draft: Draft) -> Text:
    """What the last button of a draft says."""
    if conversation.submits:
        return labels.SUBMIT
    return labels.SAVE if draft.captured else labels.CONFIRM


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
