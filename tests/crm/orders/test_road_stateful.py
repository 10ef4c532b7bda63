"""Deal × order × approval with anyone doing anything: the orders' machine, with deals that move underneath it."""

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm.core.money import Money
from crm.orders.orders import Order
from crm.sales.deals.deals import Deal, DealDetails, DealStage, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.deals.stages import STAGE
from tests.crm.orders.test_stateful import REFUSED, Orders, anybody

FACTS: dict[str, Any] = {
    "first_response_on": date(2026, 1, 2),
    "product": "panels",
    "quantity": Decimal(100),
    "need": "as the sample",
    "quote_sent_on": date(2026, 1, 2),
    "final_price": Decimal(2000),
    "payment_terms": "30% deposit",
    "contract_number": "C-1",
    "signed_on": date(2026, 1, 2),
}
any_deal = st.integers(0, 2)


class Road(Orders):
    """The same house, whose orders may come from deals."""

    @rule(who=anybody, customer=st.integers(0, 2))
    def open_a_deal(self, who: int, customer: int) -> None:
        details = DealDetails(customer_id=self.customers[customer], title="Panels", amount=Money(Decimal(2000), "CNY"))

        def act() -> None:
            with self.database.write() as work:
                open_deal(work, actor=self.people[who], platform="test", details=details)

        if len(self._deals()) < 3:
            self._try(act)

    @rule(
        who=anybody,
        deal=any_deal,
        stage=st.sampled_from(list(STAGE)),
        facts=st.booleans(),
        reason=st.sampled_from([None, "because"]),
    )
    def move(self, who: int, deal: int, stage: str, facts: bool, reason: str | None) -> None:
        found = self._deals()
        if not found:
            return

        def act() -> None:
            with self.database.write() as work:
                move_deal(
                    work,
                    actor=self.people[who],
                    platform="test",
                    deal_id=found[deal % len(found)].id,
                    to_stage=stage,
                    facts=FACTS if facts else {},
                    reason=reason,
                )

        self._try(act)

    @rule(who=anybody, deal=any_deal, customer=st.integers(0, 2))
    def order_from_a_deal(self, who: int, deal: int, customer: int) -> None:
        """Also for a customer who is not the deal's, which must be refused."""
        found = self._deals()
        if not found or len(self.orders) >= 3:
            return
        draft = self.trade.draft(self.trade.line("10", "20"), customer_id=self.customers[customer])
        draft = replace(draft, deal_id=found[deal % len(found)].id)
        try:
            self.orders.append(self.trade.submit(draft, self.people[who]))
        except REFUSED:
            return

    @invariant()
    def every_deal_is_in_one_stage(self) -> None:
        with self.database.read() as work:
            stays = work.connection.execute(select(DealStage.__table__).order_by(DealStage.id)).all()
        for deal in self._deals():
            mine = [stay for stay in stays if stay.deal_id == deal.id]
            assert [stay.stage for stay in mine if stay.left_at is None] == [deal.stage]
            assert all(a.left_at == b.entered_at for a, b in itertools.pairwise(mine))

    @invariant()
    def an_order_has_its_deals_customer(self) -> None:
        with self.database.read() as work:
            pairs = select(Order.customer_id, Deal.customer_id).join(Deal, Deal.id == Order.deal_id)
            assert all(order == deal for order, deal in work.connection.execute(pairs))

    def _deals(self) -> list[Any]:
        if not hasattr(self, "database"):
            return []
        with self.database.read() as work:
            return list(work.connection.execute(select(Deal.__table__).order_by(Deal.id)))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_road_with_anyone_doing_anything(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    machine = type("RoadOn", (Road,), {"url": url})
    few = settings(max_examples=15 if kind == "sqlite" else 4, stateful_step_count=40)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.soak
def test_the_road_for_long() -> None:
    run_state_machine_as_test(Road, settings=settings(max_examples=1_000, stateful_step_count=60))
