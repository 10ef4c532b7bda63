"""(a) One step of a conversation, everything written counted in, against the bare driver doing the same."""

import functools
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

from .conversing import CLOSING, OPENING, STEPS, Road, open_road
from .harness import Bench, Sides, Times
from .house import bench_folder, open_house
from .parts import take_apart
from .recording import Op, Recorder, connect, play, same_rows

RUNS = 21
LEADS = 8
"""How often the first questions are answered in a run. Short runs and many: what else the machine does passes by."""


@contextmanager
def step_sides(kind: str) -> Iterator[Sides]:
    """Three copies of a house: one for us, one where we are written down, one for the bare driver."""
    with open_house(kind) as house, bench_folder() as folder:
        recorded_at, played_at = house.copy(), house.copy()
        with closing(open_road(recorded_at, folder)) as road:
            recorded = _record(road, (RUNS + 1) * LEADS)
        with closing(open_road(house.copy(), folder)) as ours, closing(connect(played_at)) as bare:
            conversations = iter(recorded)

            def finish() -> Iterable[str]:
                same_rows(recorded_at, played_at)
                yield from take_apart(kind, ours, recorded[-1][1])

            yield Sides(
                functools.partial(_run, lambda: _converse(ours)),
                functools.partial(_run, lambda: _play(bare, next(conversations))),
                finish,
            )


def _run(conversation: Callable[[], float]) -> float:
    return sum(conversation() for _ in range(LEADS)) / (LEADS * len(STEPS))


def _converse(road: Road) -> float:
    """One lead's first questions; what leads there and away is not measured."""
    road.step(OPENING)
    started = time.perf_counter()
    for text in STEPS:
        road.step(text)
    taken = time.perf_counter() - started
    road.step(CLOSING)
    return taken


def _play(bare: object, conversation: tuple[list[Op], list[Op], list[Op]]) -> float:
    before, measured, after = conversation
    play(bare, before)
    started = time.perf_counter()
    play(bare, measured)
    taken = time.perf_counter() - started
    play(bare, after)
    return taken


def _record(road: Road, conversations: int) -> list[tuple[list[Op], list[Op], list[Op]]]:
    recorder = Recorder(road.database)
    recorded = []
    for _ in itertools.repeat(None, conversations):
        parts = []
        for texts in ((OPENING,), STEPS, (CLOSING,)):
            for text in texts:
                road.step(text)
            parts.append(recorder.take())
        recorded.append((parts[0], parts[1], parts[2]))
    return recorded


STEP_SQLITE = Bench(name="step, SQLite", aim=Times(6), runs=RUNS, open=functools.partial(step_sides, "sqlite"))
STEP_POSTGRESQL = Bench(
    name="step, PostgreSQL", aim=Times(3), runs=RUNS, open=functools.partial(step_sides, "postgresql")
)
