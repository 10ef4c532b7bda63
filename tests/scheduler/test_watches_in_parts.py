"""Watches that find very much, and one that fails: others may write in between, and nobody hears of it twice."""

from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.outbox import OutboxEntry
from crm.core.rules import set_rule
from crm.core.said import Said
from crm.core.text import T
from crm.people import watching
from crm.people.watching import Watch, as_list, tell_news
from crm.sales.leads.leads import Lead
from crm.sales.leads.untouched import ABOUT_TO_GO, GONE
from scheduler import watches
from scheduler.watches import tell_watched
from tests.conftest import Clock, MakeLead, MakePerson

MANY = 53


def _notices(database: Database) -> list[Any]:
    """How many each notice says there are, how many it names, and how many more it speaks of."""
    with database.read() as work:
        payloads = work.connection.execute(select(OutboxEntry.payload).order_by(OutboxEntry.id)).scalars().all()
    return [(one["notice"]["facts"]["n"], len(one["lines"]), one["more"]) for one in payloads]


def _batches(database: Database, watch: Watch) -> list[int]:
    """What is told in each transaction, until there is no more."""
    told, more = [], True
    while more:
        with database.write() as work:
            batch = tell_news(work, watch)
        told.append(batch.told)
        more = batch.more
    return told


def test_somebody_s_many_are_one_notice_of_several_transactions(
    database: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_RECORDS", 20)
    li, wang = make_person("Li"), make_person("Wang")
    with database.write() as work:  # all of them on one day
        set_rule(work, actor=SYSTEM, key="leads.follow_ups_per_day", value=str(MANY))
    for _ in range(MANY):
        make_lead(li)
    make_lead(wang)
    clock.move(days=9)
    with database.write() as work:
        assert tell_news(work, ABOUT_TO_GO) == (0, True)
    with database.read() as work:
        said = select(func.count()).where(Said.watch == ABOUT_TO_GO.name)
        assert work.connection.execute(said).scalar_one() == 20, "others may write after so many"
    assert _notices(database) == []
    assert _batches(database, ABOUT_TO_GO) == [0, 2]
    assert _notices(database) == [(MANY, 10, MANY - 10), (1, 1, 0)]
    assert _batches(database, ABOUT_TO_GO) == [0]
    clock.move(days=1)
    assert _batches(database, GONE) == [0, 0, 2]
    assert _notices(database)[2:] == [(MANY, 10, MANY - 10), (1, 1, 0)]
    with database.read() as work:
        assert set(work.connection.execute(select(Lead.owner_id)).scalars()) == {None}
        left = select(func.count()).where(Said.watch.like("%:%"))
        assert work.connection.execute(left).scalar_one() == 0


def test_a_watch_that_fails_keeps_no_other_from_looking(
    sqlite: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lead(make_person(at=sqlite), at=sqlite)
    clock.move(days=9)

    def fail(work: Any) -> Any:
        raise LookupError("of its own")

    broken = Watch("broken", fail, as_list("broken", lambda work, seen: T("Made up.")))
    monkeypatch.setattr(watches, "WATCHES", (broken, ABOUT_TO_GO))
    with capture_logs() as logs:
        assert tell_watched(sqlite) == 1
    assert [(one["log_level"], one["watch"]) for one in logs if one["event"] == "a watch failed"] == [
        ("error", "broken")
    ]
