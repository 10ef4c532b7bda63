"""Stories of the sample company's customers: entered, given credit and prices, ordering again and again."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.people.people import Role
from crm.sales.customers.customers import create_customer, set_credit_limit, set_credit_rating, set_customer_price
from crm.sales.customers.grading import set_grade
from crm.sample.diary import Story
from crm.sample.firms import as_customer
from crm.sample.ordering import repeat_order
from crm.sample.pursuing import new_deal, note
from crm.sample.setting import Buyer, Firm, Setting, door

_WEIGHTS = (3.0, 1.6, 1.0, 0.7)
_RATINGS = ("AA", "A", "B", "B")
_GRADES = {0: "A", 1: "B"}


def established(setting: Setting, firm: Firm, *, begin: date) -> Story:
    """A customer from before, entered when the program was new; it orders again and again."""
    rep = setting.people[firm.rep]
    yield setting.on(rep, begin)
    customer_id = create_customer(setting.work, actor=rep, platform=door(rep), details=as_customer(firm))
    buyer = new_buyer(setting, firm, customer_id)
    setting.diary.begin(credit(setting, buyer))
    if firm.place == 0:
        setting.diary.begin(_own_prices(setting, buyer))
    if firm.place in _GRADES:
        setting.diary.begin(_graded(setting, buyer, _GRADES[firm.place]))
    yield from buying(setting, buyer)


def in_the_pool(setting: Setting, firm: Firm, *, begin: date) -> Story:
    """A customer that nobody looks after."""
    admin = setting.first(Role.ADMIN)
    yield setting.on(admin, begin)
    create_customer(setting.work, actor=admin, platform=door(admin), details=as_customer(firm))


def new_buyer(setting: Setting, firm: Firm, customer_id: int) -> Buyer:
    weight = _WEIGHTS[min(firm.place, 3)]
    pays_late = (0, 4) if setting.may(60) else (8, 35) if setting.may(70) else (38, 80)
    buyer = Buyer(customer_id, firm, setting.people[firm.rep], weight, pays_late)
    setting.buyers.append(buyer)
    return buyer


def credit(setting: Setting, buyer: Buyer) -> Story:
    """Finance rates the customer and sets a limit, and most get a larger one in time."""
    finance = setting.pick(setting.all_of(Role.FINANCE))
    told: dict[str, Any] = {"actor": finance, "platform": door(finance), "customer_id": buyer.customer_id}
    yield setting.later(finance, (1, 6))
    limit = Decimal(round(buyer.weight * 3)) * 100_000
    set_credit_rating(setting.work, **told, rating=_RATINGS[min(buyer.firm.place, 3)])
    set_credit_limit(setting.work, **told, limit=limit)
    yield setting.later(finance, (200, 330))
    if buyer.pays_late[1] < 38:
        set_credit_limit(setting.work, **told, limit=limit * Decimal("1.5"))
    else:
        set_credit_rating(setting.work, **told, rating="C")


def _own_prices(setting: Setting, buyer: Buyer) -> Story:
    """The supervisor agrees prices of its own with a large customer."""
    supervisor = setting.supervisor_of(buyer.rep)
    yield setting.later(supervisor, (20, 90))
    for goods in setting.chance.sample(setting.goods, 3):
        price = Money(setting.price(goods, buyer.firm.currency, off=Decimal(8)), buyer.firm.currency)
        set_customer_price(
            setting.work,
            actor=supervisor,
            platform=door(supervisor),
            customer_id=buyer.customer_id,
            product_id=goods.id,
            price=price,
        )


def _graded(setting: Setting, buyer: Buyer, grade: str) -> Story:
    """After some time the supervisor sees what the customer is worth."""
    supervisor = setting.supervisor_of(buyer.rep)
    yield setting.later(supervisor, (150, 260))
    set_grade(
        setting.work,
        actor=supervisor,
        platform=door(supervisor),
        customer_id=buyer.customer_id,
        grade=grade,
        reason=setting.words(supervisor, "graded", grade=grade),
    )


def buying(setting: Setting, buyer: Buyer) -> Story:
    """Order after order, some by way of a deal; the larger the customer, the more often."""
    low, high = (75, 160) if buyer.weight > 1 else (120, 230)
    yield setting.later(buyer.rep, (4, high))
    while True:
        if setting.may(35):
            setting.diary.begin(new_deal(setting, buyer, ends="won" if setting.may(66) else "lost"))
        else:
            setting.diary.begin(repeat_order(setting, buyer))
        yield setting.later(buyer.rep, (max(low // 3, 12), low // 2))
        note(setting, buyer)
        yield setting.later(buyer.rep, (low // 2, high // 2))
