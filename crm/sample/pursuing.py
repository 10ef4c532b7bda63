"""Stories of the sample company's deals, stage by stage, and what is noted on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.orders.drafts import LineDraft
from crm.orders.quotes.drafts import QuoteDraft
from crm.orders.quotes.quotes import read_plain
from crm.orders.quotes.sending import accept_quote, mark_sent
from crm.orders.quotes.writing import write_quote
from crm.people.people import Member
from crm.sales.customers.communications import add_note
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.deals.stages import OPEN_STAGES, ROAD
from crm.sample.diary import Story
from crm.sample.ordering import order_from_deal
from crm.sample.setting import Buyer, Goods, Setting, door

_DAYS = {"initial": (1, 8), "needs": (3, 13), "quotation": (2, 10), "negotiation": (4, 16), "contract": (1, 5)}
_A_WEEK = 7
_QUOTED = 3
"""Every so many deals have a quote written here; the others' went out by other ways."""
_HOLDS = 45


@dataclass(frozen=True, slots=True)
class Wish:
    """What a deal is about: goods, how many, and how far under the list price they would go."""

    goods: Goods
    quantity: Decimal
    off: Decimal


def new_deal(setting: Setting, buyer: Buyer, *, ends: str) -> Story:
    """A deal of a customer that is known; `ends`: `won`, `lost`, or the stage that it gets stuck in."""
    wish, rep = make_wish(setting, weight=buyer.weight), buyer.rep
    currency = buyer.firm.currency
    amount = Money(setting.price(wish.goods, currency, off=wish.off) * wish.quantity, currency)
    details = DealDetails(
        customer_id=buyer.customer_id,
        title=title_for(setting, rep, wish),
        amount=amount,
        product_id=wish.goods.id,
        quantity=wish.quantity,
    )
    deal_id = open_deal(setting.work, actor=rep, platform=door(rep), details=details)
    yield from progress(setting, buyer, deal_id, wish, ends=ends)


def progress(setting: Setting, buyer: Buyer, deal_id: int, wish: Wish, *, ends: str) -> Story:
    rep, stage = buyer.rep, OPEN_STAGES[0]
    told: dict[str, Any] = {"actor": rep, "platform": door(rep), "deal_id": deal_id}
    lost_in = setting.pick(OPEN_STAGES[:4]) if ends == "lost" else None
    went_back, quote_id = False, None
    while stage != ends:
        yield setting.later(rep, (_A_WEEK, _A_WEEK) if ends in OPEN_STAGES else _DAYS[stage])
        if stage == lost_in:
            move_deal(setting.work, **told, to_stage="lost", reason=setting.words(rep, "lost"))
            return
        if stage == "negotiation" and not went_back and ends == "won" and setting.may(15):
            went_back = True
            move_deal(setting.work, **told, to_stage="quotation", reason="requote")
            stage = "quotation"
            continue
        stage = ROAD[ROAD.index(stage) + 1]
        facts = _facts(setting, buyer, deal_id, wish)[stage]
        if deal_id % _QUOTED == 0 and ends in {"won", "negotiation"} and not went_back:
            quote_id = _quoted(setting, buyer, deal_id, wish, stage, quote_id)
        move_deal(setting.work, **told, to_stage=stage, facts=facts)
        if setting.may(35):
            note(setting, buyer, deal_id=deal_id)
    if stage == "won":
        yield setting.soon(rep, (1, 30))
        yield from order_from_deal(setting, buyer, deal_id)


def _quoted(setting: Setting, buyer: Buyer, deal_id: int, wish: Wish, stage: str, quote_id: int | None) -> int | None:
    """Some deals have a quote of ours: sent before the negotiation, accepted before the contract; returns it.

    One whose price is under the floor waits for its approval, and what the customer has came from elsewhere.
    """
    told: dict[str, Any] = {"actor": buyer.rep, "platform": door(buyer.rep)}
    if stage == "negotiation":
        price = setting.price(wish.goods, buyer.firm.currency, off=wish.off)
        draft = QuoteDraft(
            customer_id=buyer.customer_id,
            lines=(LineDraft(product_id=wish.goods.id, quantity=wish.quantity, unit_price=price),),
            deal_id=deal_id,
            currency=buyer.firm.currency,
            incoterm="TAX" if buyer.firm.country == "CN" else "FOB",
            place=None if buyer.firm.country == "CN" else "Ningbo",
            payment_terms=buyer.firm.terms,
            valid_until=setting.today(buyer.rep) + timedelta(days=_HOLDS),
        )
        quote_id = write_quote(setting.work, draft=draft, **told)
        is_free = read_plain(setting.work, quote_id=quote_id).price_status == "free"
        return quote_id if is_free and mark_sent(setting.work, quote_id=quote_id, **told) else None
    if stage == "contract" and quote_id is not None:
        accept_quote(setting.work, quote_id=quote_id, **told)
    return quote_id


def _facts(setting: Setting, buyer: Buyer, deal_id: int, wish: Wish) -> Mapping[str, Mapping[str, Any]]:
    """What is told on entering each stage."""
    rep, today = buyer.rep, setting.today(buyer.rep)
    need = setting.words(rep, "need", **setting.facts_of(wish.goods, wish.quantity, rep))
    price = setting.price(wish.goods, buyer.firm.currency, off=wish.off) * wish.quantity
    contract = f"FS-{today:%y%m}-{deal_id:03}"
    return {
        "needs": {"first_response_on": today},
        "quotation": {"product": wish.goods.id, "quantity": wish.quantity, "need": need},
        "negotiation": {"quote_sent_on": today, "quote_outside": True},
        "contract": {"final_price": Money(price, buyer.firm.currency), "payment_terms": buyer.firm.terms},
        "won": {"contract_number": contract, "signed_on": today},
    }


def note(setting: Setting, buyer: Buyer, *, deal_id: int | None = None) -> None:
    """The rep writes down what was said."""
    kinds = ["call", "call", "email", "email", "note", "meeting"]
    kinds += ["visit"] if buyer.weight > 1 else []
    kinds += ["wechat", "wechat"] if buyer.firm.country in {"CN", "JP", "AE"} else []
    kind, rep = setting.pick(kinds), buyer.rep
    add_note(
        setting.work,
        actor=rep,
        platform=door(rep),
        customer_id=buyer.customer_id,
        deal_id=deal_id,
        text=setting.words(rep, kind),
        kind=kind,
    )


def make_wish(setting: Setting, *, weight: float) -> Wish:
    goods = setting.pick(setting.goods)
    quantity = setting.quantity(goods, 45_000 * weight * setting.chance.uniform(0.5, 1.8))
    return Wish(goods, quantity, Decimal(setting.chance.randint(0, 10)))


def title_for(setting: Setting, rep: Member, wish: Wish) -> str:
    return setting.words(rep, "title", **setting.facts_of(wish.goods, wish.quantity, rep))


def until_stuck(stage: str) -> timedelta:
    """How long a deal that ends in this stage takes to come into it, a week a stage, and a few days there."""
    return timedelta(days=OPEN_STAGES.index(stage) * _A_WEEK + 5)
