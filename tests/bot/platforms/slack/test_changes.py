"""Forms that change while they are filled in: the loopback Slack, the real application, a real database."""

import sqlite3
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from crm.core.history import COMMAND_LINE
from crm.core.money import Money
from crm.people.people import find_member
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.deals.deals import DealDetails, open_deal
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart
from tests.counterparts.slack.rooms import View

FIELDS = ("Customer", "Product 1", "Quantity 1", "Unit price 1", "Discount 1")
ENDING = ("Price terms", "Delivery date", "Deliver to", "Payment terms")
SELDOM = ("Deal or quote", "Customer PO", "Currency", "Packing and marks", "Notes")
REST = {"Price terms": "FOB Ningbo", "Delivery date": "31/12/2098", "Deliver to": "Hamburg"}


@pytest.fixture
def shop(tradewind: Tradewind) -> Tradewind:
    """Two customers with their own terms, two products."""
    with tradewind.database.write() as work:
        li = find_member(work, person_id=1)
        for name, terms in (("Ernst Handel", "T/T 30/70"), ("Folk och fä", "net 60"), ("Plain Ltd", None)):
            details = CustomerDetails(name=name, contact="Roland", country="AT", currency="CNY", payment_terms=terms)
            create_customer(work, actor=li, platform="slack", details=details)
        for number, (name, currency) in enumerate((("Chai", "CNY"), ("Chang", "CNY"), ("Dollar tea", "USD"))):
            product = ProductDetails(
                sku=f"P{number}", name=name, currency=currency, list_price=Decimal("18.5"), stock=Decimal(100_000)
            )
            save_product(work, actor=COMMAND_LINE, details=product)
    return tradewind


def rows(shop: Tradewind, query: str) -> list[Any]:
    with shop.database.read() as work:
        return list(work.connection.execute(text(query)))


def begin_order(li: Person, *words: str) -> View:
    li.command("/crm", " ".join(("order", *words)))
    return li.open_view()


def fill(li: Person, answers: Mapping[str, Any]) -> None:
    """Fill fields in one after another, seeing each change through."""
    for label, answer in answers.items():
        before = li.open_view()
        li.fill({label: answer})
        if label.split()[0] in {"Customer", "Product", "Deal", "New"}:
            li.open_view(lambda view, old=before.hash: view.hash != old)


def press(li: Person, label: str) -> View:
    before = li.open_view()
    li.press(label)
    return li.open_view(lambda view: view.hash != before.hash)


