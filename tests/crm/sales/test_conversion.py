"""A lead becomes customer, contact and deal in one step, and takes along what is known."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.customers.communications import communications_of
from crm.sales.customers.contacts import contacts_of
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import Deal
from crm.sales.deals.story import story
from crm.sales.leads.leads import LeadDetails, advance_lead, get_lead, log_lead, withdraw_lead
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.pool import release_lead
from crm.sales.ownership.conversion import Converted, convert_lead
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import Task
from tests.crm.sales.selling import TODAY, MakePerson, Sales, at_once

REACH = {"phone": "+8613911112222", "email": "chen@sunrise.com"}


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def _log(sales: Sales, owner: Member | None = None, **told: Any) -> int:
    values = {"company": "Sunrise GmbH", "contact": "Chen", "source": "exhibition", "product_need": "500 lamps", **told}
    with sales.database.write() as work:
        return log_lead(work, actor=owner or sales.rep, platform="test", details=LeadDetails(**values))


def _convert(sales: Sales, lead: int, actor: Member | None = None, **told: Any) -> Converted:
    values = {"title": "Lamps for Sunrise", "amount": Money(Decimal(12500), "CNY"), "expected_close": None, **told}
    with sales.database.write() as work:
        return convert_lead(work, actor=actor or sales.rep, platform="test", lead_id=lead, **values)


def _seen(sales: Sales, made: Converted, viewer: Member | None = None) -> tuple[Any, list[Any], Any]:
    with sales.database.read() as work:
        customer = get_customer(work, viewer=viewer or sales.rep, customer_id=made.customer_id)
        people = contacts_of(work, customer_ids=[made.customer_id])
    return customer, people, sales.deal(made.deal_id, viewer)


def test_customer_contact_and_deal_with_all_that_is_known(sales: Sales) -> None:
    more = {"wechat": "chen-s", "country": "DE", "tags": ["Canton Fair"], "notes": "hurry"}
    lead = _log(sales, **REACH, **more)
    made = _convert(sales, lead, expected_close=date(2026, 4, 1))
    customer, people, deal = _seen(sales, made)
    assert made.is_new_customer
    assert (customer.name, customer.country, customer.currency, customer.owner_name) == (
        "Sunrise GmbH",
        "DE",
        "CNY",
        "Li",
    )
    assert (customer.source, customer.tags) == ("exhibition", ["Canton Fair"])
    assert customer.notes == "hurry"
    assert [(one.name, one.phone, one.email, one.wechat, one.is_main) for one in people] == [
        ("Chen", REACH["phone"], REACH["email"], "chen-s", True)
    ]
    assert (deal.title, deal.amount, deal.expected_close) == ("Lamps for Sunrise", 12500, date(2026, 4, 1))
    assert (deal.source, deal.lead_id, deal.notes, deal.product_text) == ("exhibition", lead, "hurry", "500 lamps")
    assert (deal.stage, deal.owner_name, deal.customer_id) == ("initial", "Li", made.customer_id)
    with sales.database.read() as work:
        assert get_lead(work, viewer=sales.rep, lead_id=lead).status == "converted"
        acts = [entry.act for entry in story(work, viewer=sales.rep, deal_id=made.deal_id)]
        of_customer = history.history_of(work, entity="customer", entity_id=made.customer_id)
    assert acts == ["logged", "converted", "opened"]
    assert of_customer[-1].changes == {"lead": [None, lead]}


def test_the_expected_close_is_proposed(sales: Sales) -> None:
    assert sales.deal(_convert(sales, _log(sales)).deal_id).expected_close == TODAY + timedelta(days=84)


def test_the_day_of_the_first_response_goes_along(sales: Sales, clock: Any) -> None:
    lead = _log(sales)
    with sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="contacted")
    clock.move(days=4)
    with sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="qualified")
    made = _convert(sales, lead)
    assert sales.deal(made.deal_id).facts == {"first_response_on": "2026-03-02"}
    sales.move(made.deal_id, "needs")  # nothing more is asked


@pytest.mark.parametrize(
    "same",
    [
        {"company": "万通贸易"},
        {"company": "Another name", "phone": "+8613800138000"},
        {"company": "Another name", "phone": "+8613911112222", "email": "sales@wantong.cn"},
    ],
    ids=["name", "phone", "e-mail"],
)
def test_a_customer_that_is_there_is_used(sales: Sales, same: dict[str, Any]) -> None:
    first = _convert(sales, _log(sales, company="万通贸易", contact="Zhang", email="sales@wantong.cn"))
    assert (first.customer_id, first.is_new_customer) == (sales.customer, False)
    second = _convert(sales, _log(sales, contact="Chen", notes="wants a sample", **same))
    assert (second.customer_id, second.is_new_customer) == (sales.customer, False)
    _, people, _ = _seen(sales, second)
    assert [one.name for one in people if one.is_main] == ["王经理"]
    known = "phone" in same  # a phone or an e-mail of somebody there: no new contact
    assert [one.name for one in people] == (["王经理", "Zhang"] if known else ["王经理", "Zhang", "Chen"])
    with sales.database.read() as work:
        notes = communications_of(work, customer_id=sales.customer)
    assert [(note.text, note.deal_id) for note in notes] == [("wants a sample", second.deal_id)]


def test_a_colleagues_customer_is_neither_used_nor_shown(sales: Sales) -> None:
    made = _convert(sales, _log(sales, sales.colleague, company="万通贸易"), sales.colleague)
    assert made.is_new_customer
    assert made.customer_id != sales.customer


def test_a_supervisor_converts_for_the_leads_owner(sales: Sales, make_person: MakePerson) -> None:
    mate = make_person("Qian", team="North")
    made = _convert(sales, _log(sales, mate, company="万通贸易"), sales.boss)
    customer, _, deal = _seen(sales, made, mate)
    assert (customer.owner_name, deal.owner_name) == (
        "Qian",
        "Qian",
    )  # not Li's customer of that name, which Qian may not see


def test_a_supervisor_uses_a_customer_of_the_team_but_an_own_one_first(sales: Sales) -> None:
    made = _convert(sales, _log(sales, sales.boss, company="万通贸易"), sales.boss)
    assert (made.customer_id, sales.deal(made.deal_id, sales.boss).owner_name) == (sales.customer, "Zhao")
    own = sales.add_customer(owner=sales.boss)
    assert _convert(sales, _log(sales, sales.boss, company="万通贸易"), sales.boss).customer_id == own


@pytest.mark.parametrize("role", [Role.ADMIN, Role.GM])
def test_who_may_not_change_a_lead_does_not_convert_it(sales: Sales, make_person: MakePerson, role: Role) -> None:
    lead = _log(sales)
    with pytest.raises(Forbidden):
        _convert(sales, lead, make_person("", role))
    with pytest.raises(NotFound):
        _convert(sales, lead, sales.colleague)


def test_a_lead_of_the_pool_is_claimed_first(sales: Sales) -> None:
    lead = _log(sales)
    with sales.database.write() as work:
        release_lead(work, actor=sales.rep, platform="test", lead_id=lead)
    with pytest.raises(Forbidden):
        _convert(sales, lead, sales.colleague)


def test_what_is_wrong_leaves_everything_as_it_was(sales: Sales) -> None:
    lead = _log(sales)
    for wrong in ({"title": " "}, {"amount": Money(Decimal(0), "CNY")}, {"expected_close": date(2026, 3, 1)}):
        with pytest.raises(Invalid):
            _convert(sales, lead, **wrong)
    with sales.database.read() as work:
        assert get_lead(work, viewer=sales.rep, lead_id=lead).status == "new"
        assert len(history.history_of(work, entity="lead", entity_id=lead)) == 1


def test_once_only_and_nothing_else_afterwards(sales: Sales) -> None:
    lead = _log(sales)
    _convert(sales, lead)
    with pytest.raises(Conflict):
        _convert(sales, lead)
    with pytest.raises(Conflict), sales.database.write() as work:
        withdraw_lead(work, actor=sales.rep, platform="test", lead_id=lead)
    with pytest.raises(Conflict), sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="qualified")


def test_two_conversions_at_once_make_one_deal(sales: Sales) -> None:
    for _ in range(5):
        lead = _log(sales)
        told = at_once([partial(_convert, sales, lead)] * 2)
        assert sorted(isinstance(error, Conflict) for error in told) == [False, True]
        with sales.database.read() as work:
            deals = work.connection.execute(select(Deal.id).where(Deal.lead_id == lead)).all()
        assert len(deals) == 1


def test_a_long_need_is_no_obstacle(sales: Sales) -> None:
    made = _convert(sales, _log(sales, product_need="lamps " * 900))
    assert sales.deal(made.deal_id).product_text.startswith("lamps lamps")


@pytest.mark.parametrize("to_status", ["new", "converted", "disqualified", "anything"])
def test_a_lead_advances_only_to_what_it_can(sales: Sales, to_status: str) -> None:
    lead = _log(sales)
    with pytest.raises(Invalid), sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status=to_status)


def test_a_lead_does_not_go_back_to_contacted(sales: Sales) -> None:
    lead = _log(sales)
    with sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="qualified")
    with pytest.raises(Conflict), sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="contacted")


def test_notes_added_since_are_the_customers_history_and_reminders_the_deals(sales: Sales, clock: Any) -> None:
    lead = _log(sales, notes="met at hall 3")
    told: dict[str, Any] = {"actor": sales.rep, "platform": "test"}
    with sales.database.write() as work:
        add_lead_note(work, **told, lead_id=lead, text="wants: a sample")
        add_task(work, **told, text="send it", due_at=clock() + timedelta(days=9), about=("lead", lead))
    clock.move(days=1)
    made = _convert(sales, lead)
    with sales.database.read() as work:
        notes = communications_of(work, customer_id=made.customer_id)
        open_ones = work.connection.execute(select(Task.text, Task.about, Task.about_id).where(Task.status == "open"))
        assert [tuple(row) for row in open_ones] == [("send it", "deal", made.deal_id)]
    assert [(note.text, note.person_name, note.at, note.deal_id) for note in notes] == [
        ("wants: a sample", "Li", clock() - timedelta(days=1), made.deal_id)
    ]
    customer, _, deal = _seen(sales, made)
    assert (customer.notes, deal.notes) == ("met at hall 3", "met at hall 3")


@pytest.mark.parametrize("need", ["500 LED panels", "LED panel, 500 pcs", "要500套LED panel"])
def test_a_need_that_names_a_product_of_ours_is_that_product(sales: Sales, need: str) -> None:
    panel = sales.add_product("LED-1", "LED panel")
    sales.add_product("LED-2", "LED tube")
    deal = sales.deal(_convert(sales, _log(sales, product_need=need)).deal_id)
    assert (deal.product_id, deal.quantity) == (panel, 500)


def test_one_that_could_be_several_is_left_open(sales: Sales) -> None:
    for sku in ("LED-1", "LED-2"):
        sales.add_product(sku, f"LED panel {sku}")
    deal = sales.deal(_convert(sales, _log(sales, product_need="500 LED panels")).deal_id)
    assert (deal.product_id, deal.quantity, deal.product_text) == (None, 500, "500 LED panels")
