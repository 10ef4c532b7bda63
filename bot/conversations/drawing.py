"""A draft as people see it: the question with the answers so far, the review, the list to edit from, the form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.cards import labels
from bot.cards.screen import (
    Button,
    Choice,
    Form,
    FormButton,
    Input,
    Line,
    Screen,
    body,
    labelled,
    muted,
    problem,
    prompt,
    title,
)
from bot.conversations import draft as draft_module
from bot.conversations.changing import ADD, EDIT, MORE, SHORTCUT, default_of, is_empty
from bot.conversations.definition import Conversation, Field, Group, World
from bot.conversations.draft import (
    ASK,
    REVIEW,
    Draft,
    Path,
    answers_at,
    get_answer,
    line_count,
    missing,
    path_id,
    read_path,
    spots,
)
from bot.conversations.filling import is_blank, lines_named, own_key, paste_key
from bot.conversations.kinds import Chips
from bot.conversations.turns import PAGE, Turn, previous_spot, submit_label
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
    heading = [title(conversation.title), *_about(conversation, draft, world), *_answers(conversation, draft, world)]
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
    lines = (*heading, *_trouble(turn), *screen.lines)
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
    whole: bool = True,
) -> Form:
    """The whole conversation as one page, filled with what is known.

    `typed` (path → text, None where it is empty) is what stands in it. Lists of more than `longest` records are
    searched. Unless it is to be `whole`, the seldom fields wait behind a button, and so do further lines.
    """
    page = _Page(conversation, turn, world, typed or {}, longest, whole)
    inputs: list[Input] = []
    buttons: list[FormButton] = []
    for step in conversation.steps:
        before = inputs[-1].key if inputs else ""
        inputs += page.field(step) if isinstance(step, Field) else page.lines(step)
        if not whole:
            buttons += [FormButton(code, label, before) for code, label in page.shortcuts(step.key)]
            buttons += page.adding(step, inputs[-1].key) if isinstance(step, Group) else ()
    if page.hides:
        buttons.append(FormButton(MORE, labels.MORE_FIELDS))
    submit = submit_label(conversation, turn.draft)
    above = (*_trouble(turn), *_about(conversation, turn.draft, world))
    return Form(conversation.title, token, tuple(inputs), submit, labels.CANCEL, above, tuple(buttons))


def _trouble(turn: Turn) -> tuple[Line, ...]:
    return () if turn.problem is None else (problem(turn.problem),)


@dataclass(slots=True)
class _Page:
    """A form being drawn. `hides`: whether something waits behind "More fields"."""

    conversation: Conversation
    turn: Turn
    world: World
    typed: Mapping[str, Any]
    longest: int
    whole: bool
    hides: bool = False

    def field(self, step: Field) -> list[Input]:
        if not step.applies(self.turn.draft.answers) or not self._is_shown(step, (step.key,)):
            return []
        drawn = self._input(step, (step.key,), step.label, _lists(step, self.world, self.longest))
        return self._with_own_words(step, drawn) if isinstance(step.kind, Chips) else [drawn]

    def _with_own_words(self, step: Field, drawn: Input) -> list[Input]:
        """The list, and room for one's own words: either will do, so neither can be required by the page."""
        name = own_key(step.key)
        known = {choice.value for choice in drawn.choices}
        written = None if drawn.value is None or drawn.value in known else str(drawn.value)
        own = Input(
            name,
            T("{label}, in your own words", label=step.label),
            "text",
            required=False,
            value=self.typed.get(name, written),
        )
        return [replace(drawn, required=False, value=None if written else drawn.value), own]

    def lines(self, step: Group) -> list[Input]:
        of_fields = [(inner, _lists(inner, self.world, self.longest)) for inner in step.fields]
        inputs: list[Input] = []
        for index in range(max(line_count(self.turn.draft.answers, step), lines_named(step, self.typed))):
            may_stay_empty = self._may_stay_empty(step, index)
            for inner, lists in of_fields:
                path = (step.key, index, inner.key)
                if inner.applies(answers_at(self.turn.draft.answers, path)) and self._is_shown(inner, path):
                    label = T("{label} {number}", label=inner.label, number=index + 1)
                    drawn = self._input(inner, path, label, lists)
                    inputs.append(replace(drawn, required=False) if may_stay_empty else drawn)
        return inputs + self._pasting(step)

    def shortcuts(self, key: str) -> Iterator[tuple[str, Text]]:
        """Those that may fill in this step, as long as nothing stands there."""
        draft = self.turn.draft
        if not is_empty(key, draft, self.typed):
            return
        for shortcut in self.conversation.shortcuts:
            paths = [path for path, _ in spots(self.conversation, draft) if path[0] == key]
            if any(shortcut.offered(path, draft.answers, self.world) for path in paths):
                yield f"{SHORTCUT}:{shortcut.key}", shortcut.label

    def adding(self, step: Group, below: str) -> list[FormButton]:
        count = max(line_count(self.turn.draft.answers, step), lines_named(step, self.typed))
        return [FormButton(f"{ADD}:{step.key}", labels.ADD_LINE, below)] if count < step.most else []

    def _may_stay_empty(self, step: Group, index: int) -> bool:
        """Whether a form is taken without this line: a door that knows of no such line would not hand it in."""
        if self.whole or (index == 0 and paste_key(step) not in self.typed):
            return False
        begun = f"{step.key}.{index}."
        return not get_answer(self.turn.draft.answers, (step.key, index)) and all(
            is_blank(raw) for name, raw in self.typed.items() if name.startswith(begun)
        )

    def _pasting(self, step: Group) -> list[Input]:
        """The field for several lines at once, which the steps read without being told."""
        name = paste_key(step)
        if self.whole or step.read is None:
            return []
        if name not in self.typed:
            self.hides = True
            return []
        hint = T("one below another, such as {example}", example=step.example)
        label = T("Several lines at once")
        return [Input(name, label, "long", False, hint, self.typed[name], (), self.turn.problems.get(name))]

    def _is_shown(self, asked: Field, path: Path) -> bool:
        name = path_id(path)
        if self.whole or not asked.seldom or name in self.typed or name in self.turn.problems:
            return True
        if self.turn.draft.answered(path):
            return True
        self.hides = True
        return False

    def _input(self, asked: Field, path: Path, label: Text, lists: tuple[str, tuple[Choice, ...]]) -> Input:
        name, (widget, choices) = path_id(path), lists
        value = get_answer(self.turn.draft.answers, path)
        if widget in {"choice", "choices", "search"}:
            shown: Any = value
            if widget != "choice" and not choices and value is not None:
                choices = tuple(_chosen(asked, value, self.world))
        else:
            shown = self._text(asked, path, value)
        problem = self.turn.problems.get(name)
        return Input(name, label, widget, asked.required, asked.hint, shown, choices, problem, asked.decides)

    def _text(self, asked: Field, path: Path, value: Any) -> str | None:
        """What stands in a field that is typed into: what was typed, what is known, or its default."""
        name = path_id(path)
        if name in self.typed and isinstance(raw := self.typed[name], str | None):
            return raw
        if value is not None:
            return asked.kind.text(value, self.world)
        return default_of(asked, path, self.turn.draft, self.world)


