"""How complete a customer's data is, and what lacks. Guide 5.2."""

from collections.abc import Sequence
from typing import Any

from crm.core.text import T, Text

_OF_CUSTOMER = {
    "country": T("Country or region"),
    "currency": T("Currency"),
    "payment_terms": T("Payment terms"),
    "potential": T("Potential"),
    "influence": T("Influence"),
}
_NUMBER, _MAIL = T("a phone number or WeChat"), T("an e-mail address")


def completeness(customer: Any, contacts: Sequence[Any]) -> tuple[int, list[Text]]:
    """In per cent, and what is missing; the customer and its contacts are rows."""
    checks: list[tuple[Text, bool]] = [
        (T("Contact"), bool(contacts)),
        (_NUMBER, any(one.phone or one.wechat or one.whatsapp for one in contacts)),
        (_MAIL, any(one.email for one in contacts)),
        *((label, getattr(customer, name) is not None) for name, label in _OF_CUSTOMER.items()),
    ]
    missing = [label for label, is_there in checks if not is_there]
    return 100 * (len(checks) - len(missing)) // len(checks), missing
