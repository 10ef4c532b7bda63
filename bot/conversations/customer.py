"""The conversation `newcustomer`, a customer without a lead; and changing one, its credit, its own prices."""

from dataclasses import replace

from bot.conversations.definition import Conversation, Field
from bot.conversations.fields import COUNTRY, NOTES, PAYMENT_TERMS, REACH
from bot.conversations.kinds import Amount, Currency, Line, OneOf, Record, Tags, UnitPrice
from bot.conversations.proposals import common_currencies
from crm.core.text import T
from crm.sales.customers.customers import CREDIT_RATINGS

_COMPANY = Field(key="company", label=T("Company"), kind=Line(most=200), required=True, hint=T("the firm's full name"))
_CURRENCY = Field(
    key="currency",
    label=T("Currency"),
    kind=Currency(),
    hint=T("what they are invoiced in"),
    propose=common_currencies,
)

NEW_CUSTOMER = Conversation(
    name="newcustomer",
    version=1,
    title=T("New customer"),
    steps=(
        _COMPANY,
        Field(key="contact", label=T("Contact"), kind=Line(most=200), required=True, hint=T("who you deal with")),
        REACH,
        replace(COUNTRY, required=True),
        _CURRENCY,
        PAYMENT_TERMS,
        NOTES,
    ),
)

EDIT_CUSTOMER = Conversation(
    name="edit_customer",
    version=1,
    title=T("Change a customer"),
    steps=(
        _COMPANY,
        replace(COUNTRY, seldom=True),
        replace(_CURRENCY, seldom=True),
        replace(PAYMENT_TERMS, seldom=True),
        Field(key="tags", label=T("Tags"), kind=Tags(), seldom=True, hint=T("words to find them by, with commas")),
        replace(NOTES, seldom=True),
    ),
)
"""Begun with what is known, so that it opens at its review."""

CREDIT = Conversation(
    name="credit",
    version=1,
    title=T("Credit of a customer"),
    about="customer",
    steps=(
        Field(
            key="limit",
            label=T("Credit limit"),
            kind=Amount(),
            hint=T("in the base currency, such as 300,000; none: the rating's own holds"),
        ),
        Field(
            key="rating",
            label=T("Credit rating"),
            kind=OneOf({rating: T("{rating}", rating=rating) for rating in CREDIT_RATINGS}, {}),
            hint=T("how they pay"),
        ),
    ),
)

OWN_PRICE = Conversation(
    name="own_price",
    version=1,
    title=T("A price of their own"),
    about="customer",
    steps=(
        Field(
            key="product",
            label=T("Product"),
            kind=Record("product"),
            required=True,
            hint=T("choose, or type part of its name"),
        ),
        Field(
            key="price",
            label=T("Unit price"),
            kind=UnitPrice(),
            required=True,
            hint=T("what this customer pays for one, such as 12.50 USD"),
        ),
    ),
)
