"""What people do in Telegram besides typing: they follow links, share cards and words, answer, wait."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.inbound import CONTACT, FORWARD, Inbound
from crm.core.database import Database
from crm.people.people import Member, Role
from crm.sales.leads.leads import LeadDetails, log_lead
from tests.bot.platforms.telegram.acting import code_for, link_by_code, says
from tests.bot.platforms.telegram.office import Open, locked, until
from tests.conftest import MakePerson
from tests.counterparts.telegram import TelegramCounterpart

# — linking and links —


async def test_a_code_by_link_works_once(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson
) -> None:
    li, other = telegram.user(5, language_code="en"), telegram.user(6, language_code="en")
    code = code_for(database, make_person("Li Na"))
    async with office():
        await says(li, f"/start {code}", "Welcome. You are linked as Li Na.")
        await says(other, f"/start {code}", "This code does not work.")
        for _ in range(4):
            await says(other, "/start WRON-GWRO-NGWR", "This code does not work.")
        await says(other, f"/start {code_for(database, make_person('Wang'))}", "Too many tries.")


async def test_the_administrator_sees_how_a_code_is_used(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson
) -> None:
    xu, li = telegram.user(6, language_code="en"), telegram.user(5, language_code="en")
    make_person("Li Na")
    async with office():
        await link_by_code(database, xu, make_person("Xu", Role.ADMIN))
        shown = await says(xu, "/people code li na", "The code for Li Na")
        code = shown.text.splitlines()[0].rsplit(" ", 1)[1]
        assert shown.text.splitlines()[1] == f"Telegram: https://t.me/tradewind_bot?start={code}"
        assert "Slack" not in shown.text
        await says(li, f"/start {code}", "Welcome. You are linked as Li Na.")


async def test_a_link_opens_a_record_for_those_who_may(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson
) -> None:
    li, wang, nobody = (telegram.user(number, language_code="en") for number in (5, 6, 7))
    async with office():
        person = make_person("Li")
        await link_by_code(database, li, person)
        await link_by_code(database, wang, make_person("Wang"))
        lead = _lead(database, person)
        await says(li, f"/start lead-{lead}", "Ernst Handel")
        refused = await says(wang, f"/start lead-{lead}", "lead")
        unknown = await says(wang, "/start lead-99", "lead")
        assert refused.text.replace(str(lead), "99") == unknown.text.replace(str(lead), "99")
        assert "Ernst" not in refused.text
        for _ in range(6):  # following a link is no try at a code
            await says(nobody, f"/start lead-{lead}", "This account is not linked yet.")
        await says(nobody, f"/start {code_for(database, make_person('Zhou'))}", "Welcome.")


# — what is shared —


async def test_a_contact_card(telegram: TelegramCounterpart, office: Open, seen: list[Inbound]) -> None:
    li = telegram.user(5, language_code="en")
    card = "BEGIN:VCARD\r\nORG:Ernst \r\n Handel\\, Graz;Sales\r\nitem1.EMAIL;TYPE=WORK:r@ernst.at\r\nEND:VCARD"
    async with office():
        li.share_contact("43316123456", "Roland", last_name="Mendel", user_id=77, vcard=card)
        li.share_contact("0316 123456", "Anna")
        await until(lambda: len(seen) == 2)
    assert [(one.kind, one.values) for one in seen] == [
        (
            CONTACT,
            {"name": "Roland Mendel", "phone": "+43316123456", "company": "Ernst Handel, Graz", "email": "r@ernst.at"},
        ),
        (CONTACT, {"name": "Anna", "phone": "0316 123456"}),
    ]


@pytest.mark.parametrize(
    ("origin", "author"),
    [
        ({"type": "user", "sender_user": {"id": 9, "is_bot": False, "first_name": "H", "last_name": "M"}}, "H M"),
        ({"type": "hidden_user", "sender_user_name": "Hans"}, "Hans"),
        ({"type": "chat", "sender_chat": {"id": -9, "type": "supergroup", "title": "Buyers"}}, "Buyers"),
        ({"type": "channel", "chat": {"id": -9, "type": "channel", "title": "Prices"}, "message_id": 1}, "Prices"),
        (
            {"type": "channel", "chat": {"id": -9, "type": "channel", "title": "P"}, "author_signature": "Ann"}
            | {"message_id": 1},
            "Ann",
        ),
    ],
)
async def test_a_forwarded_message(
    telegram: TelegramCounterpart, office: Open, seen: list[Inbound], origin: dict[str, Any], author: str
) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        li.say("/lead is what they wrote", forwarded_from={**origin, "date": 1_770_000_000})
        await until(lambda: bool(seen))
        await asyncio.to_thread(li.wait_for, "not linked yet")
    assert (seen[0].kind, seen[0].text) == (FORWARD, "/lead is what they wrote")
    assert seen[0].values == {"author": author, "said_at": "2026-02-02T02:40:00+00:00"}


async def test_a_reply_says_to_which_message(
    telegram: TelegramCounterpart, office: Open, seen: list[Inbound], linked: Callable[[int], None]
) -> None:
    li, group = telegram.user(5, language_code="en"), telegram.group(-1001, "Sales")
    async with office():
        shown = await says(li, "hello", "not linked yet")
        li.say("yes", reply_to=shown)
        li.say("@tradewind_bot hello", chat=group)
        posted = await asyncio.to_thread(group.wait_for, "not linked yet")
        li.say("and this", chat=group, reply_to=posted)
        li.say("not for us", chat=group)
        await until(lambda: len(seen) == 4)
    assert [one.replies_to for one in seen] == [None, str(shown.id), None, str(posted.id)]
    assert seen[-1].chat_id == "-1001"


async def test_what_is_edited_is_left_alone(telegram: TelegramCounterpart, office: Open, seen: list[Inbound]) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        said = li.say("hello")
        await asyncio.to_thread(telegram.wait_confirmed, said)
        li.edits(said, "goodbye")
        await asyncio.to_thread(telegram.wait_confirmed, li.say("again"))
    assert [one.text for one in seen] == ["hello", "again"]


# — the typing sign —


async def test_long_work_shows_that_we_are_typing(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li, wang = telegram.user(5, language_code="en"), telegram.user(6, language_code="en")
    async with office() as here:
        await here.is_state("up")
        await says(wang, "hello", "not linked yet")
        with locked(database):
            li.say("hello")
            await until(lambda: li.chat.actions() == ["typing"])
            assert li.messages() == []
        await asyncio.to_thread(li.wait_for, "not linked yet")
    assert wang.chat.actions() == []


def _lead(database: Database, owner: Member) -> int:
    details = LeadDetails(company="Ernst Handel", contact="Roland", source="other", product_need="lamps")
    with database.write() as work:
        return log_lead(work, actor=owner, platform="test", details=details)
