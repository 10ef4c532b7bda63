"""Campaigns on their way: real mails to a real mail server on loopback, whatever it answers."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.config import Settings
from bot.mail import Postman, open_post
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM, history_of
from crm.core.rules import set_rule
from crm.people.people import Member, Role, disable_person
from crm.sales.campaigns import campaigns
from crm.sales.campaigns.audience import Audience, audience
from crm.sales.campaigns.blocks import blocks_of
from crm.sales.campaigns.campaigns import CampaignDetails
from crm.sales.campaigns.mailing import Fate, Letter, Outcome, claim_mails, mark_mail
from crm.sales.campaigns.results import opt_out
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.customers.contacts import Contact, insert_contact
from crm.sales.customers.customers import Customer, CustomerDetails, create_customer
from scheduler.campaigns import send_due
from tests.conftest import Clock, MakePerson
from tests.counterparts.mail import MailCounterpart

PUBLIC = "https://crm.tradewind.example"
_MAILS, _CAMPAIGNS, _CUSTOMERS, _CONTACTS = (one.table() for one in (CampaignMail, Campaign, Customer, Contact))


class House:
    """A rep with customers, and the post."""

    def __init__(self, database: Database, make_person: MakePerson, clock: Clock, mail: MailCounterpart) -> None:
        self.database, self.clock, self.mail = database, clock, mail
        self.make_person = make_person
        self.boss = make_person("Zhao", Role.SUPERVISOR, team="North", at=database)
        self.rep = make_person("Li", team="North", at=database)
        self.post = self.open_post()

    def open_post(self, name: str = "one") -> Postman:
        url = self.mail.url
        settings = Settings(_env_file=None, secret_key="k" * 32, smtp_url=url, public_url=PUBLIC)
        post = open_post(settings, name=name, clock=self.clock)
        assert post is not None
        return post

    def customer(self, name: str, email: str | None = None, *, owner: Member | None = None, **more: Any) -> int:
        told = CustomerDetails(**{"name": name, "contact": "Hans", "email": email, "country": "DE", **more})
        with self.database.write() as work:
            return create_customer(work, actor=owner or self.rep, platform="test", details=told)

    def prepare(self, actor: Member | None = None, **more: Any) -> int:
        told = {"name": "Spring", "subject": "For {company}", "text": "Dear {contact},\nnews.\n{rep}", **more}
        with self.database.write() as work:
            details = CampaignDetails(**told)
            return campaigns.prepare_campaign(work, actor=actor or self.rep, platform="test", details=details)

    def act(self, act: Callable[..., Any], campaign: int, actor: Member | None = None, **more: Any) -> Any:
        with self.database.write() as work:
            return act(work, actor=actor or self.rep, platform="test", campaign_id=campaign, **more)

    def start(self, actor: Member | None = None, **more: Any) -> int:
        campaign = self.prepare(actor, **more)
        self.act(campaigns.start_campaign, campaign, actor)
        return campaign

    def tick(self, post: Postman | None = None) -> int:
        return send_due(self.database, post or self.post)

    def pace(self, per_minute: str) -> None:
        with self.database.write() as work:
            set_rule(work, actor=SYSTEM, key="campaigns.mails_per_minute", value=per_minute)

    def mails(self) -> list[Any]:
        with self.database.read() as work:
            return list(work.connection.execute(select(_MAILS).order_by(_MAILS.c.id)))

    def states(self) -> list[str]:
        return [mail.status if mail.reason is None else mail.reason for mail in self.mails()]

    def campaign(self, campaign: int) -> Any:
        with self.database.read() as work:
            return work.connection.execute(select(_CAMPAIGNS).where(_CAMPAIGNS.c.id == campaign)).one()

    def audience(self, actor: Member | None = None, **segment: Any) -> Audience:
        with self.database.read() as work:
            return audience(work, actor=actor or self.rep, segment=segment)

    def change(self, statement: Any) -> None:
        with self.database.write() as work:
            work.connection.execute(statement)


@pytest.fixture
def mail() -> Iterator[MailCounterpart]:
    with MailCounterpart().up() as up:
        yield up


@pytest.fixture
def house(database: Database, make_person: MakePerson, clock: Clock, mail: MailCounterpart) -> House:
    return House(database, make_person, clock, mail)


# — what is sent —


def test_a_campaign_reaches_each_customer_once(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.customer("万通贸易", "wang@wantong.example", contact="王经理", country="CN")
    house.customer("No Mail Ltd")
    campaign = house.start(subject_zh="致{公司}", text_zh="{联系人}，您好！\n{业务员}")
    assert house.tick() == 2
    assert house.tick() == 0
    assert sorted(house.mail.recipients) == ["hans@ernst.example", "wang@wantong.example"]
    assert house.states() == ["sent", "sent", "no_email"]
    assert house.campaign(campaign).status == "done"
    first, second = house.mail.message(0), house.mail.message(1)
    assert first["Subject"] == "For Ernst Handel"
    assert second["Subject"] == "致万通贸易"
    assert "王经理，您好！\nLi" in second.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert str(first["From"]) == "Tradewind Trading <sales@tradewind.example>"


def test_the_mail_is_one_that_programs_understand(house: House) -> None:
    house.customer("Ernst <b>&</b> Handel", "hans@ernst.example")
    house.start(text="Dear {contact},\n\nsee https://tradewind.example/a?b=1&c=2.\n\n{company}")
    house.tick()
    message, raw = house.mail.message(), house.mail.taken[0][2].decode("ascii")
    link = message["List-Unsubscribe"].strip("<>")
    assert re.fullmatch(rf"{PUBLIC}/mail/opt-out/\d+\.[\w-]{{22}}", link)
    assert f"List-Unsubscribe: <{link}>\r\n" in raw
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Precedence"] == "bulk"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<campaign-\d+\.\d+@tradewind\.example>", message["Message-ID"])
    assert message["Date"].datetime == house.clock.now
    assert message.get_content_type() == "multipart/alternative"
    plain = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert link in plain
    assert f'href="{link}"' in html
    assert "Ernst &lt;b&gt;&amp;&lt;/b&gt; Handel" in html
    assert '<a href="https://tradewind.example/a?b=1&amp;c=2">' in html
    assert max(len(line) for line in raw.splitlines()) <= 998


@pytest.mark.parametrize(
    ("name", "contact"),
    [
        ("Evil\nBcc: all@example.com", "Hans\r\nBcc: all@example.com"),
        ("公司名称很长" * 30, "联系人" * 60),
        ('Quote " Ltd, <x@y.example>', 'Hans "the, man" <x@y.example>'),
        ("{rep}{contact}", "{company}"),
        ("\u2028line\u0085sep", "tab\there"),
    ],
)
def test_no_name_can_break_the_headers(house: House, name: str, contact: str) -> None:
    customer = house.customer("Ernst Handel", "hans@ernst.example")
    # Past the forms, which would not take it: an import of long ago, say.
    house.change(update(_CUSTOMERS).where(_CUSTOMERS.c.id == customer).values(name=name[:200]))
    house.change(update(_CONTACTS).where(_CONTACTS.c.customer_id == customer).values(name=contact[:200]))
    house.start(subject="{company} {contact}")
    house.tick()
    message = house.mail.message()
    assert house.mail.recipients == ["hans@ernst.example"]
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["hans@ernst.example"]
    assert message["Subject"] == " ".join(f"{name[:200]} {contact[:200]}".replace("\u2028", " ").split())
    assert message.defects == []
    assert all(header.defects == () for header in (message["To"], message["Subject"], message["From"]))


def test_a_name_that_looks_like_a_field_is_not_one(house: House) -> None:
    house.customer("{rep}", "hans@ernst.example")
    house.start(subject="To {company}")
    house.tick()
    assert house.mail.message()["Subject"] == "To {rep}"


# — the pace —


def test_no_more_leave_in_a_minute_than_the_rule_says(house: House) -> None:
    house.pace("10")
    for at in range(30):
        house.customer(f"Customer {at}", f"c{at}@example.com")
    house.start()
    sent = []
    for _ in range(36):
        sent.append(house.tick())
        house.clock.move(seconds=5)
    assert [sum(sent[:12]), sum(sent[:24]), sum(sent)] == [10, 20, 30]
    assert max(sent) == 1
    assert len(set(house.mail.recipients)) == 30


def test_two_who_claim_at_the_same_moment(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    clock: Clock,
    mail: MailCounterpart,
    wait_for_lock: Callable[[], None],
) -> None:
    house = House(open_database(postgres_url), make_person, clock, mail)
    house.customer("Ernst Handel", "hans@ernst.example")
    house.start()
    late: list[Letter] = []

    def claim() -> None:
        with house.database.write() as work:
            late.extend(claim_mails(work, seconds=5))

    other = threading.Thread(target=claim)
    with house.database.write() as work:
        assert len(claim_mails(work, seconds=5)) == 1
        other.start()
        wait_for_lock()
    other.join(10)
    assert late == []


def test_two_processes_send_each_mail_once(house: House) -> None:
    house.pace("6000")
    for at in range(20):
        house.customer(f"Customer {at}", f"c{at}@example.com")
    house.start()
    assert house.tick() == 20
    assert house.tick(house.open_post("two")) == 0
    assert len(house.mail.recipients) == 20


# — pause, stop, tests —


def test_paused_stopped_and_done(house: House) -> None:
    for at in range(3):
        house.customer(f"Customer {at}", f"c{at}@example.com")
    house.pace("1")
    campaign = house.start()
    house.tick()
    house.act(campaigns.pause_campaign, campaign)
    house.clock.move(minutes=5)
    assert house.tick() == 0
    with pytest.raises(Conflict):
        house.act(campaigns.pause_campaign, campaign)
    house.act(campaigns.resume_campaign, campaign)
    assert house.tick() == 1
    house.act(campaigns.stop_campaign, campaign)
    house.clock.move(minutes=5)
    assert house.tick() == 0
    assert house.states() == ["sent", "sent", "stopped"]
    with pytest.raises(Conflict):
        house.act(campaigns.resume_campaign, campaign)
    with pytest.raises(Conflict):
        house.act(campaigns.start_campaign, campaign)


def test_a_test_goes_to_oneself_and_counts_for_nothing(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    campaign = house.prepare()
    house.act(campaigns.order_test, campaign, email="li@tradewind.example")
    assert house.tick() == 1
    assert house.mail.recipients == ["li@tradewind.example"]
    assert house.mail.message()["Subject"] == "[Test] For Ernst Handel"
    assert house.campaign(campaign).status == "draft"
    with house.database.write() as work:
        assert opt_out(work, mail_id=house.mails()[0].id, platform="mail")
        assert campaigns.last_test_address(work, person_id=house.rep.id) == "li@tradewind.example"
    assert len(house.audience().readers) == 1
    house.act(campaigns.start_campaign, campaign)
    assert house.tick() == 1


# — what the server answers —


def test_an_address_that_is_not_there_is_never_mailed_again(house: House) -> None:
    customer = house.customer("Ernst Handel", "hans@ernst.example")
    house.customer("Second", "second@example.com")
    house.mail.answers["hans@ernst.example"] = ["550 5.1.1 no such user"]
    house.start()
    house.tick()
    assert house.states() == ["bounced", "sent"]
    with house.database.read() as work:
        assert [(row.email, row.reason) for row in blocks_of(work, customer_id=customer)] == [
            ("hans@ernst.example", "bounced")
        ]
        told = history_of(work, entity="customer", entity_id=customer)
        assert ("bounced", "550 5.1.1 no such user") in [(row.act, row.reason) for row in told]
    assert house.audience().reasons() == {"bounced": 1}
    with house.database.write() as work:
        insert_contact(work, customer_id=customer, name="Maria", is_main=False, email="maria@ernst.example")
    assert [one.email for one in house.audience().readers] == ["maria@ernst.example", "second@example.com"]


@pytest.mark.parametrize("said", ["552 5.2.2 mailbox full", "550 5.7.1 relaying denied", "554 5.7.1 spam"])
def test_who_is_merely_unwilling_is_asked_again_another_time(house: House, said: str) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.mail.answers["hans@ernst.example"] = [said]
    house.start()
    house.tick()
    assert house.states() == ["failed"]
    assert len(house.audience().readers) == 1


def test_later_means_later(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.mail.answers["hans@ernst.example"] = ["450 4.2.0 greylisted"] * 2
    campaign = house.start()
    house.tick()
    assert house.states() == ["waiting"]
    house.clock.move(minutes=4, seconds=59)
    assert house.tick() == 0
    house.clock.move(seconds=1)
    house.tick()
    assert house.states() == ["waiting"]
    house.clock.move(minutes=30)
    assert house.tick() == 1
    assert house.campaign(campaign).status == "done"


def test_what_is_refused_again_and_again_has_failed(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.mail.answers["hans@ernst.example"] = ["450 4.2.0 greylisted"] * 10
    campaign = house.start()
    for _ in range(10):
        house.tick()
        house.clock.move(days=2)
    assert house.states() == ["failed"]
    assert len(house.mail.answers["hans@ernst.example"]) == 4
    assert house.campaign(campaign).status == "done"


def test_a_server_that_is_down_is_waited_for(database: Database, make_person: MakePerson, clock: Clock) -> None:
    mail = MailCounterpart()
    with mail.up():
        house = House(database, make_person, clock, mail)
        house.customer("Ernst Handel", "hans@ernst.example")
        house.customer("Second", "second@example.com")
        house.pace("6000")
        campaign = house.start()
    for _ in range(12):
        assert house.tick() == 0
        clock.move(minutes=1)
    assert house.states() == ["waiting", "waiting"]
    assert house.campaign(campaign).trouble == "away"
    assert [row.attempts for row in house.mails()] == [0, 0]
    with mail.up():
        assert house.tick() == 2
    assert house.campaign(campaign).trouble is None


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [({"sender_answers": ["553 5.7.1 sender refused"]}, "sender"), ({"sender_answers": ["451 try later"]}, "away")],
)
def test_our_own_trouble_is_nobodys_bounce(house: House, answers: dict[str, list[str]], trouble: str) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.mail.sender_answers = list(answers["sender_answers"])
    campaign = house.start()
    house.tick()
    assert (house.states(), house.campaign(campaign).trouble) == (["waiting"], trouble)
    house.clock.move(minutes=1)
    assert house.tick() == 1


def test_a_login_that_is_refused_is_said(database: Database, make_person: MakePerson, clock: Clock) -> None:
    with MailCounterpart(user="sales", password="right").up() as mail:
        house = House(database, make_person, clock, mail)
        house.customer("Ernst Handel", "hans@ernst.example")
        campaign = house.start()
        mail.password = "wrong"
        house.tick()
        assert house.campaign(campaign).trouble == "login"
        mail.password = "right"
        clock.move(minutes=1)
        assert house.tick() == 1
        assert set(mail.logins) == {"sales"}


# — killed —


def test_who_dies_after_claiming_leaves_it_to_the_next(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.start()
    with house.database.write() as work:
        [letter] = claim_mails(work, seconds=5)
    first = house.post.send(letter)  # and killed before the mark
    assert first.fate == "sent"
    house.clock.move(minutes=4)
    assert house.tick() == 0
    house.clock.move(minutes=2)
    assert house.tick() == 1
    assert house.states() == ["sent"]
    assert house.mail.message(0)["Message-ID"] == house.mail.message(1)["Message-ID"]


# — asked again at the sending —


def test_what_changed_meanwhile_counts(house: House) -> None:
    other = house.make_person("Wang")
    given, opted, moved = (house.customer(name, f"{name}@example.com") for name in ("given", "opted", "moved"))
    house.start()
    house.change(update(_CUSTOMERS).where(_CUSTOMERS.c.id == given).values(owner_id=other.id))
    house.change(update(_CONTACTS).where(_CONTACTS.c.customer_id == moved).values(email="new@example.com"))
    with house.database.write() as work:
        opt_out(work, mail_id=house.mails()[1].id, platform="mail")
    house.tick()
    assert house.states() == ["not_theirs", "opted_out", "sent"]
    assert house.mail.recipients == ["new@example.com"]
    assert opted in {one.customer_id for one in house.audience().left_out}


def test_a_sender_who_has_left_sends_nothing(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    campaign = house.start()
    with house.database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=house.rep.id)
    assert house.tick() == 0
    assert house.campaign(campaign).status == "paused"
    assert house.mail.recipients == []


def test_stopped_or_paused_while_one_is_on_its_way(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.customer("Second", "second@example.com")
    stopped, paused = house.start(), house.start(name="Summer")
    with house.database.write() as work:
        letters = claim_mails(work, seconds=60)
    house.act(campaigns.stop_campaign, stopped)
    house.act(campaigns.pause_campaign, paused)
    with house.database.write() as work:
        for letter in letters:
            fate = Fate.SENT if letter.campaign_id == paused else Fate.LATER
            mark_mail(work, letter=letter, outcome=Outcome(fate))
    assert house.states() == ["stopped", "stopped", "sent", "sent"]
    assert [house.campaign(one).status for one in (stopped, paused)] == ["stopped", "done"]
    house.clock.move(days=1)
    assert house.tick() == 0


# — who may —


def test_a_rep_mails_their_own_and_a_supervisor_the_team(house: House) -> None:
    stranger = house.make_person("Wang", team="South")
    house.customer("Own", "own@example.com")
    foreign = house.customer("Foreign", "foreign@example.com", owner=stranger)
    pool = house.customer("Pool", "pool@example.com")
    house.change(update(_CUSTOMERS).where(_CUSTOMERS.c.id == pool).values(owner_id=None))
    assert [one.company for one in house.audience().readers] == ["Own"]
    assert [one.company for one in house.audience(house.boss).readers] == ["Own", "Pool"]
    gm = house.make_person("Chen", Role.GM)
    assert len(house.audience(gm).readers) == 3
    finance = house.make_person("Sun", Role.FINANCE)
    with pytest.raises(Forbidden):
        house.prepare(finance)
    campaign = house.prepare()
    with pytest.raises(NotFound):
        house.act(campaigns.start_campaign, campaign, stranger)
    assert foreign not in {one.customer_id for one in house.audience(house.boss).readers}


def test_one_address_gets_it_once(house: House) -> None:
    house.customer("One", "same@example.com")
    house.customer("Two", "same@example.com")
    third = house.customer("Three", "third@example.com")
    assert house.audience().reasons() == {"same_address": 1}
    house.start()
    house.change(update(_CONTACTS).where(_CONTACTS.c.customer_id == third).values(email="same@example.com"))
    house.tick()
    assert house.states() == ["sent", "same_address", "same_address"]
    assert house.mail.recipients == ["same@example.com"]


def test_nobody_to_write_to_is_no_campaign(house: House) -> None:
    house.customer("No Mail Ltd")
    with pytest.raises(Invalid):
        house.start()


# — segments —


def test_segments(house: House) -> None:
    a = house.customer("A", "a@example.com", tags=["Canton Fair 2026", "展会"])
    b = house.customer("B", "b@example.com", country="AT", tags=['with "quotes"'])
    house.change(update(_CUSTOMERS).where(_CUSTOMERS.c.id == a).values(grade="A"))

    def found(**segment: Any) -> list[int]:
        return [one.customer_id for one in house.audience(**segment).readers]

    assert found() == [a, b]
    assert found(grade=["A"]) == [a]
    assert found(grade=["A", "C"]) == [a, b]
    assert found(country=["AT"]) == [b]
    assert found(grade=["A"], country=["AT"]) == []
    assert found(tag=["canton fair 2026"]) == [a]
    assert found(tag=["展会"]) == [a]
    assert found(tag=['with "quotes"']) == [b]
    assert found(tag=["Canton"]) == []
    assert found(product=[1]) == []


def test_a_clock_set_back_holds_nothing_up_for_ever(house: House) -> None:
    house.customer("Ernst Handel", "hans@ernst.example")
    house.start()
    ahead = house.clock.now + timedelta(days=400)
    values = {"status": "sending", "lease_until": ahead, "tried_at": ahead, "attempts": 1}
    house.change(update(_MAILS).values(**values))
    assert house.tick() == 1
