"""Many people at once: everybody is answered, each in the order of what they said."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

PEOPLE, MESSAGES = 50, 4


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_two_hundred_messages_of_fifty_people(slack: SlackCounterpart, tradewind: Tradewind, mode: str) -> None:
    slack.workspace.ack_seconds = 60.0
    people = [slack.user(f"U{100 + number}", real_name=f"Person {number}") for number in range(PEOPLE)]
    for person in people:
        tradewind.add(person, person.profile.real_name)

    def talk(person: Person) -> None:
        # Over HTTP each message is a request of its own, and Slack sends the next of a person once one is answered.
        for number in range(MESSAGES):
            person.say(f"find {person.id}-{number}", wait=mode == "http", timeout=60)

    with ThreadPoolExecutor(PEOPLE) as crowd:
        list(crowd.map(talk, people))
    for person in people:
        person.wait_for(f"{person.id}-{MESSAGES - 1}”", timeout=60)
        answers = [message.shown for message in person.messages() if message.from_bot]
        assert [f"{person.id}-{number}" in answer for number, answer in enumerate(answers)] == [True] * MESSAGES
