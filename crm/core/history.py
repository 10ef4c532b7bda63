"""Who changed what, when, on which platform, from what to what, and why: a row for every change of state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.many import DIALECTS, NUMBER, Many
from crm.core.tables import Base
from crm.core.text import pack
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork


class HistoryEntry(Base):
    """`entity` and `entity_id` name the record (`lead`, 17); `changes` is `{field: [from, to]}`."""

    __tablename__ = "history"
    __table_args__ = (Index(None, "entity", "entity_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    platform: Mapped[str] = mapped_column(String(20))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    act: Mapped[str] = mapped_column(String(40))
    changes: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str | None] = mapped_column(Text)


_HISTORY = HistoryEntry.table()
_SUBJECTS = Many(entity_id=NUMBER)


def _each(dialect: str) -> Any:
    """The same row for many records: all values but the record's are parameters."""
    records = _SUBJECTS.rows(dialect)
    same = [column for column in _HISTORY.c if column.name not in {"id", "entity_id"}]
    values = [bindparam(f"same_{column.name}", type_=column.type).label(column.name) for column in same]
    names = [*(column.name for column in same), "entity_id"]
    return insert(_HISTORY).from_select(names, select(*values, records.c.entity_id))


_EACH = {dialect: _each(dialect) for dialect in DIALECTS}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and through which door. `person_id` None: the system itself, or the command line."""

    person_id: int | None
    platform: str


SYSTEM = Actor(None, "system")
COMMAND_LINE = Actor(None, "cli")


def record(
    work: UnitOfWork,
    *,
    actor: Actor,
    entity: str,
    entity_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str | None = None,
) -> int:
    """Write one history row; returns its id. Values in `changes` are packed as facts of a text are
    (`crm.core.text.pack`).
    """
    row = _row(work, actor, entity, entity_id, act, changes, reason)
    work.has_changed = True
    written = work.connection.execute(insert(HistoryEntry.table()), row).inserted_primary_key
    assert written is not None, "one row was inserted"
    return int(written[0])


def record_each(
    work: UnitOfWork,
    *,
    actor: Actor,
    entity: str,
    entity_ids: Iterable[int],
    act: str,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str | None = None,
) -> None:
    """Write the same history row for each of these records, in one statement."""
    rows = [(entity_id,) for entity_id in entity_ids]
    if rows:
        work.has_changed = True
        dialect = work.connection.dialect.name
        same = _row(work, actor, entity, 0, act, changes, reason)
        del same["entity_id"]
        values = {f"same_{name}": value for name, value in same.items()} | _SUBJECTS.values(dialect, rows)
        work.connection.execute(_EACH[dialect], values)


def record_many(
    work: UnitOfWork, *, actor: Actor, entity: str, act: str, changes: Mapping[int, Mapping[str, tuple[Any, Any]]]
) -> None:
    """Write a history row for each of these records, by their ids, each with changes of its own."""
    if changes:
        work.has_changed = True
        rows = [_row(work, actor, entity, one, act, change, None) for one, change in changes.items()]
        work.connection.execute(insert(_HISTORY), rows)


def _row(
    work: UnitOfWork,
    actor: Actor,
    entity: str,
    entity_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]] | None,
    reason: str | None,
) -> dict[str, Any]:
    return {
        "at": work.now,
        "person_id": actor.person_id,
        "platform": actor.platform,
        "entity": entity,
        "entity_id": entity_id,
        "act": act,
        "changes": {name: [pack(old), pack(new)] for name, (old, new) in (changes or {}).items()},
        "reason": reason,
    }


def history_of(work: UnitOfWork, *, entity: str, entity_id: int) -> list[HistoryEntry]:
    """The rows of one record, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.entity == entity, HistoryEntry.entity_id == entity_id)
    return list(work.session.scalars(query.order_by(HistoryEntry.id)))
