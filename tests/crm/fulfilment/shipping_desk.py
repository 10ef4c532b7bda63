"""An approved order of the small trading company, and short words for what logistics do with it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.database import Database
from crm.core.history import history_of
from crm.fulfilment.shipments import shipments_of
from crm.fulfilment.shipping import ShipmentDraft, change_shipment, deliver, left_to_ship, ship
from crm.people.people import Member, Role
from tests.conftest import MakePerson
from tests.crm.orders.trading import TODAY, Trade

SOON = date(2026, 3, 30)


class ShippingDesk:
    """Lin is logistics; `order` has 100 Chai and 50 Chang, approved by all."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.database, self.trade = database, Trade(database, make_person)
        self.lin = make_person("Lin", Role.LOGISTICS, at=database)
        draft = self.trade.draft(self.trade.line("100"), self.trade.line("50", product=self.trade.chang))
        self.order = self.trade.submit(draft)
        for person in (self.trade.boss, self.trade.finance):
            self.trade.press(self.order, person)
        with database.read() as work:
            self.chai, self.chang = (line.id for line, _ in left_to_ship(work, order_id=self.order))

    def ship(self, quantities: Mapping[int, str] | None = None, *, actor: Member | None = None, **told: Any) -> int:
        many = None if quantities is None else {line: Decimal(number) for line, number in quantities.items()}
        values = {"mode": "sea", "shipped_on": TODAY, "expected_on": SOON, **told}
        draft = ShipmentDraft(order_id=self.order, quantities=many, **values)
        with self.database.write() as work:
            return ship(work, actor=actor or self.lin, platform="test", draft=draft)

    def deliver(self, shipment: int, on: date = TODAY, *, actor: Member | None = None, **told: Any) -> None:
        with self.database.write() as work:
            deliver(work, actor=actor or self.lin, platform="test", shipment_id=shipment, on=on, **told)

    def change(self, shipment: int, **told: Any) -> None:
        values = {"carrier": None, "tracking": None, "expected_on": SOON, **told}
        with self.database.write() as work:
            change_shipment(work, actor=self.lin, platform="test", shipment_id=shipment, **values)

    def left(self) -> dict[int, Decimal]:
        with self.database.read() as work:
            return {line.id: quantity for line, quantity in left_to_ship(work, order_id=self.order)}

    def shipments(self) -> list[Any]:
        with self.database.read() as work:
            return list(shipments_of(work, order_id=self.order))

    def statuses(self) -> list[Any]:
        """Every status the order came into, as its history has it."""
        with self.database.read() as work:
            rows = history_of(work, entity="order", entity_id=self.order)
            return [row.changes["status"][1] for row in rows if "status" in row.changes]