def _chosen(asked: Field, value: Any, world: World) -> Iterator[Choice]:
    for one in value if isinstance(value, list) else [value]:
        choice = asked.kind.choice(str(one), world)
        if choice is not None:
            yield choice


def _lists(asked: Field, world: World, longest: int) -> tuple[str, tuple[Choice, ...]]:
    """What a field is in a form, and what there is to choose from: asked for once, however many lines it has."""
    widget = asked.kind.widget
    if widget == "choice":
        return widget, tuple(asked.kind.offer("", world, offset=0, most=300)[0])
    if widget in {"search", "choices"}:
        found, total = asked.kind.offer("", world, offset=0, most=max(longest, 1))
        if total <= longest and found:
            return ("choice" if widget == "search" else widget), tuple(found)
        # A source with nothing in it yet takes what is typed; an empty list could not even be drawn.
        return (widget if total else "text"), ()
    return widget, ()


def review_form(conversation: Conversation, turn: Turn, world: World, *, token: str) -> Form:
    """The last page of a form: everything as it was understood, what is worth saying about it, and the way back."""
    lines = [*_about(conversation, turn.draft, world), *_answers(conversation, turn.draft, world)]
    if conversation.remarks:
        lines += world.remark(conversation.remarks, turn.draft.answers)
    submit = submit_label(conversation, turn.draft)
    back = FormButton(EDIT, labels.EDIT)
    return Form(conversation.title, token, (), submit, labels.CANCEL, tuple(lines), (back,))


def note_form(conversation: Conversation, words: Words) -> Form:
    """A form that cannot be handed in any more, and why."""
    return Form(conversation.title, "", (), None, labels.CLOSE, (body(words),))


def _about(conversation: Conversation, draft: Draft, world: World) -> Sequence[Line]:
    return world.remark(conversation.about, draft.answers) if conversation.about else ()


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
    confirm = submit_label(conversation, draft)
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
