"""One's own settings: language, zone, and where notices go."""

import pytest

from crm.core.text import T
from crm.people.people import Member
from crm.people.reach import private_chats, tell
from tests.bot.trading_desk import LI, TradingDesk


async def link_again(company: TradingDesk, person: Member) -> None:
    """The same person on another platform, used after the first."""
    with company.desk.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO chats (platform, external_id, is_private, last_inbound_at) "
            f"VALUES ('slack', 'D1', {'TRUE'}, '2026-03-05 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO chat_identities (platform, account_id, person_id, chat_id, linked_at) "
            f"SELECT 'slack', 'U1', {person.id}, id, '2026-03-05 00:00:00' FROM chats WHERE external_id = 'D1'"
        )


def first_chat(company: TradingDesk, person: Member) -> str:
    """Where a notice goes now, by platform."""
    with company.desk.database.read() as work:
        chat = private_chats(work, person_id=person.id)[0]
    return str(company.desk.rows("SELECT platform FROM chats WHERE id = :chat", chat=chat)[0].platform)


async def test_notices_go_where_one_says(company: TradingDesk) -> None:
    li = company.trade.rep
    await link_again(company, li)
    assert "Notices go to: the platform used last" in (await company.say(LI, "/settings")).lines
    assert company.last(LI).labels == ["中文", "Working time", "Notices: Slack", "Notices: test"]
    await company.press(LI, "Notices: test")
    assert company.last(LI).lines[0].startswith("Your notices go to test now.")
    assert first_chat(company, li) == "test"
    await company.say(LI, "/settings notify slack")
    assert first_chat(company, li) == "slack"
    company.desk.write(lambda work: tell(work, person_id=li.id, text=T("Settings")))
    row = company.desk.rows("SELECT chats.platform FROM outbox JOIN chats ON chats.id = chat_id ORDER BY outbox.id")[-1]
    assert row.platform == "slack"
    assert "Notices go to: Slack" in (await company.say(LI, "设置")).lines
    await company.say(LI, "设置 通知 最近")
    assert company.desk.rows("SELECT notify_on FROM people WHERE name = 'Li'")[0].notify_on is None
    history = company.desk.rows("SELECT changes FROM history WHERE entity = 'person' AND act = 'changed' ORDER BY id")
    assert ["notify_on" in str(row.changes) for row in history] == [True, True, True]


@pytest.mark.parametrize("where", ["telegram", "nowhere", "slack"])
async def test_one_must_be_linked_there(small_company: TradingDesk, where: str) -> None:
    shown = await small_company.say(LI, f"/settings notify {where}")
    assert shown.text == "You are not linked there. Ask your administrator for a code first."


async def test_what_is_not_understood_shows_a_right_one(small_company: TradingDesk) -> None:
    assert "settings notify telegram" in (await small_company.say(LI, "/settings notify")).text
    assert "settings notify last" in (await small_company.say(LI, "/settings dance")).text


async def test_one_platform_leaves_nothing_to_choose(small_company: TradingDesk) -> None:
    assert (await small_company.say(LI, "/settings")).labels == ["中文", "Working time"]
