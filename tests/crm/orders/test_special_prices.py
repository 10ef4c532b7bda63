"""A price under the floor waits for the supervisor before the customer sees it."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.core.errors import Conflict, Forbidden, Invalid, TradewindError
from crm.core.history import SYSTEM
from crm.insight.approving import decisions
from crm.insight.ground import Ground, Reader
from crm.orders.delegation import go_away
from crm.orders.quotes.special_prices import check_open
from crm.orders.quotes.undecided_prices import ABOVE, UNDECIDED
from crm.people.people import Role
from crm.people.watching import tell_news
from crm.sales.catalogue.products import ProductDetails, save_product
from tests.crm.orders.quoting import Quoting
from tests.crm.orders.trading import Trade


@pytest.fixture
def quoting(trade: Trade) -> Quoting:
    return Quoting(trade)


def _reprice(trade: Trade, *, floor: str | None, without_cost: bool = False, **told: Any) -> None:
    details = ProductDetails(
        sku="OOLONG",
        name="Oolong",
        currency="CNY",
        list_price=Decimal(20),
        cost=None if without_cost else Decimal(10),
        floor_price=None if floor is None else Decimal(floor),
        **told,
    )
    with trade.database.write() as work:
        save_product(work, actor=SYSTEM, details=details)


def test_the_supervisor_approves_before_it_is_sent(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14.99")
    assert quoting.stands(quote) == ("draft", "pending")
    assert trade.cards(trade.boss) == [("quote", quote)]
    with pytest.raises(Conflict):
        quoting.send(quote)
    quoting.decide(quote, trade.boss)
    assert quoting.stands(quote) == ("draft", "approved")
    assert any("approved the special price" in told for told in trade.told(trade.rep))
    assert quoting.send(quote)
    assert [one.act for one in quoting.history(quote)] == ["written", "special price approved", "sent"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"price": "15"}, "free"),
        ({"price": "15", "discount": Decimal("0.0001")}, "pending"),
        ({"price": "16", "discount": Decimal(10)}, "pending"),
        ({"price": "15.01", "discount_sum": Decimal(1)}, "free"),
        ({"price": "15.01", "discount_sum": Decimal("1.01")}, "pending"),
    ],
)
def test_it_is_the_price_after_the_discount_that_counts(
    quoting: Quoting, trade: Trade, line: dict[str, Any], status: str
) -> None:
    lines = (trade.line("100", product=quoting.floored, **line),)
    assert quoting.stands(quoting.write(lines=lines))[1] == status


def test_a_floor_in_a_currency_without_a_rate_is_not_passed_unseen(quoting: Quoting, trade: Trade) -> None:
    product = trade.add_product("EARL", "Earl Grey", price="20", currency="GBP", floor_price=Decimal(15))
    quote = quoting.write(lines=(trade.line("1", "1", product=product),))
    assert quoting.stands(quote)[1] == "pending"


def test_who_may_decide(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    other = make_person("Qian", Role.SUPERVISOR, team="South", at=trade.database)
    quote = quoting.write(price="14")
    for person in (trade.rep, trade.finance, trade.gm, trade.admin, other):
        with pytest.raises(Forbidden):
            quoting.decide(quote, person)
    assert quoting.stands(quote)[1] == "pending"
    quoting.decide(quote, trade.boss)


def test_nobody_approves_their_own(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14", actor=trade.boss)
    assert trade.cards(trade.boss) == []
    with pytest.raises(Forbidden):
        quoting.decide(quote, trade.boss)
    quoting.decide(quote, trade.gm)
    assert quoting.stands(quote)[1] == "approved"


def test_where_nobody_may_the_administrators_hear_of_it(quoting: Quoting, trade: Trade) -> None:
    trade.disable(trade.boss)
    quoting.write(price="14")
    assert any("nobody may decide" in told for told in trade.told(trade.admin))


@pytest.mark.parametrize(("decision", "status"), [("reject", "rejected"), ("send_back", "sent_back")])
def test_rejected_or_sent_back_with_a_reason(quoting: Quoting, trade: Trade, decision: Any, status: str) -> None:
    quote = quoting.write(price="14")
    with pytest.raises(Invalid):
        quoting.decide(quote, trade.boss, decision)
    quoting.decide(quote, trade.boss, decision, reason="at least 14.50")
    assert quoting.stands(quote) == ("draft", status)
    with pytest.raises(Conflict):
        quoting.send(quote)
    assert any("at least 14.50" in told for told in trade.told(trade.rep))
    quoting.change(quote, quoting.draft("14.5"))
    assert quoting.stands(quote)[1] == "pending"
    quoting.change(quote, quoting.draft("16"))
    assert quoting.stands(quote)[1] == "free"
    assert quoting.send(quote)


def test_a_card_of_before_decides_on_nothing_that_came_after(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14")
    before = quoting.approval(quote).id
    quoting.change(quote, quoting.draft("11"))
    with pytest.raises(Conflict) as stale:
        quoting.decide(quote, trade.boss, approval=before)
    assert "changed meanwhile" in stale.value.text.message
    assert quoting.stands(quote)[1] == "pending"


def test_a_second_decision_is_told_of_the_first(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    second = make_person("Feng", Role.SUPERVISOR, team="North", at=trade.database)
    quote = quoting.write(price="14")
    quoting.decide(quote, trade.boss)
    with pytest.raises(Conflict) as late:
        quoting.decide(quote, second, "reject", reason="no")
    assert late.value.text.facts["name"] == "Zhao"
    with trade.database.read() as work, pytest.raises(Conflict):
        check_open(work, actor=second, approval_id=quoting.approval(quote).id)
    assert quoting.stands(quote)[1] == "approved"


def test_two_at_once_make_one_decision(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    second = make_person("Feng", Role.SUPERVISOR, team="North", at=trade.database)
    quote = quoting.write(price="14")
    ready, outcomes = threading.Barrier(2), []

    def press(person: Any, decision: Any) -> None:
        ready.wait()
        try:
            quoting.decide(quote, person, decision, reason="because")
            outcomes.append(decision)
        except Conflict:
            outcomes.append("late")

    presses = [threading.Thread(target=press, args=told) for told in ((trade.boss, "approve"), (second, "reject"))]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(outcomes, key=lambda one: one == "late")[1] == "late"
    assert len([one for one in quoting.history(quote) if one.act.startswith("special price")]) == 1


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"price": "14", "notes": "call first"}, "approved"),
        ({"price": "14.5"}, "approved"),
        ({"price": "13.99"}, "pending"),
        ({"price": "14", "payment_terms": "O/A 90 days"}, "pending"),
        ({"price": "14", "incoterm": "CIF", "place": "Hamburg"}, "pending"),
    ],
)
def test_an_approval_holds_for_what_its_approver_saw(quoting: Quoting, trade: Trade, told: Any, status: str) -> None:
    quote = quoting.write(price="14")
    quoting.decide(quote, trade.boss)
    quoting.change(quote, quoting.draft(**told))
    assert quoting.stands(quote)[1] == status
    version = quoting.write(price="14")
    quoting.decide(version, trade.boss)
    quoting.send(version)
    assert quoting.stands(quoting.version(version, quoting.draft(**told)))[1] == status


def test_another_product_under_its_floor_is_not_covered(quoting: Quoting, trade: Trade) -> None:
    cheap = trade.line("100", "14", product=quoting.floored)
    quote = quoting.write(lines=(cheap, trade.line("10", "20", product=trade.chang)))
    quoting.decide(quote, trade.boss)
    another = trade.add_product("CHANG", "Chang", price="30", cost="10", floor_price=Decimal(25))
    assert another == trade.chang
    quoting.change(quote, quoting.draft(lines=(cheap, trade.line("10", "20", product=trade.chang))))
    assert quoting.stands(quote)[1] == "pending"


def test_a_price_that_has_come_under_the_floor_since_is_asked_about_when_it_is_sent(
    quoting: Quoting, trade: Trade
) -> None:
    quote = quoting.write(price="16")
    _reprice(trade, floor="17")
    assert quoting.send(quote) is False
    assert quoting.stands(quote) == ("draft", "pending")
    assert trade.cards(trade.boss) == [("quote", quote)]
    quoting.decide(quote, trade.boss)
    assert quoting.send(quote) is True


def test_a_copy_of_an_approved_quote_is_judged_anew(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14")
    quoting.decide(quote, trade.boss)
    assert quoting.stands(quoting.write(price="14"))[1] == "pending"


def test_who_stands_in_gets_the_card_and_decides(quoting: Quoting, trade: Trade, make_person: Any, clock: Any) -> None:
    stand_in = make_person("Feng", Role.SUPERVISOR, team="South", at=trade.database)
    waiting = quoting.write(price="14")
    with trade.database.write() as work:
        until = clock.now + timedelta(days=3)
        go_away(work, actor=trade.boss, platform="test", since=None, until=until, delegate_id=stand_in.id)
    assert ("quote", waiting) in trade.cards(stand_in)
    later = quoting.write(price="13")
    assert ("quote", later) in trade.cards(stand_in)
    for quote in (waiting, later):
        quoting.decide(quote, stand_in)
        asked = quoting.approval(quote)
        assert (asked.decided_by, asked.for_name) == (stand_in.id, "Zhao")


def test_who_leaves_it_undecided_is_reminded_once(quoting: Quoting, trade: Trade, clock: Any) -> None:
    def remind() -> int:
        with trade.database.write() as work:
            return tell_news(work, UNDECIDED).told

    quote = quoting.write(price="14")  # on Monday at 9:30
    clock.move(hours=7, minutes=29)
    assert remind() == 0
    clock.move(days=1)
    assert (remind(), remind()) == (1, 0)
    assert any("waited for your decision" in str(one) for one in trade._payloads(trade.boss))
    quoting.change(quote, quoting.draft("13"))
    assert remind() == 0  # it is asked anew
    clock.move(days=1)
    assert remind() == 1
    quoting.decide(quote, trade.boss)
    assert remind() == 0


def test_forged_approvals_lead_nowhere(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14")
    with pytest.raises(TradewindError):
        quoting.decide(quote, trade.boss, approval=4711)
    assert quoting.stands(quote)[1] == "pending"


def test_only_lines_are_shown_by_what_they_are_not_by_a_floor(quoting: Quoting, trade: Trade) -> None:
    lines = (trade.line("1", "14", product=quoting.floored), trade.line("1", "20", product=trade.chai))
    review = quoting.review(replace(quoting.draft(), lines=lines), trade.boss)
    assert (review.under_floor, review.lines[0].floor_price) == ((1,), 15)


# — under the floor margin: the general manager too —


def test_under_the_floor_margin_the_general_manager_decides_too(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="11")  # cost 10: a margin of 9 %
    with pytest.raises(Forbidden):
        quoting.decide(quote, trade.gm)
    first = quoting.approval(quote).id
    quoting.decide(quote, trade.boss)
    assert quoting.stands(quote) == ("draft", "pending")
    assert trade.cards(trade.gm) == [("quote", quote)]
    with pytest.raises(Conflict, match="decided"):
        quoting.decide(quote, trade.boss, approval=first)
    with pytest.raises(Forbidden):
        quoting.decide(quote, trade.boss)
    with pytest.raises(Conflict):
        quoting.send(quote)
    quoting.decide(quote, trade.gm)
    assert quoting.stands(quote) == ("draft", "approved")
    assert [told for told in trade.told(trade.rep) if "approved the special price" in told] == [
        told for told in trade.told(trade.rep) if "Chen approved" in told
    ]
    assert quoting.send(quote)
    acts = ["written", "special price goes on", "special price approved", "sent"]
    assert [one.act for one in quoting.history(quote)] == acts


def test_one_who_is_both_decides_both_with_one_press(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    both = make_person("Gao", Role.SUPERVISOR, Role.GM, team="North", at=trade.database)
    quote = quoting.write(price="11")
    quoting.decide(quote, both)
    assert quoting.stands(quote) == ("draft", "approved")
    assert quoting.approval(quote).role == "gm"


def test_the_general_manager_rejects_what_the_supervisor_approved(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="11")
    quoting.decide(quote, trade.boss)
    quoting.decide(quote, trade.gm, "reject", reason="we would lose money")
    assert quoting.stands(quote) == ("draft", "rejected")
    quoting.change(quote, quoting.draft("11.05"))
    assert quoting.stands(quote) == ("draft", "pending")
    assert quoting.approval(quote).role == "supervisor", "the road begins anew"


def test_an_unknown_margin_alone_does_not_call_them(quoting: Quoting, trade: Trade) -> None:
    _reprice(trade, floor="15", without_cost=True)
    quote = quoting.write(price="11")
    quoting.decide(quote, trade.boss)
    assert quoting.stands(quote) == ("draft", "approved")


# — left undecided —


def test_after_so_many_hours_the_superior_may_decide_too(quoting: Quoting, trade: Trade, clock: Any) -> None:
    def look() -> int:
        with trade.database.write() as work:
            return tell_news(work, ABOVE).told

    quote = quoting.write(price="14")  # on Monday at 9:30
    clock.move(days=2, hours=5)
    assert look() == 0
    clock.move(days=1, hours=3)
    assert (look(), look()) == (1, 0)
    assert trade.cards(trade.gm) == [("quote", quote)]
    quoting.decide(quote, trade.gm)
    assert quoting.stands(quote) == ("draft", "approved")
    assert look() == 0


def test_it_stands_among_what_waits_for_my_decision(quoting: Quoting, trade: Trade, clock: Any) -> None:
    quoting.write(price="14")
    clock.move(hours=1)
    trade.submit()
    with trade.database.read() as work:
        today = clock.now.astimezone(trade.boss.zone).date()
        ground = Ground(work, [Reader(trade.boss, frozenset({"approver"}), today, clock.now)])
        [section] = decisions(ground)[trade.boss.id]
    assert [line.about for line in section.lines] == [("quote", 1), ("approval", 1)]
