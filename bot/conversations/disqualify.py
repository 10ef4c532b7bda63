"""The one question before a lead is closed: why."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Chips
from crm.core.text import T
from crm.sales.leads.leads import DISQUALIFY_REASONS

DISQUALIFY = Conversation(
    name="disqualify",
    version=1,
    title=T("Disqualify lead"),
    about="lead",
    reviewed=False,
    steps=(
        Field(
            key="reason",
            label=T("Reason"),
            kind=Chips(DISQUALIFY_REASONS),
            required=True,
            hint=T("choose, or write it"),
        ),
    ),
)
