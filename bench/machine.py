"""On what it was measured: one line, without which the milliseconds mean nothing."""

import os
import platform
import sqlite3
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests import postgres


def machine(*, with_postgresql: bool) -> str:
    """The line. Starts a cluster to ask its version only if one is wanted."""
    parts = [
        f"{os.cpu_count()} cores ({_processor()})",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if with_postgresql:
        parts.append(f"PostgreSQL {_postgresql()} (psycopg {psycopg.__version__}, {psycopg.pq.__impl__})")
    return ", ".join([*parts, f"load {os.getloadavg()[0]:.1f}"])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _postgresql() -> str:
    host = make_url(postgres.cluster(durable=True)).query["host"]
    with psycopg.connect(host=str(host), user="postgres", dbname="postgres") as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return row[0] if row else "?"
