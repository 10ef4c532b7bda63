"""Changing an open deal: what it is worth, putting it on hold, giving it to a colleague. Guide 2.3."""

from collections.abc import Sequence

from bot.conversations.definition import Answers, Conversation, Field, World
from bot.conversations.fields import AMOUNT, EXPECTED_CLOSE, TITLE
from bot.conversations.kinds import Chips, Line, Record, When
from crm.core.text import T
from crm.sales.deals.stages import HOLD_REASONS

_UNTIL = {"zh_CN": ("2周后", "1个月后", "3个月后"), "en": ("in 2 weeks", "in 1 month", "in 3 months")}

EDIT_DEAL = Conversation(
    name="edit deal",
    version=1,
    title=T("Edit the deal"),
    steps=(TITLE, AMOUNT, EXPECTED_CLOSE),
)


def _until(answers: Answers, world: World) -> Sequence[str]:
    return _UNTIL.get(world.language, _UNTIL["en"])


HOLD_DEAL = Conversation(
    name="hold deal",
    version=1,
    title=T("Put on hold"),
    steps=(
        Field(
            key="reason",
            label=T("Reason"),
            kind=Chips(HOLD_REASONS),
            required=True,
            hint=T("choose, or write it"),
        ),
        Field(
            key="until",
            label=T("On hold until"),
            kind=When(),
            required=True,
            hint=T("a day; you are reminded then"),
            propose=_until,
        ),
    ),
)

GIVE_DEAL = Conversation(
    name="give deal",
    version=1,
    title=T("Hand over a deal"),
    steps=(
        Field(key="to", label=T("New owner"), kind=Record("seller"), required=True, hint=T("a colleague in sales")),
        Field(key="reason", label=T("Reason"), kind=Line(most=200), hint=T("they will read it")),
    ),
)
