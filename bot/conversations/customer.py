"""The conversation `newcustomer`: a customer without a lead."""

from dataclasses import replace

from bot.conversations.definition import Conversation, Field
from bot.conversations.fields import COUNTRY, NOTES, PAYMENT_TERMS, REACH
from bot.conversations.kinds import Currency, Line
from bot.conversations.proposals import common_currencies
from crm.core.text import T

NEW_CUSTOMER = Conversation(
    name="newcustomer",
    version=1,
    title=T("New customer"),
    steps=(
        Field(key="company", label=T("Company"), kind=Line(most=200), required=True, hint=T("the firm's full name")),
        Field(key="contact", label=T("Contact"), kind=Line(most=200), required=True, hint=T("who you deal with")),
        REACH,
        replace(COUNTRY, required=True),
        Field(
            key="currency",
            label=T("Currency"),
            kind=Currency(),
            hint=T("what they are invoiced in"),
            propose=common_currencies,
        ),
        PAYMENT_TERMS,
        NOTES,
    ),
)
