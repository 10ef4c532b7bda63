"""By what names like a company's are found: short keys beside every open lead and customer, looked up by equality."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Index, String, bindparam, delete, insert, literal_column, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.work import UnitOfWork
from crm.language.company_names import search_keys

LEAD, CUSTOMER = "lead", "customer"
_MOST_OF_A_KEY = 200
"""Records that share one key and are looked at: a word that more have tells nobody apart, and another key does."""


class CompanyKey(Base):
    """`kind`: `lead` (open ones alone) or `customer`."""

    __tablename__ = "company_keys"
    __table_args__ = (Index(None, "kind", "record_id"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


_KEYS = CompanyKey.table()
_DELETE = delete(_KEYS).where(_KEYS.c.kind == bindparam("of_kind"), _KEYS.c.record_id == bindparam("of_record"))
_INSERT = insert(_KEYS)


def keep_keys(work: UnitOfWork, *, kind: str, record_id: int, name: str, is_new: bool = False) -> None:
    """Keep the keys of this name, in place of those before."""
    if not is_new:
        drop_keys(work, kind=kind, record_id=record_id)
    rows = [{"key": key, "kind": kind, "record_id": record_id} for key in search_keys(name)]
    if rows:
        work.connection.execute(_INSERT, rows)


def drop_keys(work: UnitOfWork, *, kind: str, record_id: int) -> None:
    """It is not looked for any more: closed, or merged into another."""
    work.connection.execute(_DELETE, {"of_kind": kind, "of_record": record_id})


def named_alike(work: UnitOfWork, name: str, *, most: int) -> list[tuple[str, int]]:
    """Kind and id of the records that share most of this name's keys, best first: `same_company` has the last word."""
    keys = search_keys(name, to_find=True)
    if not keys:
        return []
    found = work.connection.execute(_LOOK_UP[len(keys)], {f"key{at}": key for at, key in enumerate(keys)}).all()
    return [record for record, _ in _weighed(found).most_common(most)]


def _weighed(rows: Iterable[Any]) -> Counter[tuple[str, int]]:
    """The whole name counts most; then its words, the rarer the more."""
    rows = list(rows)
    shared = Counter(row.key for row in rows)
    scores: Counter[tuple[str, int]] = Counter()
    for key, kind, record_id in rows:
        weight = {"=": 100, "h": 60}.get(key[0], 20 if key[0] == "w" else 5)
        scores[kind, record_id] += weight * _MOST_OF_A_KEY // (_MOST_OF_A_KEY + shared[key]) + 1
    return scores


def _look_up(count: int) -> Any:
    """All records of so many keys, `_MOST_OF_A_KEY` of each."""
    parts = []
    for at in range(count):
        of_key = select(_KEYS.c.key, _KEYS.c.kind, _KEYS.c.record_id).where(_KEYS.c.key == bindparam(f"key{at}"))
        limited = of_key.limit(literal_column(str(_MOST_OF_A_KEY))).subquery(f"of_key{at}")
        parts.append(select(limited.c.key, limited.c.kind, limited.c.record_id))
    return union_all(*parts)


_LOOK_UP: list[Any] = [_look_up(count) if count else None for count in range(20)]
