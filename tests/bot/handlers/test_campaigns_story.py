"""An e-mail campaign as a rep lives through it: prepared, looked at, tested, sent, and what became of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.mail import Postman, open_post
from crm.core.database import Database
from crm.sales.customers.customers import CustomerDetails, create_customer
from scheduler.campaigns import send_due
from tests.bot.front_desk import Desk
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk, open_trading_desk
from tests.conftest import Clock, MakePerson
from tests.counterparts.mail import MailCounterpart

TEXTS = ("News for {company}", "Dear {contact},\n\nnew lamps.\n{rep}")
PREPARED = ("/campaign", "Spring lamps", "C", "Germany, Austria", "skip", "skip", *TEXTS)


class Mailing:
    """The desk, with a mail server behind it."""

    def __init__(self, company: TradingDesk, mail: MailCounterpart, clock: Clock) -> None:
        self.company, self.mail, self.clock = company, mail, clock
        self.desk = company.desk
        self.desk.settings.smtp_url = SecretStr(mail.url)
        self.post: Postman = self._post()
        for name, email in (("Alfreds", "maria@alfreds.example"), ("Blauer See", None)):
            self.add(name, email)

    def _post(self) -> Postman:
        settings = Settings(
            _env_file=None, secret_key="k" * 32, smtp_url=self.mail.url, public_url="https://crm.tradewind.example"
        )
        post = open_post(settings, name="one", clock=self.clock)
        assert post is not None
        return post

    def add(self, name: str, email: str | None, **more: Any) -> None:
        told = CustomerDetails(**{"name": name, "contact": "Maria", "email": email, "country": "DE", **more})
        rep = self.company.trade.rep
        self.desk.write(lambda work: create_customer(work, actor=rep, platform="test", details=told))

    async def say(self, *words: str, account: str = LI) -> str:
        return (await self.company.say(account, *words)).text

    async def press(self, label: str, account: str = LI) -> str:
        return await self.company.press(account, label)

    async def tick(self) -> int:
        sent = send_due(self.desk.database, self.post)
        await self.desk.delivery.tick()
        await self.desk.delivery.settle()
        return sent

    def last(self, account: str = LI) -> str:
        return self.company.last(account).text

    def card(self, account: str = LI) -> str:
        return next(shown.text for shown in reversed(self.desk.room.chat(account)) if "Status:" in shown.text)


@pytest.fixture
def mail() -> Iterator[MailCounterpart]:
    with MailCounterpart().up() as up:
        yield up


@pytest.fixture
def mailing(company: TradingDesk, mail: MailCounterpart, clock: Clock) -> Mailing:
    return Mailing(company, mail, clock)


@pytest.fixture
async def small(
    sqlite: Database, open_desk: Callable[..., Desk], make_person: MakePerson, mail: MailCounterpart, clock: Clock
) -> Mailing:
    return Mailing(await open_trading_desk(open_desk(sqlite), make_person), mail, clock)


async def _prepare(mailing: Mailing) -> None:
    await mailing.say(*PREPARED)
    await mailing.press("Confirm")


async def test_from_the_first_word_to_the_results(mailing: Mailing) -> None:
    review = await mailing.say(*PREPARED)
    assert "Goes to: 1 customer" in review
    assert "Left out: 2 × no e-mail address" in review
    await mailing.press("Confirm")
    assert "Status: Draft" in mailing.card()
    await mailing.press("Preview")
    assert "Subject: News for Alfreds" in mailing.last()
    assert "Dear Maria,\n\nnew lamps.\nLi" in mailing.last()
    assert mailing.mail.taken == []
    await mailing.press("Send a test to myself")
    assert mailing.last().splitlines()[-1].startswith("Your e-mail")
    await mailing.say("no address")
    assert "wang@example.com" in mailing.last()
    await mailing.say("li@tradewind.example")
    assert await mailing.tick() == 1
    assert "The test was sent to li@tradewind.example." in mailing.last()
    await mailing.press("Start sending")
    assert "Send it to 1 customer?" in mailing.last()
    assert mailing.mail.recipients == ["li@tradewind.example"]
    await mailing.press("Confirm")
    assert "Status: Being sent" in mailing.card()
    assert "Sent: 0 of 1" in mailing.card()
    assert await mailing.tick() == 1
    assert mailing.mail.message()["Subject"] == "News for Alfreds"
    assert "Status: Sent" in mailing.card()
    assert "Sent: 1 of 1" in mailing.card()
    assert "The campaign “Spring lamps” has been sent." in mailing.last()
    await mailing.press("Results")
    assert "Alfreds · sent" in mailing.last()
    assert "Blauer See · left out: no e-mail address" in mailing.last()


async def test_started_twice_it_is_sent_once(small: Mailing) -> None:
    await _prepare(small)
    await small.press("Start sending")
    first = small.company.last(LI)
    await small.press("Start sending")
    await small.press("Confirm")
    await small.desk.press(LI, "Confirm", on=first)
    assert await small.tick() == 1
    assert await small.tick() == 0
    assert small.mail.recipients == ["maria@alfreds.example"]


async def test_paused_from_the_card_and_gone_on_with(small: Mailing) -> None:
    await _prepare(small)
    await small.press("Start sending")
    await small.press("Confirm")
    assert await small.press("Pause") == "“Spring lamps” is paused."
    assert await small.tick() == 0
    assert "Status: Paused" in small.card()
    await small.press("Go on sending")
    assert await small.tick() == 1


async def test_stopped_is_stopped(small: Mailing) -> None:
    await _prepare(small)
    await small.press("Start sending")
    await small.press("Confirm")
    await small.press("Stop sending")
    await small.press("Confirm")
    assert await small.tick() == 0
    assert "Status: Stopped" in small.card()
    assert "1 × stopped before their turn" in small.card()


async def test_a_draft_is_edited_and_thrown_away(small: Mailing) -> None:
    await _prepare(small)
    card = next(one for one in reversed(small.desk.room.chat(LI)) if "Throw away" in one.labels)
    await small.desk.press(LI, "Edit", on=card)
    assert "News for {company}" in small.last()
    await small.press("Edit")
    await small.press("Subject")
    await small.say("Lamps for {company}")
    await small.press("Confirm")
    assert "Country or region: Germany, Austria" in small.card()
    assert "Subject: Lamps for {company}" in small.card()
    assert small.desk.rows("SELECT count(*) AS n FROM campaigns")[0].n == 1
    await small.press("Throw away")
    await small.press("Confirm")
    assert "Status: Stopped" in small.card()


async def test_a_field_that_there_is_not_is_said_before_anything_is_kept(small: Mailing) -> None:
    await small.say("/campaign", "Spring", "skip", "skip", "skip", "skip", "Hello {name}", "text")
    await small.press("Confirm")
    assert "There is no field {name}. The fields are {contact}, {company}, {rep}." in small.last()
    assert small.desk.rows("SELECT count(*) AS n FROM campaigns")[0].n == 0


async def test_a_server_in_trouble_shows_on_the_card(small: Mailing) -> None:
    small.mail.sender_answers = ["553 5.7.1 not allowed"]
    await _prepare(small)
    await small.press("Start sending")
    await small.press("Confirm")
    await small.tick()
    assert "The mail server refuses our sender's address" in small.card()
    small.clock.move(minutes=1)
    await small.tick()
    assert "refuses" not in small.card()


async def test_without_a_mail_server_nothing_is_started(small: Mailing) -> None:
    small.desk.settings.smtp_url = SecretStr("")
    await _prepare(small)
    assert "TRADEWIND_SMTP_URL" in await small.press("Start sending")
    assert small.desk.rows("SELECT status FROM campaigns")[0].status == "draft"


async def test_who_may_and_who_sees(small: Mailing) -> None:
    await _prepare(small)
    await small.say("/campaign list", account=ZHAO)
    assert "Spring lamps · Draft" in small.last(ZHAO)
    await small.press("Spring lamps", account=ZHAO)
    assert "Prepared by Li" in small.card(ZHAO)
    await small.say("/campaign", account=SUN)
    assert "is for other roles" in small.last(SUN)


async def test_an_earlier_one_is_found_by_its_name(small: Mailing) -> None:
    await _prepare(small)
    await small.say("/campaign spring")
    assert "Status: Draft" in small.last()
    await small.say("邮件营销")
    await small.press("Earlier campaigns")
    assert "Spring lamps · Draft" in small.last()
