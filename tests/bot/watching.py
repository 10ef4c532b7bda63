"""What the ticks of the watches do at a desk, at a time of one's choice."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from crm.core.work import UnitOfWork
from crm.people.absence import Absence
from crm.people.people import Member, Person
from scheduler.watches import tell_watched
from tests.bot.front_desk import Desk
from tests.bot.trading_desk import TradingDesk
from tests.conftest import Clock


async def tick(desk: Desk) -> int:
    """Tell what is news; returns how many were told."""
    told = tell_watched(desk.database)
    await desk.delivery.tick()
    await desk.delivery.settle()
    return told


async def tick_at(company: TradingDesk, clock: Clock, day: int, hour: int, minute: int = 0, *, month: int = 3) -> int:
    """The same at this time in Shanghai, in 2026."""
    clock.now = datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    return await tick(company.desk)


def change(company: TradingDesk, person: Member, **values: Any) -> None:
    """Write these columns of a person's."""
    table = Person.table()

    def write(work: UnitOfWork) -> None:
        work.connection.execute(update(table).where(table.c.id == person.id).values(values))

    company.desk.write(write)


def leave(
    company: TradingDesk, person: Member, *, days: float, after: float = 0, delegate: Member | None = None
) -> None:
    """Away for so many days, from so many days from now on."""

    def write(work: UnitOfWork) -> None:
        since = work.now + timedelta(days=after)
        told = {"person_id": person.id, "delegate_id": delegate and delegate.id, "created_at": work.now}
        work.connection.execute(insert(Absence.table()), told | {"since": since, "until": since + timedelta(days=days)})

    company.desk.write(write)
