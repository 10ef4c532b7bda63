"""The approval policy: a step, a condition of one, and an order that is tried on it."""

from collections.abc import Callable, Sequence

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, World
from bot.conversations.kinds import Amount, Line, OneOf, Quantity, Record, Share
from bot.conversations.proposals import common_payment_terms
from crm.core.text import T
from crm.people.people import ROLE_NAMES, Role

ALWAYS = "always"
CONDITION_NAMES = {
    "total_over": T("total over"),
    "margin_under": T("margin under"),
    "discount_over": T("discount over"),
    "payment_days_over": T("payment later than"),
    "credit": T("over the credit limit or overdue"),
    "new_customer": T("a new customer"),
    "category": T("a product category"),
}
_ROLES = {role.value: ROLE_NAMES[role] for role in Role if role is not Role.REP}
_WHEN = Field(
    key="condition",
    label=T("When"),
    kind=OneOf({ALWAYS: T("always"), **CONDITION_NAMES}, {}),
    required=True,
    hint=T("when is this step needed?"),
    decides=True,
)


def _is(*names: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get("condition") in names


_VALUES = (
    Field(
        key="amount",
        label=T("Amount"),
        kind=Amount(),
        required=True,
        when=_is("total_over"),
        hint=T("in the company's currency, such as 500k"),
    ),
    Field(
        key="percent",
        label=T("Per cent"),
        kind=Share(),
        required=True,
        when=_is("margin_under", "discount_over"),
        hint=T("such as 10%"),
    ),
    Field(
        key="days",
        label=T("Days"),
        kind=Quantity(),
        required=True,
        when=_is("payment_days_over"),
        hint=T("such as 60; terms that can't be read count as later"),
    ),
    Field(
        key="category",
        label=T("Product category"),
        kind=Record("category"),
        required=True,
        when=_is("category"),
        hint=T("choose, or type it"),
    ),
)


def _in_base(answers: Answers, world: World) -> Sequence[FieldProblem]:
    """A threshold is in the company's currency: a rate that changes must not move it."""
    amount = answers.get("amount")
    if answers.get("condition") == "total_over" and isinstance(amount, dict):
        currency = amount.get("currency")
        if currency and currency != world.currency:
            return [FieldProblem("amount", T("Please give the amount in {currency}.", currency=world.currency))]
    return []


POLICY_STEP = Conversation(
    name="policy_step",
    version=1,
    title=T("A step of the approval"),
    check=_in_base,
    steps=(
        Field(key="role", label=T("Role"), kind=OneOf(_ROLES, {}), required=True, hint=T("whoever has it may decide")),
        _WHEN,
        *_VALUES,
    ),
)
POLICY_CONDITION = Conversation(
    name="policy_condition",
    version=1,
    title=T("When a step is needed"),
    check=_in_base,
    steps=(_WHEN, *_VALUES),
)
TRY_POLICY = Conversation(
    name="try_policy",
    version=1,
    title=T("Who would decide?"),
    reviewed=False,
    steps=(
        Field(key="total", label=T("Total"), kind=Amount(), required=True, hint=T("such as 80,000 USD")),
        Field(key="seller", label=T("Submitted by"), kind=Record("seller"), required=True, hint=T("whose order it is")),
        Field(
            key="customer",
            label=T("Customer"),
            kind=Record("customer"),
            hint=T("its credit and whether it is new count; skip it for none in particular"),
        ),
        Field(key="margin", label=T("Margin"), kind=Share(), hint=T("such as 8%; skip it where it is unknown")),
        Field(key="discount", label=T("Discount"), kind=Share(), hint=T("the largest of a line, such as 5%")),
        Field(
            key="payment_terms",
            label=T("Payment terms"),
            kind=Line(most=200),
            hint=T("choose, or write them"),
            propose=common_payment_terms,
        ),
        Field(key="category", label=T("Product category"), kind=Record("category"), hint=T("choose, or type it")),
    ),
)
