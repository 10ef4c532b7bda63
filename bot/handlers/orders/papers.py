"""`Papers` on an order's card: order confirmation, proforma invoice and packing lists as PDF."""

from bot.cards.papers import draw_papers
from bot.handlers.customers.customers import record_id
from bot.handlers.verbs import Handler
from bot.request import Document, Reply, Request
from crm.core.text import T
from crm.fulfilment.packing_list import print_packing_list
from crm.fulfilment.shipments import read_shipment
from crm.orders.orders import get_order, read_order
from crm.orders.papers import OrderPaper, print_order_paper


def papers(request: Request) -> Reply:
    order = get_order(request.work, viewer=request.person, order_id=record_id(request.argument)).order
    return Reply((draw_papers(request.work, request.person, order),))


def print_paper(paper: OrderPaper) -> Handler:
    """A handler that prints this paper and sends it here."""

    def send(request: Request) -> Reply:
        order_id = record_id(request.argument)
        printed = print_order_paper(request.work, viewer=request.person, order_id=order_id, paper=paper)
        return _sent(request, order_id, *printed)

    return send


def send_packing_list(request: Request) -> Reply:
    shipment_id = record_id(request.argument)
    printed = print_packing_list(request.work, viewer=request.person, shipment_id=shipment_id)
    return _sent(request, read_shipment(request.work, shipment_id=shipment_id).order_id, *printed)


def _sent(request: Request, order_id: int, file_id: int, name: str) -> Reply:
    row = read_order(request.work, order_id=order_id, viewer=request.person)
    beside = T("{number} {customer}", number=row.number, customer=row.customer_name)
    return Reply((Document(file_id, name, beside),))


PRESSES: dict[str, Handler] = {
    "order.papers": papers,
    "order.confirmation": print_paper("confirmation"),
    "order.proforma": print_paper("proforma"),
    "shipment.packing_list": send_packing_list,
}
