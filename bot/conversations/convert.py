"""A lead becomes a customer, a contact and a deal: only what the deal needs besides is asked."""

from bot.conversations.deal import closes, deal_defaults
from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Amount, Line, When
from crm.core.text import T

CONVERT = Conversation(
    name="convert",
    version=1,
    title=T("Convert to customer"),
    derive=deal_defaults,
    steps=(
        Field(key="title", label=T("Title"), kind=Line(most=200), required=True, hint=T("what it is about, briefly")),
        Field(
            key="amount", label=T("Amount"), kind=Amount(), required=True, hint=T("what you expect, such as 12.5k USD")
        ),
        Field(
            key="expected_close",
            label=T("Expected close"),
            kind=When(),
            required=True,
            hint=T("a day, such as 25/12 or end of month"),
            propose=closes,
        ),
    ),
)
