"""Stories of the sample company's orders, from the draft on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.prefill import draft_from_deal, last_order_draft
from crm.orders.submission import submit_order
from crm.sample.deciding import BY_CHANCE, Plan, approval
from crm.sample.diary import Story
from crm.sample.paying import fulfilled
from crm.sample.setting import Buyer, Goods, Setting, door


def repeat_order(setting: Setting, buyer: Buyer) -> Story:
    """An order without a deal: sometimes the same as the last one, more often other goods."""
    draft = last_order_draft(setting.work, actor=buyer.rep, customer_id=buyer.customer_id) if setting.may(35) else None
    if draft is None:
        large = 5 if buyer.weight > 2 and setting.may(7) else 1
        draft = new_draft(setting, buyer, worth=45_000 * buyer.weight * large * setting.chance.uniform(0.6, 1.6))
    yield from order(setting, buyer, _completed(setting, buyer, draft))


def order_from_deal(setting: Setting, buyer: Buyer, deal_id: int) -> Story:
    """The order that a won deal brings, often with something besides."""
    draft = draft_from_deal(setting.work, actor=buyer.rep, deal_id=deal_id)
    if setting.may(50):
        draft = replace(draft, lines=(*draft.lines, _line(setting, buyer, setting.pick(setting.goods), 8_000)))
    yield from order(setting, buyer, _completed(setting, buyer, draft))


def new_draft(setting: Setting, buyer: Buyer, *, worth: float, off: int | None = None) -> OrderDraft:
    """One to four products for about so much money (base currency), `off` per cent under the list prices."""
    goods = setting.chance.sample(setting.goods, setting.pick((1, 2, 2, 3, 3, 4)))
    lines = tuple(_line(setting, buyer, one, worth / len(goods), off=off) for one in goods)
    return _completed(setting, buyer, OrderDraft(customer_id=buyer.customer_id, lines=lines))


def order(setting: Setting, buyer: Buyer, draft: OrderDraft, *, plan: Plan = BY_CHANCE) -> Story:
    """Submit an order and see it through."""
    rep = buyer.rep
    draft = replace(draft, customer_po=f"PO{setting.chance.randint(10_000, 99_999)}" if setting.may(70) else None)
    order_id = submit_order(setting.work, actor=rep, platform=door(rep), draft=draft)
    if (yield from approval(setting, buyer, order_id, plan=plan)) == "approved":
        yield from fulfilled(setting, buyer, order_id)


def _line(setting: Setting, buyer: Buyer, goods: Goods, worth: float, *, off: int | None = None) -> LineDraft:
    under = Decimal(setting.chance.randint(0, 11) if off is None else off)
    return LineDraft(
        product_id=goods.id,
        quantity=setting.quantity(goods, worth),
        unit_price=setting.price(goods, buyer.firm.currency, off=under),
        discount=Decimal(setting.pick((0, 0, 0, 0, 2, 3))),
    )


def _completed(setting: Setting, buyer: Buyer, draft: OrderDraft) -> OrderDraft:
    """With what the form would still ask for."""
    firm = buyer.firm
    days = {goods.id: goods.lead_time_days for goods in setting.goods}
    longest = max(days[line.product_id] for line in draft.lines)
    wished = setting.today(buyer.rep) + timedelta(days=longest + setting.chance.randint(3, 25))
    domestic = firm.country == "CN"
    to_port = firm.place % 2 == 1
    return replace(
        draft,
        currency=draft.currency or firm.currency,
        incoterm=draft.incoterm or ("TAX" if domestic else "CIF" if to_port else "FOB"),
        place=draft.place or (None if domestic else firm.port if to_port else "Ningbo"),
        delivery_on=wished,
        deliver_to=draft.deliver_to or f"{firm.name}, {firm.city}",
        payment_terms=draft.payment_terms or firm.terms,
    )
