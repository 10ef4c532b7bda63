"""What makes a grade, and what is proposed: once a month, to whom it concerns, and not against what is settled."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import history_of
from crm.insight.grades import Part, changes_due, is_due, propose_grades, score_of
from crm.orders.orders import Order
from crm.people.people import Member, Role
from crm.sales.customers.customers import Customer, get_customer
from crm.sales.customers.grading import (
    accept_proposal,
    get_proposal,
    keep_grade,
    open_proposals,
    set_grade,
    set_judgement,
)
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade


class Grading:
    def __init__(self, trade: Trade, clock: Clock) -> None:
        self.trade, self.clock, self.ernst = trade, clock, trade.customer

    def buys(self, total: str, *, customer: int | None = None, status: str = "approved") -> None:
        order = self.trade.submit(self.trade.draft(customer_id=customer or self.ernst))
        with self.trade.database.write() as work:
            table = Order.table()
            values = {"base_total": Decimal(total), "status": status}
            work.connection.execute(update(table).where(table.c.id == order).values(values))

    def judge(self, customer: int | None = None, actor: Member | None = None, **judged: int | None) -> None:
        with self.trade.database.write() as work:
            by: dict[str, Any] = {"actor": actor or self.trade.rep, "platform": "test"}
            set_judgement(work, **by, customer_id=customer or self.ernst, judged=judged)

    def score(self) -> tuple[int, str, bool, list[int | None]]:
        with self.trade.database.read() as work:
            found = score_of(work, customer_id=self.ernst)
        return found.score, found.proposed, found.is_new, [part.points for part in found.parts]

    def propose(self) -> int:
        with self.trade.database.write() as work:
            return propose_grades(work, changes_due(work))

    def open(self, viewer: Member | None = None) -> list[Any]:
        with self.trade.database.read() as work:
            return open_proposals(work, viewer=viewer or self.trade.boss)

    def decide(self, act: Any, actor: Member, proposal: int) -> None:
        with self.trade.database.write() as work:
            act(work, actor=actor, platform="test", proposal_id=proposal)

    def set(self, **values: Any) -> None:
        with self.trade.database.write() as work:
            work.connection.execute(update(Customer.table()).where(Customer.id == self.ernst).values(values))

    def grade(self) -> str:
        with self.trade.database.read() as work:
            return str(get_customer(work, viewer=self.trade.gm, customer_id=self.ernst).grade)


@pytest.fixture
def grading(database: Any, make_person: MakePerson, clock: Clock) -> Grading:
    return Grading(Trade(database, make_person), clock)


def test_a_score_is_the_sum_of_its_parts(grading: Grading) -> None:
    assert grading.score() == (0, "C", True, [0, None, 0, None])
    grading.buys("500000")
    grading.buys("900000", status="rejected")
    grading.judge(potential=4, influence=2)
    # half of 40; 4 of 5 of 20; one order of twelve is half of a twelfth of 20; 2 of 5 of 20
    assert grading.score() == (45, "B", False, [20, 16, 1, 8])
    grading.buys("9000000")
    assert grading.score()[3][0] == 40
    with grading.trade.database.read() as work:
        turnover = score_of(work, customer_id=grading.ernst).parts[0]
    assert turnover == Part("turnover", 40, 40, Decimal(9500000))
    grading.clock.move(days=366)
    # nothing bought in the last 12 months; a year of five and two orders of twelve
    assert grading.score() == (28, "C", False, [0, 16, 4, 8])


def test_what_nobody_has_judged_counts_neither_way(grading: Grading) -> None:
    grading.buys("1000000")
    assert grading.score() == (68, "B", False, [40, None, 1, None])  # 41 of 60
    grading.judge(influence=5)
    assert grading.score() == (76, "A", False, [40, None, 1, 20])  # 61 of 80
    grading.judge(influence=None)
    assert grading.score()[0] == 68


def test_the_numbers_are_rules(grading: Grading) -> None:
    grading.buys("500000")
    for key, value in (("full_turnover", "500000.00"), ("a_from", "60"), ("turnover", "80"), ("history", "0")):
        grading.trade.rule(f"grading.{key}", value)
    assert grading.score() == (100, "A", False, [80, None, 0, None])


def test_judging_is_its_sellers_and_between_one_and_five(grading: Grading) -> None:
    with pytest.raises(Forbidden):
        grading.judge(actor=grading.trade.finance, potential=3)
    wrong: tuple[dict[str, Any], ...] = ({"potential": 0}, {"potential": 6}, {"luck": 3})
    for judged in wrong:
        with pytest.raises(Invalid):
            grading.judge(**judged)


def test_once_a_month_with_the_reason_to_the_supervisor(grading: Grading) -> None:
    grading.buys("1000000")
    grading.judge(influence=5)
    new = grading.trade.add_customer("New one, a key customer from the first day")
    with grading.trade.database.write() as work:
        work.connection.execute(update(Customer.table()).where(Customer.id == new).values(grade="A"))
    with grading.trade.database.read() as work:
        assert is_due(work)
    assert grading.propose() == 1
    assert grading.propose() == 0
    with grading.trade.database.read() as work:
        assert not is_due(work)
    (proposal,) = grading.open()
    assert (proposal.customer_id, proposal.grade_from, proposal.grade_to) == (grading.ernst, "C", "A")
    assert proposal.parts["score"] == 76
    assert grading.trade.cards(grading.trade.boss)[-1] == ("grade", proposal.id)
    assert [card for card, _ in grading.trade.cards(grading.trade.rep)] == []
    assert grading.open(grading.trade.rep) == []


def test_accepted_once_and_settled_for_a_while(grading: Grading, make_person: MakePerson) -> None:
    grading.buys("1000000")
    grading.propose()
    (proposal,) = grading.open()
    stranger = make_person("Sup", Role.SUPERVISOR, team="South")
    for act in (accept_proposal, keep_grade):
        with pytest.raises(Forbidden):
            grading.decide(act, grading.trade.rep, proposal.id)
        with pytest.raises(NotFound):
            grading.decide(act, stranger, proposal.id)
    grading.decide(accept_proposal, grading.trade.boss, proposal.id)
    assert grading.grade() == "B"
    with pytest.raises(Conflict, match="decided this already") as refused:
        grading.decide(keep_grade, grading.trade.gm, proposal.id)
    assert refused.value.text.facts == {"name": "Zhao"}
    with grading.trade.database.read() as work:
        last = history_of(work, entity="customer", entity_id=grading.ernst)[-1]
        assert (last.act, last.changes, last.reason) == ("graded", {"grade": ["C", "B"]}, "proposed: score 68")
    grading.set(grade="C")
    grading.clock.move(days=40)
    assert grading.propose() == 0
    grading.clock.move(days=60)
    assert grading.propose() == 1


def test_kept_it_is_not_asked_again_next_month(grading: Grading) -> None:
    grading.buys("1000000")
    grading.propose()
    grading.decide(keep_grade, grading.trade.boss, grading.open()[0].id)
    assert grading.grade() == "C"
    grading.clock.move(days=30)
    assert grading.propose() == 0
    grading.judge(potential=5, influence=5)  # it speaks for another one now
    grading.clock.move(days=31)
    assert grading.propose() == 1
    assert grading.open()[0].grade_to == "A"


def test_a_grade_by_hand_ends_what_is_proposed(grading: Grading) -> None:
    grading.buys("1000000")
    grading.propose()
    (proposal,) = grading.open()
    with grading.trade.database.write() as work:
        told: dict[str, Any] = {"customer_id": grading.ernst, "grade": "A", "reason": "strategic"}
        set_grade(work, actor=grading.trade.boss, platform="test", **told)
    assert grading.open() == []
    with pytest.raises(Conflict, match="graded in the meantime"):
        grading.decide(accept_proposal, grading.trade.boss, proposal.id)
    with grading.trade.database.read() as work:
        assert get_proposal(work, viewer=grading.trade.gm, proposal_id=proposal.id)[0].status == "over"
    assert grading.grade() == "A"


def test_many_come_as_one_list(grading: Grading) -> None:
    for number in range(6):
        customer = grading.trade.add_customer(f"Customer {number}")
        grading.buys("1000000", customer=customer)
    assert grading.propose() == 6
    boss = grading.trade.boss
    assert grading.trade.cards(boss)[-1] == ("grades", boss.id)
    assert "grade" not in [card for card, _ in grading.trade.cards(boss)]


def test_of_the_pool_and_of_merged_ones_nothing_is_proposed(grading: Grading) -> None:
    grading.buys("1000000")
    grading.set(owner_id=None)
    assert grading.propose() == 0
    grading.clock.move(days=31)
    grading.set(owner_id=grading.trade.rep.id, status="merged")
    assert grading.propose() == 0
