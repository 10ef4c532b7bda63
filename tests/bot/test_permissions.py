"""Every verb by a person of every role alone, through the dispatcher: it answers, or refuses and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.handlers import VERBS
from bot.wording import wording
from checks.permissions import one_of, rules_of_person
from crm.core.database import Database
from crm.core.tables import Base
from crm.core.text import Text
from crm.people.people import Role
from tests.bot.front_desk import Desk
from tests.bot.trading_desk import SUN, ZHAO, TradingDesk, open_trading_desk
from tests.conftest import MakePerson

ANN = "Ann"
ON_THE_ROAD = frozenset({"chats", "inbox", "outbox", "card_copies", "chat_identities"})
"""Tables of every message, whatever it says."""


@pytest.fixture
async def company(sqlite: Database, open_desk: Callable[..., Desk], make_person: MakePerson) -> TradingDesk:
    """With an order that is approved, one that waits and a lead, so that verbs find something."""
    company = await open_trading_desk(open_desk(sqlite), make_person)
    await company.order()
    await company.approve(ZHAO, SUN)
    await company.order()
    await company.desk.log_lead("Li", "Wartian Herkku")
    return company


@pytest.mark.parametrize("role", list(Role))
async def test_each_verb_by_each_role(company: TradingDesk, make_person: MakePerson, role: Role) -> None:
    await company.link(make_person(ANN, role, team="North", at=company.desk.database))
    me = one_of(role)
    for verb in VERBS:
        for word in (verb.name, *verb.synonyms):
            before, shown = _rows(company), len(company.desk.room.calls)
            said = (await company.say(ANN, f"/{word}")).text
            assert len(company.desk.room.calls) > shown, f"{word}: silence"
            if verb.is_for(me):
                _is_sensible(role, word, said)
                await company.say(ANN, "/cancel")
            else:
                assert said == f"{verb.name} is for other roles than yours.", word
                assert _rows(company) == before, f"{word}: something was written"


@pytest.mark.parametrize("role", list(Role))
async def test_its_button_is_no_way_round(company: TradingDesk, make_person: MakePerson, role: Role) -> None:
    await company.link(make_person(ANN, role, team="North", at=company.desk.database))
    me = one_of(role)
    for verb in VERBS:
        if verb.is_for(me):
            continue
        before = _rows(company)
        key = company.desk.keys.seal(f"verb:{verb.name}", platform="test", chat_id=ANN)
        await company.desk.take(company.desk.inbound(ANN, "press", button=key))
        assert company.last(ANN).text == f"{verb.name} is for other roles than yours."
        assert _rows(company) == before, f"{verb.name}: something was written"


def _is_sensible(role: Role, word: str, said: str) -> None:
    """It says something, and nothing of what a service says to those it is not for."""
    assert said.strip(), word
    odd = ("for other roles", "Something went wrong", "I did not understand", *_refusals(role))
    found = [one for one in odd if one in said]
    assert not found, f"{word} as {role}: {said}"


def _refusals(role: Role) -> list[str]:
    told = (rule(one_of(role)) for rule in rules_of_person().values())
    return [wording("en", "UTC")(one) for one in told if isinstance(one, Text)]


def _rows(company: TradingDesk) -> dict[str, list[Any]]:
    """What stands in each table, but for those of the messages themselves."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ON_THE_ROAD]
    with company.desk.database.read() as work:
        return {table.name: list(work.connection.execute(select(table))) for table in tables}
