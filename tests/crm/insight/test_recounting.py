"""The figures compared and mended while the program runs: what others write meanwhile is neither lost nor wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, event, text, update

from bot.app import subscriptions
from crm.core.database import Database
from crm.insight.figures import DayFigure
from crm.insight.recounting import figures_differ, kept, mend_figures, read_one_moment, recount
from tests.conftest import MakePerson
from tests.crm.orders.trading import Trade

PATIENCE_S = 30.0
_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@contextmanager
def _just_before(engine: Engine, statement: str, act: Callable[[], None]) -> Iterator[None]:
    """Once, when the first statement that begins so is about to run."""
    waiting = [act]

    def note(*told: Any) -> None:
        if told[2].startswith(statement) and waiting:
            waiting.pop()()

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert not waiting


def test_an_order_submitted_while_the_figures_are_mended_counts(
    postgres_url: str, open_database: Callable[..., Database], make_person: MakePerson
) -> None:
    database, own = open_database(postgres_url), open_database(postgres_url)
    database.events = subscriptions()
    trade = Trade(database, make_person)
    trade.submit()
    with database.write() as work:
        work.connection.execute(update(DayFigure.table()).values(base_amount=Decimal(1)))
    submitting = threading.Thread(target=trade.submit)

    def submit() -> None:
        """Until the order is there, or waits for who holds its table."""
        submitting.start()
        until = threading.Event()
        for _ in range(int(PATIENCE_S / 0.02)):
            with database.read() as work:
                if not submitting.is_alive() or work.connection.execute(_WAITING).scalar_one():
                    return
            until.wait(0.02)

    with _just_before(own.engine, "DELETE FROM day_figures", submit), own.write() as work:
        assert mend_figures(work) == ["submitted"]
    submitting.join(PATIENCE_S)
    with database.read() as work:
        assert kept(work) == recount(work)
        assert [row["count"] for row in kept(work)] == [2]


def test_what_is_submitted_between_two_sums_is_no_difference(
    postgres_url: str, open_database: Callable[..., Database], make_person: MakePerson
) -> None:
    database, own = open_database(postgres_url), open_database(postgres_url)
    database.events = subscriptions()
    trade = Trade(database, make_person)
    trade.submit()
    with (
        _just_before(own.engine, "SELECT count(*) AS count_1", lambda: trade.submit() and None),
        own.read() as work,
    ):
        read_one_moment(work)
        assert figures_differ(work) == []


def test_what_is_measured_no_more_is_taken_out(database: Database, make_person: MakePerson) -> None:
    person = make_person()
    with database.write() as work:
        told = {"person_id": person.id, "day": work.now.date(), "measure": "pipeline"}
        work.connection.execute(DayFigure.table().insert(), told | {"count": 1, "base_amount": Decimal(1)})
    with database.write() as work:
        assert mend_figures(work) == ["pipeline"]
        assert kept(work) == []
