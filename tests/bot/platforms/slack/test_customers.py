"""Customers looked after in Slack: a merge is looked over in the modal before it is done, a contact is a form."""

from typing import Any

from sqlalchemy import text

from crm.people.people import find_member
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart


def _customers(tradewind: Tradewind, *names: str) -> None:
    with tradewind.database.write() as work:
        actor = find_member(work, person_id=1)
        for name in names:
            create_customer(work, actor=actor, platform="test", details=CustomerDetails(name=name, country="AT"))


def _rows(tradewind: Tradewind, query: str) -> list[tuple[Any, ...]]:
    with tradewind.database.read() as work:
        return [tuple(row) for row in work.connection.execute(text(query))]


def test_a_merge_is_looked_over_and_undone(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    _customers(tradewind, "Ernst Handel", "Ernst Handel GmbH")
    li.command("/crm", "customer Ernst Handel")
    li.wait_for("Country or region")
    li.press("More")
    li.wait_for("Perhaps the same")
    li.press("Merge")
    view = li.open_view()
    assert view.fields == ("The other record",)
    li.fill({"The other record": "Ernst Handel GmbH"})
    li.submit()
    view = li.open_view(lambda shown: not shown.fields)
    assert view.submit == "Confirm"
    assert "To Ernst Handel goes: nothing but its name" in view.shown
    assert _rows(tradewind, "SELECT count(*) FROM customers WHERE status = 'merged'") == [(0,)]
    li.submit()
    li.wait_for("is now part of Ernst Handel")
    assert _rows(tradewind, "SELECT status, merged_into_id FROM customers WHERE id = 2") == [("merged", 1)]
    li.press("Undo")
    li.wait_for("a customer of its own again")
    assert _rows(tradewind, "SELECT status, merged_into_id FROM customers WHERE id = 2") == [("active", None)]


def test_a_contact_is_added_in_a_modal(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    _customers(tradewind, "Ernst Handel")
    li.command("/crm", "customer Ernst")
    li.wait_for("Country or region")
    li.press("Contacts")
    li.wait_for("There is none yet.")
    li.press("Add a contact")
    assert li.open_view().fields == ("Contact", "Position", "Phone or e-mail")
    li.fill({"Contact": "Roland Mendel", "Phone or e-mail": "nonsense"})
    li.submit()
    assert list(li.errors()) == ["Phone or e-mail"]
    li.fill({"Phone or e-mail": "+43 316 123456"})
    li.submit()
    li.wait_for("Saved contact Roland Mendel.")
    assert _rows(tradewind, "SELECT name, phone, is_main FROM contacts") == [("Roland Mendel", "+43316123456", 1)]
