"""Two log one new company in the same instant: the second hears of the first, whichever way they come in."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.outbox import OutboxEntry
from crm.people.people import Member, Role
from crm.sales.collisions.collisions import collisions_at_logging
from crm.sales.collisions.holding import hold_lead, log_anyway
from crm.sales.collisions.intake import receive_lead
from crm.sales.leads.assignment_rules import NewRule, add_assignment_rule
from crm.sales.leads.leads import LeadDetails, log_lead
from tests.conftest import MakePerson
from tests.crm.sales.selling import at_once

NAMES = (("Vermeer", "万通"), ("Kristal", "鑫源"), ("Zeeland", "海润"), ("Donau", "博凯"), ("Tulpen", "恒达"))
ROUNDS = len(NAMES)


def _told(company: str, **more: str) -> LeadDetails:
    return LeadDetails(company=company, contact="Roland", source="website", product_need="lamps", **more)


PAIRS = [
    (_told("{word} & Zoon"), _told("Zoon und {word} GmbH")),
    (_told("深圳市{字}贸易有限公司"), _told("{字}贸易")),
    (_told("{word}", phone="+49309018{n}"), _told("Maan {字}", whatsapp="+49309018{n}")),
    (_told("{word}", email="jan@huis{n}.example"), _told("Planeet {字}", email="piet@huis{n}.example")),
]


def _of_round(details: LeadDetails, n: int) -> LeadDetails:
    word, han = NAMES[n]
    told = {name: getattr(details, name) for name in ("company", "phone", "whatsapp", "email")}
    filled = {"{word}": word, "{字}": han, "{n}": str(20 + n)}
    for mark, text in filled.items():
        told = {name: value and value.replace(mark, text) for name, value in told.items()}
    return _told(**{name: value for name, value in told.items() if value})


def _log(database: Database, rep: Member, details: LeadDetails, heard: list[str]) -> None:
    with database.write() as work:
        if collisions_at_logging(work, details=details):
            heard.append(rep.name)
            return
        log_lead(work, actor=rep, platform="test", details=details)


@pytest.mark.parametrize("pair", PAIRS, ids=["words", "chinese", "number", "domain"])
def test_of_two_reps_at_once_one_hears_of_the_other(
    database: Database, make_person: MakePerson, pair: tuple[LeadDetails, LeadDetails]
) -> None:
    li, qian = make_person("Li"), make_person("Qian")
    for n in range(ROUNDS):
        heard: list[str] = []
        one, other = (_of_round(details, n) for details in pair)
        at_once([partial(_log, database, li, one, heard), partial(_log, database, qian, other, heard)])
        assert len(heard) == 1


def test_the_second_waits_until_the_first_is_written(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    wait_for_lock: Callable[[], None],
) -> None:
    database, heard = open_database(postgres_url), list[str]()
    li, qian = make_person("Li", at=database), make_person("Qian", at=database)
    one, other = (_of_round(details, 0) for details in PAIRS[0])
    second = threading.Thread(target=_log, args=(database, qian, other, heard))
    with database.write() as work:
        assert not collisions_at_logging(work, details=one)
        log_lead(work, actor=li, platform="test", details=one)
        second.start()
        wait_for_lock()
        stranger = _told("Zonneschijn", phone="+4930123456")
        _log(database, qian, stranger, heard)  # whoever has nothing in common does not wait
    second.join(timeout=10)
    assert heard == ["Qian"]


def test_who_logs_anyway_is_told_of_too(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    wait_for_lock: Callable[[], None],
) -> None:
    database = open_database(postgres_url)
    li, qian = make_person("Li", at=database), make_person("Qian", at=database)
    one, other = (_of_round(details, 0) for details in PAIRS[0])
    with database.write() as work:
        held = hold_lead(work, actor=qian, platform="test", details=other)

    def settle() -> None:
        with database.write() as work:
            log_anyway(work, actor=qian, platform="test", lead_id=held)

    second = threading.Thread(target=settle)
    with database.write() as work:
        collisions_at_logging(work, details=one)
        log_lead(work, actor=li, platform="test", details=one)
        second.start()
        wait_for_lock()
    second.join(timeout=10)
    with database.read() as work:
        told = select(OutboxEntry.person_id).where(OutboxEntry.key.startswith("double:"))
        assert list(work.connection.execute(told).scalars()) == [li.id]


def test_two_inquiries_of_one_company_reach_one_owner(database: Database, make_person: MakePerson) -> None:
    admin = make_person("Xu", Role.ADMIN)
    people = [make_person(name, team="North") for name in ("Li", "Qian")]
    with database.write() as work:
        add_assignment_rule(work, actor=admin, platform=SYSTEM.platform, rule=NewRule(to="North"))
    owners: list[int | None] = []

    def receive(details: LeadDetails) -> None:
        with database.write() as work:
            received = receive_lead(work, details=details, platform="web", received_from="form")
        owners.append(received.owner_id)

    for n in range(ROUNDS):
        owners.clear()
        at_once([partial(receive, _of_round(details, n)) for details in PAIRS[3]])
        assert len(owners) == 2
        assert len(set(owners)) == 1
        assert owners[0] in {person.id for person in people}
