"""The papers of an order: the button on its card, and the list behind it of those this person may have."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, muted, title
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.packing_list import can_have_packing_list
from crm.fulfilment.shipments import shipments_of
from crm.orders.papers import can_have_priced_papers
from crm.people.people import Member
from crm.sales.agreed_orders import AGREED

MOST = 20
"""Packing lists with buttons of their own: those of the newest shipments."""


def papers_on_card(work: UnitOfWork, viewer: Member, order: Mapping[str, Any]) -> tuple[tuple[Button, ...], ...]:
    """A row for the order's card; none where there is no paper for this person. `order`: its columns."""
    if not _buttons(work, viewer, order):
        return ()
    return ((Button(labels.PAPERS, f"order.papers:{order['id']}"),),)


def draw_papers(work: UnitOfWork, viewer: Member, order: Mapping[str, Any]) -> Screen:
    """What there is to print; a press has it sent as a PDF."""
    lines = [title(T("Papers of {number}", number=f"{order['number']} {order['customer_name']}"))]
    rows = _buttons(work, viewer, order)
    told = T("In English and Chinese, as PDF.") if rows else T("There are no papers of this order yet.")
    return Screen((*lines, muted(told)), rows)


def _buttons(work: UnitOfWork, viewer: Member, order: Mapping[str, Any]) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    row = SimpleNamespace(**order)
    if order["status"] in AGREED and can_have_priced_papers(viewer, row) is True:
        confirmation = Button(labels.ORDER_CONFIRMATION, f"order.confirmation:{row.id}")
        rows.append((confirmation, Button(labels.PROFORMA, f"order.proforma:{row.id}")))
    if can_have_packing_list(viewer, row) is True:
        left = shipments_of(work, order_id=row.id)
        for one in left[-MOST:]:
            label = labels.PACKING_LIST if len(left) == 1 else T("Packing list {n}", n=one.position)
            rows.append((Button(label, f"shipment.packing_list:{one.id}"),))
    return tuple(rows)
