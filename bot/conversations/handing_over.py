"""Customers go to a colleague: somebody's whole book, some of it, or one of them."""

from collections.abc import Sequence

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, World
from bot.conversations.kinds import Record, Records
from crm.core.text import T


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    """Whether it may be handed over so, as the service will ask."""
    if "to" not in answers:
        return ()
    found = world.recall("hand-over", f"{answers.get('from', '')}>{answers['to']}") or {}
    return [FieldProblem("to", found["problem"])] if "problem" in found else ()


_TO = Field(
    key="to",
    label=T("New owner"),
    kind=Record("taker"),
    required=True,
    hint=T("who looks after them from now on"),
)

HAND_OVER = Conversation(
    name="hand_over",
    version=1,
    title=T("Hand over customers"),
    check=_check,
    remarks="hand-over",
    looked_over=True,
    steps=(
        Field(
            key="from",
            label=T("Present owner"),
            kind=Record("seller"),
            required=True,
            hint=T("whose customers they are"),
        ),
        _TO,
        Field(
            key="only",
            label=T("Only these"),
            kind=Records("customer"),
            seldom=True,
            hint=T("names with commas between; else everything they look after"),
        ),
    ),
)

GIVE_CUSTOMER = Conversation(
    name="give_customer",
    version=1,
    title=T("Hand over a customer"),
    check=_check,
    about="customer",
    remarks="hand-over of one",
    looked_over=True,
    steps=(_TO,),
)
