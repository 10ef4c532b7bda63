"""Who decides on orders is a table that an administrator sees, changes and tries in the chat."""

from decimal import Decimal
from typing import Any

import pytest

from crm.core.errors import Invalid
from crm.orders.lines import Figures
from crm.orders.policy import Case, PolicyStep, payment_days, required_roles, set_policy
from crm.people.people import Role
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk


async def test_it_is_shown_in_words_and_changed_with_undo(company: TradingDesk) -> None:
    shown = await company.say(XU, "/rules approval")
    assert (
        shown.text.splitlines()[1:4]
        == [
            "1. Sales supervisor: always",
            "2. Finance: always",
            "3. General manager: total over CNY 500,000 and margin under 10%",
        ]
        or "General manager: total over CNY 500,000" in shown.text
    )
    await company.press(XU, "Finance")
    await company.press(XU, "When is it needed?")
    await company.say(XU, "payment later than", "60")
    await company.press(XU, "Confirm")
    assert "Finance: payment later than 60 days" in company.last(XU).text
    await company.order()
    assert company.trade.states(1) == ["supervisor=pending"], "T/T 30/70 is not that late"
    await company.press(XU, "Undo")
    assert "2. Finance: always" in company.last(XU).text
    await company.order()
    assert company.trade.states(2) == ["supervisor=pending", "finance=waiting"]
    assert company.trade.states(1) == ["supervisor=pending"], "what was submitted keeps its path"


async def test_steps_are_added_moved_and_taken_out(company: TradingDesk) -> None:
    await company.say(XU, "规则 审批")
    await company.press(XU, "Add a step")
    await company.say(XU, "Production", "a new customer")
    await company.press(XU, "Confirm")
    assert "Step 4 of 4\nProduction: a new customer" in company.last(XU).text
    await company.press(XU, "Move up")
    await company.order()
    assert company.trade.states(1)[-1] == "production=waiting"
    await company.say(XU, "/rules approval")
    await company.press(XU, "Production")
    await company.press(XU, "Take out")
    assert company.last(XU).text == "Taken out: Production: a new customer"
    await company.press(XU, "Undo")
    assert "3. Production: a new customer" in company.last(XU).text


async def test_an_order_is_tried_and_the_people_named(company: TradingDesk) -> None:
    await company.say(XU, "/rules approval")
    await company.press(XU, "Try an order")
    await company.say(XU, "600,000 CNY", "Li", "skip", "skip", "skip", "skip", "skip")
    lines = company.last(XU).text.splitlines()
    assert lines[0] == "An order of CNY 600,000 by Li would go to"
    assert lines[1:4] == ["1. Sales supervisor: Zhao", "2. Finance: Sun", "3. General manager: Chen"]
    company.trade.set_limit("100")
    await company.press(XU, "Try another")
    await company.say(XU, "80,000 CNY", "Li", "Ernst", "30%", "skip", "skip", "skip")
    text = company.last(XU).text
    assert "General manager" not in text
    assert "Ernst Handel: over its credit limit, or overdue" in text
    assert company.desk.rows("SELECT count(*) AS n FROM orders")[0].n == 0


async def test_only_administrators_see_it(company: TradingDesk) -> None:
    for account in (LI, ZHAO, SUN, CHEN):
        assert "other roles" in (await company.say(account, "/rules approval")).text


def _case(**told: Any) -> Case:
    total, cost = Decimal(told.pop("total", 100)), Decimal(told.pop("cost", 50))
    return Case(figures=Figures("CNY", Decimal(1), "CNY", total, total, cost, Decimal(1)), **told)


@pytest.mark.parametrize(
    ("condition", "calls", "calls_not"),
    [
        ({"total_over": "100"}, _case(total="100.01"), _case()),
        ({"margin_under": "50"}, _case(cost="50.01"), _case()),
        ({"discount_over": "5"}, _case(discount=Decimal("5.1")), _case(discount=Decimal(5))),
        ({"payment_days_over": "60"}, _case(payment_days=61), _case(payment_days=60)),
        ({"payment_days_over": "60"}, _case(payment_days=None), _case()),
        ({"credit": "yes"}, _case(is_credit_ok=False), _case()),
        ({"new_customer": "yes"}, _case(is_new_customer=True), _case()),
        ({"category": "LED"}, _case(categories=frozenset({"LED"})), _case(categories=frozenset({"Tea"}))),
    ],
)
def test_each_condition_calls_its_step_and_nothing_else(
    condition: dict[str, str], calls: Case, calls_not: Case
) -> None:
    policy = (PolicyStep(Role.SUPERVISOR), PolicyStep(Role.GM, condition))
    assert required_roles(policy, case=calls, rules={}) == (Role.SUPERVISOR, Role.GM)
    assert required_roles(policy, case=calls_not, rules={}) == (Role.SUPERVISOR,)


def test_days_to_pay() -> None:
    for terms, days in (("T/T 30/70", 0), ("net 30", 30), ("60 days after B/L date", 60), ("as agreed", None)):
        assert payment_days(terms) == days


@pytest.mark.parametrize("condition", [{"credit": "no"}, {"discount_over": "much"}, {"category": ""}, {"weather": "1"}])
def test_conditions_that_cannot_be_are_refused(company: TradingDesk, condition: dict[str, str]) -> None:
    steps = [PolicyStep(Role.GM, condition)]
    with company.trade.database.write() as work, pytest.raises(Invalid):
        set_policy(work, actor=company.trade.admin, platform="test", steps=steps)
