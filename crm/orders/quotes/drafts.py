"""A quote as somebody fills it in, and what must be right about it whatever the records say."""

from dataclasses import dataclass
from datetime import date

from crm.core.errors import Invalid
from crm.core.text import T
from crm.language.currencies import CURRENCIES
from crm.orders.drafts import MOST_LINES, LineDraft, OrderDraft, check_line
from crm.orders.terms import PRICE_TERMS

_LENGTHS = {"place": 200, "payment_terms": 500, "lead_time": 200, "notes": 10_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDraft:
    """A quote before it is written; what is None is not known yet, and of these `check_quote` wants some.

    `currency` None: the customer's, else the base currency. `incoterm` is a key of PRICE_TERMS. `valid_until`: the last
    day on which it holds.
    """

    customer_id: int
    lines: tuple[LineDraft, ...] = ()
    deal_id: int | None = None
    currency: str | None = None
    incoterm: str | None = None
    place: str | None = None
    payment_terms: str | None = None
    valid_until: date | None = None
    lead_time: str | None = None
    notes: str | None = None

    def as_order(self) -> OrderDraft:
        """The order it would be, as far as a quote says."""
        names = ("customer_id", "lines", "deal_id", "currency", "incoterm", "place", "payment_terms")
        return OrderDraft(**{name: getattr(self, name) for name in names})


def check_quote(draft: QuoteDraft, *, today: date) -> None:
    """Raise Invalid with a sentence for the first thing that can't be taken. `today`: the company's."""
    if not draft.lines:
        raise Invalid(T("A quote needs at least one line."))
    if len(draft.lines) > MOST_LINES:
        raise Invalid(T("A quote can have {most} lines at most.", most=MOST_LINES))
    for line in draft.lines:
        check_line(line)
    if draft.currency is not None and draft.currency not in CURRENCIES:
        raise Invalid(T("{currency} is no currency; write a code such as USD or CNY.", currency=draft.currency))
    if draft.incoterm not in PRICE_TERMS:
        raise Invalid(T("The price terms are missing. Write them as FOB Ningbo or as tax included."))
    if not (draft.payment_terms or "").strip():
        raise Invalid(T("The payment terms are missing."))
    check_validity(draft.valid_until, today=today)
    for name, most in _LENGTHS.items():
        if len(getattr(draft, name) or "") > most:
            raise Invalid(T("This text is too long; {most} characters is the most there is room for.", most=most))


def check_validity(valid_until: date | None, *, today: date) -> None:
    if valid_until is None:
        raise Invalid(T("Until when the quote is valid is missing."))
    if valid_until < today:
        raise Invalid(T("The quote would be valid until {date}, which is past.", date=valid_until))
