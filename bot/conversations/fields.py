"""Fields that several conversations ask for: one label and one hint each, wherever they stand."""

from bot.conversations.definition import Field
from bot.conversations.kinds import Amount, ContactWay, Country, Line, Passage, Record, When
from bot.conversations.proposals import closes, common_countries, common_payment_terms
from crm.core.text import T

REACH = Field(
    key="reach",
    label=T("Phone or e-mail"),
    kind=ContactWay(),
    hint=T("+49 30 901820 or wang@example.cn; WeChat and WhatsApp too"),
)
COUNTRY = Field(
    key="country",
    label=T("Country or region"),
    kind=Country(),
    hint=T("choose, or type its name"),
    propose=common_countries,
)
NOTES = Field(key="notes", label=T("Notes"), kind=Passage(), hint=T("anything else worth knowing"))
CUSTOMER = Field(
    key="customer",
    label=T("Customer"),
    kind=Record("customer"),
    required=True,
    hint=T("part of the name is enough"),
)
PAYMENT_TERMS = Field(
    key="payment_terms",
    label=T("Payment terms"),
    kind=Line(most=200),
    hint=T("choose, or write them"),
    propose=common_payment_terms,
)
TITLE = Field(key="title", label=T("Title"), kind=Line(most=200), required=True, hint=T("what it is about, briefly"))
AMOUNT = Field(
    key="amount", label=T("Amount"), kind=Amount(), required=True, hint=T("what you expect, such as 12.5k USD")
)
EXPECTED_CLOSE = Field(
    key="expected_close",
    label=T("Expected close"),
    kind=When(),
    required=True,
    hint=T("a day, such as 25/12 or end of month"),
    propose=closes,
)
