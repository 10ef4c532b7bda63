"""Bots as child processes, which end with the bench."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def bot(name: str, *arguments: str) -> Iterator[None]:
    """Run one of `bench.bots` for as long as the block lasts."""
    # What bots print is no part of the table; it is shown when one ended by itself.
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.bots", name, *arguments], stdout=told, stderr=subprocess.STDOUT
        )
        try:
            yield
            assert process.poll() is None, f"{name} ended by itself:\n{_end_of(told)}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end_of(told: IO[bytes]) -> str:
    told.seek(0)
    return told.read().decode(errors="replace")[-2_000:]
