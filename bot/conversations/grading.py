"""A grade given by hand, and what is judged by hand towards the score."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Chips, OneOf
from crm.core.text import T, Text
from crm.sales.customers.customers import GRADES
from crm.sales.customers.grading import BY_HAND, REASONS

_FIVE = {
    "1": T("1 very low"),
    "2": T("2 low"),
    "3": T("3 medium"),
    "4": T("4 high"),
    "5": T("5 very high"),
}


def _judged(key: str, hint: Text) -> Field:
    return Field(key=key, label=BY_HAND[key], kind=OneOf(_FIVE, {}), hint=hint)


GRADE = Conversation(
    name="grade",
    version=1,
    title=T("Grade a customer"),
    about="customer",
    reviewed=False,
    steps=(
        Field(
            key="grade",
            label=T("New grade"),
            kind=OneOf(GRADES, {"A": ("核心", "key"), "B": ("重要", "important"), "C": ("普通", "ordinary")}),
            required=True,
            hint=T("how they are looked after from now on"),
        ),
        Field(key="reason", label=T("Reason"), kind=Chips(REASONS), required=True, hint=T("choose, or write it")),
    ),
)

JUDGE = Conversation(
    name="judge",
    version=1,
    title=T("Judge a customer"),
    about="customer",
    reviewed=False,
    steps=(
        _judged("potential", T("how much more they could buy from us, from 1 to 5")),
        _judged("influence", T("how many others follow their example, from 1 to 5")),
    ),
)
