"""Who sets when somebody works, and what is taken; what is held for whom."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM, Actor
from crm.core.outbox import OutboxEntry, enter_chat
from crm.people.identities import tie
from crm.people.people import Member, Role
from crm.people.quiet import held_until
from crm.people.telling import Due, send_cards
from crm.people.working_time import (
    set_digest,
    set_holidays,
    set_quiet_hours,
    set_work_days,
    set_work_hours,
    working_time_of,
)
from tests.conftest import MakePerson

EIGHT_TO_FIVE = (time(8), time(17))
AT_NIGHT = (time(22), time(10))
"""The clock stands at 9:30 in Shanghai."""


@pytest.mark.parametrize(
    ("setter", "value"),
    [
        (set_work_hours, {"hours": EIGHT_TO_FIVE}),
        (set_work_days, {"days": "123456"}),
        (set_holidays, {"calendar": "DE"}),
        (set_quiet_hours, {"hours": AT_NIGHT}),
        (set_digest, {"wanted": False}),
    ],
)
def test_oneself_and_administrators_set_it_and_nobody_else(
    database: Database, make_person: MakePerson, setter: Any, value: dict[str, Any]
) -> None:
    li, boss, admin = make_person("Li"), make_person("Zhao", Role.SUPERVISOR), make_person("Xu", Role.ADMIN)
    with database.write() as work:
        before = working_time_of(work, person_id=li.id)
        with pytest.raises(Forbidden):
            setter(work, actor=Actor(boss.id, "test"), person_id=li.id, **value)
        assert working_time_of(work, person_id=li.id) == before
        setter(work, actor=Actor(admin.id, "test"), person_id=li.id, **value)
        changed = working_time_of(work, person_id=li.id)
        assert changed != before
        setter(work, actor=Actor(boss.id, "test"), person_id=boss.id, **value)
        setter(work, actor=SYSTEM, person_id=li.id, **value)
        assert working_time_of(work, person_id=li.id) == changed
        with pytest.raises(NotFound):
            setter(work, actor=SYSTEM, person_id=4711, **value)


@pytest.mark.parametrize("days", ["", "8", "0", "21", "11", "x", "12345678"])
def test_days_are_days_of_a_week(database: Database, make_person: MakePerson, days: str) -> None:
    li = make_person("Li")
    with database.write() as work, pytest.raises(Invalid):
        set_work_days(work, actor=SYSTEM, person_id=li.id, days=days)


@pytest.mark.parametrize("calendar", ["XX", "DE-XX", "de", "DEU", "DE-Augsburg", "Germany"])
def test_a_calendar_is_one_that_is_kept(database: Database, make_person: MakePerson, calendar: str) -> None:
    li = make_person("Li")
    with database.write() as work, pytest.raises(Invalid):
        set_holidays(work, actor=SYSTEM, person_id=li.id, calendar=calendar)


def be_linked(database: Database, person: Member, platform: str) -> None:
    with database.write() as work:
        chat = enter_chat(work, platform=platform, external_id=person.name, is_private=True, token="nobody")
        tie(work, platform=platform, account_id=person.name, person_id=person.id, chat_id=chat.id)


def test_cards_for_many_wait_each_for_their_own_reader(database: Database, make_person: MakePerson) -> None:
    li, anna, wang, chen = (make_person(name) for name in ("Li", "Anna", "Wang", "Chen"))
    for person, platform in ((li, "telegram"), (anna, "telegram"), (wang, "web")):
        be_linked(database, person, platform)
    with database.write() as work:
        for person in (li, wang, chen):
            set_quiet_hours(work, actor=SYSTEM, person_id=person.id, hours=AT_NIGHT)
        send_cards(work, card="task", due=[Due(one.id, 1, f"task:{one.id}") for one in (li, anna, wang, chen)])
        send_cards(work, card="task", due=[Due(li.id, 2, "urgent")], urgent=True)
        rows = select(OutboxEntry.key, OutboxEntry.not_before).order_by(OutboxEntry.id)
        held = {row.key: row.not_before for row in work.connection.execute(rows)}
        at_ten = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
        # Wang's browser does not ring; Chen has no chat yet, and is asked again when there is one.
        assert list(held.values()) == [at_ten, None, None, None, None]
        assert held_until(work, person_id=li.id) == at_ten
        assert held_until(work, person_id=anna.id) is None
