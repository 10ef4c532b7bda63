"""Changing one number of the trade, and the rules by which leads find their owner."""

from bot.cards.rule_names import RULES
from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Line, OneOf, Record
from bot.conversations.lead import SOURCE_WORDS
from crm.core.text import T
from crm.sales.leads.leads import SOURCES

RULE = Conversation(
    name="rule",
    version=1,
    title=T("Change a rule"),
    reviewed=False,
    steps=(
        Field(key="rule", label=T("Rule"), kind=OneOf(RULES, {}), required=True, hint=T("which one")),
        Field(
            key="value",
            label=T("New value"),
            kind=Line(most=200),
            required=True,
            hint=T("as it stands above; “-” for nothing"),
        ),
    ),
)

_CASE = (
    Field(
        key="category",
        label=T("Product category"),
        kind=Record("category"),
        hint=T("skip it where any will do"),
    ),
    Field(
        key="region",
        label=T("Region"),
        kind=Record("region"),
        hint=T("a region or country, such as Europe or Germany; skip it where any will do"),
    ),
    Field(
        key="source",
        label=T("Source"),
        kind=OneOf(SOURCES, SOURCE_WORDS),
        hint=T("skip it where any will do"),
    ),
)
"""What a rule, or a lead to be tried, is about."""

ASSIGNMENT_RULE = Conversation(
    name="assignment_rule",
    version=1,
    title=T("A rule for leads"),
    steps=(
        *_CASE,
        Field(
            key="to",
            label=T("Goes to"),
            kind=Record("receiver"),
            required=True,
            hint=T("a team, or somebody in sales"),
        ),
    ),
)
TRY_ASSIGNMENT = Conversation(
    name="try_assignment",
    version=1,
    title=T("Who would get a lead?"),
    steps=_CASE,
)
