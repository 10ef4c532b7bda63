"""In a channel: answered where it was asked, for the asker's eyes alone; over both ways in which Slack delivers."""

from datetime import date

import pytest

from bot.cards.keys import Keys
from crm.people.identities import tie
from crm.people.people import Role
from tests.bot.platforms.slack.running import Tradewind
from tests.conftest import MakePerson
from tests.counterparts.slack import Person, SlackCounterpart
from tests.crm.orders.trading import Trade

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"])


def test_a_command_is_answered_there_for_its_asker_alone(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    room = slack.channel("C1")
    here = li.at("C1")
    li.command("/crm", "", channel="C1")
    here.wait_for("settings")
    li.command("/crm", "/HELP", channel="C1")
    slack.wait_until(lambda: len(here.ephemerals()) == 2)
    assert room.messages() == []
    assert li.messages() == []
    assert len(slack.calls_of("conversations.open")) == 1


def test_buttons_there_go_on_there(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    slack.channel("C1")
    here = li.at("C1")
    li.command("/crm", "help", channel="C1")
    shown = here.wait_for("settings")
    li.press("deals", ts=shown.ts)
    here.wait_for("no open deals")
    assert li.messages() == []


def test_a_form_opens_there_and_is_answered_in_the_direct_conversation(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.channel("C1")
    li.command("/crm", "lead", channel="C1")
    li.open_view()
    li.fill({"Company": "Ernst", "Contact": "Anna", "Source": "Exhibition", "Product need": "mugs"})
    li.submit()
    li.wait_closed()
    li.wait_for("Ernst")
    assert len(tradewind.leads()) == 1


def test_a_conversation_begun_by_a_mention_is_offered_as_a_form(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.channel("C1")
    here = li.at("C1")
    li.mention("C1", "lead")
    invitation = here.wait_for(lambda message: "Continue" in message.buttons)
    li.press("Continue", ts=invitation.ts)
    assert li.open_view().title == "New lead"
    li.say("help")  # in their own conversation nothing is asked
    assert "settings" in li.wait_for(lambda message: message.from_bot).shown


def test_where_we_are_no_member_the_answer_comes_in_the_direct_conversation(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.channel("C2", has_bot=False)
    wang = slack.user("U9", real_name="Wang")
    for place in ("C2", wang.channel_id):  # a channel without us; two people's own conversation
        seen = len(li.messages())
        li.command("/crm", "help", channel=place)
        slack.wait_until(lambda seen=seen: len(li.messages()) > seen)
        li.press("deals")
        li.wait_for("no open deals")
    assert wang.messages() == []


def test_a_channel_without_us_is_given_to_a_team_once_we_are_invited(
    slack: SlackCounterpart, tradewind: Tradewind, make_person: MakePerson
) -> None:
    boss = make_person("Zhao", Role.SUPERVISOR, team="North", at=tradewind.database)
    zhao = slack.user("U5", real_name="Zhao", locale="en-GB")
    with tradewind.database.write() as work:
        tie(work, platform="slack", account_id=zhao.id, person_id=boss.id, chat_id=None)
    slack.channel("C2", has_bot=False)
    zhao.command("/crm", "settings", channel="C2")
    told = zhao.wait_for("Invite me there first")
    assert told.buttons == ()
    with slack.workspace.changed:
        slack.workspace.channels["C2"].has_bot = True
    zhao.command("/crm", "settings", channel="C2")
    shown = zhao.at("C2").wait_for("belongs to no team")
    zhao.press("North", ts=shown.ts)
    zhao.at("C2").wait_for("belongs to team North now")


def test_a_card_for_everybody_is_pressed_in_the_channel(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.say("help")
    room = slack.channel("C1")
    tom = slack.user("U7", real_name="Tom", locale="en-US")
    card = slack.workspace  # posted by ourselves, with a key sealed for the channel
    keys = Keys("k" * 40)
    with card.changed:
        posted = card.post(
            card.channels["C1"],
            user=slack.bot_user,
            text="card",
            blocks=[
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": f"press:{number}",
                            "text": {"type": "plain_text", "text": label},
                            "value": keys.seal(action, platform="slack", chat_id="C1"),
                        }
                        for number, (label, action) in enumerate((("Open", "verb:deals"), ("Gone", "lead.open:99")))
                    ],
                }
            ],
        )
    li.press("Open", ts=posted.ts)
    answer = li.at("C1").wait_for("no open deals")
    li.press("New deal", ts=answer.ts)
    assert li.open_view().title == "New deal"
    li.close()
    li.press("Gone", ts=posted.ts)
    li.at("C1").wait_for("There is no lead")
    tom.press("Open", ts=posted.ts)
    tom.at("C1").wait_for("not linked")
    assert [message.ts for message in room.messages()] == [posted.ts]


def test_what_is_said_in_passing_reaches_who_pressed_elsewhere(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.channel("C1")
    here = li.at("C1")
    li.command("/crm", "help", channel="C1")
    shown = here.wait_for("settings")
    slack.fail_next("chat.postEphemeral", error="not_in_channel", times=1)
    li.press("deals", ts=shown.ts)
    li.wait_for("no open deals")


def test_an_order_is_decided_in_the_teams_channel(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, make_person: MakePerson
) -> None:
    trade = Trade(tradewind.database, make_person)
    room = slack.channel("C1", name="north")
    zhao = slack.user("U5", real_name="Zhao", locale="en-GB")
    with tradewind.database.write() as work:
        tie(work, platform="slack", account_id=zhao.id, person_id=trade.boss.id, chat_id=None)
    zhao.say("help")
    zhao.wait_for("settings")
    zhao.command("/crm", "settings", channel="C1")
    asked = zhao.at("C1").wait_for(lambda message: "North" in message.buttons)
    zhao.press("North", ts=asked.ts)
    zhao.at("C1").wait_for("belongs to team North now")
    trade.submit(trade.draft(delivery_on=date(2099, 5, 1)))
    card = room.wait_for("SO-2026-0001")
    assert "margin" not in card.shown.lower()
    li.say("help")
    li.press("✅ Approve", ts=card.ts)
    slack.wait_until(li.at("C1").ephemerals)
    assert "✓ Sales supervisor" not in room.messages()[-1].shown
    zhao.press("✅ Approve", ts=card.ts)
    room.wait_for("✓ Sales supervisor: Zhao")
    zhao.at("C1").wait_for("decided. Next: Finance")
    assert [message.ts for message in room.messages()] == [card.ts]


def test_slack_in_trouble_only_delays_the_answer(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    slack.channel("C1")
    slack.fail_next("chat.postEphemeral", error="ratelimited", retry_after=1)
    slack.fail_next("chat.postEphemeral", status=500)
    slack.drop_next("chat.postEphemeral", after_effect=False)
    li.command("/crm", "help", channel="C1")
    li.at("C1").wait_for("settings")
    assert len(li.at("C1").ephemerals()) == 1
    assert li.messages() == []
