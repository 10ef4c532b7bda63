"""Who may have the files under a record, of those who may see the record itself."""

from typing import Any

from crm.core.text import T
from crm.orders.order_policy import can_see_prices
from crm.people.people import Member, Role
from crm.people.permissions import Allowed


def can_have_files(person: Member, entity: str, record: Any) -> Allowed:
    """An order's papers tell its prices; a lead's tell how to reach it, which in the pool comes with the claim."""
    if entity == "order" and not can_see_prices(person):
        return T("The files of an order are for those who may see its prices.")
    if entity == "lead" and record.owner_id is None and not person.has(Role.GM, Role.ADMIN):
        return T("Claim this lead first: its files come with it.")
    return True
