"""A small trading company that makes lamps, and short words for its orders, its makers and what production reports."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.history import history_of
from crm.fulfilment.makers import MakerDetails, save_maker
from crm.fulfilment.making import report_done, report_late, report_problem
from crm.fulfilment.milestones import milestones_of
from crm.fulfilment.plans import read_plan
from crm.fulfilment.shipping import ShipmentDraft, left_to_ship, ship
from crm.fulfilment.stock import allocated
from crm.fulfilment.work_orders import work_orders_of
from crm.orders.cancelling import cancel_order
from crm.people.people import Role
from crm.sales.catalogue.products import Product
from tests.conftest import MakePerson
from tests.crm.orders.trading import TODAY, Trade

LAMPS = "Lighting"
NO_DEPOSIT = "net 30"


class MakingDesk:
    """Wu makes, Lin ships. `lamp` is made of Lighting, of which nothing lies there; factories are added by `maker`."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        database.events = subscriptions()
        self.database, self.trade = database, Trade(database, make_person)
        self.wu = make_person("Wu", Role.PRODUCTION, at=database)
        self.lin = make_person("Lin", Role.LOGISTICS, at=database)
        self.lamp = self.trade.add_product("LAMP", "Lamp", cost="10", stock=Decimal(0), category=LAMPS)

    def maker(self, per_day: str = "100", name: str = "Factory", **more: Any) -> int:
        details = MakerDetails(name=name, category=LAMPS, per_day=Decimal(per_day), **more)
        with self.database.write() as work:
            return save_maker(work, actor=self.trade.admin, platform="test", details=details)

    def order(self, quantity: str, product: int | None = None, **told: Any) -> int:
        """Submitted and approved by all."""
        line = self.trade.line(quantity, product=product or self.lamp)
        order = self.trade.submit(self.trade.draft(line, **{"payment_terms": NO_DEPOSIT, **told}))
        while self.trade.status(order) == "pending":
            role = self.trade.step(order).role
            people = (self.trade.boss, self.trade.finance, self.trade.gm)
            self.trade.press(order, next(one for one in people if one.has(role)))
        return order

    def days(self, order: int) -> list[tuple[date, date]]:
        with self.database.read() as work:
            return [(row.starts_on, row.ends_on) for row in work_orders_of(work, [order])]

    def ready_on(self, order: int) -> date | None:
        with self.database.read() as work:
            found: date | None = read_plan(work, order_id=order).ready_on
            return found

    def milestones(self, order: int) -> list[Any]:
        with self.database.read() as work:
            return milestones_of(work, [order]).get(order, [])

    def done(self, order: int, key: str, **more: Any) -> None:
        with self.database.write() as work:
            report_done(work, **{"actor": self.wu, "platform": "test", "order_id": order, "key": key, **more})

    def late(self, order: int, key: str, until: date, **more: Any) -> None:
        told = {"actor": self.wu, "platform": "test", "order_id": order, "key": key, "until": until, **more}
        with self.database.write() as work:
            report_late(work, **told)

    def problem(self, order: int, key: str, kind: Any, words: str, until: date | None = None) -> None:
        with self.database.write() as work:
            report_problem(
                work, actor=self.wu, platform="test", order_id=order, key=key, kind=kind, words=words, until=until
            )

    def ship(self, order: int, shipped_on: date = TODAY) -> int:
        draft = ShipmentDraft(order_id=order, mode="sea", shipped_on=shipped_on, expected_on=date(2026, 12, 31))
        with self.database.write() as work:
            return ship(work, actor=self.lin, platform="test", draft=draft)

    def cancel(self, order: int, actor: Any = None) -> None:
        with self.database.write() as work:
            cancel_order(work, actor=actor or self.trade.rep, platform="test", order_id=order, reason="by_mistake")

    def left(self, order: int) -> Decimal:
        with self.database.read() as work:
            return sum((left for _, left in left_to_ship(work, order_id=order)), Decimal(0))

    def promised(self, order: int) -> Decimal:
        """What of the stock is this order's."""
        with self.database.read() as work:
            return sum(allocated(work, order_id=order).values(), Decimal(0))

    def stock(self, product: int | None = None) -> Decimal:
        table = Product.table()
        with self.database.read() as work:
            query = select(table.c.stock).where(table.c.id == (product or self.lamp))
            return Decimal(work.connection.execute(query).scalar_one())

    def acts(self, order: int) -> list[str]:
        with self.database.read() as work:
            return [row.act for row in history_of(work, entity="order", entity_id=order)]

    def stock_of(self, product: int, stock: str) -> None:
        table = Product.table()
        with self.database.write() as work:
            work.connection.execute(table.update().where(table.c.id == product).values(stock=Decimal(stock)))
