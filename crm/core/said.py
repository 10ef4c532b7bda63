"""What a watch has said to whom about what, and how bad it was then: said once, and again only when it got worse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork


class Said(Base):
    """`watch` names what is watched for (`silent_customer`), `subject_id` the record, `level` how bad it was."""

    __tablename__ = "watches_said"

    watch: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    level: Mapped[int]
    said_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Finding:
    """That something is so: with this record, of concern to this person, so bad (1 and up)."""

    subject_id: int
    person_id: int
    level: int = 1


_SAID = Said.table()
_OF_WATCH = select(_SAID).where(_SAID.c.watch == bindparam("watch"))


def news(work: UnitOfWork, *, watch: str, found: Sequence[Finding]) -> list[Finding]:
    """Those of the findings that were not said yet, or got worse since; from now on they count as said.

    Whoever is told must be told in this transaction. Of two processes that find the same at once, one gets it.
    """
    new = []
    for one in found:
        values = {
            "watch": watch,
            "subject_id": one.subject_id,
            "person_id": one.person_id,
            "level": one.level,
            "said_at": work.now,
        }
        if work.connection.execute(_SAY[work.connection.dialect.name], values).first() is not None:
            new.append(one)
    return new


def all_said(work: UnitOfWork, *, watch: str) -> dict[tuple[int, int], tuple[int, datetime]]:
    """What this watch has said: how bad it was and when, by record and person."""
    rows = work.connection.execute(_OF_WATCH, {"watch": watch})
    return {(row.subject_id, row.person_id): (row.level, row.said_at) for row in rows}


def levels(work: UnitOfWork, *, watch: str, person_id: int) -> dict[int, int]:
    """How bad it was when it was last said to this person, by record."""
    query = select(_SAID.c.subject_id, _SAID.c.level).where(_SAID.c.watch == watch, _SAID.c.person_id == person_id)
    return {row.subject_id: row.level for row in work.connection.execute(query)}


def over(work: UnitOfWork, *, watch: str, standing: Iterable[Finding]) -> None:
    """Forget what was said of everything that is no longer found: should it come again, it is news again."""
    still = {(one.subject_id, one.person_id) for one in standing}
    said = select(_SAID.c.subject_id, _SAID.c.person_id).where(_SAID.c.watch == watch)
    for subject_id, person_id in work.connection.execute(said).all():
        if (subject_id, person_id) not in still:
            one = (_SAID.c.watch == watch, _SAID.c.subject_id == subject_id, _SAID.c.person_id == person_id)
            work.connection.execute(delete(_SAID).where(*one))


def _say(dialect: Any) -> Any:
    row = dialect.insert(_SAID)
    return row.on_conflict_do_update(
        index_elements=[_SAID.c.watch, _SAID.c.subject_id, _SAID.c.person_id],
        set_={"level": row.excluded.level, "said_at": row.excluded.said_at},
        where=_SAID.c.level < row.excluded.level,
    ).returning(_SAID.c.level)


_SAY: dict[str, Any] = {"sqlite": _say(sqlite), "postgresql": _say(postgresql)}
