"""What the stories of the sample company share: its people, goods, rates and chances."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from crm.core.history import Actor
from crm.core.money import round_amount
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role, list_members
from crm.sample.diary import Diary, workday

BASE = "CNY"
SEED = 20_260_302

_UNITS_ZH = {"pcs": "个", "set": "套", "pair": "对"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as the stories need it; prices in US dollars."""

    id: int
    name: str
    name_zh: str
    category: str
    unit: str
    list_price: Decimal
    lead_time_days: int


@dataclass(frozen=True, slots=True)
class Firm:
    """A company that buys, or may. `place` is its position within its country: the lower, the larger."""

    country: str
    place: int
    name: str
    contact: str
    position: str
    email: str
    phone: str
    rep: str
    currency: str
    port: str
    city: str
    terms: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as the stories know it. `pays_late`: from how many days to how many after the due date it pays."""

    customer_id: int
    firm: Firm
    rep: Member
    weight: float
    pays_late: tuple[int, int]


class Setting:
    """The company while its history is told. `chance` is seeded, so that every build is the same."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.diary = Diary(work)
        self.chance = Random(SEED)  # noqa: S311 - a story, not a secret
        self.people = {member.name: member for member in list_members(work)}
        self.goods: list[Goods] = []
        self.buyers: list[Buyer] = []
        self.rates: dict[str, Decimal] = {BASE: Decimal(1)}

    def first(self, role: Role) -> Member:
        return self.all_of(role)[0]

    def all_of(self, role: Role) -> list[Member]:
        return [member for member in self.people.values() if member.has(role)]

    def supervisor_of(self, rep: Member) -> Member:
        return next(member for member in self.people.values() if member.id == rep.superior_id)

    def today(self, person: Member) -> date:
        return self.work.now.astimezone(person.zone).date()

    # — when —

    def soon(self, person: Member, hours: tuple[float, float]) -> datetime:
        """So many hours from now, or else the next morning at which this person works."""
        local = (self.work.now + timedelta(hours=self.chance.uniform(*hours))).astimezone(person.zone)
        if local.weekday() < 5 and time(8, 30) <= local.time() <= time(18, 30):
            return local
        day = local.date() if local.time() < time(8, 30) else local.date() + timedelta(days=1)
        return self._at(person, workday(day), minutes=(0, 100))

    def later(self, person: Member, days: tuple[int, int]) -> datetime:
        """On a working day so many days from now, in this person's working hours."""
        return self.on(person, self.today(person) + timedelta(days=self.chance.randint(*days)))

    def on(self, person: Member, day: date) -> datetime:
        """On that day, or the next working day, in this person's working hours."""
        return self._at(person, workday(day), minutes=(0, 540))

    def _at(self, person: Member, day: date, *, minutes: tuple[int, int]) -> datetime:
        start = datetime.combine(day, time(8, 45), person.zone)
        return start + timedelta(minutes=self.chance.randint(*minutes), seconds=self.chance.randint(0, 59))

    # — what —

    def may(self, percent: int) -> bool:
        return self.chance.random() * 100 < percent

    def pick(self, among: Sequence[T]) -> T:
        return self.chance.choice(among)

    def words(self, person: Member, kind: str, **facts: Any) -> str:
        """Something that this person might write, in their language."""
        return str(self.pick(_phrases()[person.language][kind])).format(**facts)

    def name_of(self, goods: Goods, person: Member) -> str:
        return goods.name_zh if person.language == "zh_CN" else goods.name

    def facts_of(self, goods: Goods, quantity: Decimal, person: Member) -> dict[str, Any]:
        """Goods and how many of them, for `words`."""
        unit = _UNITS_ZH[goods.unit] if person.language == "zh_CN" else goods.unit
        return {"product": self.name_of(goods, person), "quantity": quantity, "unit": unit}

    def price(self, goods: Goods, currency: str, *, off: Decimal) -> Decimal:
        """The list price in a currency at today's rate, so many per cent off, in whole cents."""
        price = goods.list_price * (100 - off) / 100
        return round_amount(price * self.rates["USD"] / self.rates[currency], currency)

    def quantity(self, goods: Goods, base_amount: float) -> Decimal:
        """How many pieces come to about this much money, in lots that cartons come in."""
        pieces = base_amount / float(goods.list_price * self.rates["USD"])
        lot = 500 if pieces > 4_000 else 100 if pieces > 800 else 20
        return Decimal(max(lot, round(pieces / lot) * lot))


def by(person: Member) -> Actor:
    return Actor(person.id, door(person))


def door(person: Member) -> str:
    """Through which platform somebody works."""
    return "slack" if person.language == "en" else ("telegram", "web")[person.id % 2]


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
