"""How a bench is declared and run: two sides taken in turn, medians of their runs, one row of the table each."""

import gc
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias

RUNS = 9

Side: TypeAlias = Callable[[], float]
"""One run; returns the seconds that one unit (a step, a message) took in it."""


@dataclass(frozen=True, slots=True)
class Times:
    """The aim: at most so many times the baseline."""

    most: float

    def __str__(self) -> str:
        return f"≤ {self.most:g} ×"


@dataclass(frozen=True, slots=True)
class Within:
    """The aim: at most so many seconds, whatever the baseline takes."""

    most: float

    def __str__(self) -> str:
        return f"≤ {show(self.most)}"


@dataclass(frozen=True, slots=True)
class Sides:
    """A bench made ready. `notes` is asked after the runs for lines to be printed below the table."""

    ours: Side
    baseline: Side | None = None
    notes: Callable[[], Iterable[str]] = field(default=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """`open` makes everything ready and clears it away. No `aim`: printed for comparison only.

    `warm`: a run of each side before those that count.
    """

    name: str
    open: Callable[[], AbstractContextManager[Sides]]
    aim: Times | Within | None = None
    runs: int = RUNS
    warm: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """What came out. Seconds; `met` None where there is no aim."""

    bench: Bench
    ours: float
    baseline: float | None
    notes: tuple[str, ...]

    @property
    def ratio(self) -> float | None:
        return None if self.baseline is None else self.ours / self.baseline

    @property
    def met(self) -> bool | None:
        match self.bench.aim:
            case Times(most):
                return self.ratio is not None and self.ratio <= most
            case Within(most):
                return self.ours <= most
        return None


def measure(bench: Bench) -> Row:
    """Warm both sides up, then run them in turn (A B, B A, A B …) and take each side's median."""
    with bench.open() as sides:
        order = [sides.ours] if sides.baseline is None else [sides.ours, sides.baseline]
        times: dict[Side, list[float]] = {side: [] for side in order}
        for side in order if bench.warm else ():
            side()
        for number in range(bench.runs):
            for side in order if number % 2 == 0 else reversed(order):
                gc.collect()
                times[side].append(side())
        ours, *rest = [statistics.median(times[side]) for side in order]
        return Row(bench, ours, rest[0] if rest else None, tuple(sides.notes()))


def table(rows: Sequence[Row]) -> str:
    """The rows as printed, and below them what they have to say."""
    cells = [("name", "ours", "baseline", "ratio", "aim", "met?")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
        baseline = "" if row.baseline is None else show(row.baseline)
        met = {True: "yes", False: "NO", None: ""}[row.met]
        cells.append((row.bench.name, show(row.ours), baseline, ratio, str(row.bench.aim or ""), met))
    notes = [line for row in rows for line in ("", *row.notes) if row.notes]
    return "\n".join([*lay_out(cells), *notes])


def lay_out(cells: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side, the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def show(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
