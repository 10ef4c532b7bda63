"""The small company on a morning: somebody sets the clock, and digests come."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from crm.core.money import Money
from crm.people.people import Member, Person
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.reminders.setting import add_task
from scheduler.digests import tell_digests
from tests.bot.front_desk import Desk, Shown
from tests.conftest import Clock
from tests.crm.orders.trading import Trade

MORNING = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
"""Tuesday, 8:30 in Shanghai."""
EVENING = MORNING.replace(hour=10, minute=0)


class Morning:
    """The small company at one desk, and a clock that somebody sets."""

    def __init__(self, desk: Desk, trade: Trade, clock: Clock) -> None:
        self.desk, self.trade, self.clock = desk, trade, clock
        self.database = desk.database
        for person in (trade.boss, trade.rep, trade.finance, trade.gm, trade.admin):
            desk.link(person)
        # An account gets its chat with the first message; here all have written before.

    async def write_first(self, *people: str) -> None:
        for one in people or ("Zhao", "Li", "Sun", "Chen", "Xu"):
            await self.desk.say(one, "/help")

    async def at(self, moment: datetime) -> int:
        self.clock.now = moment
        told = tell_digests(self.database)
        await self.desk.delivery.tick()
        await self.desk.delivery.settle()
        return told

    def digests(self, person: str = "Li") -> list[Shown]:
        return [shown for shown in self.desk.room.chat(person) if _is_digest(shown)]

    def rows(self) -> list[tuple[str, str, str]]:
        query = """SELECT p.name, d.kind, d.local_date FROM digests d JOIN people p ON p.id = d.person_id
            WHERE d.kind <> 'own' ORDER BY d.local_date, p.id, d.kind"""
        return [(row.name, row.kind, str(row.local_date)) for row in self.desk.rows(query)]

    def change(self, person: Member, **values: Any) -> None:
        with self.database.write() as work:
            work.connection.execute(update(Person.table()).where(Person.id == person.id).values(**values))

    def remind(self, person: Member, text: str, due_at: datetime, customer: int | None = None) -> None:
        with self.database.write() as work:
            about = None if customer is None else ("customer", customer)
            add_task(work, actor=person, platform="test", text=text, due_at=due_at, about=about)

    def deal(self, title: str) -> int:
        with self.database.write() as work:
            amount = Money(Decimal(12500), "CNY")
            details = DealDetails(customer_id=self.trade.customer, title=title, amount=amount)
            return open_deal(work, actor=self.trade.rep, platform="test", details=details)

    def move(self, deal: int, to: str, facts: Any, reason: str | None = None) -> None:
        with self.database.write() as work:
            move_deal(
                work,
                actor=self.trade.rep,
                platform="test",
                deal_id=deal,
                to_stage=to,
                facts=facts,
                reason=reason or "entered_wrongly",
            )


def _is_digest(shown: Shown) -> bool:
    return shown.lines[0].startswith(("Your day", "今日", "Nothing waits for you today"))
