"""What an import would do, row by row, before it does anything."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from crm.core.history import Actor
from crm.core.text import Text
from crm.core.work import UnitOfWork

State = Literal["new", "changed", "same", "duplicate", "faulty"]
STATES: tuple[State, ...] = ("new", "changed", "same", "duplicate", "faulty")

PIECE = 500
"""So many rows are looked up with one statement: databases limit how many values one may hold."""

Item = TypeVar("Item")

Save = Callable[[UnitOfWork, Actor], object]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file. `reason`: why it is a duplicate or faulty; `remarks`: what was odd, but is taken.

    `save` writes a new or changed one.
    """

    line: int
    state: State
    reason: Text | None = None
    remarks: tuple[Text, ...] = ()
    save: Save | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    rows: Sequence[PlannedRow]
    unread: Sequence[str]
    """Headers of columns that are not read."""

    def counts(self) -> dict[State, int]:
        """How many rows are of each state, all states in order."""
        counted = Counter(row.state for row in self.rows)
        return {state: counted[state] for state in STATES}

    def writes(self) -> int:
        """How many rows there are to be written."""
        return sum(row.save is not None for row in self.rows)


def in_pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in order, PIECE at a time."""
    return (items[start : start + PIECE] for start in range(0, len(items), PIECE))
