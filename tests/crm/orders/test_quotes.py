"""Quotes: written, sent, answered, followed by a version, run out, ordered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.money import Money
from crm.orders.quotes.expiry import EXPIRED
from crm.orders.quotes.quotes import list_quotes, quotes_of_deal, versions_of
from crm.orders.quotes.sending import accept_quote
from crm.people.watching import tell_news
from crm.sales.deals.changes import hand_over_deal
from crm.sales.deals.deals import Deal, DealDetails, get_deal, open_deal
from tests.conftest import MakePerson
from tests.crm.orders.quoting import END_OF_MARCH, Quoting
from tests.crm.orders.trading import LATER, TODAY, Trade
from tests.crm.sales.selling import at_once


@pytest.fixture
def quoting(trade: Trade) -> Quoting:
    return Quoting(trade)


def test_a_quote_is_written_sent_and_accepted(quoting: Quoting, trade: Trade) -> None:
    deal = quoting.deal()
    quote = quoting.write(deal_id=deal)
    row = quoting.row(quote)
    assert (row.number, row.version, row.status, row.price_status) == ("Q-2026-0001", 1, "draft", "free")
    assert (row.total, row.base_total, row.margin) == (1800, 1800, Decimal("44.4444"))
    assert quoting.send(quote)
    assert quoting.facts_of_deal(deal) == {"quote_sent_on": "2026-03-02", "quote_outside": False}
    quoting.accept(quote)
    assert quoting.stands(quote) == ("accepted", "free")
    assert quoting.facts_of_deal(deal)["final_price"] == "1800.00"
    assert quoting.facts_of_deal(deal)["payment_terms"] == "T/T 30/70"
    assert [entry.act for entry in quoting.history(quote)] == ["written", "sent", "accepted"]
    with trade.database.read() as work:
        assert [one.id for one in quotes_of_deal(work, deal)] == [quote]


def test_lines_are_rounded_each_as_an_orders_are(quoting: Quoting, trade: Trade) -> None:
    lines = (
        trade.line("3", "0.335", discount=Decimal(5)),
        trade.line("1", "10", discount_sum=Decimal("0.5"), product=trade.chang),
    )
    quote = quoting.write(lines=lines)
    order = trade.submit(trade.draft(*lines))
    assert quoting.row(quote).total == trade.order(order).total == Decimal("10.45")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"valid_until": TODAY - timedelta(days=1)}, "past"),
        ({"valid_until": None}, "missing"),
        ({"payment_terms": " "}, "payment terms"),
        ({"incoterm": "XXX"}, "price terms"),
        ({"currency": "ABC"}, "no currency"),
        ({"currency": "USD"}, "no exchange rate"),
        ({"lead_time": "x" * 201}, "too long"),
    ],
)
def test_what_cannot_be_taken_is_said(quoting: Quoting, told: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        quoting.write(quoting.draft(**told))
    assert sentence in refused.value.text.message


def test_a_quote_without_lines_is_none(quoting: Quoting) -> None:
    with pytest.raises(Invalid):
        quoting.write(replace(quoting.draft(), lines=()))


def test_whose_quote_it_is(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    other = make_person("Wang", team="South", at=trade.database)
    quote = quoting.write()
    with pytest.raises(NotFound):
        quoting.view(quote, other)
    with pytest.raises(NotFound):
        quoting.send(quote, actor=other)
    with pytest.raises(Forbidden):
        quoting.send(quote, actor=trade.boss)
    with pytest.raises(Forbidden):
        quoting.change(quote, quoting.draft(), actor=trade.boss)
    with pytest.raises(Forbidden):
        quoting.write(actor=trade.finance)
    with trade.database.read() as work:
        assert list_quotes(work, viewer=other) == ([], 0)
        for viewer in (trade.rep, trade.boss, trade.finance, trade.gm, trade.admin):
            rows, total = list_quotes(work, viewer=viewer, query="q-1")
            assert ([row.id for row in rows], total) == ([quote], 1)


def test_a_rep_sees_neither_cost_nor_margin(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="10.5")
    seen, full = quoting.view(quote, trade.rep), quoting.view(quote, trade.boss)
    hidden = ("cost_base", "margin", "costs", "inputs", "approved_inputs")
    assert [seen.quote[name] for name in hidden] == [None] * 5
    assert [line["cost"] for line in seen.lines] == [None]
    assert [line["is_under_floor"] for line in seen.lines] == [True]
    assert not [one for one in seen.findings if one.is_confidential]
    assert (full.quote["cost_base"], full.lines[0]["cost"]) == (1000, 10)
    review = quoting.review(quoting.draft("14"))
    assert (review.margin, review.lines[0].cost, review.lines[0].floor_price) == (None, None, None)
    assert (review.under_floor, review.needs_approval) == ((1,), True)


def test_a_draft_is_changed_in_place_and_a_sent_one_by_a_version(quoting: Quoting) -> None:
    quote = quoting.write()
    quoting.change(quote, quoting.draft("17", notes="call first"))
    row = quoting.row(quote)
    assert (row.total, row.notes, row.version) == (1700, "call first", 1)
    changed = quoting.history(quote)[-1].changes
    assert changed["notes"] == [None, "call first"]
    assert changed["lines"] == [["Oolong: 100 @ 18"], ["Oolong: 100 @ 17"]]
    with pytest.raises(Conflict):
        quoting.version(quote)
    quoting.send(quote)
    with pytest.raises(Conflict):
        quoting.change(quote, quoting.draft())
    with pytest.raises(Conflict):
        quoting.send(quote)


def test_a_version_takes_the_place_of_the_one_before_when_it_is_sent(quoting: Quoting, trade: Trade) -> None:
    first = quoting.sent()
    second = quoting.version(first, quoting.draft("17"))
    assert (quoting.row(second).number, quoting.row(second).version) == ("Q-2026-0001", 2)
    assert quoting.stands(first) == ("sent", "free")  # it holds until then
    with pytest.raises(Conflict):
        quoting.version(first)
    assert quoting.send(second)
    assert (quoting.stands(first)[0], quoting.stands(second)[0]) == ("superseded", "sent")
    with pytest.raises(Conflict):
        quoting.accept(first)
    with trade.database.read() as work:
        assert [one.id for one in versions_of(work, number="Q-2026-0001")] == [first, second]


def test_a_draft_of_a_version_is_over_when_the_one_before_is_accepted(quoting: Quoting) -> None:
    first = quoting.sent()
    second = quoting.version(first, quoting.draft("17"))
    quoting.accept(first)
    assert (quoting.stands(first)[0], quoting.stands(second)[0]) == ("accepted", "superseded")


def test_a_version_is_for_the_same_customer(quoting: Quoting, trade: Trade) -> None:
    first = quoting.sent()
    with pytest.raises(Invalid):
        quoting.version(first, quoting.draft(customer_id=trade.add_customer("Another")))


def test_declined_with_a_reason_and_renewed(quoting: Quoting) -> None:
    quote = quoting.sent()
    with pytest.raises(Invalid):
        quoting.decline(quote, "  ")
    quoting.decline(quote, "too  dear")
    assert (quoting.row(quote).status, quoting.row(quote).decline_reason) == ("declined", "too dear")
    with pytest.raises(Conflict):
        quoting.accept(quote)
    assert quoting.send(quoting.version(quote, quoting.draft("17")))
    assert quoting.row(quote).status == "declined"


def test_it_runs_out_after_its_last_day_in_the_companys_zone(quoting: Quoting, trade: Trade, clock: Any) -> None:
    quote = quoting.sent()
    clock.now = clock.now.replace(month=3, day=31, hour=15, minute=59)  # 23:59 in Shanghai
    assert quoting.expire() == 0
    clock.move(minutes=1)
    with pytest.raises(Conflict):
        quoting.accept(quote)
    assert quoting.expire() == 1
    assert quoting.expire() == 0
    assert quoting.stands(quote)[0] == "expired"
    assert quoting.history(quote)[-1].person_id is None
    clock.now = clock.now.replace(month=4, day=1, hour=2)
    for _ in range(2):
        with trade.database.write() as work:
            tell_news(work, EXPIRED)
    assert len([one for one in _headings(trade) if "expired" in one]) == 1


def test_whoever_renewed_it_hears_nothing_of_it(quoting: Quoting, trade: Trade, clock: Any) -> None:
    quote = quoting.sent()
    clock.move(days=30)
    quoting.expire()
    quoting.version(quote, quoting.draft(valid_until=END_OF_MARCH + timedelta(days=30)))
    with trade.database.write() as work:
        assert tell_news(work, EXPIRED).told == 0


def test_a_draft_past_its_day_is_not_sent(quoting: Quoting, clock: Any) -> None:
    quote = quoting.write()
    clock.move(days=30)
    with pytest.raises(Invalid):
        quoting.send(quote)


def test_an_accepted_quote_fills_the_order(quoting: Quoting, trade: Trade) -> None:
    deal = quoting.deal()
    lines = (trade.line("100", "18", product=quoting.floored, discount=Decimal(5)),)
    quote = quoting.sent(lines=lines, deal_id=deal, lead_time="25 days after deposit", notes="gift box")
    quoting.accept(quote)
    draft = quoting.order_draft(quote)
    assert (draft.lines, draft.incoterm, draft.place, draft.payment_terms) == (lines, "FOB", "Ningbo", "T/T 30/70")
    assert (draft.deliver_to, draft.delivery_on) == ("Ningbo", TODAY + timedelta(days=25))
    order = trade.submit(draft)
    row = trade.order(order)
    assert (row.quote_id, row.deal_id, row.total) == (quote, deal, quoting.row(quote).total)
    trade.recall(order)
    trade.resubmit(order)
    assert trade.order(order).quote_id == quote


def test_an_order_checks_its_prices_wherever_they_come_from(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.sent()
    quoting.accept(quote)
    draft = quoting.order_draft(quote)
    cheaper = replace(draft, lines=(trade.line("100", "11", product=quoting.floored),))
    kinds = [one.kind for one in trade.review(cheaper, trade.boss).findings]
    assert "under_floor" in kinds


def test_an_order_of_a_quote_only_sent_accepts_it(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.sent()
    trade.submit(quoting.order_draft(quote))
    assert quoting.stands(quote)[0] == "accepted"


def test_an_order_needs_a_quote_that_holds(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.sent()
    draft = quoting.order_draft(quote)
    with pytest.raises(Invalid):
        trade.submit(replace(draft, customer_id=trade.add_customer("Another")))
    quoting.decline(quote)
    with pytest.raises(Conflict):
        trade.submit(draft)
    with pytest.raises(Conflict):
        quoting.order_draft(quote)
    assert trade.submit(replace(draft, quote_id=None, delivery_on=LATER)) > 0


def test_a_deal_that_is_closed_keeps_its_facts(quoting: Quoting, trade: Trade) -> None:
    from crm.sales.deals.moves import move_deal

    deal = quoting.deal()
    quote = quoting.write(deal_id=deal)
    with trade.database.write() as work:
        move_deal(work, actor=trade.rep, platform="test", deal_id=deal, to_stage="lost", reason="price")
    assert quoting.send(quote)
    assert "quote_sent_on" not in quoting.facts_of_deal(deal)


def test_a_deal_of_somebody_else_is_no_source(quoting: Quoting, trade: Trade) -> None:
    deal = quoting.deal()
    another = trade.add_customer("Another")
    with pytest.raises(Invalid):
        quoting.write(quoting.draft(customer_id=another, deal_id=deal))


def test_a_discontinued_product_is_not_sent(quoting: Quoting, trade: Trade) -> None:
    from crm.core.history import SYSTEM
    from crm.sales.catalogue.products import discontinue_product

    quote = quoting.write()
    with trade.database.write() as work:
        discontinue_product(work, actor=SYSTEM, product_id=quoting.floored)
    with pytest.raises(Invalid):
        quoting.send(quote)
    assert quoting.stands(quote)[0] == "draft"


def _headings(trade: Trade) -> list[str]:
    return [payload["notice"]["$text"] for payload in trade._payloads(trade.rep) if "notice" in payload]


def test_numbers_count_up_by_year(quoting: Quoting) -> None:
    assert [quoting.row(quoting.write()).number for _ in range(2)] == ["Q-2026-0001", "Q-2026-0002"]


def test_a_deal_handed_over_takes_its_open_quotes_along(database: Database, make_person: MakePerson) -> None:
    quoting = Quoting(Trade(database, make_person))
    trade = quoting.trade
    told: dict[str, Any] = {"actor": trade.rep, "platform": "test"}
    with database.write() as work:
        details = DealDetails(customer_id=trade.customer, title="L", amount=Money(Decimal(1), "CNY"))
        deal = open_deal(work, **told, details=details)
    quote = quoting.write(deal_id=deal)
    quoting.send(quote)
    with database.write() as work:
        hand_over_deal(work, actor=trade.boss, platform="test", deal_id=deal, to_id=trade.boss.id)
    with database.write() as work:
        accept_quote(work, actor=trade.boss, platform="test", quote_id=quote)
    with database.read() as work:
        assert "payment_terms" in get_deal(work, viewer=trade.boss, deal_id=deal).facts


def test_whoever_may_answer_tells_the_deal_though_it_was_handed_over(quoting: Quoting, trade: Trade) -> None:
    """The quote's maker hears from the customer, the deal is a colleague's by now: what was agreed is not lost."""
    deal = quoting.deal()
    quote = quoting.sent(deal_id=deal)
    with trade.database.write() as work:
        work.connection.execute(Deal.table().update().values(owner_id=trade.boss.id))
    quoting.accept(quote, actor=trade.rep)
    with trade.database.read() as work:
        assert get_deal(work, viewer=trade.boss, deal_id=deal).facts["final_price"] == "1800.00"


def test_there_are_no_parts_of_what_is_counted(quoting: Quoting, trade: Trade) -> None:
    oil = trade.add_product("OIL", "Oil", unit="kg", cost="1")
    quoting.write(lines=(trade.line("2.5", "18", product=oil),))
    for act in (quoting.write, quoting.review):
        with pytest.raises(Invalid, match="counted"):
            act(quoting.draft(lines=(trade.line("2.5", "18"),)))
    with pytest.raises(Invalid, match="counted"):
        trade.submit(trade.draft(trade.line("2.5", "18")))


def test_of_two_sendings_at_once_one_counts(
    postgres_url: str, open_database: Callable[[str], Database], make_person: MakePerson
) -> None:
    """A second one waits for the first, and then finds the quote sent: its rate is locked once."""
    quoting = Quoting(Trade(open_database(postgres_url), make_person))
    quote = quoting.write()
    told = at_once([partial(quoting.send, quote) for _ in range(4)])
    assert [type(one) for one in told if one is not None] == [Conflict] * 3
    assert [entry.act for entry in quoting.history(quote)] == ["written", "sent"]
