"""The one question before a lead is closed: why."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Chips
from crm.core.text import T

REASONS = (
    T("No real need"),
    T("No budget"),
    T("Cannot be reached"),
    T("A competitor"),
    T("Not our products"),
    T("Entered twice"),
)

DISQUALIFY = Conversation(
    name="disqualify",
    version=1,
    title=T("Disqualify lead"),
    reviewed=False,
    steps=(Field(key="reason", label=T("Reason"), kind=Chips(REASONS), required=True, hint=T("choose, or write it")),),
)
