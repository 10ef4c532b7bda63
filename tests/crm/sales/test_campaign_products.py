"""Who has bought a product, as a segment sees it: by orders that were approved, and by no others."""

import pytest

from crm.core.database import Database
from crm.core.errors import Invalid
from crm.people.people import Role
from crm.sales.campaigns.audience import audience
from crm.sales.campaigns.segments import MOST_VALUES, checked_segment
from crm.sales.campaigns.templates import checked_template, fill
from crm.sales.customers.contacts import insert_contact
from tests.conftest import MakePerson
from tests.crm.orders.trading import Trade


def _found(trade: Trade, *products: int) -> list[str]:
    with trade.database.read() as work:
        return [one.company for one in audience(work, actor=trade.rep, segment={"product": list(products)}).readers]


def test_bought_is_what_was_approved(database: Database, make_person: MakePerson) -> None:
    trade = Trade(database, make_person)
    with database.write() as work:
        insert_contact(work, customer_id=trade.customer, name="Hans", is_main=True, email="hans@ernst.example")
    order = trade.submit(trade.draft(trade.line(), trade.line()))
    assert _found(trade, trade.chai) == []
    trade.press(order, trade.boss, role=Role.SUPERVISOR)
    trade.press(order, trade.finance, role=Role.FINANCE)
    assert trade.status(order) == "approved"
    assert _found(trade, trade.chai) == ["Ernst Handel"]
    assert _found(trade, trade.chang) == []
    assert _found(trade, trade.chang, trade.chai) == ["Ernst Handel"]
    assert _found(trade) == ["Ernst Handel"]


def test_segments_are_checked() -> None:
    assert checked_segment({"grade": ["A", "A"], "tag": []}) == {"grade": ["A"]}
    with pytest.raises(Invalid):
        checked_segment({"turnover": ["1"]})
    with pytest.raises(Invalid):
        checked_segment({"country": [str(at) for at in range(MOST_VALUES + 1)]})


@pytest.mark.parametrize(
    ("subject", "text"), [("", "text"), ("subject", " \n"), ("x" * 151, "text"), ("s", "{name}"), ("{联系}", "text")]
)
def test_templates_are_checked(subject: str, text: str) -> None:
    with pytest.raises(Invalid):
        checked_template(subject, text)


def test_fields_in_either_language() -> None:
    template = checked_template("{ Contact } ｛公司｝", "{业务员}\r\n{rep}")
    filled = fill(template, {"contact": "Hans", "company": "Ernst", "rep": "Li"})
    assert (filled.subject, filled.text) == ("Hans Ernst", "Li\nLi")
