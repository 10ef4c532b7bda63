"""A lead becomes a customer, a contact and a deal: only what the deal needs besides is asked."""

from bot.conversations.deal import deal_defaults
from bot.conversations.definition import Conversation
from bot.conversations.fields import AMOUNT, EXPECTED_CLOSE, TITLE
from crm.core.text import T

CONVERT = Conversation(
    name="convert",
    version=1,
    title=T("Convert to customer"),
    about="lead",
    derive=deal_defaults,
    steps=(
        TITLE,
        AMOUNT,
        EXPECTED_CLOSE,
    ),
)
