"""A conversation that exists only here, with everything a conversation can have, and a World of a few records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.screen import Button, Choice, Line, Screen
from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, Group, World
from bot.conversations.kinds import (
    Amount,
    Chips,
    Discount,
    OneOf,
    Passage,
    Quantity,
    Record,
    Records,
    Tags,
    When,
)
from bot.conversations.kinds import Line as TextLine
from bot.conversations.lead import LEAD
from bot.wording import wording
from crm.core.text import T

PRODUCTS = ("Chai", "Chang", "Aniseed Syrup", "Chef Anton's Gumbo Mix", "<b>Tofu</b>", "'; --", "豆腐", "שלום")
CATEGORIES = tuple(f"Category {number}" for number in range(1, 21))


@dataclass(frozen=True)
class TestWorld:
    """Chai, Chang and others; twenty categories; a Monday morning in Shanghai."""

    __test__ = False

    language: str = "en"
    gone: tuple[str, ...] = ()
    currency: str = "CNY"
    region: str | None = None
    now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

    def search(self, source: str, query: str, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        names = [name for name in self._names(source) if query.casefold() in name.casefold()]
        return [Choice(name, name) for name in names[offset : offset + most]], len(names)

    def find(self, source: str, value: str) -> Choice | None:
        return Choice(value, value) if value in self._names(source) else None

    def remark(self, subject: str, answers: Answers) -> Sequence[Line]:
        return ()

    def recall(self, source: str, key: str) -> None:
        return None

    def _names(self, source: str) -> list[str]:
        names = {"product": PRODUCTS, "category": CATEGORIES}.get(source, ())
        return [name for name in names if name not in self.gone]


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    if answers.get("title") == "forbidden":
        return [FieldProblem("title", T("Please choose one of the buttons."))]
    return []


def _propose(answers: Answers, world: World) -> Sequence[str]:
    return ("tomorrow", "in 3 days")


ORDER = Conversation(
    name="made_up",
    version=1,
    title=T("New lead"),
    submits=True,
    check=_check,
    steps=(
        Field(key="title", label=T("Company"), kind=TextLine(most=50), required=True),
        Field(
            key="kind",
            label=T("Source"),
            kind=OneOf({"a": T("Exhibition"), "b": T("Contacted")}, {"a": ("fair",)}),
            decides=True,
        ),
        Field(
            key="why",
            label=T("Contact"),
            kind=Passage(most=500),
            required=True,
            when=lambda answers: answers.get("kind") == "b",
        ),
        Group(
            key="lines",
            label=T("Product need"),
            most=3,
            fields=(
                Field(key="product", label=T("Product category"), kind=Record("product"), required=True),
                Field(key="quantity", label=T("Budget"), kind=Quantity(), required=True),
                Field(key="discount", label=T("Tags"), kind=Discount()),
                Field(key="remark", label=T("Notes"), kind=TextLine(), seldom=True),
            ),
        ),
        Field(key="also", label=T("Country or region"), kind=Records("category")),
        Field(key="on", label=T("Next follow-up"), kind=When(), required=True, propose=_propose),
        Field(key="amount", label=T("Phone or e-mail"), kind=Amount(), seldom=True),
        Field(key="words", label=T("Status"), kind=Tags(), seldom=True),
        Field(
            key="reason",
            label=T("Reason"),
            kind=Chips({"no_budget": T("No budget"), "competitor": T("A competitor")}),
            seldom=True,
        ),
    ),
)

EVERY = (LEAD, ORDER)


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


def codes(screen: Screen) -> list[str]:
    """What the buttons of this screen would press."""
    return [button.action.split(":", 2)[2] for button in buttons(screen)]


def labels(screen: Screen, language: str = "en") -> list[str]:
    return [wording(language, "UTC")(button.label) for button in buttons(screen)]


def texts(screen: Screen, language: str = "en") -> Iterator[str]:
    """Every line as it is read, a field's with its label."""
    words = wording(language, "Asia/Shanghai")
    for line in screen.lines:
        yield words(line.words) if line.label is None else f"{words(line.label)}: {words(line.words)}"
    for button in buttons(screen):
        yield words(button.label)
    for asked in screen.form.inputs if screen.form else ():
        for shown in (asked.label, asked.hint, asked.problem, *(choice.label for choice in asked.choices)):
            if shown is not None:
                yield words(shown)
