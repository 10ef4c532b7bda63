"""What a conversation is: data. The engine reads it, every platform draws it, the service gets its values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from bot.cards.screen import Choice, Line
from crm.core.text import T, Text, Words

Answers: TypeAlias = Mapping[str, Any]
"""Field key → plain JSON value, as the field's kind stores it; a group's key → a list of such mappings."""


class World(Protocol):
    """What the engine may know of its surroundings: everything it asks for, nothing it could change."""

    @property
    def now(self) -> datetime:
        """Aware, in the person's zone."""
        ...

    @property
    def language(self) -> str: ...

    @property
    def currency(self) -> str:
        """The base currency, for amounts written without one."""
        ...

    @property
    def region(self) -> str | None:
        """ISO country whose national phone numbers are understood."""
        ...

    def search(self, source: str, query: str, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        """Records of a source that match, best first, from `offset`, and how many match in all."""
        ...

    def find(self, source: str, value: str) -> Choice | None:
        """The record with this value, None when it is gone or not for this person."""
        ...

    def remark(self, subject: str, answers: "Answers") -> Sequence[Line]:
        """What is worth saying about a conversation (the record it is about) or its answers (totals, what is odd)."""
        ...

    def recall(self, source: str, key: str) -> Mapping[str, Any] | None:
        """What is known already under this key, as answers or facts (a customer's last order, a deal's state)."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """The text was understood as this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The text was not understood; the sentence shows a right one."""

    problem: Text


@dataclass(frozen=True, slots=True)
class Among:
    """Several records match; `query` finds them again."""

    query: str


Read: TypeAlias = Taken | Refused | Among


class Kind(Protocol):
    """How a field's text is read, kept and shown. Stored values are plain JSON."""

    @property
    def widget(self) -> str:
        """What it is in a form: `text`, `long`, `choice`, `choices` or `search`."""
        ...

    def read(self, text: str, world: World) -> Read:
        """Understand what was typed (stripped, not empty)."""
        ...

    def show(self, value: Any, world: World) -> Words:
        """The value in full, as it was understood."""
        ...

    def text(self, value: Any, world: World) -> str:
        """The value as it could be typed again, for a form's input."""
        ...

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        """Choices to show as buttons, and how many there are in all."""
        ...

    def choice(self, value: str, world: World) -> Choice | None:
        """The choice with this value, if it (still) exists."""
        ...

    def holds(self, value: Any, world: World) -> bool:
        """Whether a value kept earlier can still be used."""
        ...

    def load(self, value: Any, world: World) -> Any:
        """The value as services take it."""
        ...


Proposals: TypeAlias = Callable[[Answers, World], Sequence[str]]
Default: TypeAlias = Callable[[Answers, World], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to be asked. `seldom`: waits behind "More fields". `when`: asked only where this holds.

    `hint` stands behind the label in the question and must name no other field. `propose` gives texts that could
    be typed, offered as buttons; `default` the one that a form fills in itself, where one is known for certain.
    `decides`: which other fields apply, or what is their default, hangs on this answer. `seek`: what a searched field
    is searched for as long as nothing is typed into it. `said` reads this and other fields out of one text typed where
    it is asked: what it answers and what is wrong with the rest, or None where the text is this field's answer.
    """

    key: str
    label: Text
    kind: Kind
    required: bool = False
    seldom: bool = False
    hint: Text | None = None
    when: Callable[[Answers], bool] | None = None
    propose: Proposals | None = None
    default: Default | None = None
    decides: bool = False
    seek: Default | None = None
    said: "Callable[[str, Answers, World], tuple[Answers, Text | None] | None] | None" = None

    def applies(self, answers: Answers) -> bool:
        return self.when is None or self.when(answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that repeat, a line at a time (an order's products). At least one line, at most `most`.

    `read` takes several lines from one message typed where a line begins: their answers, what is wrong with them,
    or None when the text is not of that form (and is the first field's answer). `example` is one such line.
    """

    key: str
    label: Text
    fields: tuple[Field, ...]
    most: int = 500
    read: Callable[[str, Answers, World], Sequence[Mapping[str, Any]] | Refused | None] | None = None
    example: str = ""


Step: TypeAlias = Field | Group


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What a conversation's own check found; `key` names the field to look at."""

    key: str
    problem: Text


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A button that answers many questions at once: "same as last time".

    `offered(path, answers, world)`: whether it stands under the question at this path; `answers(answers, world)`: what
    it fills in, None when there is nothing.
    """

    key: str
    label: Text
    offered: Callable[[tuple[str | int, ...], Answers, World], bool]
    answers: Callable[[Answers, World], Answers | None]


DERIVED = "_"
"""The key under which a draft keeps what its conversation has derived from the answers; never shown or submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A guided conversation. `version` grows whenever fields change, so that drafts under way are looked over.

    `derive` works out, after each answer, what `when` and `propose` need to know besides (kept under DERIVED).
    `check` looks at all answers together.
    `about`: what the World is asked to say above the questions; `remarks`: under the review.
    `submits`: the review ends with "Submit" instead of "Confirm". `looked_over`: a form of it, too, ends with a review,
    as one that submits does, because of what is remarked there. `reviewed` False: no review card, the last answer
    submits (a single question such as a reason).
    """

    name: str
    version: int
    title: Text
    steps: tuple[Step, ...]
    check: Callable[[Answers, World], Sequence[FieldProblem]] | None = None
    derive: Callable[[Answers, World], Mapping[str, Any]] | None = None
    shortcuts: tuple[Shortcut, ...] = ()
    about: str = ""
    remarks: str = ""
    submits: bool = False
    looked_over: bool = False
    reviewed: bool = True

    def field(self, path: Sequence[str | int]) -> Field:
        """The field at a path: `("company",)` or `("lines", 0, "product")`. Raises KeyError."""
        for step in self.steps:
            if step.key != path[0]:
                continue
            if isinstance(step, Field):
                return step
            for inner in step.fields:
                if len(path) == 3 and inner.key == path[2]:
                    return inner
        raise KeyError(tuple(path))

    def known(self, key: str, text: str, world: World) -> dict[str, Any]:
        """What a text said with the verb answers, as the field reads it; nothing where that is not clear."""
        match self.field((key,)).kind.read(text, world):
            case Taken(value):
                return {key: value}
            case _:
                return {}

    def heard(self, key: str, text: str, world: World) -> tuple[dict[str, Any], Text | None]:
        """The same, and what is to be said where it is not clear; nothing of an empty text."""
        if not text.strip():
            return {}, None
        match self.field((key,)).kind.read(text, world):
            case Taken(value):
                return {key: value}, None
            case Among(_):
                return {}, T("Several match {text}. Which one?", text=text)
            case Refused(problem):
                return {}, problem
        raise TypeError("a field is read as taken, refused or among several")
