"""`python -m bench [NAME …]`: run the benches whose name holds one of the words, or all, and print the table."""

import os
import sys
import traceback
from contextlib import redirect_stderr
from pathlib import Path

from .capture import CAPTURE_BENCHES
from .collisions import COLLISIONS_BENCHES
from .dates import DATES_BENCHES
from .digests import DIGESTS_BENCHES
from .due import DUE_BENCHES
from .harness import Bench, Row, measure, table
from .machine import machine
from .notices import NOTICES_BENCHES
from .ordering import ORDERING
from .papers import PAPER_BENCHES
from .pipeline import PIPELINE_BENCHES
from .replanning import REPLANNING_BENCHES
from .screens import SCREENS_BENCHES
from .slack import SLACK_COMMAND
from .steps import STEP_POSTGRESQL, STEP_SQLITE
from .telegram import IN_FLIGHT, ONE_BY_ONE

BENCHES: tuple[Bench, ...] = (
    STEP_SQLITE,
    STEP_POSTGRESQL,
    ONE_BY_ONE,
    IN_FLIGHT,
    SLACK_COMMAND,
    *NOTICES_BENCHES,
    *DUE_BENCHES,
    *ORDERING,
    *SCREENS_BENCHES,
    *DIGESTS_BENCHES,
    *DATES_BENCHES,
    *PIPELINE_BENCHES,
    *CAPTURE_BENCHES,
    *COLLISIONS_BENCHES,
    *PAPER_BENCHES,
    *REPLANNING_BENCHES,
)


def main(words: list[str]) -> int:
    """Returns 1 when a word names no bench or one could not be run; an aim not met is told, not failed on."""
    names = [bench.name for bench in BENCHES]
    chosen = [bench for bench in BENCHES if not words or any(word.lower() in bench.name.lower() for word in words)]
    if not chosen or any(not any(word.lower() in name.lower() for name in names) for word in words):
        print("There are:", ", ".join(names), file=sys.stderr)
        return 1
    rows: list[Row] = []
    with Path(os.devnull).open("w") as unread:  # what the bots log is written as always, and read by nobody
        for bench in chosen:
            print(f"{bench.name} …", file=sys.stderr, flush=True)
            try:
                with redirect_stderr(unread):
                    rows.append(measure(bench))
            except Exception:  # noqa: BLE001 - told below; the others are still worth their time
                traceback.print_exc()
    print(table(rows))
    print()
    print(machine(with_postgresql=any("PostgreSQL" in bench.name for bench in chosen)))
    return 0 if len(rows) == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
