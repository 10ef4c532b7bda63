"""What the sample company sells, and the exchange rates it counts with."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from crm.core.rates import set_rate
from crm.fulfilment.stock import free_stock
from crm.people.people import Role
from crm.sales.catalogue.products import ProductDetails, get_products, save_product
from crm.sample.diary import Story
from crm.sample.setting import Goods, Setting, by

CURRENCY = "USD"
_FULL, _LOW = 400, 6_000
"""How many times what `products.csv` has lies there at first; what part of that is left once it was counted."""

_AT_FIRST = {"USD": "7.21", "EUR": "7.78", "GBP": "9.12", "JPY": "0.0478", "AUD": "4.71", "CAD": "5.22"}
_FINEST = {"JPY": Decimal("0.000001")}


def build_catalogue(setting: Setting) -> None:
    """Add the products of `products.csv`, priced in US dollars. At first the company sells from a full store."""
    actor = by(setting.first(Role.ADMIN))
    with Path(__file__).with_name("products.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            details = ProductDetails(
                sku=row["sku"],
                name=row["name"],
                name_zh=row["name_zh"],
                category=row["category"],
                unit=row["unit"],
                currency=CURRENCY,
                list_price=Decimal(row["list_price"]),
                floor_price=Decimal(row["floor_price"]),
                cost=Decimal(row["cost"]),
                stock=Decimal(row["stock"]) * _FULL,
                lead_time_days=int(row["lead_time_days"]),
            )
            product_id, _ = save_product(setting.work, actor=actor, details=details)
            setting.goods.append(_goods(product_id, details))


def count_stock(setting: Setting, *, day: date) -> Story:
    """From that day on the store holds little more than what is promised: most of what is sold is made."""
    admin = setting.first(Role.ADMIN)
    yield setting.on(admin, day)
    products = get_products(setting.work, product_ids=[goods.id for goods in setting.goods])
    free = free_stock(setting.work, list(products))
    for product_id, row in sorted(products.items()):
        details = {name: getattr(row, name) for name in ProductDetails.__slots__}
        details["stock"] = row.stock - free[product_id] + (row.stock / _LOW).quantize(Decimal(1)) + 12
        save_product(setting.work, actor=by(admin), details=ProductDetails(**details))


def build_rates(setting: Setting, *, begin: date) -> None:
    """Set the first rates, and let finance set new ones on the first of every month."""
    for currency, rate in _AT_FIRST.items():
        # From a little earlier on: where the day begins later, it is still yesterday.
        _set(setting, currency, Decimal(rate), begin - timedelta(days=7))
    setting.diary.begin(_monthly(setting))


def _monthly(setting: Setting) -> Story:
    finance = setting.first(Role.FINANCE)
    while True:
        today = setting.today(finance)
        following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield setting.on(finance, following)
        for currency, rate in _AT_FIRST.items():
            off = Decimal(setting.chance.randint(-250, 250)) / 10_000
            _set(setting, currency, Decimal(rate) * (1 + off), setting.today(finance))


def _set(setting: Setting, currency: str, rate: Decimal, valid_from: date) -> None:
    rate = rate.quantize(_FINEST.get(currency, Decimal("0.0001")))
    set_rate(setting.work, currency=currency, valid_from=valid_from, rate=rate)
    setting.rates[currency] = rate


def _goods(product_id: int, details: ProductDetails) -> Goods:
    assert details.name_zh is not None
    assert details.category is not None
    return Goods(
        product_id,
        details.name,
        details.name_zh,
        details.category,
        details.unit,
        details.list_price,
        details.lead_time_days,
    )
