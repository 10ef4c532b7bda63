"""What the conversation engine may see of the company: the World, read from the running transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.cards.names import customer_note, deal_name, product_name, product_note
from bot.cards.screen import Choice, Line
from bot.handlers.campaigns.world import own_mail, remark_campaign
from bot.handlers.company.staff_world import (
    find_role,
    find_superior,
    find_team,
    search_roles,
    search_superiors,
    search_teams,
)
from bot.handlers.customers.world import (
    find_seller,
    hand_over_facts,
    remark_customer,
    remark_hand_over,
    remark_hand_over_of_one,
    remark_merge,
    search_doubles,
    search_sellers,
    search_takers,
)
from bot.handlers.leads.world import (
    find_lead_taker,
    find_receiver,
    find_region,
    lead_taker_facts,
    remark_lead,
    search_lead_takers,
    search_receivers,
    search_regions,
)
from bot.handlers.orders.payment_world import payment_facts, remark_open, remark_payment
from bot.handlers.orders.production_world import (
    find_in_production,
    find_maker,
    find_producer,
    milestones_to_come,
    search_in_production,
    search_makers,
    search_producers,
)
from bot.handlers.orders.shipping_world import (
    find_to_ship,
    find_under_way,
    remark_shipment,
    search_to_ship,
    search_under_way,
    to_ship,
)
from bot.handlers.orders.world import (
    about_question,
    about_resubmission,
    about_step,
    last_order,
    order_defaults,
    prices,
    remark_order,
)
from bot.handlers.quotes.world import (
    about_quote,
    about_special_price,
    find_quote,
    lead_time,
    quote_defaults,
    remark_quote,
    search_quotes,
)
from bot.handlers.record_world import find_record, search_records
from bot.handlers.reminders.world import reminder_settings
from bot.handlers.working_time.absence_world import (
    absence_facts,
    colleague,
    colleague_named,
    find_stand_in,
    remark_absence,
    search_stand_ins,
    working_days,
)
from crm.core.errors import NotFound
from crm.core.rules import read_rules, text_rule
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.catalogue.categories import ProductCategory, list_categories, propose_category
from crm.sales.catalogue.products import find_products, get_products, products_meant, products_named
from crm.sales.customers.customers import find_customers, get_customer
from crm.sales.customers.mentioned import customer_mentioned
from crm.sales.deals.deals import find_deals, get_deal
from crm.sales.deals.stages import (
    BACK_REASONS,
    LOST_REASONS,
    OPEN_STAGES,
    SKIP_REASONS,
    STAGE,
    expected_close_for,
    missing_facts,
    reasons_for,
)

Found = tuple[Sequence[Choice], int]
_LONGEST_ID = 15
_FEW_NAMES = 8


class CompanyWorld:
    """The World as one person may see it, at the transaction's time in their zone.

    `subject_id`: the record that the conversation began from (the order submitted again, the lead converted).
    `answers`: what the conversation holds so far; the products of its lines are read in one statement.
    """

    def __init__(
        self,
        work: UnitOfWork,
        person: Member,
        subject_id: int | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        self.work = work
        self.person = person
        self.subject_id = subject_id
        self._products: dict[int, Any] = {}
        self._expected = _products_of(answers or {})
        self._categories: list[ProductCategory] | None = None

    @property
    def now(self) -> datetime:
        return self.work.now.astimezone(self.person.zone)

    @cached_property
    def currency(self) -> str:
        return text_rule(self.work, "company.base_currency")

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def region(self) -> str | None:
        return "CN" if self.person.language == "zh_CN" else None

    def search(self, source: str, query: str, *, offset: int, most: int) -> Found:
        return _SOURCES[source](self, query, offset, most)

    def find(self, source: str, value: str) -> Choice | None:
        return _FINDERS[source](self, value)

    def remark(self, subject: str, answers: Mapping[str, Any]) -> Sequence[Line]:
        return _REMARKS[subject](self, answers)

    def recall(self, source: str, key: str) -> Mapping[str, Any] | None:
        return _RECALLS[source](self, key)

    def product(self, product_id: int) -> Any:
        """The row of a product, None where there is none; those of all lines are read together."""
        if product_id not in self._products:
            wanted = {product_id, *self._expected} - self._products.keys()
            self._products |= dict.fromkeys(wanted) | get_products(self.work, product_ids=wanted)
        return self._products[product_id]

    def expect_products(self, product_ids: Iterable[int]) -> None:
        """These will be asked for."""
        self._expected |= set(product_ids)

    def categories(self) -> list[ProductCategory]:
        if self._categories is None:
            self._categories = list_categories(self.work)
        return self._categories

    def category_choice(self, category: ProductCategory) -> Choice:
        return Choice(category.name, category.name_zh if self.language == "zh_CN" else category.name)


def _search_categories(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    wanted = query.casefold()
    fits = [c for c in world.categories() if wanted in f"{c.name} {c.name_zh} {c.keywords}".casefold()]
    return [world.category_choice(c) for c in fits[offset : offset + most]], len(fits)


def _category_for_need(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    name = propose_category(world.categories(), query)
    fits = [world.category_choice(c) for c in world.categories() if c.name == name]
    return fits, len(fits)


def _find_category(world: CompanyWorld, value: str) -> Choice | None:
    return next((world.category_choice(c) for c in world.categories() if c.name == value), None)


def _search_customers(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    rows, total = find_customers(world.work, viewer=world.person, query=query, offset=offset, most=most)
    return [Choice(str(row.id), row.name, customer_note(row, world.language)) for row in rows], total


def _customer_for(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    """The one that somebody else's words are about: their author's name, a line break, the words."""
    author, _, words = query.partition("\n")
    row = customer_mentioned(world.work, viewer=world.person, author=author, text=words)
    return ([], 0) if row is None else ([Choice(str(row.id), row.name, customer_note(row, world.language))], 1)


def _find_customer(world: CompanyWorld, value: str) -> Choice | None:
    row = _seen(lambda number: get_customer(world.work, viewer=world.person, customer_id=number), value)
    if row is None or row.status != "active":
        return None
    return Choice(value, row.name, customer_note(row, world.language))


def _search_products(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    rows, total = find_products(world.work, query=query, offset=offset, most=most)
    return [Choice(str(row.id), product_name(row, world.language), product_note(row)) for row in rows], total


def _find_product(world: CompanyWorld, value: str) -> Choice | None:
    row = _seen(world.product, value)
    if row is None or row.is_discontinued:
        return None
    return Choice(value, product_name(row, world.language), product_note(row))


def _products_named(world: CompanyWorld, key: str) -> Mapping[str, Any]:
    """SKU or name → id, of those in the key, one in each line, that are certain."""
    names = dict.fromkeys(key.split("\n"))
    found = products_named(world.work, names=names)
    others = [name for name in names if name not in found]
    if len(others) > _FEW_NAMES:  # fewer are looked for one by one, where SQL need not hand out the whole catalogue
        found |= products_meant(world.work, names=others)
    world.expect_products(found.values())
    return {name: str(product_id) for name, product_id in found.items()}


def _products_of(answers: Mapping[str, Any]) -> set[int]:
    lines = answers.get("lines")
    told = [line.get("product") for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return {int(one) for one in told if isinstance(one, str) and one.isdecimal() and len(one) <= _LONGEST_ID}


def _search_deals(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    number = query.strip().lstrip("#＃")
    head = number.partition(" ")[0]
    if number.isdecimal():
        query = f"D-{number}"
    elif head[:2].upper() == "D-" and head[2:].isdecimal():
        query = head  # a deal as it is shown: `D-17 500 lamps`
    rows, total = find_deals(world.work, viewer=world.person, query=query, offset=offset, most=most)
    return [Choice(str(row.id), deal_name(row), row.customer_name) for row in rows], total


def _find_deal(world: CompanyWorld, value: str) -> Choice | None:
    row = _seen(lambda number: get_deal(world.work, viewer=world.person, deal_id=number), value)
    return None if row is None else Choice(value, deal_name(row), row.customer_name)


def _search_sources(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    """What an order comes from: deals, then quotes."""
    deals, of_deals = _search_deals(world, query, 0, offset + most)
    quotes, of_quotes = search_quotes(world, query, 0, offset + most)
    return [*deals, *quotes][offset : offset + most], of_deals + of_quotes


def _find_source(world: CompanyWorld, value: str) -> Choice | None:
    return find_quote(world, value) if value.startswith("quote:") else _find_deal(world, value)


def _new_deal(world: CompanyWorld, key: str) -> Mapping[str, Any]:
    """What a new deal may propose: when it would be won if every stage took its usual days."""
    day = expected_close_for(OPEN_STAGES[0], world.now.date(), read_rules(world.work))
    return {"expected_close": day.isoformat()}


def _move(world: CompanyWorld, key: str) -> Mapping[str, Any] | None:
    """What a deal lacks for a stage, and which reason the move needs."""
    deal_id, _, stage = key.partition(">")
    deal = _seen(lambda number: get_deal(world.work, viewer=world.person, deal_id=number), deal_id)
    if deal is None or stage not in STAGE:
        return None
    chips = reasons_for(deal.stage, stage)
    kinds = {id(LOST_REASONS): "lost", id(BACK_REASONS): "back", id(SKIP_REASONS): "skip"}
    customer = get_customer(world.work, viewer=world.person, customer_id=deal.customer_id)
    return {
        "lacks": missing_facts(deal, stage),
        "reason": kinds.get(id(chips)) if chips else None,
        "stands_there": deal.stage == stage,
        "payment_terms": customer.payment_terms,
    }


def _seen(read: Callable[[int], Any], value: str) -> Any:
    """A record by its id as text; None when it is not there, or not for this person."""
    if not value.isdecimal() or len(value) > _LONGEST_ID:
        return None
    try:
        return read(int(value))
    except NotFound:
        return None


_REMARKS: dict[str, Callable[[CompanyWorld, Mapping[str, Any]], Sequence[Line]]] = {
    "order": remark_order,
    "quote": about_quote,
    "quote review": remark_quote,
    "special price": about_special_price,
    "resubmission": about_resubmission,
    "step": about_step,
    "question": about_question,
    "absence": remark_absence,
    "campaign": remark_campaign,
    "customer": remark_customer,
    "hand-over": remark_hand_over,
    "hand-over of one": remark_hand_over_of_one,
    "merge": remark_merge,
    "lead": remark_lead,
    "ship": remark_shipment,
    "payment": remark_payment,
    "payment open": remark_open,
}
_SOURCES: dict[str, Callable[[CompanyWorld, str, int, int], Found]] = {
    "category": _search_categories,
    "category for": _category_for_need,
    "customer": _search_customers,
    "customer for": _customer_for,
    "product": _search_products,
    "deal": _search_deals,
    "source": _search_sources,
    "record": search_records,
    "stand-in": search_stand_ins,
    "seller": search_sellers,
    "taker": search_takers,
    "lead's taker": search_lead_takers,
    "region": search_regions,
    "role": search_roles,
    "team": search_teams,
    "superior": search_superiors,
    "receiver": search_receivers,
    "order in production": search_in_production,
    "maker": search_makers,
    "producer": search_producers,
    "order to ship": search_to_ship,
    "shipment under way": search_under_way,
    "double": search_doubles,
}
_FINDERS: dict[str, Callable[[CompanyWorld, str], Choice | None]] = {
    "category": _find_category,
    "customer": _find_customer,
    "product": _find_product,
    "deal": _find_deal,
    "source": _find_source,
    "record": find_record,
    "stand-in": find_stand_in,
    "seller": find_seller,
    "taker": find_seller,
    "lead's taker": find_lead_taker,
    "region": find_region,
    "role": find_role,
    "team": find_team,
    "superior": find_superior,
    "receiver": find_receiver,
    "order in production": find_in_production,
    "maker": find_maker,
    "producer": find_producer,
    "order to ship": find_to_ship,
    "shipment under way": find_under_way,
    "double": _find_customer,
}
_RECALLS: dict[str, Callable[[CompanyWorld, str], Mapping[str, Any] | None]] = {
    "new deal": _new_deal,
    "move": _move,
    "order defaults": order_defaults,
    "prices": prices,
    "products named": _products_named,
    "quote defaults": quote_defaults,
    "lead time": lead_time,
    "last order": last_order,
    "absence": absence_facts,
    "colleague": colleague,
    "colleague named": colleague_named,
    "working days": working_days,
    "reminders": reminder_settings,
    "own e-mail": own_mail,
    "hand-over": hand_over_facts,
    "milestones": milestones_to_come,
    "to ship": to_ship,
    "payment": payment_facts,
    "lead's taker": lead_taker_facts,
}
