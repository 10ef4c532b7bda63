"""The kinds of fields: how a text is read, kept as JSON, shown in full and offered as choices."""

from bot.conversations.kinds.choosing import Chips, OneOf, Record, Records
from bot.conversations.kinds.figures import Amount, Budget, Discount, Quantity, Share
from bot.conversations.kinds.moments import When
from bot.conversations.kinds.parties import ContactWay, Country
from bot.conversations.kinds.terms import Currency, PriceTerms, UnitPrice
from bot.conversations.kinds.words import Line, Passage, Tags

__all__ = [
    "Amount",
    "Budget",
    "Chips",
    "ContactWay",
    "Country",
    "Currency",
    "Discount",
    "Line",
    "OneOf",
    "Passage",
    "PriceTerms",
    "Quantity",
    "Record",
    "Records",
    "Share",
    "Tags",
    "UnitPrice",
    "When",
]
