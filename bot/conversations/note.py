"""Adding to a customer's history: about whom, and what; one's own words, or somebody else's passed on."""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations.definition import Answers, Conversation, Field, World
from bot.conversations.fields import CUSTOMER
from bot.conversations.kinds import Line, Passage, When
from crm.core.text import T

_TEXT = Field(
    key="text",
    label=T("Note"),
    kind=Passage(most=4000),
    required=True,
    hint=T("what was said or agreed"),
)
LONGEST_PASSED_ON = 9_000
"""Characters of what somebody else wrote that are kept, so that the author's name still fits before them."""

NOTE = Conversation(name="note", version=1, title=T("Add a note"), reviewed=False, steps=(CUSTOMER, _TEXT))
LEAD_NOTE = Conversation(name="lead_note", version=1, title=T("Add a note"), reviewed=False, steps=(_TEXT,))


def _mentioned(answers: Answers, world: World) -> Sequence[str]:
    """The customer whose contact wrote it, or whose name stands in it, where that is clear."""
    said = f"{answers.get('author', '')}\n{answers.get('text', '')}"
    found, _ = world.search("customer for", said, offset=0, most=1)
    return [choice.value for choice in found]


PASSED_ON = Conversation(
    name="passed_on",
    version=1,
    title=T("Add to a customer's history"),
    steps=(
        replace(CUSTOMER, propose=_mentioned),
        replace(_TEXT, kind=Passage(most=LONGEST_PASSED_ON)),
        Field(key="author", label=T("Said by"), kind=Line(most=100), seldom=True, hint=T("who wrote it")),
        Field(
            key="said",
            label=T("Said on"),
            kind=When(with_time=True, past=True),
            seldom=True,
            hint=T("when it was written"),
        ),
    ),
)
