"""Mails of a campaign among several processes, slow servers and dead workers: each leaves once, and it ends."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from sqlalchemy import select

from crm.core.database import Database
from crm.core.history import SYSTEM, history_of
from crm.core.outbox import OutboxEntry
from crm.core.rules import set_rule
from crm.people.people import Member, Role, disable_person
from crm.sales.campaigns.campaigns import (
    CARD,
    CampaignDetails,
    count_mails,
    prepare_campaign,
    start_campaign,
    stop_campaign,
)
from crm.sales.campaigns.mailing import Fate, Letter, Outcome, claim_mails, mark_mail
from crm.sales.campaigns.rows import Campaign
from crm.sales.customers.customers import CustomerDetails, create_customer
from scheduler.campaigns import send_due
from tests.conftest import Clock, MakePerson


def campaign(database: Database, rep: Member, many: int) -> int:
    with database.write() as work:
        by: dict[str, Any] = {"actor": rep, "platform": "test"}
        for number in range(many):
            told = CustomerDetails(name=f"C{number}", contact="H", email=f"h{number}@c{number}.example", country="DE")
            create_customer(work, **by, details=told)
        details = CampaignDetails(name="Spring", subject="x", text="y")
        campaign_id = prepare_campaign(work, **by, details=details)
        start_campaign(work, **by, campaign_id=campaign_id)
    return campaign_id


def status(database: Database) -> str:
    with database.read() as work:
        return str(work.connection.execute(select(Campaign.status)).scalar_one())


class Post:
    """A mail server's other end: each mail takes it `seconds`; `then` is done after each, told how many it has."""

    is_closing = False

    def __init__(self, name: str, clock: Clock, seconds: int, then: Callable[[int], object] | None = None) -> None:
        self.name, self._clock, self._seconds, self._then = name, clock, seconds, then
        self.sent: list[str] = []

    def send(self, letter: Letter) -> Outcome:
        self._clock.move(seconds=self._seconds)
        self.sent.append(letter.to)
        if self._then is not None:
            self._then(len(self.sent))
        return Outcome(Fate.SENT)

    def hang_up(self) -> None: ...


def test_a_slow_server_gets_no_mail_twice(database: Database, make_person: MakePerson, clock: Clock) -> None:
    rep = make_person("Li")
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key="campaigns.mails_per_minute", value="600")
    campaign(database, rep, 40)
    other = Post("two", clock, 0)
    slow = Post("one", clock, 10, lambda sent: send_due(database, other) if sent == 31 else None)
    send_due(database, slow)
    both = slow.sent + other.sent
    assert (len(both), len(set(both))) == (40, 40)


def test_the_last_two_mails_end_it(postgres_url: str, open_database: Any, make_person: MakePerson) -> None:
    database = open_database(postgres_url)
    campaign(database, make_person("Li", at=database), 2)
    with database.write() as work:
        first, second = claim_mails(work, seconds=60)

    def mark() -> None:
        with database.write() as work:
            mark_mail(work, letter=second, outcome=Outcome(Fate.SENT))

    elsewhere = Thread(target=mark)
    with database.write() as work:
        mark_mail(work, letter=first, outcome=Outcome(Fate.SENT))
        elsewhere.start()
        elsewhere.join(0.5)  # it waits for our commit, or would be through by now
    elsewhere.join()
    assert status(database) == "done"


def test_a_stopped_campaign_has_nothing_under_way_for_ever(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    rep = make_person("Li")
    campaign_id = campaign(database, rep, 2)
    with database.write() as work:
        assert len(claim_mails(work, seconds=60)) == 2  # and the process dies
    with database.write() as work:
        stop_campaign(work, actor=rep, platform="test", campaign_id=campaign_id)
    clock.move(hours=2)
    post = Post("two", clock, 0)
    send_due(database, post)
    assert post.sent == []
    with database.read() as work:
        assert "sending" not in count_mails(work, campaign_id=campaign_id)


def test_that_a_campaign_has_stopped_by_itself_is_told_once(database: Database, make_person: MakePerson) -> None:
    rep, administrator = make_person("Li"), make_person("Xu", Role.ADMIN)
    campaign_id = campaign(database, rep, 2)
    with database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=rep.id)
    for _ in range(2):
        with database.write() as work:
            assert claim_mails(work, seconds=60) == []
    assert status(database) == "paused"
    with database.read() as work:
        acts = [entry.act for entry in history_of(work, entity=CARD, entity_id=campaign_id)]
        keys = work.connection.execute(select(OutboxEntry.key)).scalars().all()
    assert acts.count("paused") == 1
    assert [key for key in keys if key and ":paused:" in key] == [
        f"campaign:{campaign_id}:paused:{rep.id}:{administrator.id}"
    ]
