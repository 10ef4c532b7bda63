"""What only a message read as a whole begins: a note on whichever record it names, a lead out of a fair's card."""

from dataclasses import replace

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Passage, Record
from bot.conversations.lead import LEAD
from bot.conversations.note import NOTE
from crm.core.text import T

CAPTURED_NOTE = Conversation(
    name="captured_note",
    version=1,
    title=NOTE.title,
    steps=(
        Field(
            key="about",
            label=T("About"),
            kind=Record("record"),
            required=True,
            hint=T("a customer, a lead or a deal; part of the name is enough"),
        ),
        Field(key="text", label=T("Note"), kind=Passage(most=4000), required=True, hint=T("what was said or agreed")),
    ),
)

FAIR_LEAD = replace(LEAD, name="fair_lead")
"""A lead out of a card that was collected at a fair."""