def test_an_order_begins_short_and_grows_by_its_buttons(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    view = begin_order(li)
    assert view.fields == FIELDS + ENDING
    assert view.buttons == ("Add another line", "More fields")
    assert (view.blocks[0]["element"]["type"], view.blocks[1]["element"]["type"]) == ("external_select",) * 2
    view = press(li, "Add another line")
    assert [block["optional"] for block in view.blocks[1:10] if block["type"] == "input"] == [False] * 3 + [True] * 5
    assert view.fields[5:9] == ("Product 2", "Quantity 2", "Unit price 2", "Discount 2")
    view = press(li, "More fields")
    assert set(SELDOM) <= set(view.fields)
    assert view.buttons == ("Add another line",)
    view = press(li, "Add another line")
    assert "Product 3" in view.fields
    assert set(SELDOM) <= set(view.fields), "what was asked for stays"


def test_a_customer_brings_their_terms_and_nothing_typed_is_touched(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    li.fill({"Deliver to": " Hamburg,  pier 4", "Quantity 1": "what?", "Delivery date": "whenever"})
    fill(li, {"Customer": "Ernst Handel"})
    view = li.open_view()
    assert view.values["Payment terms"] == "T/T 30/70"
    typed = {"Deliver to": " Hamburg,  pier 4", "Quantity 1": "what?", "Delivery date": "whenever"}
    assert {label: view.values[label] for label in typed} == typed
    assert "⚠️" not in view.shown, "nobody has handed it in yet"

    fill(li, {"Customer": "Folk och fä"})
    assert li.open_view().values["Payment terms"] == "net 60", "the other's terms were only our proposal"
    fill(li, {"Customer": "Plain Ltd"})
    assert li.open_view().values["Payment terms"] is None

    li.fill({"Payment terms": "cash"})
    fill(li, {"Customer": "Ernst Handel"})
    assert li.open_view().values["Payment terms"] == "cash"


def test_deals_of_the_customer_are_offered_first(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    with shop.database.write() as work:
        for customer, title in ((1, "500 lamps"), (2, "600 lamps")):
            day = date(2099, 1, 31)
            deal = DealDetails(customer_id=customer, title=title, amount=Money(Decimal(1), "CNY"), expected_close=day)
            open_deal(work, actor=find_member(work, person_id=1), platform="slack", details=deal)
    begin_order(li)
    press(li, "More fields")

    def offered(typed: str = "") -> list[str]:
        return [option["text"]["text"] for option in li.suggestions("Deal or quote", typed)]

    assert offered() == ["D-2 600 lamps", "D-1 500 lamps"]
    fill(li, {"Customer": "Ernst Handel"})
    assert offered() == ["D-1 500 lamps"]
    assert offered("600 lamps") == ["D-2 600 lamps"]
    fill(li, {"Customer": "Plain Ltd"})
    assert offered() == ["D-2 600 lamps", "D-1 500 lamps"], "there is none of theirs"


def test_a_product_brings_its_price_in_the_orders_currency_only(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    fill(li, {"Customer": "Ernst Handel", "Product 1": "Chai"})
    assert li.open_view().values["Unit price 1"] == "18.5 CNY"
    press(li, "Add another line")
    fill(li, {"Product 2": "Dollar tea"})
    view = li.open_view()
    assert (view.values["Unit price 1"], view.values["Unit price 2"]) == ("18.5 CNY", None)
    li.fill({"Unit price 1": "17"})
    fill(li, {"Product 1": "Chang"})
    assert li.open_view().values["Unit price 1"] == "17", "somebody has set this price"


def test_twenty_lines_in_a_modal_are_the_same_order_as_step_by_step(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    lines = [("Chai" if number % 2 else "Chang", str(number * 10), f"{number}.25") for number in range(1, 21)]
    begin_order(li)
    fill(li, {"Customer": "Ernst Handel"})
    for number, (product, quantity, price) in enumerate(lines, start=1):
        if number > 1:
            press(li, "Add another line")
        fill(li, {f"Product {number}": product, f"Quantity {number}": quantity, f"Unit price {number}": price})
    li.fill({"Discount 20": "95折", "Quantity 7": "plenty"})
    li.fill(REST)
    wrong = li.submit()
    assert wrong is not None
    assert wrong.answer["response_action"] == "errors"
    assert list(li.errors()) == ["Quantity 7"], "under the very field, though that line was added"
    li.fill({"Quantity 7": "70"})
    li.submit()
    review = li.open_view(lambda view: "Line 20" in view.shown)
    assert (review.submit, review.buttons) == ("Submit", ("Edit",))
    li.submit()
    li.wait_closed()
    sent = li.wait_for("Submitted order")

    li.say("order Ernst")
    li.wait_for("Product", after=sent.ts)
    typed = [f"{product} {quantity} @{price}" for product, quantity, price in lines]
    steps = ("; ".join([*typed[:-1], f"{typed[-1]} 95折"]), "No more lines")
    for answer, asked in zip(
        (*steps, *REST.values(), "T/T 30/70"), ("Is there more", *ENDING, "Shall this"), strict=True
    ):
        li.press(answer) if answer == "No more lines" else li.say(answer)
        li.wait_for(lambda message, asked=asked: message.shown.splitlines()[-1].startswith(asked), after=sent.ts)
    li.press("Submit")
    slack.wait_until(lambda: len(rows(shop, "SELECT id FROM orders")) == 2)
    order = "SELECT currency, total, incoterm, place, delivery_on, deliver_to, payment_terms FROM orders WHERE id = {}"
    line = "SELECT position, product_id, quantity, unit_price, discount FROM order_lines WHERE order_id = {} ORDER BY 1"
    for query in (order, line):
        assert rows(shop, query.format(1)) == rows(shop, query.format(2))
    assert len(rows(shop, line.format(1))) == 20


def test_more_lines_than_a_modal_holds_are_written_at_once(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    fill(li, {"Customer": "Ernst Handel"})
    view = press(li, "More fields")
    for _ in range(30):
        if "Add another line" not in view.buttons:
            break
        view = press(li, "Add another line")
    assert "No further lines fit" in view.shown
    assert len(view.blocks) <= 100
    assert "Several lines at once" in view.fields
    li.fill({"Several lines at once": "Chai 500 @18\nChang", **REST, "Payment terms": "cash"})
    li.submit()
    assert list(li.errors()) == ["Several lines at once"]
    li.fill({"Several lines at once": "\n".join(f"Chai {number} @18" for number in range(1, 31))})
    li.submit()
    review = li.open_view(lambda view: "Line 30" in view.shown)
    assert "Line 31" not in review.shown, "the empty lines of the form are none"
    li.submit()
    li.wait_closed()
    li.wait_for("Submitted order")
    assert len(rows(shop, "SELECT id FROM order_lines")) == 30


def test_the_review_leads_back_to_the_fields(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    begin_order(li, "Ernst Handel")
    fill(li, {"Product 1": "Chai"})
    li.fill({"Quantity 1": "500", **REST})
    li.submit()
    review = li.open_view(lambda view: "Line 1" in view.shown)
    assert "Goes to" in review.shown
    view = press(li, "Edit")
    assert view.values["Quantity 1"] == "500"
    li.fill({"Quantity 1": "600"})
    li.submit()
    li.open_view(lambda view: "Chai, 600" in view.shown)
    li.submit()
    li.wait_closed()
    li.wait_for("Submitted order")
    assert [row.quantity // 10_000 for row in rows(shop, "SELECT quantity FROM order_lines")] == [600]


def test_the_same_as_last_time_fills_in_what_is_empty(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    begin_order(li, "Ernst Handel")
    fill(li, {"Product 1": "Chai"})
    li.fill({"Quantity 1": "500", **REST})
    li.submit()
    li.open_view(lambda view: "Line 1" in view.shown)
    li.submit()
    li.wait_closed()
    li.wait_for("Submitted order")

    view = begin_order(li)
    assert "Same as last time" not in view.buttons, "whose?"
    fill(li, {"Customer": "Ernst Handel"})
    li.fill({"Deliver to": "Bremen"})
    assert "Same as last time" in li.open_view().buttons
    view = press(li, "Same as last time")
    assert (view.values["Product 1"], view.values["Quantity 1"]) == ("Chai", "500")
    assert (view.values["Price terms"], view.values["Deliver to"]) == ("FOB Ningbo", "Bremen")
    assert "Same as last time" not in view.buttons
    li.submit()
    li.open_view(lambda view: "Chai, 500" in view.shown)
    li.close()

    li.command("/crm", "customer Ernst Handel")
    li.wait_for(lambda message: "Same as last time" in message.buttons)
    li.press("Same as last time")
    review = li.open_view()
    assert "Chai, 500" in review.shown
    assert (review.fields, review.submit, review.buttons) == ((), "Submit", ("Edit",)), "only the review"


def test_a_stage_asks_at_once_for_what_the_deal_lacks(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    with shop.database.write() as work:
        deal = DealDetails(
            customer_id=1, title="500 lamps", amount=Money(Decimal(12500), "CNY"), expected_close=date(2099, 1, 31)
        )
        open_deal(work, actor=find_member(work, person_id=1), platform="slack", details=deal)
    li.command("/crm", "move")
    assert li.open_view().fields == ("Deal", "New stage")
    fill(li, {"Deal": "D-1 500 lamps", "New stage": "Lost"})
    view = li.open_view()
    assert view.fields == ("Deal", "New stage", "Reason", "Reason, in your own words")
    assert "⚠️" not in view.shown
    fill(li, {"New stage": "Quotation"})
    assert {"Product", "Quantity"} <= set(li.open_view().fields)
    assert [option["text"]["text"] for option in li.suggestions("Product", "chai")] == ["Chai"]
    li.fill({"Product": "A lamp of their own"})  # not in the catalogue: taken as typed
    fill(li, {"New stage": "Lost"})
    li.fill({"Reason, in your own words": "They went bankrupt"})
    li.submit()
    li.wait_closed()
    li.wait_for("is now in")
    with shop.database.read() as work:
        assert work.connection.execute(text("SELECT lost_reason FROM deals")).scalars().all() == ["They went bankrupt"]


# — several at once, late, gone —


def test_of_two_changes_under_way_the_newest_is_what_shows(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    held = slack.hold_next("views.update", after_effect=False)
    li.fill({"Customer": "Ernst Handel"})
    held.reached()
    li.fill({"Customer": "Folk och fä"})
    li.fill({"Product 1": "Chai"})
    held.release()
    view = li.open_view(lambda view: view.values["Unit price 1"] is not None)
    assert view.values["Payment terms"] == "net 60"
    assert (view.values["Customer"], view.values["Product 1"]) == ("Folk och fä", "Chai")
    assert len(slack.calls_of("views.update")) == 2, "the one between is not worth drawing"


def test_a_view_that_was_drawn_by_somebody_else_is_left_alone(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    slack.fail_next("views.update", error="hash_conflict")
    li.fill({"Customer": "Ernst Handel"})
    slack.wait_call("views.update")
    assert li.open_view().values["Payment terms"] is None
    view = press(li, "Add another line")
    assert (view.values["Customer"], view.values["Payment terms"]) == ("Ernst Handel", "T/T 30/70")
    assert li.ephemerals() == []


def test_a_change_is_acknowledged_at_once_also_where_the_database_is_not_to_be_had(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li)
    other = sqlite3.connect(shop.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        pressed = li.press("Add another line")
        assert pressed.took < 1
        assert "Product 2" not in li.open_view().fields
    finally:
        other.execute("ROLLBACK")
        other.close()
    li.open_view(lambda view: "Product 2" in view.fields)


def test_a_form_closed_meanwhile_is_told_politely(slack: SlackCounterpart, shop: Tradewind, li: Person) -> None:
    begin_order(li)
    held = slack.hold_next("views.update", after_effect=False)
    li.fill({"Customer": "Ernst Handel"})
    held.reached()
    li.close()
    held.release()
    slack.wait_until(li.ephemerals)
    assert "not open any more" in li.ephemerals()[-1].shown
    li.press("Continue", ts=li.wait_for("closed").ts)
    assert li.open_view().values["Customer"] == "Ernst Handel", "what could be read was kept"


def test_a_change_in_a_form_put_aside_meanwhile_says_so_in_its_place(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    begin_order(li, "Ernst Handel")
    li.say("leads")  # on the telephone, say
    li.wait_for(lambda message: message.from_bot)
    li.fill({"Quantity 1": "5", "Deliver to": "Hamburg", "Product 1": "Chai"})
    note = li.open_view(lambda view: view.submit is None)
    assert "put aside" in note.shown
    assert "press Continue" in note.shown
    li.close()
    li.press("Continue", ts=li.wait_for(lambda message: "Continue" in message.buttons).ts)
    view = li.open_view(lambda view: view.submit is not None)
    assert [view.values[label] for label in ("Product 1", "Quantity 1", "Deliver to")] == ["Chai", "5", "Hamburg"]


def test_a_form_put_aside_meanwhile_loses_nothing_when_it_is_handed_in(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.say("leads")
    li.wait_for(lambda message: message.from_bot)
    li.fill({"Company": "Acme", "Contact": "Roland", "Source": "Exhibition", "Product need": "lamps"})
    li.submit()
    assert "press Continue" in li.open_view(lambda view: view.submit is None).shown
    assert shop.leads() == []
    li.close()
    li.press("Continue", ts=li.wait_for(lambda message: "Continue" in message.buttons).ts)
    li.open_view(lambda view: view.submit is not None)
    li.submit()
    li.wait_closed()
    li.wait_for("Acme")
    assert [lead.company for lead in shop.leads()] == ["Acme"]


def test_a_form_handed_in_after_it_was_saved_says_so_in_its_place(
    slack: SlackCounterpart, shop: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill({"Company": "A", "Contact": "B", "Source": "Exhibition", "Product need": "C"})
    li.submit()
    li.wait_closed()
    again = li.resubmit()
    assert again.answer["response_action"] == "update"
    assert "saved already" in again.answer["view"]["blocks"][0]["text"]["text"]
    assert "submit" not in again.answer["view"]
    assert len(shop.leads()) == 1
