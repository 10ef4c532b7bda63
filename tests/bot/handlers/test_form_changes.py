"""A form that is changed while it is open, on either database: whose it is, what is kept, what is too late."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from bot.cards.screen import Form
from bot.inbound import CHANGE
from bot.reception import Receipt
from tests.bot.trading_desk import LI, ZHAO, TradingDesk


async def open_form(company: TradingDesk, words: str, account: str = LI) -> Form:
    await company.desk.say(account, words, forms=True, trigger="t")
    form = company.last(account).form
    assert form is not None
    return form


async def change(
    company: TradingDesk, form: Form, values: Mapping[str, Any], what: str, account: str = LI, **more: Any
) -> Receipt:
    inbound = company.desk.inbound(account, CHANGE, **{"token": form.token, **more}, values=values, button=what)
    return await company.desk.take(inbound)


def values_of(form: Form) -> dict[str, Any]:
    return {field.key: field.value for field in form.inputs}


async def test_a_change_brings_what_hangs_on_it_and_uses_no_turn_up(company: TradingDesk) -> None:
    form = await open_form(company, "/order")
    assert "payment_terms" in values_of(form)
    said = len(company.desk.room.calls)
    customer = str(company.trade.customer)
    changed = await change(company, form, {"customer": customer, "lines.0.product": None}, "customer")
    assert changed.form is not None
    assert changed.form.token == form.token
    product = str(company.trade.chai)
    values = {"customer": customer, "lines.0.product": product, "lines.0.quantity": "many", "deliver_to": "Hamburg"}
    changed = await change(company, form, values, "lines.0.product")
    assert changed.form is not None
    shown = values_of(changed.form)
    assert (shown["lines.0.unit_price"], shown["lines.0.quantity"]) == ("20 CNY", "many")
    assert changed.problems == {}
    assert len(company.desk.room.calls) == said, "nothing is said in the chat"
    again = await open_form(company, "continue")
    assert values_of(again)["deliver_to"] == "Hamburg", "what could be read is kept"


async def test_nobody_changes_anothers_form(company: TradingDesk) -> None:
    form = await open_form(company, "/order")
    forged = await change(company, form, {}, "more", token="1.1~AAAAAAAA")
    assert (forged.form, bool(forged.toast)) == (None, True)
    stolen = company.desk.keys.seal(form.token.split("~")[0], platform="test", chat_id=ZHAO)
    others = await change(company, form, {"deliver_to": "x"}, "more", account=ZHAO, token=stolen)
    assert (others.form, "not for you" in others.toast) == (None, True)


async def test_who_may_not_any_more_is_told_in_passing(company: TradingDesk) -> None:
    form = await open_form(company, "/order")
    company.desk.write(lambda work: work.connection.execute(text("DELETE FROM person_roles")))
    refused = await change(company, form, {}, "more")
    assert (refused.form, bool(refused.toast)) == (None, True)
    assert "Something went wrong" not in refused.toast


async def test_a_form_that_was_answered_elsewhere_is_over(company: TradingDesk) -> None:
    form = await open_form(company, "/lead")
    values = {"company": "A", "contact": "B", "source": "other", "product_need": "C"}
    await company.desk.fill(LI, values, token=form.token)
    for late in (
        await change(company, form, values | {"company": "Z"}, "more"),
        await company.desk.fill(LI, values, token=form.token),
    ):
        assert "saved already" in late.toast
        assert late.form is not None
        assert (late.form.submit, late.form.inputs) == (None, ())
    assert company.desk.leads() == ["A"]


@pytest.mark.parametrize("gone_on", [False, True])
async def test_what_a_form_put_aside_held_is_kept_unless_the_draft_has_gone_on(
    company: TradingDesk, gone_on: bool
) -> None:
    form = await open_form(company, "/lead")
    await company.desk.say(LI, "/leads")
    if gone_on:
        newer = await open_form(company, "/continue")
        await change(company, newer, {"company": "Newer"}, "more")
        await company.desk.say(LI, "/leads")
    told = await change(company, form, {"company": "Acme", "contact": "Roland"}, "more")
    assert "put aside" in told.toast
    again = values_of(await open_form(company, "/continue"))
    assert again["company"] == ("Newer" if gone_on else "Acme")


async def test_an_odd_change_changes_nothing(company: TradingDesk) -> None:
    form = await open_form(company, "/order")
    for what in ("", "add:", "add:customer", "shortcut:", "shortcut:same", "x" * 5000, "lines.9999.product", "\ud800"):
        changed = await change(
            company, form, {"lines.9999999.x": "1", "nothing": ["\x00"], "lines.0.product": []}, what
        )
        assert changed.form is not None, what
        assert values_of(changed.form).keys() == values_of(form).keys()


async def test_a_price_of_ours_follows_the_customers_currency(company: TradingDesk) -> None:
    """The price that the form had put in by itself is no reason to keep the first customer's currency."""
    company.trade.rate("USD", "7")
    other = company.trade.add_customer("Queen")
    company.desk.write(
        lambda work: work.connection.execute(
            text("UPDATE customers SET currency = 'USD' WHERE id = :id"), {"id": other}
        )
    )
    form = await open_form(company, "/order")
    values: dict[str, Any] = {
        "customer": str(company.trade.customer),
        "lines.0.product": None,
        "lines.0.unit_price": None,
    }
    values["lines.0.product"] = str(company.trade.chai)
    first = await change(company, form, values, "lines.0.product")
    assert first.form is not None
    assert values_of(first.form)["lines.0.unit_price"] == "20 CNY"
    values = values_of(first.form) | {"customer": str(other)}
    second = await change(company, form, values, "customer")
    assert second.form is not None
    assert values_of(second.form)["lines.0.unit_price"] is None
