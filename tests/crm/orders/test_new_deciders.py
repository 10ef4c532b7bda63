"""Who is given a role that decides hears at once of what waits for it."""

import pytest
from sqlalchemy import func, select

from bot.app import subscriptions
from crm.core.copies import CardCopy
from crm.core.history import SYSTEM
from crm.core.outbox import enter_chat
from crm.orders.waiting import waiting_for
from crm.people.identities import tie
from crm.people.people import Member, Role, find_member, set_roles
from tests.crm.orders.trading import MakePerson, Trade


@pytest.fixture
def company(trade: Trade) -> Trade:
    trade.database.events = subscriptions()
    return trade


def _give(company: Trade, person: Member, *roles: Role) -> None:
    with company.database.write() as work:
        set_roles(work, actor=SYSTEM, person_id=person.id, roles=roles)


def _approvals(company: Trade, person: Member) -> list[int]:
    return [subject for card, subject in company.cards(person) if card == "approval"]


def test_the_cards_come_with_the_role(company: Trade, make_person: MakePerson) -> None:
    wu = make_person("Wu", Role.REP)
    first, second = company.submit(), company.submit()
    company.press(first, company.boss)
    _give(company, wu, Role.REP, Role.FINANCE)
    assert _approvals(company, wu) == [first]
    company.press(second, company.boss)
    assert _approvals(company, wu) == [first, second]


def test_who_is_added_with_it_gets_them_too(company: Trade, make_person: MakePerson) -> None:
    order = company.submit()
    company.press(order, company.boss)
    assert _approvals(company, make_person("Wu", Role.FINANCE)) == [order]
    assert _approvals(company, make_person("He", Role.REP)) == []


def test_what_somebody_has_comes_no_second_time(company: Trade) -> None:
    with company.database.write() as work:
        chat = enter_chat(work, platform="test", external_id="sun", is_private=True, token="t").id
        tie(work, platform="test", account_id="sun", person_id=company.finance.id, chat_id=chat)
    order = company.submit()
    company.press(order, company.boss)
    _give(company, company.finance, Role.REP)
    with company.database.read() as work:
        assert waiting_for(work, person=find_member(work, person_id=company.finance.id)) == []
    _give(company, company.finance, Role.REP, Role.FINANCE)
    copies = select(func.count(), func.max(CardCopy.wanted)).where(CardCopy.card == "approval")
    with company.database.read() as work:
        count, wanted = work.connection.execute(copies.where(CardCopy.person_id == company.finance.id)).one()
    assert (count, wanted) == (1, 3)  # told, drawn when it was decided before, drawn now that it is theirs again
