"""Who we are on paper: the company's own name, address and bank, as an administrator has set them in the rules."""

from collections.abc import Mapping
from dataclasses import fields

from crm.documents.sheets import Bank, Party

_LINES = ("address", "address_zh", "bank_address")


def seller(rules: Mapping[str, str]) -> Party:
    """The company as a sheet's seller, from `letterhead.*` of `crm.core.rules.read_rules`."""
    return Party(**{field.name: _told(rules, field.name) for field in fields(Party)})


def bank(rules: Mapping[str, str]) -> Bank | None:
    """Where customers pay; None where no bank was set."""
    told = {field.name: _told(rules, f"bank_{field.name}") for field in fields(Bank)}
    return Bank(**told) if any(told.values()) else None


def _told(rules: Mapping[str, str], name: str) -> str:
    value = rules.get(f"letterhead.{name}", "").strip()
    # In a chat one writes an address in one line, `\n` for where it breaks.
    return value.replace("\\n", "\n") if name in _LINES else value
