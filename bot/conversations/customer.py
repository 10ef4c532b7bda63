"""The conversation `newcustomer`: a customer without a lead."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import ContactWay, Country, Currency, Line, Passage
from bot.conversations.proposals import common_countries, common_currencies, common_payment_terms
from crm.core.text import T

NEW_CUSTOMER = Conversation(
    name="newcustomer",
    version=1,
    title=T("New customer"),
    steps=(
        Field(key="company", label=T("Company"), kind=Line(most=200), required=True, hint=T("the firm's full name")),
        Field(key="contact", label=T("Contact"), kind=Line(most=200), required=True, hint=T("who you deal with")),
        Field(
            key="reach",
            label=T("Phone or e-mail"),
            kind=ContactWay(),
            hint=T("+49 30 901820 or wang@example.cn; WeChat and WhatsApp too"),
        ),
        Field(
            key="country",
            label=T("Country or region"),
            kind=Country(),
            required=True,
            hint=T("choose, or type its name"),
            propose=common_countries,
        ),
        Field(
            key="currency",
            label=T("Currency"),
            kind=Currency(),
            hint=T("what they are invoiced in"),
            propose=common_currencies,
        ),
        Field(
            key="payment_terms",
            label=T("Payment terms"),
            kind=Line(most=200),
            hint=T("choose, or write them"),
            propose=common_payment_terms,
        ),
        Field(key="notes", label=T("Notes"), kind=Passage(), hint=T("anything else worth knowing")),
    ),
)
