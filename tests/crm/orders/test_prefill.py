"""Orders filled in from what is known: the last one, a deal, the order itself."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from crm.core.money import Money
from crm.orders.drafts import OrderDraft
from crm.orders.prefill import draft_from_deal, draft_of_order, last_order_draft
from crm.sales.customers.customers import set_customer_price
from crm.sales.deals.deals import Deal, DealDetails, open_deal
from tests.crm.orders.trading import LATER, TODAY, Trade


def _last(trade: Trade) -> OrderDraft | None:
    with trade.database.read() as work:
        return last_order_draft(work, actor=trade.rep, customer_id=trade.customer)


def test_same_as_last_time(trade: Trade, clock: Any) -> None:
    assert _last(trade) is None
    lines = (trade.line("500", "18", discount=Decimal(5)), trade.line("7", "19", discount_sum=Decimal("0.5")))
    first = trade.submit(trade.draft(*lines, packing="EH/1-40", customer_po="PO-1", notes="call first"))
    trade.recall(trade.submit(trade.draft()))
    clock.move(days=10)
    draft = _last(trade)
    assert draft is not None
    assert (draft.lines, draft.packing, draft.same_as_order_id) == (lines, "EH/1-40", first)
    assert (draft.customer_po, draft.notes) == (None, None)
    assert draft.delivery_on == LATER + timedelta(days=10)
    again = trade.submit(draft)
    assert (trade.order(again).same_as_order_id, trade.order(again).total) == (first, trade.order(first).total)


def test_a_repeated_order_is_one_of_the_same_customer(trade: Trade) -> None:
    first = trade.submit()
    other = trade.submit(trade.draft(customer_id=trade.add_customer("Another"), same_as_order_id=first))
    assert trade.order(other).same_as_order_id is None


def test_an_order_as_it_was_submitted(trade: Trade) -> None:
    draft = trade.draft(trade.line(), trade.line("3", "7"), customer_po="PO-1", notes="n", packing="p", currency="CNY")
    order = trade.submit(draft)
    with trade.database.read() as work:
        assert draft_of_order(work, actor=trade.rep, order_id=order) == draft


def _from_deal(trade: Trade, *, facts: dict[str, Any] | None = None, **told: Any) -> OrderDraft:
    values = {"title": "Tea", "amount": Money(Decimal(620_000), "CNY"), **told}
    with trade.database.write() as work:
        details = DealDetails(customer_id=trade.customer, **values)
        deal = open_deal(work, actor=trade.rep, platform="test", details=details)
        work.connection.execute(update(Deal).where(Deal.id == deal).values(facts=facts or {}))
    with trade.database.read() as work:
        draft = draft_from_deal(work, actor=trade.rep, deal_id=deal)
    assert draft.deal_id == deal
    return draft


@pytest.mark.parametrize("final", ["620000", "31", "600000", "30"])
def test_a_deals_final_price_is_of_all_or_of_one(trade: Trade, final: str) -> None:
    facts = {"final_price": final, "payment_terms": "30% deposit"}
    draft = _from_deal(trade, facts=facts, product_id=trade.chai, quantity=Decimal(20_000))
    assert (draft.lines[0].quantity, draft.payment_terms) == (20_000, "30% deposit")
    assert draft.lines[0].unit_price == (31 if final in {"620000", "31"} else 30)


def test_a_deal_without_a_price_takes_the_customers_own_else_the_list(trade: Trade) -> None:
    told = {"product_id": trade.chai, "quantity": Decimal(100)}
    assert _from_deal(trade, **told).lines[0].unit_price == 20
    with trade.database.write() as work:
        set_customer_price(
            work,
            actor=trade.boss,
            platform="test",
            customer_id=trade.customer,
            product_id=trade.chai,
            price=Money(Decimal(18), "CNY"),
        )
    assert _from_deal(trade, **told).lines[0].unit_price == 18


def test_a_deal_in_another_currency_shares_out_its_amount(trade: Trade) -> None:
    trade.rate("USD", "7")
    told = {"product_id": trade.chai, "quantity": Decimal(100), "amount": Money(Decimal(250), "USD")}
    draft = _from_deal(trade, **told)
    assert (draft.currency, draft.lines[0].unit_price) == ("USD", Decimal("2.5"))


def test_a_deal_without_a_product_leaves_the_lines_to_be_asked(trade: Trade) -> None:
    draft = _from_deal(trade)
    assert (draft.lines, draft.incoterm, draft.delivery_on) == ((), None, None)


def test_a_deal_and_the_last_order_together_make_an_order_to_submit(trade: Trade) -> None:
    trade.submit(trade.draft(incoterm="CIF", place="Hamburg"))
    draft = _from_deal(trade, product_id=trade.chang, quantity=Decimal(20_000), facts={"final_price": "620000"})
    assert (draft.incoterm, draft.place, draft.delivery_on) == ("CIF", "Hamburg", TODAY)
    order = trade.submit(replace(draft, delivery_on=LATER))
    assert (trade.order(order).base_total, trade.order(order).same_as_order_id) == (620_000, None)
