"""The usual reasons of decisions, by key; any other reason is kept in its own words."""

from crm.core.text import T, Words

REJECTED = {
    "price": T("The price is too low"),
    "terms": T("The terms are too risky"),
    "credit": T("The customer owes too much"),
    "not_now": T("Not now"),
}
TO_CHANGE = {
    "change_price": T("Please look at the price again"),
    "change_terms": T("Please look at the payment terms again"),
    "change_delivery": T("Please look at the delivery date again"),
    "change_lines": T("Please look at the lines again"),
}
OVERRIDES = {
    "loyal": T("A customer of many years"),
    "paying": T("Payment is on its way"),
    "agreed": T("The general manager has agreed"),
}
CANCELLED = {
    "changed_mind": T("The customer changed their mind"),
    "too_late": T("It would come too late"),
    "other_supplier": T("The customer buys elsewhere"),
    "by_mistake": T("It was entered by mistake"),
}
_ALL = {**REJECTED, **TO_CHANGE, **OVERRIDES, **CANCELLED}


def reason_words(reason: str) -> Words:
    """A reason as shown: the words of a chip for its key, somebody's own words as they are."""
    return _ALL.get(reason, reason)
