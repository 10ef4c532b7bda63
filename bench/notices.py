"""(e) 1,000 notices through Telegram's limits: how near to them, and what somebody notices who talks meanwhile."""

import asyncio
import functools
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager

from aiohttp import web
from sqlalchemy import insert, select

from crm.core.database import Database
from crm.core.outbox import Chat
from crm.core.text import T
from crm.people.identities import ChatIdentity
from crm.people.people import Person
from crm.people.reach import tell
from tests.counterparts.telegram.refusals import RefusedError
from tests.counterparts.telegram.sending_limits import SendingLimits

from .conversing import CLOSING, OPENING, STEPS
from .harness import Bench, Sides, Within
from .house import ACCOUNT, PLATFORM, bench_folder, open_house, sample_company
from .loopback import TOKEN, Loopback
from .processes import bot

NOTICES = 1_000
FIRST_READER = 800_000_001
TALKERS = 3
THINKS_S = 1.2
"""How long somebody takes to type what they say next."""
PATIENCE_S = 120
LIMIT = 30
"""Messages a second."""


class Limited(Loopback):
    """A server that keeps to Telegram's limits, and counts what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self._limits = SendingLimits(time.monotonic)
        self.arrivals: list[float] = []
        self.replies: list[float] = []
        self.refusals = 0
        self._notices = 0
        self._all_there = asyncio.Event()

    def broadcast(self, write: Callable[[], None]) -> None:
        """Write the notices and wait until all have arrived, while some people talk."""
        self._run(self._broadcast(write))

    async def _broadcast(self, write: Callable[[], None]) -> None:
        self.arrivals, self.replies, self.refusals, self._notices = [], [], 0, 0
        self._all_there.clear()
        talking = [asyncio.create_task(self._talk(int(ACCOUNT) + number)) for number in range(TALKERS)]
        try:
            await asyncio.to_thread(write)
            await asyncio.wait_for(self._all_there.wait(), PATIENCE_S)
        finally:
            self._all_there.set()
            await asyncio.gather(*talking)

    async def _talk(self, chat: int) -> None:
        await asyncio.sleep((chat - int(ACCOUNT)) * THINKS_S / TALKERS)
        while not self._all_there.is_set():
            for text in (OPENING, *STEPS, CLOSING):
                self.replies.append(await self._one_by_one(chat, [text], 0.0))
                await asyncio.sleep(THINKS_S)

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            try:
                self._limits.check(method, (await request.json()).get("chat_id"))
            except RefusedError as refused:
                self.refusals += 1
                return web.json_response(refused.body(), status=refused.status)
        return await super()._answer(request)

    def _take(self, chat: int, text: str) -> dict[str, object]:
        if not self._all_there.is_set():
            self.arrivals.append(time.monotonic())
        if chat < FIRST_READER:
            return super()._take(chat, text)
        self._notices += 1
        if self._notices == NOTICES:
            self._all_there.set()
        described = {"id": chat, "type": "private"}
        return {"message_id": next(self._numbers), "date": 0, "chat": described, "text": text}


@contextmanager
def notice_sides(*, of_replies: bool) -> Iterator[Sides]:
    """The whole program on SQLite, FULL; another process writes the notices, so its next tick finds them."""
    with ExitStack() as closes:
        house = closes.enter_context(open_house("sqlite", _company))
        folder = closes.enter_context(bench_folder())
        server = closes.enter_context(Limited())
        url = house.copy()
        closes.enter_context(bot("tradewind-telegram", server.url, TOKEN, url, str(folder), "limits"))
        server.wait_polled()
        measure = functools.partial(_run, server, url, of_replies=of_replies)
        yield Sides(measure, notes=functools.partial(_notes, server))


def _run(server: Limited, url: str, *, of_replies: bool) -> float:
    server.broadcast(functools.partial(_write, url))
    if of_replies:
        return _percentile(server.replies, 95)
    return (server.arrivals[-1] - server.arrivals[0]) / (len(server.arrivals) - 1)


def _notes(server: Limited) -> Iterable[str]:
    rate = (len(server.arrivals) - 1) / (server.arrivals[-1] - server.arrivals[0])
    halves = f"p50 {statistics.median(server.replies) * 1e3:.0f} ms, p95 {_percentile(server.replies, 95) * 1e3:.0f} ms"
    yield (
        f"{NOTICES:,} notices: {rate:.1f} messages a second ({rate / LIMIT:.1%} of the limit), "
        f"{server.refusals} × 429; {len(server.replies)} replies meanwhile, {halves}"
    )


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _company(database: Database) -> None:
    """The sample company, and a thousand more who only read."""
    sample_company(database)
    with database.write() as work:
        found = list(range(NOTICES))
        people = [
            {
                "name": f"Reader {number}",
                "language": "en",
                "timezone": "UTC",
                "is_active": True,
                "created_at": work.now,
            }
            for number in found
        ]
        work.connection.execute(insert(Person), people)
        chats = [
            {"platform": PLATFORM, "external_id": str(FIRST_READER + number), "is_private": True} for number in found
        ]
        work.connection.execute(insert(Chat), chats)
        chat_ids = dict(work.connection.execute(select(Chat.external_id, Chat.id)).tuples().all())
        person_ids = dict(work.connection.execute(select(Person.name, Person.id)).tuples().all())
        accounts = [
            {
                "platform": PLATFORM,
                "account_id": str(FIRST_READER + number),
                "person_id": person_ids[f"Reader {number}"],
                "chat_id": chat_ids[str(FIRST_READER + number)],
                "linked_at": work.now,
            }
            for number in found
        ]
        work.connection.execute(insert(ChatIdentity), accounts)


def _write(url: str) -> None:
    with closing(Database(url)) as database, database.write() as work:
        readers = select(Person.id).where(Person.name.startswith("Reader "))
        for person_id in work.connection.execute(readers).scalars().all():
            tell(work, person_id=person_id, text=T("Production of {number} is complete.", number="SO-2026-0031"))


def _bench(name: str, most: float, *, of_replies: bool) -> Bench:
    opened = functools.partial(notice_sides, of_replies=of_replies)
    return Bench(name=name, aim=Within(most), runs=1, warm=False, open=opened)


NOTICES_BENCHES = (
    _bench(f"{NOTICES:,} notices, per message", 1 / (0.97 * LIMIT), of_replies=False),
    _bench(f"{NOTICES:,} notices, a reply meanwhile (p95)", 0.3, of_replies=True),
)
