"""Leads of the pool are shown without what would let one reach them: that comes with the claim."""

from types import SimpleNamespace
from typing import Any

from crm.people.people import Member, Role

_DOTS = "•••"


def as_shown(lead: Any, viewer: Member) -> Any:
    """The lead as this person may read it: in the pool with its contact masked and its notes left out.

    The general manager and administrators, who read everything, get it whole; so does everybody once it has an owner.
    """
    if lead.owner_id is not None or viewer.has(Role.GM, Role.ADMIN):
        return lead
    values = dict(lead._mapping)  # noqa: SLF001 - the public way of a row to a mapping
    values["contact"] = _first(lead.contact)
    values["phone"] = _number(lead.phone)
    values["whatsapp"] = _number(lead.whatsapp)
    values["email"] = _first(lead.email)
    values["wechat"] = _first(lead.wechat)
    values["notes"] = None
    return SimpleNamespace(**values)


def _first(value: str | None) -> str | None:
    return value and f"{value[0]}{_DOTS}"


def _number(value: str | None) -> str | None:
    return value and f"{value[:3]}{_DOTS}{value[-2:]}"
