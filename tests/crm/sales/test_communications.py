"""What was said with a customer: added by whoever may see it, latest first."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.customers.communications import add_note, communications_of, count_communications, last_spoken, say_kind
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.deals.deals import DealDetails, open_deal

Make = Callable[..., Member]


def test_notes_come_back_latest_first_with_who_wrote_them(database: Database, make_person: Make) -> None:
    rep, finance = make_person("Rep"), make_person("Fin", Role.FINANCE)
    with database.write() as work:
        details = CustomerDetails(name="Ernst Handel")
        customer_id = create_customer(work, actor=rep, platform="test", details=details)
        told = {"platform": "test", "customer_id": customer_id}
        assert last_spoken(work, customer_id=customer_id) is None
        add_note(work, actor=rep, text="Sent samples", **told)
        add_note(work, actor=finance, text="Called about the invoice", kind="call", **told)
        add_note(work, actor=rep, text="Met in Graz", kind="visit", at=work.now - timedelta(days=3), **told)
    with database.read() as work:
        rows = communications_of(work, customer_id=customer_id, most=2)
        oldest = communications_of(work, customer_id=customer_id, offset=2)
        assert last_spoken(work, customer_id=customer_id) == work.now
    assert [(row.kind, row.person_name) for row in [*rows, *oldest]] == [
        ("call", "Fin"),
        ("note", "Rep"),
        ("visit", "Rep"),
    ]


def test_no_note_on_what_one_may_not_see_and_none_without_a_text(database: Database, make_person: Make) -> None:
    rep, other = make_person("Rep"), make_person("Other")
    with database.write() as work:
        customer_id = create_customer(work, actor=rep, platform="test", details=CustomerDetails(name="Ernst"))
        told = {"platform": "test", "customer_id": customer_id}
        with pytest.raises(NotFound):
            add_note(work, actor=other, text="Hello", **told)
        for wrong in ({"text": "  "}, {"text": "x" * 10_001}, {"text": "x", "kind": "dream"}):
            with pytest.raises(Invalid):
                add_note(work, actor=rep, **told, **wrong)
        with pytest.raises(NotFound):
            add_note(work, actor=rep, text="x", deal_id=77, **told)
        assert communications_of(work, customer_id=customer_id) == []


def test_a_note_on_a_deal_must_be_on_a_deal_of_that_customer(database: Database, make_person: Make) -> None:
    rep = make_person("Rep")
    with database.write() as work:
        mine, theirs = (
            create_customer(work, actor=rep, platform="test", details=CustomerDetails(name=name)) for name in "AB"
        )
        lamps = DealDetails(
            customer_id=mine, title="Lamps", amount=Money(Decimal(1), "CNY"), expected_close=date(2026, 5, 1)
        )
        deal_id = open_deal(work, actor=rep, platform="test", details=lamps)
        add_note(work, actor=rep, platform="test", customer_id=mine, deal_id=deal_id, text="About lamps")
        add_note(work, actor=rep, platform="test", customer_id=mine, text="About the weather")
        with pytest.raises(NotFound):
            add_note(work, actor=rep, platform="test", customer_id=theirs, deal_id=deal_id, text="x")
        of_deal = communications_of(work, customer_id=mine, deal_id=deal_id)
    assert [row.text for row in of_deal] == ["About lamps"]


def test_what_it_was_is_said_by_who_wrote_it_and_counted(database: Database, make_person: Make) -> None:
    rep, finance = make_person("Rep"), make_person("Fin", Role.FINANCE)
    with database.write() as work:
        details = CustomerDetails(name="Ernst Handel")
        customer_id = create_customer(work, actor=rep, platform="test", details=details)
        told = {"platform": "test", "customer_id": customer_id}
        note_id = add_note(work, actor=rep, text="Talked about prices", **told)
        add_note(work, actor=rep, text="Sent samples", **told)
    for actor, kind, refused in ((finance, "call", Conflict), (rep, "dance", Invalid)):
        with pytest.raises(refused), database.write() as work:
            say_kind(work, actor=actor, platform="test", note_id=note_id, kind=kind)
    with database.write() as work:
        say_kind(work, actor=rep, platform="test", note_id=note_id, kind="call")
        assert count_communications(work, customer_id=customer_id) == {"call": 1, "note": 1}
        assert [row.id for row in communications_of(work, customer_id=customer_id, kind="call")] == [note_id]
