"""Changing one number of the trade: which, and its new value."""

from bot.cards.rule_names import RULES
from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Line, OneOf
from crm.core.text import T

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
