"""A team's group: whose it is, the decision cards in it, and what is nobody else's to know."""

from decimal import Decimal
from typing import Any

from bot.inbound import PRESS, TEXT
from crm.people.people import Role
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import CHEN, LI, ORDER, SUN, TERMS, XU, ZHAO, TradingDesk
from tests.conftest import MakePerson

GROUP = "-100"
HIDDEN = ("Margin", "44.4", "Credit", "Cost", "Against list", "floor", "20,000 →", "1,000,000")


async def say(company: TradingDesk, account: str, words: str, **more: Any) -> str:
    """In the group; returns what stands there last."""
    await company.desk.say(account, words, chat_id=GROUP, is_private=False, **more)
    return company.last(GROUP).text if company.desk.room.chat(GROUP) else ""


async def press(company: TradingDesk, account: str, label: str, on: Shown | None = None) -> str:
    """A button in the group; returns the toast."""
    return (await company.desk.press(account, label, on=on, chat_id=GROUP, is_private=False)).toast


async def tied(company: TradingDesk) -> None:
    await say(company, ZHAO, "/settings")
    await press(company, ZHAO, "North")


def card(company: TradingDesk) -> Shown:
    return next(one for one in reversed(company.desk.room.chat(GROUP)) if "SO-2026" in one.lines[0])


def teams(company: TradingDesk) -> list[str]:
    query = "SELECT teams.name FROM team_chats JOIN teams ON teams.id = team_chats.team_id"
    return [row.name for row in company.desk.rows(query)]


# — whose it is —


async def test_a_supervisor_ties_the_chat_to_the_own_team(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person("Qian", Role.SUPERVISOR, team="South"))
    assert (await say(company, ZHAO, "/settings")).startswith("This chat belongs to no team.")
    assert company.last(GROUP).labels == ["North"]
    offered = company.last(GROUP)
    assert await press(company, ZHAO, "North") == "This chat belongs to team North now."
    assert teams(company) == ["North"]
    assert company.last(GROUP).text == "This chat belongs to team North now."
    refusal = "Only an administrator or the team's supervisor can say whose chat this is."
    assert await press(company, LI, "North", on=offered) == refusal
    await say(company, "Qian", "/settings")  # another team's: their own settings, in their own chat
    assert company.last("Qian").lines[0] == "Your settings"
    await say(company, XU, "/settings")
    offered = company.last(GROUP)
    assert offered.labels == ["South", "No team"]
    assert await press(company, "Qian", "South", on=offered) == refusal
    assert await press(company, XU, "No team", on=offered) == "This chat belongs to no team now."
    assert teams(company) == []
    history = company.desk.rows("SELECT person_id FROM history WHERE entity = 'chat' ORDER BY id")
    assert [row.person_id for row in history] == [company.trade.boss.id, company.trade.admin.id]


async def test_anybody_else_gets_the_own_settings_privately(small_company: TradingDesk) -> None:
    company = small_company
    shown = await say(company, LI, "/settings")
    assert shown == "Li, I have answered you in our own chat."
    assert company.last(LI).lines[0] == "Your settings"


async def test_in_a_channel_that_answers_each_alone(small_company: TradingDesk) -> None:
    """Slack: what is said in a channel comes with the person's own chat and the channel it is shown in."""
    company = small_company
    await company.desk.say(ZHAO, "/settings", shown_in="C1")
    assert company.last(ZHAO).lines[0] == "This chat belongs to no team."
    await company.desk.press(ZHAO, "North", shown_in="C1")
    assert company.last(ZHAO).text == "This chat belongs to team North now."
    row = company.desk.rows("SELECT external_id, is_private FROM chats JOIN team_chats ON chat_id = chats.id")[0]
    assert (row.external_id, bool(row.is_private)) == ("C1", False)


# — its decision cards —


async def test_the_card_in_the_group_tells_no_margin_cost_or_credit(company: TradingDesk) -> None:
    await tied(company)
    await company.order(quantity="1000", price="20")
    await company.approve(ZHAO, SUN)
    await company.order()
    shown = card(company)
    assert shown.lines[0] == "SO-2026-0002 Ernst Handel (C)"
    assert "Total: CNY 9,000" in shown.lines
    assert shown.labels == ["✅ Approve", "❌ Reject", "Send back", "Open"]
    said = company.everything(GROUP)
    assert [word for word in HIDDEN if word in said] == []


async def test_the_card_in_the_group_tells_nothing_of_floor_limit_and_deposit(company: TradingDesk) -> None:
    await tied(company)
    company.trade.set_limit("5000")
    company.trade.add_product("TEA", "Tea", price="20", cost="5", floor_price=Decimal(19))
    await company.say(LI, *("Tea" if words == "Chai" else words for words in ORDER), TERMS)
    await company.press(LI, "Submit")
    await company.approve(ZHAO)
    assert "under the floor" in company.card(SUN).text
    assert "Waiting for: Sun" in card(company).lines
    await company.press(SUN, "Larger deposit")
    await company.say(SUN, "50%")
    assert "Li has to accept a deposit of 50%" in company.card(SUN).lines
    assert "● Finance" in card(company).lines
    assert card(company).labels == ["Open"]  # nobody decides while the rep is asked
    await company.press(LI, "Decline condition")
    assert card(company).labels == ["✅ Approve", "❌ Reject", "Send back", "Open"]
    await company.press(SUN, "Override credit")
    await company.press(SUN, "A customer of many years")
    assert "✓ Finance: Sun, A customer of many years" in company.card(ZHAO).lines
    assert card(company).lines[-2:] == ("✓ Sales supervisor: Zhao", "✓ Finance: Sun")
    assert "Total: CNY 9,000" in card(company).lines
    said = company.everything(GROUP)
    hidden = (*HIDDEN, "deposit", "50%", "limit", "5,000", "4,000", "overdue", "condition", "many years")
    assert [word for word in hidden if word in said] == []


