"""Fifty people write at the same time, and much of it arrives twice: each is answered in order, each message once."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversations.sessions import ConversationSession
from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.people.identities import tie
from crm.people.people import Person, Role, add_person
from crm.sales.leads.leads import Lead
from tests.counterparts.slack import Delivery, SlackCounterpart
from tests.counterparts.slack import Person as SlackPerson
from tests.counterparts.telegram import TelegramCounterpart, TelegramUser
from tests.scenarios.house import House

PEOPLE = 50
SEED = 20260302
PATIENCE = 60.0
ASKED = ["Contact", "Phone or e-mail", "Country or region", "Source"]
"""What each is asked, in this order, when they begin a lead and type three answers ahead."""


@pytest.fixture
def open_house(database_url: str, tmp_path: Path) -> Iterator[Callable[..., House]]:
    with ExitStack() as stack:

        def opened(**platforms: Any) -> House:
            return stack.enter_context(House(database_url, tmp_path, **platforms))

        yield opened


def test_two_hundred_updates_from_fifty_people_in_telegram(open_house: Callable[..., House]) -> None:
    chance = random.Random(SEED)
    with TelegramCounterpart() as telegram:
        house = open_house(telegram=telegram)
        _hire(house.database, "telegram", [str(1000 + number) for number in range(PEOPLE)])
        people = [telegram.user(1000 + number, language_code="en") for number in range(PEOPLE)]
        typed = {
            user.id: [f"/lead Company {user.id}", f"Contact {user.id}", f"+49 30 90{user.id:04d}", "Germany"]
            for user in people
        }
        updates: list[int] = []
        for user in _shuffled(chance, [user for user in people for _ in range(4)]):
            updates.append(user.say(typed[user.id].pop(0)))
            if len(updates) % 25 == 0 and len(updates) > 75:
                telegram.wait_confirmed(updates[-76], PATIENCE)  # only what was delivered can be delivered again
                for update in chance.sample(updates[:-75], 15):
                    telegram.redeliver(update)
        telegram.wait_until(lambda: _count(telegram) >= len(updates), PATIENCE)
        for update in chance.sample(updates, 20):
            telegram.redeliver(update)
        telegram.wait_confirmed(people[0].say("/cancel"))
        telegram.wait_until(lambda: _count(telegram) > len(updates), PATIENCE)
        asked = _asked(telegram)
        assert asked.pop(people[0].id)[:-1] == ASKED
        assert asked == {user.id: ASKED for user in people[1:]}
        assert {row["answers"]["company"]: row["answers"] for row in _drafts(house.database)} == {
            f"Company {user.id}": {
                "company": f"Company {user.id}",
                "contact": f"Contact {user.id}",
                "reach": {"phone": f"+493090{user.id:04d}"},
                "country": "DE",
            }
            for user in people
        }
        assert telegram.violations == []


def test_two_hundred_deliveries_from_fifty_people_in_slack(open_house: Callable[..., House]) -> None:
    """Each opens a form, hands it in, asks for their leads and opens the lead; every envelope comes again."""
    accounts = [f"U{number:03d}" for number in range(PEOPLE)]
    with SlackCounterpart() as slack, ThreadPoolExecutor(PEOPLE) as hands:
        slack.workspace.ack_seconds = PATIENCE
        house = open_house(slack=slack)
        _hire(house.database, "slack", accounts)
        people = [slack.user(account, locale="en-US") for account in accounts]
        list(hands.map(_log_and_look, people))
        delivered = [delivery for delivery in slack.deliveries if not _was_refused(delivery)]
        assert len(delivered) >= 4 * PEOPLE
        for delivery in random.Random(SEED).sample(delivered, len(delivered)):
            slack.redeliver(delivery.envelope_ids[0])
        slack.wait_until(lambda: all(one.sends > 1 for one in delivered), timeout=PATIENCE)
        list(hands.map(_look_again, people))  # behind everything that came again: a chat keeps its order
        with house.database.read() as work:
            leads = work.connection.execute(select(Lead.company, Person.name).join(Person, Person.id == Lead.owner_id))
            assert sorted(map(tuple, leads)) == [(f"Company {account}", f"Rep {account}") for account in accounts]
        for person, account in zip(people, accounts, strict=True):
            saved, listed, opened, again = (message.shown for message in person.messages() if message.from_bot)
            assert f"Company {account}" in saved
            assert "1 open lead" in listed
            assert f"Rep {account}" in opened
            assert "1 open lead" in again
        assert slack.violations == []


def _log_and_look(person: SlackPerson) -> None:
    until = time.monotonic() + PATIENCE
    while _was_refused(person.command("/crm", f"lead Company {person.id}", timeout=PATIENCE)):
        assert time.monotonic() < until, f"{person.id} is told again and again that nothing was saved"
    person.open_view(timeout=PATIENCE)
    person.fill({"Contact": "Roland", "Source": "Exhibition", "Product need": "500 LED panels"})
    person.submit(timeout=PATIENCE)
    person.wait_for("Saved lead", timeout=PATIENCE)
    person.say("leads", timeout=PATIENCE)
    listed = person.wait_for("1 open lead", timeout=PATIENCE)
    person.press(listed.buttons[0], timeout=PATIENCE)
    person.wait_for("Rep ", timeout=PATIENCE)


def _was_refused(delivery: Delivery) -> bool:
    """Whether the person was told to try again: a newcomer whom nobody knew, and Slack did not tell of in time."""
    return "Nothing was saved" in (delivery.answer or {}).get("text", "")


def _look_again(person: SlackPerson) -> None:
    after = person.messages()[-1].ts
    person.say("leads", timeout=PATIENCE)
    person.wait_for("1 open lead", timeout=PATIENCE, after=after)


def _hire(database: Database, platform: str, accounts: list[str]) -> None:
    with database.write() as work:
        for account in accounts:
            member = add_person(
                work,
                actor=COMMAND_LINE,
                name=f"Rep {account}",
                roles=[Role.REP],
                language="en",
                timezone="Asia/Shanghai",
            )
            tie(work, platform=platform, account_id=account, person_id=member.id, chat_id=None)


def _shuffled(chance: random.Random, people: list[TelegramUser]) -> list[TelegramUser]:
    chance.shuffle(people)
    return people


def _count(telegram: TelegramCounterpart) -> int:
    return len(telegram.calls("sendMessage")) + len(telegram.calls("editMessageText"))


def _asked(telegram: TelegramCounterpart) -> dict[int, list[str]]:
    """For every chat what was asked for in each message sent, and in each shown in place of another, in order."""
    asked: dict[int, list[str]] = {}
    shown = [*telegram.calls("sendMessage"), *telegram.calls("editMessageText")]
    for call in sorted(shown, key=lambda call: call.at):
        last = str(call.parameters["text"]).splitlines()[-1].removeprefix("<b>")
        label = next((label for label in ASKED if last.startswith(label)), last)
        asked.setdefault(call.parameters["chat_id"], []).append(label)
    return asked


def _drafts(database: Database) -> list[dict[str, Any]]:
    with database.read() as work:
        return list(work.connection.execute(select(ConversationSession.state)).scalars())
