"""The one question behind a decision: why it is rejected, what to change, why credit is overridden, how much."""

from collections.abc import Sequence

from bot.conversations.definition import Answers, Conversation, Field, World
from bot.conversations.kinds import Chips, Passage, Record, Share, When
from crm.core.text import T
from crm.orders.reasons import CANCELLED, OVERRIDES, REJECTED, TO_CHANGE


def _deposits(answers: Answers, world: World) -> Sequence[str]:
    return ("30%", "50%", "70%")


REJECT = Conversation(
    name="reject",
    version=1,
    title=T("Reject order"),
    about="step",
    reviewed=False,
    steps=(Field(key="reason", label=T("Reason"), kind=Chips(REJECTED), required=True, hint=T("choose, or write it")),),
)

SEND_BACK = Conversation(
    name="send_back",
    version=1,
    title=T("Send order back"),
    about="step",
    reviewed=False,
    steps=(
        Field(
            key="change",
            label=T("What to change"),
            kind=Chips(TO_CHANGE),
            required=True,
            hint=T("choose, or write it"),
        ),
    ),
)

OVERRIDE = Conversation(
    name="override",
    version=1,
    title=T("Override credit"),
    about="step",
    reviewed=False,
    steps=(
        Field(key="reason", label=T("Reason"), kind=Chips(OVERRIDES), required=True, hint=T("choose, or write it")),
    ),
)

DEPOSIT = Conversation(
    name="deposit",
    version=1,
    title=T("Larger deposit"),
    about="step",
    reviewed=False,
    steps=(
        Field(
            key="percent",
            label=T("Deposit"),
            kind=Share(),
            required=True,
            hint=T("per cent of the total, such as 50%"),
            propose=_deposits,
        ),
    ),
)

CONDITION = Conversation(
    name="condition",
    version=1,
    title=T("Approve with condition"),
    about="step",
    reviewed=False,
    steps=(
        Field(
            key="condition",
            label=T("Condition"),
            kind=Passage(most=1_000),
            required=True,
            hint=T("it counts as approved once the rep accepts this"),
        ),
        Field(
            key="until",
            label=T("Answer by"),
            kind=When(),
            hint=T("a day, such as Friday; skip it where there is no hurry"),
        ),
    ),
)

REASSIGN_STEP = Conversation(
    name="reassign_step",
    version=1,
    title=T("Reassign approval"),
    steps=(
        Field(
            key="to",
            label=T("Who decides"),
            kind=Record("stand-in"),
            required=True,
            hint=T("a colleague who decides on orders"),
        ),
        Field(key="reason", label=T("Reason"), kind=Passage(most=1_000), required=True, hint=T("why it is passed on")),
    ),
)

ASK = Conversation(
    name="ask",
    version=1,
    title=T("Ask about the order"),
    about="step",
    reviewed=False,
    steps=(
        Field(
            key="question",
            label=T("Question"),
            kind=Passage(most=1_000),
            required=True,
            hint=T("the order stays open until you decide"),
        ),
    ),
)

ANSWER = Conversation(
    name="answer",
    version=1,
    title=T("Answer"),
    about="question",
    reviewed=False,
    steps=(
        Field(
            key="answer",
            label=T("Your answer"),
            kind=Passage(most=1_000),
            required=True,
            hint=T("it stands on the card then"),
        ),
    ),
)

CANCEL_ORDER = Conversation(
    name="cancel_order",
    version=1,
    title=T("Cancel order"),
    reviewed=False,
    steps=(
        Field(key="reason", label=T("Reason"), kind=Chips(CANCELLED), required=True, hint=T("choose, or write it")),
    ),
)
