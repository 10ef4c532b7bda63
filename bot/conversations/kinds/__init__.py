"""The kinds of fields: how a text is read, kept as JSON, shown in full and offered as choices."""

from bot.conversations.kinds.choosing import Chips, OneOf, Record, Records
from bot.conversations.kinds.figures import Amount, Budget, Discount, Quantity
from bot.conversations.kinds.moments import When
from bot.conversations.kinds.parties import ContactWay, Country
from bot.conversations.kinds.words import Line, Passage, Tags

__all__ = [
    "Amount",
    "Budget",
    "Chips",
    "ContactWay",
    "Country",
    "Discount",
    "Line",
    "OneOf",
    "Passage",
    "Quantity",
    "Record",
    "Records",
    "Tags",
    "When",
]