async def test_the_card_in_the_group_does_not_tell_why(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    await company.approve(ZHAO)
    await company.press(SUN, "Reject")
    await company.press(SUN, "The customer owes too much")
    assert "✗ Finance: Sun, The customer owes too much" in company.card(ZHAO).lines
    assert card(company).lines[-1] == "✗ Finance: Sun"
    assert "owes" not in company.everything(GROUP)


async def test_the_card_of_another_team_does_not_come(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    company.desk.write(lambda work: None)
    make_person("Qian", Role.SUPERVISOR, team="South", at=company.desk.database)
    await say(company, XU, "/settings")
    await press(company, XU, "South")
    await company.order()
    assert not any("SO-2026" in shown.text for shown in company.desk.room.chat(GROUP))


async def test_an_entitled_press_in_the_group_decides_for_all_copies(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    assert await press(company, ZHAO, "Approve") == "Order SO-2026-0001: decided. Next: Finance"
    assert "✓ Sales supervisor: Zhao" in company.card(ZHAO).lines
    assert "✓ Sales supervisor: Zhao" in card(company).lines
    assert await press(company, SUN, "Approve") == "Order SO-2026-0001: Approved"
    for shown in (card(company), company.card(ZHAO), company.card(SUN)):
        assert "✅ Approved" in shown.lines
        assert not any("Approve" in label for label in shown.labels)
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["ready"]


async def test_a_decision_made_privately_shows_in_the_group(small_company: TradingDesk) -> None:
    company = small_company
    await tied(company)
    await company.order()
    await company.approve(ZHAO, SUN)
    assert "✅ Approved" in card(company).lines
    assert card(company).labels == ["Open"]


async def test_a_rejection_asks_its_reason_in_the_approvers_own_chat(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    said = company.everything(GROUP)
    assert await press(company, ZHAO, "Reject") == "I have answered you in our own chat."
    assert company.last(ZHAO).lines[-1].startswith("Reason:")
    assert company.everything(GROUP) == said  # nothing of it there
    await company.press(ZHAO, "The price is too low")
    assert "❌ Rejected" in card(company).lines
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["rejected"]


async def test_the_others_are_told_why_not_in_passing(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    before = len(company.desk.room.calls)
    for account in (LI, SUN, CHEN, XU):
        for label in ("Approve", "Reject", "Send back"):
            assert await press(company, account, label)
    assert len(company.desk.room.calls) == before  # toasts, and nothing else
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["pending"]


async def test_a_stranger_learns_only_how_to_be_linked(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    ask = "Ask your administrator for a one-time code and send it to me in a private chat."
    how = f"This account is not linked yet. {ask}"
    for label in ("Approve", "Reject", "Open"):
        assert await press(company, "Mallory", label) == how
    before = company.everything(GROUP)
    await company.desk.take(company.desk.inbound("Mallory", TEXT, text="/approvals", chat_id=GROUP, is_private=False))
    assert company.everything(GROUP).removeprefix(before).strip() == how
    assert company.desk.room.chat("Mallory") == []
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["pending"]


async def test_open_sends_the_full_card_privately(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person("Qian", team="South"))
    await tied(company)
    await company.order()
    said = company.everything(GROUP)
    assert await press(company, SUN, "Open") == "I have answered you in our own chat."
    assert "Margin: 44.4%" in company.last(SUN).lines
    assert await press(company, LI, "Open") == "I have answered you in our own chat."
    assert "Margin" not in company.last(LI).text  # their own order, as they may see it
    seen = len(company.desk.room.chat("Qian"))
    assert await press(company, "Qian", "Open") == "There is no such order."
    assert len(company.desk.room.chat("Qian")) == seen
    assert company.everything(GROUP) == said


async def test_a_reply_to_the_card_in_the_group_is_a_note_on_the_order(company: TradingDesk) -> None:
    await tied(company)
    await company.order()
    shown = card(company)
    assert await say(company, ZHAO, "they pay late", replies_to=shown.ref) == "Noted for SO-2026-0001."
    notes = company.desk.rows("SELECT text, person_id FROM communications")
    assert [tuple(row) for row in notes] == [("SO-2026-0001: they pay late", company.trade.boss.id)]


async def test_a_reply_by_somebody_elses_colleague_writes_nothing(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    await tied(company)
    await company.order()
    await say(company, "Qian", "hello", replies_to=card(company).ref)
    assert company.last("Qian").text == "There is no such order."
    assert company.desk.rows("SELECT id FROM communications") == []


async def test_a_key_of_the_group_is_worth_nothing_elsewhere(small_company: TradingDesk) -> None:
    company = small_company
    await tied(company)
    await company.order()
    stolen = card(company).key("Approve")
    receipt = await company.desk.take(company.desk.inbound(ZHAO, PRESS, button=stolen))
    assert receipt.toast == "That button is not one of ours, or it is for another chat."
