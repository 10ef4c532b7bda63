"""(b) Telegram: an update in → its reply out, against a bare echo of python-telegram-bot in the same run."""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

from .conversing import CLOSING, OPENING, STEPS
from .harness import Bench, Sides, Times
from .house import ACCOUNT, bench_folder, open_house
from .loopback import TOKEN, Loopback
from .processes import bot

TEXTS = (OPENING, *STEPS, CLOSING)
"""A lead begun, four questions answered, the lead dropped: said by ours as by theirs."""
TOGETHER = 32
PAUSE_S = 0.01
"""One by one, what a bot still has to do after its reply is no part of the way from update to reply."""

Measure: TypeAlias = Callable[[Loopback], float]


@contextmanager
def telegram_sides(measure: Measure) -> Iterator[Sides]:
    """Both bots up, each at a server of its own; ours on SQLite, FULL, on disk."""
    with ExitStack() as closes:
        house = closes.enter_context(open_house("sqlite"))
        folder = closes.enter_context(bench_folder())
        ours, bare = (closes.enter_context(Loopback()) for _ in range(2))
        closes.enter_context(bot("tradewind-telegram", ours.url, TOKEN, house.copy(), str(folder)))
        closes.enter_context(bot("echo", bare.url, TOKEN))
        ours.wait_polled()
        bare.wait_polled()
        yield Sides(functools.partial(measure, ours), functools.partial(measure, bare))


def _one_by_one(server: Loopback) -> float:
    return server.latency(int(ACCOUNT), TEXTS * 6, pause=PAUSE_S)


def _in_flight(server: Loopback) -> float:
    return server.throughput([int(ACCOUNT) + number for number in range(TOGETHER)], TEXTS)


def _bench(name: str, measure: Measure) -> Bench:
    return Bench(name=name, aim=Times(1), runs=15, open=functools.partial(telegram_sides, measure))


ONE_BY_ONE = _bench("Telegram, update → reply", _one_by_one)
IN_FLIGHT = _bench(f"Telegram, {TOGETHER} in flight", _in_flight)
