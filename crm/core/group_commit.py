"""One writer for an SQLite file, and one flush for the transactions that wait for it together.

SQLite takes one writer at a time, and a commit waits for the disk: longer than most of our transactions take. So a
transaction that is done while others wait for the writer does not commit alone. It stays open as a savepoint, the next
one is written behind it, and the last of them commits for all. Nobody is told that theirs is done before that commit:
what `Database.write` promises stays as it is. architecture.md, idea 9; docs/decisions/0008.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, NestedTransaction
from sqlalchemy.exc import SQLAlchemyError

MOST = 16
"""Transactions that one commit closes."""
LONGEST_S = 0.01
"""A group as old as this waits for no more: a long transaction behind it would keep those in it waiting."""
_LOOK_S = 0.1
"""So often who waits for a commit looks whether somebody is still there to make it."""


class WriterBusy(Exception):
    """The writer could not be had in time."""


class _Group:
    """Transactions that share a commit. `failed`: why it could not be made."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.members = 0
        self.done = threading.Event()
        self.failed: BaseException | None = None


class GroupCommit:
    """Lets one writer of this process after another, on the same connection while they follow close upon each other.

    `connect` gives a connection that begins as a writer; `patience`: how long, in seconds, one waits for one's turn.
    """

    def __init__(self, connect: Callable[[], Connection], *, patience: float) -> None:
        self._connect = connect
        self._patience = patience
        self._connection: Connection | None = None
        self._writer = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """The connection, in a transaction that is committed on leaving and undone on any exception.

        Raises WriterBusy, and what SQLAlchemy raises; also for a commit that somebody else made and that failed.
        """
        self._take_writer()
        try:
            group, savepoint = self._begin()
            try:
                assert self._connection is not None
                yield self._connection
                if savepoint is not None:
                    savepoint.commit()
                group.members += 1
            except BaseException:
                self._undo(group, savepoint)
                raise
            finally:
                self._close_if_last(group)
        finally:
            self._writer.release()
        self._wait(group)

    # — the writer —

    def _take_writer(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            if not self._writer.acquire(timeout=self._patience):
                raise WriterBusy
        finally:
            with self._counting:
                self._waiting -= 1

    def _begin(self) -> tuple[_Group, NestedTransaction | None]:
        """Behind those who wait for a commit already, or in a group of one's own."""
        if self._group is not None and time.monotonic() - self._group.began > LONGEST_S:
            self._commit(self._group)
        if self._group is not None:
            assert self._connection is not None
            return self._group, self._connection.begin_nested()
        self._connection = self._connect()
        try:
            self._connection.begin()
        except BaseException:
            self._give_back()
            raise
        self._group = _Group()
        return self._group, None

    def _undo(self, group: _Group, savepoint: NestedTransaction | None) -> None:
        """Undo one's own; where SQLite has undone everything (the disk is full, say), the others' are lost as well."""
        assert self._connection is not None
        try:
            if savepoint is not None:
                savepoint.rollback()
                return
            self._connection.rollback()
        except SQLAlchemyError as error:
            self._end(group, error)
        else:
            self._end(group, None)  # the first one, alone: nothing of the group is to be kept

    def _close_if_last(self, group: _Group) -> None:
        """Commit, unless somebody who waits for the writer will."""
        if self._group is not group:
            return
        with self._counting:
            goes_on = self._waiting > 0 and group.members < MOST
        if not goes_on:
            self._commit(group)

    def _commit(self, group: _Group) -> None:
        assert self._connection is not None
        try:
            self._connection.commit()
        except SQLAlchemyError as error:
            self._end(group, error)
        else:
            self._end(group, None)

    def _end(self, group: _Group, failed: BaseException | None) -> None:
        self._group = None
        self._give_back(broken=failed is not None)
        group.failed = failed
        group.done.set()

    def _give_back(self, *, broken: bool = False) -> None:
        """Let go of the connection; of a broken one SQLite rolls back what is open when it is closed for good."""
        connection, self._connection = self._connection, None
        assert connection is not None
        with suppress(SQLAlchemyError):
            if broken:
                connection.invalidate()
            connection.close()

    def _wait(self, group: _Group) -> None:
        """Until it is committed; whoever was to do that may have given up waiting for the writer."""
        while not group.done.wait(_LOOK_S):
            if self._writer.acquire(blocking=False):
                try:
                    if self._group is group:
                        self._commit(group)
                finally:
                    self._writer.release()
        if group.failed is not None:
            raise group.failed
