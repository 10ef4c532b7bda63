"""Which of several processes polls a token and sends for it: the one that holds a lease in the database.

A process that died without giving its lease back holds it until it runs out, which would keep people waiting after a
crash. So the holder's name says where it runs, and who starts on the same machine may see that it runs no more.
"""

import asyncio
import hashlib
import os
import secrets
import time
from pathlib import Path

import structlog
from sqlalchemy import select

from crm.core import leases
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.leases import Lease

log = structlog.get_logger()

_PROC = Path("/proc")


class PollingLease:
    """The right to poll. Times in seconds; nothing here raises, a database out of reach is a lease not had."""

    def __init__(self, database: Database, *, name: str, seconds: float) -> None:
        self._database = database
        self._name = name
        self._seconds = seconds
        self._holder = f"{_process(os.getpid())}:{secrets.token_hex(3)}"
        self._until = 0.0
        self._closed = False

    @property
    def held(self) -> bool:
        """Whether it is surely ours at this moment, by this process's own clock."""
        return time.monotonic() < self._until

    async def take(self) -> bool:
        """Take or renew it; False when another process has it, or the database cannot be asked."""
        asked_at = time.monotonic()
        try:
            taken = await asyncio.to_thread(self._take)
        except StoreUnavailable as unavailable:
            log.debug("lease not renewed", name=self._name, reason=str(unavailable))
            return False
        self._until = asked_at + self._seconds if taken else 0.0
        return taken

    async def keep(self) -> None:
        """Renew it as long as that goes; returns when it is lost."""
        pause = self._seconds / 4
        while self.held:
            await asyncio.sleep(min(pause, max(0.0, self._until - time.monotonic())))
            renewed = await self.take()
            pause = self._seconds / (4 if renewed else 20)

    async def let_go(self) -> None:
        """Give it back, so that a stand-by need not wait until it runs out."""
        self._until = 0.0
        self._closed = True
        try:
            await asyncio.to_thread(self._let_go)
        except StoreUnavailable as unavailable:
            log.warning("lease not given back, it runs out by itself", name=self._name, reason=str(unavailable))

    def _take(self) -> bool:
        with self._database.write() as work:
            if self._closed:
                return False
            if leases.hold(work, name=self._name, holder=self._holder, seconds=self._seconds):
                return True
            table = Lease.table()
            holder = work.connection.execute(select(table.c.holder).where(table.c.name == self._name)).scalar()
            if holder is None or not _is_gone(holder):
                return False
            leases.let_go(work, name=self._name, holder=holder)
            return leases.hold(work, name=self._name, holder=self._holder, seconds=self._seconds)

    def _let_go(self) -> None:
        with self._database.write() as work:
            leases.let_go(work, name=self._name, holder=self._holder)


def _process(pid: int) -> str:
    """A name for a running process: which machine and process namespace, which pid, started when."""
    return f"{_place()}:{pid}:{_started(pid) or 0}"


def _is_gone(holder: str) -> bool:
    """Whether the process of this name ran here, and runs no more; False wherever that cannot be told."""
    place, _, rest = holder.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if place != _place() or place == _UNKNOWN or not pid.isdecimal():
        return False
    return str(_started(int(pid)) or 0) != started


_UNKNOWN = "somewhere"


def _place() -> str:
    """This boot of this machine, and the process namespace (a container's pids mean nothing outside)."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return _UNKNOWN
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:16]


def _started(pid: int) -> int | None:
    """When this process began, in ticks since boot; None when there is none, or what is left of one."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])
