"""Where a conversation stands: the answers so far and the place reached, as plain JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from bot.conversations.definition import DERIVED, Answers, Conversation, Field, Group, World

Path: TypeAlias = tuple[str | int, ...]
"""`("company",)`, or `("lines", 0, "product")` in a group."""

ASK, ANOTHER, REVIEW, EDIT = "ask", "another", "review", "edit"


@dataclass(frozen=True, slots=True)
class Draft:
    """`place`: `ask` (the field at `path`), `another` (one more line of the group at `path`?), `review`, or
    `edit` (choose what to change, below `path`).

    `returning`: an answer leads back to the review. `offered`: the values behind the buttons now shown, so that
    a press means what the person saw; `picked`: those ticked so far where several may be. `captured`: read out of one
    message, so that only what is required is asked, and the review saves.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    place: str = ASK
    path: Path = ()
    returning: bool = False
    query: str = ""
    page: int = 0
    total: int = 0
    offered: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    captured: bool = False

    def to_json(self) -> dict[str, Any]:
        # Not `asdict`: it copies the answers through and through, at each message.
        packed = {name: getattr(self, name) for name in Draft.__slots__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in packed.items()}

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> "Draft":
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in packed.items()
            if name in cls.__slots__
        }
        return cls(**known)

    def at(self, place: str, path: Path = (), *, returning: bool | None = None) -> "Draft":
        """The same answers at another place, its lists opened afresh."""
        return replace(
            self,
            place=place,
            path=path,
            returning=self.returning if returning is None else returning,
            query="",
            page=0,
            total=0,
            offered=(),
            picked=(),
        )

    def answered(self, path: Path) -> bool:
        return get_answer(self.answers, path) is not None

    def with_answer(self, path: Path, value: Any) -> "Draft":
        skipped = tuple(one for one in self.skipped if one != path_id(path))
        return replace(self, answers=put_answer(self.answers, path, value), skipped=skipped)

    def without_answer(self, path: Path) -> "Draft":
        """Skipped: asked no more, unless somebody goes back to it."""
        cleared = put_answer(self.answers, path, None)
        return replace(self, answers=cleared, skipped=tuple(dict.fromkeys((*self.skipped, path_id(path)))))

    def standing_as(self, other: "Draft") -> "Draft":
        """These answers where the other draft stands, so that the buttons drawn for it go on to mean the same."""
        kept = {name: getattr(other, name) for name in Draft.__slots__ if name not in {"answers", "skipped", "closed"}}
        return replace(self, **kept)

    def unskipped(self, path: Path) -> "Draft":
        return replace(self, skipped=tuple(one for one in self.skipped if one != path_id(path)))

    def without_line(self, group: str, index: int) -> "Draft":
        """A line taken out; what was skipped in the lines behind it moves up with them."""
        lines = [line for at, line in enumerate(self.answers.get(group, [])) if at != index]
        skipped = []
        for one in self.skipped:
            head, _, rest = one.partition(".")
            at, _, key = rest.partition(".")
            if head != group or not rest:
                skipped.append(one)
            elif int(at) != index:
                skipped.append(f"{head}.{int(at) - (int(at) > index)}.{key}")
        return replace(self, answers={**self.answers, group: lines}, skipped=tuple(skipped))


def with_whole_lines(draft: Draft, group: Group) -> Draft:
    """Lines that came as a whole: what they left out of the optional was left out on purpose, and is not asked."""
    for index in range(len(draft.answers.get(group.key, []))):
        for inner in group.fields:
            path = (group.key, index, inner.key)
            if not inner.required and not draft.answered(path):
                draft = draft.without_answer(path)
    return draft


def derived(conversation: Conversation, draft: Draft, world: World) -> Draft:
    """The draft with what its conversation derives from the answers so far."""
    if conversation.derive is None:
        return draft
    plain = {key: value for key, value in draft.answers.items() if key != DERIVED}
    return replace(draft, answers={**plain, DERIVED: dict(conversation.derive(plain, world))})


def path_id(path: Path) -> str:
    return ".".join(str(part) for part in path)


def read_path(path: str) -> Path:
    return tuple(int(part) if len(part) < 7 and part.isdecimal() else part for part in path.split(".")) if path else ()


def get_answer(answers: Answers, path: Path) -> Any:
    """The value at a path, None when there is none."""
    value: Any = answers
    for part in path:
        if isinstance(value, list):
            value = value[part] if isinstance(part, int) and part < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            return None
    return value


def answers_at(answers: Answers, path: Path) -> dict[str, Any]:
    """The answers as a field at this path sees them: those of its own line beside the others."""
    line = get_answer(answers, path[:-1]) if len(path) == 3 else None
    return {**answers, **(line or {})}


def put_answer(answers: Answers, path: Path, value: Any) -> dict[str, Any]:
    """A copy with this value at the path; None takes it away."""
    if len(path) == 1:
        rest = {key: kept for key, kept in answers.items() if key != path[0]}
        return rest if value is None else {**rest, str(path[0]): value}
    group, index, key = path
    lines = [dict(line) for line in answers.get(str(group), [])]
    while len(lines) <= int(index):
        lines.append({})
    lines[int(index)] = put_answer(lines[int(index)], (key,), value)
    return {**answers, str(group): lines}


def line_count(answers: Answers, group: Group) -> int:
    """Lines begun; one is always there to be filled in."""
    return max(1, len(answers.get(group.key, [])))


def spots(conversation: Conversation, draft: Draft, *, seldom: bool = False) -> Iterator[tuple[Path, Field]]:
    """Every field that applies, in order, lines included; `seldom` ones only when asked for or answered."""
    for step in conversation.steps:
        if isinstance(step, Field):
            if step.applies(draft.answers) and (seldom or not step.seldom or draft.answered((step.key,))):
                yield (step.key,), step
            continue
        for index in range(line_count(draft.answers, step)):
            yield from _line_spots(step, index, draft, seldom=seldom)


def _line_spots(group: Group, index: int, draft: Draft, *, seldom: bool) -> Iterator[tuple[Path, Field]]:
    line = get_answer(draft.answers, (group.key, index)) or {}
    for inner in group.fields:
        path = (group.key, index, inner.key)
        if inner.applies({**draft.answers, **line}) and (seldom or not inner.seldom or draft.answered(path)):
            yield path, inner


def open_spot(conversation: Conversation, draft: Draft) -> tuple[str, Path]:
    """The first place still open, in the order of the definition; the review when there is none."""
    for step in conversation.steps:
        if isinstance(step, Field):
            if step.applies(draft.answers) and not step.seldom and _is_open(draft, (step.key,)):
                return ASK, (step.key,)
            continue
        for index in range(line_count(draft.answers, step)):
            for path, _ in _line_spots(step, index, draft, seldom=False):
                if _is_open(draft, path):
                    return ASK, path
        if step.key not in draft.closed:
            return ANOTHER, (step.key,)
    return REVIEW, ()


def missing(conversation: Conversation, draft: Draft) -> Path | None:
    """The first required field without a value."""
    for path, asked in spots(conversation, draft, seldom=True):
        if asked.required and not draft.answered(path):
            return path
    return None


def _is_open(draft: Draft, path: Path) -> bool:
    return not draft.answered(path) and path_id(path) not in draft.skipped
