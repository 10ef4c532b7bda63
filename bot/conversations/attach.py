"""The conversation `attach`: which customer a file belongs to."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.fields import CUSTOMER
from bot.conversations.kinds import Line
from crm.core.text import T

ATTACH = Conversation(
    name="attach",
    version=1,
    title=T("Attach a file"),
    reviewed=False,
    steps=(
        CUSTOMER,
        Field(key="name", label=T("File name"), kind=Line(most=255), hint=T("the name to keep it under")),
    ),
)
