"""A draft as people see it: the question with the answers so far, the review, the list to edit from, the form."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Choice, Form, Input, Line, Screen, labelled, muted, problem, prompt, title
from bot.conversations import draft as draft_module
from bot.conversations.definition import Conversation, Field, Group, World
from bot.conversations.draft import (
    ASK,
    REVIEW,
    Draft,
    get_answer,
    line_count,
    missing,
    path_id,
    read_path,
    spots,
)
from bot.conversations.engine import PAGE, Turn, previous_spot
from crm.core.text import T, Text, Words

MOST_LINES = 20
"""Answers shown above a question; older ones give way to a line that says how many."""
LONGEST_LIST = 100
"""Records that a form lists; where there are more, they are searched."""


def draw(
    conversation: Conversation,
    turn: Turn,
    world: World,
    *,
    token: str,
    with_form: bool = True,
    longest: int = LONGEST_LIST,
) -> Screen:
    """The screen of where the conversation stands. `token` (session and turn) goes into every button's action.

    `with_form` False leaves the page out, which takes longer to draw than all the rest; `longest`: see `form`.
    """
    draft = turn.draft
    heading = [title(conversation.title), *_answers(conversation, draft, world)]
    trouble = [problem(turn.problem)] if turn.problem is not None else []
    match draft.place:
        case draft_module.REVIEW:
            screen = _review(conversation, draft, token)
            if conversation.remarks:
                heading += world.remark(conversation.remarks, draft.answers)
        case draft_module.EDIT:
            screen = _edit(conversation, draft, world, token)
        case draft_module.ANOTHER:
            screen = _another(token)
        case _:
            screen = _question(conversation, draft, world, token)
    lines = (*heading, *trouble, *screen.lines)
    page = form(conversation, turn, world, token=token, longest=longest) if with_form else None
    return Screen(lines, screen.rows, page)


def form(
    conversation: Conversation,
    turn: Turn,
    world: World,
    *,
    token: str,
    typed: Mapping[str, Any] | None = None,
    longest: int = LONGEST_LIST,
) -> Form:
    """The whole conversation as one page, filled with what is known.

    `typed` (path → text) stands again where it could not be read. Lists of more than `longest` records are searched.
    """
    inputs: list[Input] = []
    for step in conversation.steps:
        if isinstance(step, Field):
            if step.applies(turn.draft.answers):
                lists = _lists(step, world, longest)
                inputs.append(_input(step, (step.key,), step.label, turn, world, lists, typed or {}))
            continue
        of_fields = [(inner, _lists(inner, world, longest)) for inner in step.fields]
        for index in range(line_count(turn.draft.answers, step)):
            for inner, lists in of_fields:
                label = T("{label} {number}", label=inner.label, number=index + 1)
                inputs.append(_input(inner, (step.key, index, inner.key), label, turn, world, lists, typed or {}))
    submit = labels.SUBMIT if conversation.submits else labels.CONFIRM
    return Form(conversation.title, token, tuple(inputs), submit, labels.CANCEL)


def _lists(asked: Field, world: World, longest: int) -> tuple[str, tuple[Choice, ...]]:
    """What a field is in a form, and what there is to choose from: asked for once, however many lines it has."""
    widget = asked.kind.widget
    if widget == "choice":
        return widget, tuple(asked.kind.offer("", world, offset=0, most=300)[0])
    if widget in {"search", "choices"}:
        found, total = asked.kind.offer("", world, offset=0, most=longest)
        if total <= longest and found:
            return ("choice" if widget == "search" else widget), tuple(found)
        # A source with nothing in it yet takes what is typed; an empty list could not even be drawn.
        return (widget if total else "text"), ()
    return widget, ()


def review_form(conversation: Conversation, turn: Turn, world: World, *, token: str) -> Form:
    """The last page of a form: everything as it was understood, and what is worth saying about it."""
    lines = _answers(conversation, turn.draft, world)
    if conversation.remarks:
        lines += world.remark(conversation.remarks, turn.draft.answers)
    submit = labels.SUBMIT if conversation.submits else labels.CONFIRM
    return Form(conversation.title, token, (), submit, labels.CANCEL, tuple(lines))


def _input(
    asked: Field,
    path: tuple[str | int, ...],
    label: Text,
    turn: Turn,
    world: World,
    lists: tuple[str, tuple[Choice, ...]],
    typed: Mapping[str, Any],
) -> Input:
    name, (widget, choices) = path_id(path), lists
    value = get_answer(turn.draft.answers, path)
    if widget in {"choice", "choices", "search"}:
        shown: Any = value
        if widget != "choice" and not choices and value is not None:
            chosen = [asked.kind.choice(str(one), world) for one in (value if isinstance(value, list) else [value])]
            choices = tuple(choice for choice in chosen if choice is not None)
    elif name in turn.problems and isinstance(typed.get(name), str):
        shown = typed[name]
    else:
        shown = None if value is None else asked.kind.text(value, world)
    return Input(name, label, widget, asked.required, asked.hint, shown, choices, turn.problems.get(name))


def _answers(conversation: Conversation, draft: Draft, world: World) -> list[Line]:
    shown: list[Line] = []
    for step in conversation.steps:
        if isinstance(step, Field):
            value = draft.answers.get(step.key)
            if value is not None and not (draft.place == ASK and draft.path == (step.key,)):
                shown.append(labelled(step.label, step.kind.show(value, world)))
            continue
        shown += [
            labelled(T("{label} {number}", label=step.label, number=index + 1), summary)
            for index in range(len(draft.answers.get(step.key, [])))
            if (summary := line_summary(step, index, draft, world)) is not None
        ]
    if draft.place != REVIEW and len(shown) > MOST_LINES:
        left = len(shown) - MOST_LINES
        return [muted(T("… and {count} more above", count=left)), *shown[left:]]
    return shown


def line_summary(group: Group, index: int, draft: Draft, world: World) -> Words | None:
    """A line of a group in a few words: its values one after another; None for an empty one."""
    line = get_answer(draft.answers, (group.key, index)) or {}
    values = [inner.kind.show(line[inner.key], world) for inner in group.fields if inner.key in line]
    return T("{items}", items=values) if values else None


def _question(conversation: Conversation, draft: Draft, world: World, token: str) -> Screen:
    asked = conversation.field(draft.path)
    rows: list[tuple[Button, ...]] = [
        (_button(shortcut.label, token, f"shortcut:{shortcut.key}", "primary"),)
        for shortcut in conversation.shortcuts
        if shortcut.offered(draft.path, draft.answers, world)
    ]
    rows += [(button,) for button in _choices(asked, draft, world, token)]
    rows += _paging(draft, token)
    if asked.kind.widget == "choices" and draft.picked:
        rows.append((_button(labels.THATS_ALL, token, "done", "primary"),))
    kept = get_answer(draft.answers, draft.path)
    lines = [muted(T("So far: {value}", value=asked.kind.show(kept, world)))] if kept is not None else []
    if kept is not None and not draft.returning:
        rows.append((_button(labels.KEEP, token, "keep", "primary"),))
    nav = []
    if draft.returning or previous_spot(conversation, draft) is not None:
        nav.append(_button(labels.BACK, token, "back"))
    if not asked.required:
        nav.append(_button(labels.SKIP, token, "skip"))
    nav.append(_button(labels.CANCEL, token, "cancel"))
    rows.append(tuple(nav))
    if not draft.returning and not asked.required and missing(conversation, draft) is None and conversation.reviewed:
        rows.append((_button(labels.REVIEW, token, "review"),))
    return Screen((*lines, prompt(_prompt(asked))), tuple(rows))


def _prompt(asked: Field) -> Text:
    if asked.hint is None:
        return T("{label}?", label=asked.label) if asked.required else T("{label} (optional)?", label=asked.label)
    if asked.required:
        return T("{label}: {hint}", label=asked.label, hint=asked.hint)
    return T("{label} (optional): {hint}", label=asked.label, hint=asked.hint)


def _choices(asked: Field, draft: Draft, world: World, token: str) -> list[Button]:
    buttons = []
    for index, value in enumerate(draft.offered):
        if asked.kind.widget in {"text", "long"}:
            buttons.append(Button(value, f"c:{token}:choose:{index}"))
            continue
        choice = asked.kind.choice(value, world)
        if choice is not None:
            mark = "☑️" if value in draft.picked else ""
            buttons.append(Button(choice.label, f"c:{token}:choose:{index}", mark=mark, note=choice.note))
    return buttons


def _paging(draft: Draft, token: str) -> list[tuple[Button, ...]]:
    turn = []
    if draft.page > 0:
        turn.append(_button(labels.PREVIOUS, token, "previous"))
    if (draft.page + 1) * PAGE < draft.total:
        turn.append(_button(labels.NEXT, token, "next"))
    return [tuple(turn)] if turn else []


def _review(conversation: Conversation, draft: Draft, token: str) -> Screen:
    confirm = labels.SUBMIT if conversation.submits else labels.CONFIRM
    rows: list[tuple[Button, ...]] = [(_button(confirm, token, "confirm", "primary", "✅"),)]
    second = [_button(labels.EDIT, token, "edit")]
    if any(
        asked.seldom and not draft.answered(path) and path_id(path) not in draft.skipped
        for path, asked in spots(conversation, draft, seldom=True)
    ):
        second.append(_button(labels.MORE_FIELDS, token, "more"))
    rows += [tuple(second), (_button(labels.CANCEL, token, "cancel"),)]
    asking = T("Shall this be submitted?") if conversation.submits else T("Is everything right?")
    return Screen((prompt(asking),), tuple(rows))


def _edit(conversation: Conversation, draft: Draft, world: World, token: str) -> Screen:
    rows: list[tuple[Button, ...]] = [
        (Button(_edit_label(conversation, draft, value, world), f"c:{token}:choose:{index}"),)
        for index, value in enumerate(draft.offered)
    ]
    rows += _paging(draft, token)
    if len(draft.path) == 1:
        rows.append((_button(labels.ADD_LINE, token, "add"),))
    if len(draft.path) == 2:
        rows.append((_button(labels.REMOVE_LINE, token, "remove", "danger"),))
    rows.append((_button(labels.BACK, token, "back"), _button(labels.CANCEL, token, "cancel")))
    return Screen((prompt(T("What shall be changed?")),), tuple(rows))


def _edit_label(conversation: Conversation, draft: Draft, value: str, world: World) -> Words:
    path = read_path(value)
    if len(path) != 1:
        group = next(step for step in conversation.steps if isinstance(step, Group) and step.key == path[0])
        if len(path) == 2:
            summary = line_summary(group, int(path[1]), draft, world)
            return T("{number}. {line}", number=int(path[1]) + 1, line=summary or T("(empty)"))
        return conversation.field(path).label
    return next(step.label for step in conversation.steps if step.key == path[0])


def _another(token: str) -> Screen:
    row = (_button(labels.ADD_LINE, token, "add"), _button(labels.NO_MORE_LINES, token, "enough", "primary"))
    nav = (_button(labels.BACK, token, "back"), _button(labels.CANCEL, token, "cancel"))
    return Screen((prompt(T("Is there more, or is that all?")),), (row, nav))


def _button(label: Text, token: str, code: str, role: str = "", mark: str = "") -> Button:
    return Button(label, f"c:{token}:{code}", role, mark)
