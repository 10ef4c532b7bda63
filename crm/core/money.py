"""Exact money: an amount in Decimal with its currency, rounded once and half up."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Currencies whose smallest unit is not a hundredth (ISO 4217); everything else has two decimals.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency (ISO 4217 code). Arithmetic between currencies is refused by `+` and `-`."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def rounded(self) -> "Money":
        """Rounded half up to the currency's smallest unit, as a document's line is."""
        return Money(round_amount(self.amount, self.currency), self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up without a rate")


def decimals(currency: str) -> int:
    """How many decimals amounts of this currency have."""
    return _DECIMALS.get(currency, 2)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's smallest unit."""
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), rounding=ROUND_HALF_UP)
