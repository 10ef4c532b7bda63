"""Accounts whose direct conversation with us nobody has told us yet: looked up once, in time, and in nobody's way."""

import pytest

from crm.core import outbox
from crm.people.people import Role
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

CONNECTIONS = 32
"""To Slack's Web API, of one process."""


def test_who_has_talked_with_us_is_known_after_a_restart(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    """Also when Slack tells nothing at all."""
    li.say("help")
    li.wait_for("settings")
    tradewind.stop()
    tradewind.start()
    slack.fail_next("conversations.open", status=503, times=3)
    li.command("/crm", "lead")
    assert li.open_view().title == "New lead"
    assert slack.calls_of("conversations.open") == []


def test_a_conversation_that_could_not_be_reached_is_asked_for_anew(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.say("help")
    li.wait_for("settings")
    tradewind.stop()
    with tradewind.database.write() as work:
        outbox.mark_unreachable(work, chat_id=1)
    tradewind.start()
    li.command("/crm", "lead")
    li.open_view()
    assert [call.arguments["users"] for call in slack.calls_of("conversations.open")] == [li.id]


def test_slack_asking_to_wait_a_second_is_waited_for(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    slack.fail_next("conversations.open", error="ratelimited", retry_after=1)
    li.command("/crm", "lead")
    assert li.open_view().title == "New lead"
    assert len(slack.calls_of("conversations.open")) == 2


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_crowd_of_newcomers_is_in_nobodys_way(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    """While Slack keeps them all waiting, whoever is known is answered; and they are, once it has told."""
    li.say("help")
    li.wait_for("settings")
    crowd = [slack.user(f"U{100 + number}", locale="en-US") for number in range(CONNECTIONS + 8)]
    for person in crowd:
        tradewind.add(person, f"Rep {person.id}", roles=(Role.REP,))
    holds = [slack.hold_next("conversations.open", after_effect=False) for _ in crowd]
    waiting = [person.command("/crm", "lead", wait=False) for person in crowd]
    holds[0].reached()
    li.command("/crm", "lead")
    li.open_view()
    told = [delivery.wait(30).answer for delivery in waiting]
    assert all(answer is not None and "Nothing was saved" in answer["text"] for answer in told)
    for hold in holds:
        hold.release()
    slack.wait_call("conversations.open", count=len(crowd), timeout=30)
    for person in crowd:
        person.command("/crm", "lead", timeout=30)
        person.open_view(timeout=30)
