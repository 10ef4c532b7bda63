"""An order's card as far as its shipments are concerned, and the text for the customer once goods have left."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.paste import addressed, paste
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.shipments import MODES, carrier_of, is_on_time, shipments_of
from crm.fulfilment.shipping import SHIPPABLE, can_ship
from crm.people.people import Member

MOST = 5
"""Shipments with buttons of their own; an order that left in more parts has the others in its list only."""


def shipments_on_card(
    work: UnitOfWork, viewer: Member, order: Mapping[str, Any]
) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """Lines and rows of buttons; `order`: a mapping of its columns."""
    rows = shipments_of(work, order_id=order["id"])
    lines: list[Line] = []
    buttons: list[tuple[Button, ...]] = []
    is_logistics = can_ship(viewer) is True
    for row in rows:
        label = T("Shipment") if len(rows) == 1 else T("Shipment {n}", n=row.position)
        lines += [labelled(label, shipment_words(row)), *_page(row)]
        if is_logistics and row.delivered_on is None and len(buttons) < MOST:
            delivered = Button(labels.DELIVERED, f"shipment.delivered:{row.id}", "primary")
            buttons.append((delivered, Button(labels.EDIT, f"shipment.change:{row.id}")))
    if order["status"] in {"delivered", "closed"}:
        lines += _in_time(order, rows)
    if is_logistics and order["status"] in SHIPPABLE:
        buttons.insert(0, (Button(labels.SHIP, f"order.ship:{order['id']}", "primary"),))
    if rows and order["submitter_id"] == viewer.id:
        buttons.append((Button(labels.TEXT_FOR_CUSTOMER, f"order.shipping_text:{order['id']}"),))
    return lines, tuple(buttons)


def shipment_words(row: Any) -> Text:
    """`Sea, MSC MSCU1234567; shipped 2 March, expected 1 April`."""
    by = ", ".join(part for part in (row.carrier, row.tracking) if part)
    facts: dict[str, Any] = {"mode": MODES[row.mode], "carrier": by, "shipped": row.shipped_on}
    if row.delivered_on is not None and row.received_by:
        facts |= {"day": row.delivered_on, "name": row.received_by}
        return T("{mode} {carrier}; shipped on {shipped}, arrived on {day}, received by {name}", **facts)
    if row.delivered_on is not None:
        return T("{mode} {carrier}; shipped on {shipped}, arrived on {day}", day=row.delivered_on, **facts)
    return T("{mode} {carrier}; shipped on {shipped}, expected on {day}", day=row.expected_on, **facts)


def draw_shipping_text(work: UnitOfWork, order: Mapping[str, Any], customer: Any) -> Screen:
    """The newest shipment, ready to be pasted into WeChat or WhatsApp in the customer's language."""
    row = shipments_of(work, order_id=order["id"])[-1]
    who, carrier = addressed(work, customer), carrier_of(row)
    number = " ".join(part for part in (row.carrier, row.tracking) if part)
    page = carrier.page if carrier is not None and carrier.page else ""
    if row.delivered_on is not None:
        zh, en = f"已于{_zh(row.delivered_on)}送达，请查收。", f"arrived on {_en(row.delivered_on)}."
    else:
        zh = (
            f"已于{_zh(row.shipped_on)}发货"
            + (f"（{number}）" if number else "")
            + f"，预计{_zh(row.expected_on)}到达。"
        )
        en = f"left on {_en(row.shipped_on)}" + (f" ({number})" if number else "")
        en += f" and is expected on {_en(row.expected_on)}."
    text = paste(
        customer,
        zh=f"{who['zh']}您的订单 {order['number']} {zh}{page}",
        en=f"{who['en']} your order {order['number']} {en} {page}".rstrip(),
    )
    return Screen((title(T("{number} for the customer", number=order["number"])), *text))


def _page(row: Any) -> list[Line]:
    carrier = carrier_of(row)
    return [muted(carrier.page)] if carrier is not None and carrier.page and row.delivered_on is None else []


def _in_time(order: Mapping[str, Any], rows: Any) -> list[Line]:
    found = is_on_time(order["incoterm"], order["delivery_on"], rows)
    if found is None:
        return []
    told = T("in time for {date}", date=order["delivery_on"])
    late = T("late: {date} was agreed", date=order["delivery_on"])
    return [labelled(T("Delivery"), told if found else late)]


def _zh(day: Any) -> str:
    return f"{day.month}月{day.day}日"


def _en(day: Any) -> str:
    return f"{day.day} {day:%B}"
