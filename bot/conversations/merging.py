"""Two records of one customer become one: which is the other?"""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Record
from crm.core.text import T

MERGE = Conversation(
    name="merge",
    version=1,
    title=T("Merge customers"),
    about="customer",
    remarks="merge",
    looked_over=True,
    steps=(
        Field(
            key="other",
            label=T("The other record"),
            kind=Record("double"),
            required=True,
            hint=T("which goes into this one; part of the name is enough"),
        ),
    ),
)
