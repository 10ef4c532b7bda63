"""A rep with a customer, and short words for what is done to deals and leads; shared by the tests about them."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.errors import TradewindError
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.deals.deals import DealDetails, get_deal, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.deals.stages import STAGES
from crm.sales.deals.story import stays

TODAY = date(2026, 3, 2)
FACTS: dict[str, dict[str, Any]] = {
    "initial": {"first_response_on": TODAY},
    "needs": {"product": "LED lamps", "quantity": Decimal(500), "need": "IP65, 4000 K, to Hamburg"},
    "quotation": {"quote_sent_on": TODAY},
    "negotiation": {"final_price": Decimal(11800), "payment_terms": "30% T/T, balance before shipment"},
    "contract": {"contract_number": "HT-2026-7", "signed_on": TODAY},
}
"""What it takes to leave each stage."""

MakePerson = Callable[..., Member]


class Sales:
    """A rep, their customer, and short words for what is done to deals."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.database = database
        database.events = subscriptions()
        self.boss = make_person("Zhao", Role.SUPERVISOR, team="North")
        self.rep = make_person("Li", team="North")
        self.colleague = make_person("Wang", team="South")
        self.customer = self.add_customer()

    def add_customer(self, name: str = "万通贸易", owner: Member | None = None) -> int:
        with self.database.write() as work:
            told = CustomerDetails(name=name, contact="王经理", phone="+8613800138000")
            return create_customer(work, actor=owner or self.rep, platform="test", details=told)

    def add_product(self, sku: str = "L-1", name: str = "Chai") -> int:
        with self.database.write() as work:
            told = ProductDetails(sku=sku, name=name, currency="CNY", list_price=Decimal(20))
            return save_product(work, actor=SYSTEM, details=told)[0]

    def open(self, actor: Member | None = None, **told: Any) -> int:
        values = {"customer_id": self.customer, "title": "Lamps", "amount": Money(Decimal(12500), "CNY"), **told}
        with self.database.write() as work:
            return open_deal(work, actor=actor or self.rep, platform="test", details=DealDetails(**values))

    def move(self, deal: int, to: str, actor: Member | None = None, **more: Any) -> None:
        with self.database.write() as work:
            move_deal(work, actor=actor or self.rep, platform="test", deal_id=deal, to_stage=to, **more)

    def walk(self, deal: int, to: str) -> None:
        """Move it stage by stage, telling what each asks for."""
        while (at := self.deal(deal).stage) != to:
            onward = STAGES[[stage.key for stage in STAGES].index(at) + 1].key
            self.move(deal, onward, facts=FACTS[at])

    def deal(self, deal: int, viewer: Member | None = None) -> Any:
        with self.database.read() as work:
            return get_deal(work, viewer=viewer or self.rep, deal_id=deal)

    def way(self, deal: int) -> list[tuple[str, int, Any]]:
        with self.database.read() as work:
            return [(stay.stage, stay.days, stay.reason) for stay in stays(work, viewer=self.rep, deal_id=deal)]


def at_once(acts: list[Callable[[], Any]]) -> list[TradewindError | None]:
    """Run each act in a thread of its own, all let go at the same instant; what each was told, None if nothing."""
    gate, told = threading.Barrier(len(acts)), list[TradewindError | None]([None] * len(acts))

    def run(place: int) -> None:
        gate.wait()
        try:
            acts[place]()
        except TradewindError as error:
            told[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
