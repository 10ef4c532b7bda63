"""A supervisor gives a single lead to somebody else of the team; both hear of it once, and it can be taken back."""

from functools import partial

import pytest

from crm.people.people import Role
from crm.sales.leads.pool import release_lead
from tests.bot.trading_desk import CHEN, LI, XU, ZHAO, TradingDesk
from tests.conftest import MakeLead, MakePerson

QIAN, GUO = "Qian", "Guo"


@pytest.fixture
async def team(company: TradingDesk, make_person: MakePerson) -> TradingDesk:
    """Qian sells beside Li in the team; Guo in another one."""
    await company.link(make_person(QIAN, Role.REP, team="North"), make_person(GUO, Role.REP, team="South"))
    return company


def _owners(company: TradingDesk) -> list[str | None]:
    rows = company.desk.rows(
        "SELECT people.name FROM leads LEFT JOIN people ON people.id = leads.owner_id ORDER BY leads.id"
    )
    return [row.name for row in rows]


async def _reassign(company: TradingDesk, account: str, to: str) -> None:
    await company.say(account, "/lead L-1")
    await company.press(account, "Reassign")
    await company.say(account, to)


async def test_reassigned_and_taken_back(team: TradingDesk, make_lead: MakeLead) -> None:
    company = team
    make_lead(company.trade.rep, company="Huis & Haard")
    await company.say(ZHAO, "/lead L-1")
    await company.press(ZHAO, "Reassign")
    question = company.last(ZHAO)
    assert question.lines[-1].startswith("New owner")
    assert QIAN in question.labels
    assert not {LI, GUO} & set(question.labels)
    await company.press(ZHAO, QIAN)
    done = company.last(ZHAO)
    assert done.text == "Lead L-1 is Qian's now."
    assert done.labels == ["Open", "Undo"]
    assert _owners(company) == [QIAN]
    assert company.last(QIAN).text == "Zhao has reassigned lead L-1 Huis & Haard to you, from Li."
    assert company.last(LI).text == "Zhao has reassigned your lead L-1 Huis & Haard to Qian."
    planned = company.desk.rows("SELECT DISTINCT person_id FROM planned_follow_ups")
    assert [row.person_id for row in planned] == [
        row.id for row in company.desk.rows("SELECT id FROM people WHERE name = 'Qian'")
    ]
    entries = company.desk.rows("SELECT act, person_id FROM history WHERE entity = 'lead' ORDER BY id")
    assert [(entry.act, entry.person_id) for entry in entries][1:] == [("reassigned", company.trade.boss.id)]
    await company.press(ZHAO, "Undo")
    assert _owners(company) == [LI]
    assert [row.person_id for row in company.desk.rows("SELECT DISTINCT person_id FROM planned_follow_ups")] == [
        company.trade.rep.id
    ]
    assert "taken back" in await company.press(ZHAO, "Undo", on=done)
    assert company.notices(QIAN, "reassigned lead L-1") == 1
    assert company.notices(LI, "reassigned your lead") == 1


async def test_only_within_the_team_and_only_by_its_supervisor(team: TradingDesk, make_lead: MakeLead) -> None:
    company = team
    make_lead(company.trade.rep, company="Huis & Haard")
    await company.say(LI, "/lead L-1")
    assert "Reassign" not in company.last(LI).labels
    await company.say(CHEN, "/lead L-1")
    assert "Reassign" not in company.last(CHEN).labels
    await _reassign(company, ZHAO, GUO)
    assert "Guo is not in your team" in company.last(ZHAO).text
    assert _owners(company) == [LI]
    await _reassign(company, XU, GUO)
    assert _owners(company) == [GUO]


async def test_a_button_that_held_once_holds_no_more(team: TradingDesk, make_lead: MakeLead) -> None:
    company = team
    make_lead(company.trade.rep, company="Huis & Haard")
    await company.say(ZHAO, "/lead L-1")
    card = company.last(ZHAO)
    await company.say(XU, "/people roles Zhao rep")
    await company.press(ZHAO, "Reassign", on=card)
    assert company.last(ZHAO).lines[-1].startswith("New owner") is False
    assert _owners(company) == [LI]


async def test_out_of_the_pool_a_plan_begins(team: TradingDesk, make_lead: MakeLead) -> None:
    company = team
    lead = make_lead(company.trade.rep, company="Huis & Haard")
    company.desk.write(partial(release_lead, actor=company.trade.rep, platform="test", lead_id=lead))
    await _reassign(company, ZHAO, QIAN)
    assert _owners(company) == [QIAN]
    assert len(company.desk.rows("SELECT day FROM planned_follow_ups")) == 3
    assert company.last(QIAN).text == "Zhao has reassigned lead L-1 Huis & Haard to you, from the pool."
    await company.press(ZHAO, "Undo")
    assert _owners(company) == [None]
    assert company.desk.rows("SELECT day FROM planned_follow_ups") == []
    assert company.desk.rows("SELECT next_follow_up_at FROM leads")[0].next_follow_up_at is None


async def test_a_closed_lead_stays_where_it_is(team: TradingDesk, make_lead: MakeLead) -> None:
    company = team
    make_lead(company.trade.rep, company="Huis & Haard")
    await company.say(ZHAO, "/lead L-1")
    card = company.last(ZHAO)
    await company.press(ZHAO, "Reassign", on=card)
    company.desk.write(lambda work: work.connection.exec_driver_sql("UPDATE leads SET status = 'disqualified'"))
    await company.say(ZHAO, QIAN)
    assert "That can't be done any more." in company.last(ZHAO).text
    assert _owners(company) == [LI]
