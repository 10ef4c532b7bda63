"""`Send to customer` and `Revoke link` on an order's card."""

from bot.cards import labels
from bot.cards.paste import addressed, paste
from bot.cards.screen import Button, Line, Screen, Style, muted, say, title
from bot.handlers.customers.customers import record_id
from bot.pages.customer_seal import PREFIX, LinkSeal, address_of_link
from bot.request import Reply, Request
from crm.core.text import T
from crm.fulfilment.customer_links import open_link, revoke_links
from crm.orders.orders import get_order
from crm.sales.customers.customers import get_customer


def send_link(request: Request) -> Reply:
    """The link, in a text to be pasted to the customer; the same one as long as it was not revoked."""
    order_id = record_id(request.argument)
    link = open_link(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    order = get_order(request.work, viewer=request.person, order_id=order_id).order
    token = LinkSeal(request.settings.key()).token(link)
    address = address_of_link(request.settings, token)
    customer = get_customer(request.work, viewer=request.person, customer_id=order["customer_id"])
    who = addressed(request.work, customer)
    text = paste(
        customer,
        zh=f"{who['zh']}订单 {order['number']} 的进度可以随时在这里查看：{address}",
        en=f"{who['en']} you can follow your order {order['number']} here at any time: {address}",
    )
    lines: list[Line] = [title(T("{number} for the customer", number=order["number"])), *text]
    bot = request.bots.get("telegram")
    if bot:
        lines += [
            muted(T("For a customer who uses Telegram:")),
            Line(Style.COPY, f"https://t.me/{bot}?start={PREFIX}{token}"),
        ]
    lines.append(muted(T("Whoever has the link sees progress and shipment of this order: no prices, no other order.")))
    return Reply((Screen(tuple(lines), ((Button(labels.REVOKE_LINK, f"order.revoke_link:{order_id}"),),)),))


def revoke_link(request: Request) -> Reply:
    order_id = record_id(request.argument)
    revoke_links(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    order = get_order(request.work, viewer=request.person, order_id=order_id).order
    told = T("The link to {number} opens no more.", number=order["number"])
    return Reply((say(told, Button(labels.SEND_TO_CUSTOMER, f"order.send_link:{order_id}")),))


PRESSES = {"order.send_link": send_link, "order.revoke_link": revoke_link}
