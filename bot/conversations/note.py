"""Adding to a customer's history: about whom, and what."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.fields import CUSTOMER
from bot.conversations.kinds import Passage
from crm.core.text import T

NOTE = Conversation(
    name="note",
    version=1,
    title=T("Add a note"),
    reviewed=False,
    steps=(
        CUSTOMER,
        Field(
            key="text",
            label=T("Note"),
            kind=Passage(most=4000),
            required=True,
            hint=T("what was said or agreed"),
        ),
    ),
)
