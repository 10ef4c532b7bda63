"""Customers, products and deals for the browser chat's forms to be filled in with."""

from datetime import date
from decimal import Decimal

from bot.app import Application
from crm.core.history import COMMAND_LINE
from crm.core.money import Money
from crm.people.people import find_member
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.deals.deals import DealDetails, open_deal

ANNA, WANG = 2, 3


def add_customers(app: Application, *names: str, more: int = 0, owner: int = ANNA) -> None:
    """These, then `more` called Customer 1, Customer 2, …"""
    with app.database.write() as work:
        rep = find_member(work, person_id=owner)
        for name in (*names, *(f"Customer {number}" for number in range(1, more + 1))):
            details = CustomerDetails(name=name, contact="Roland", country="AT")
            create_customer(work, actor=rep, platform="web", details=details)


def add_products(app: Application, *names: str) -> None:
    with app.database.write() as work:
        for number, name in enumerate(names):
            details = ProductDetails(
                sku=f"P{number:03}",
                name=name,
                unit="box",
                currency="CNY",
                list_price=Decimal("18.5"),
                stock=Decimal(1000),
                lead_time_days=5,
            )
            save_product(work, actor=COMMAND_LINE, details=details)


def add_deal(app: Application, *, owner: int = ANNA) -> int:
    """A deal of 12,500 CNY with the first customer, in its first stage."""
    with app.database.write() as work:
        details = DealDetails(
            customer_id=1, title="500 lamps", amount=Money(Decimal(12500), "CNY"), expected_close=date(2099, 1, 31)
        )
        rep = find_member(work, person_id=owner)
        return open_deal(work, actor=rep, platform="web", details=details)
