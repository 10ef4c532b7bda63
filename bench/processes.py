"""Bots as child processes, which end with the bench."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bot(name: str, *arguments: str) -> Iterator[None]:
    """Run one of `bench.bots` for as long as the block lasts."""
    # What bots print is no part of the table.
    process = subprocess.Popen([sys.executable, "-m", "bench.bots", name, *arguments], stdout=sys.stderr)
    try:
        yield
        assert process.poll() is None, f"{name} ended by itself"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
