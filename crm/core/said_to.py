"""What is news to a few people: in four statements, however much stands and however many they are."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from crm.core.said import Finding, Said
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork

_SAID = Said.table()
_TO_THEM = select(_SAID.c.subject_id, _SAID.c.person_id, _SAID.c.level, _SAID.c.said_at).where(
    _SAID.c.watch == bindparam("watch"), _SAID.c.person_id.in_(bindparam("people", expanding=True, type_=Id))
)
_THIS = (
    _SAID.c.watch == bindparam("of_watch"),
    _SAID.c.subject_id == bindparam("subject"),
    _SAID.c.person_id == bindparam("person"),
)
_WORSE = update(_SAID).where(*_THIS).values(level=bindparam("new_level"), said_at=bindparam("at", type_=UTCDateTime))
_OVER = delete(_SAID).where(*_THIS)


def news_to(
    work: UnitOfWork, *, watch: str, people: Collection[int], standing: Iterable[tuple[Finding, datetime]], most: int
) -> set[Finding]:
    """Those of what stands with these people, each since when, that were not said since then, or got worse. From now on
    the first `most` of each person's count as said, as they stand: the others are news another time.

    What stands no longer is forgotten. Nobody else may tell these people of this watch at the same time.
    """
    found = {(one.subject_id, one.person_id): (one, since) for one, since in standing}
    rows = work.connection.execute(_TO_THEM, {"watch": watch, "people": sorted(people)})
    said = {(row.subject_id, row.person_id): (row.level, row.said_at) for row in rows}
    news = [
        one
        for key, (one, since) in found.items()
        if key not in said or said[key][0] < one.level or said[key][1] < since
    ]
    named = list(_first_of_each(news, most))
    new = [one for one in named if (one.subject_id, one.person_id) not in said]
    worse = [one for one in named if (one.subject_id, one.person_id) in said]
    over = [{"of_watch": watch, "subject": key[0], "person": key[1]} for key in said if key not in found]
    if new:
        values = {"watch": watch, "said_at": work.now}
        told = [{"subject_id": one.subject_id, "person_id": one.person_id, "level": one.level} for one in new]
        work.connection.execute(insert(_SAID), [one | values for one in told])
    if worse:
        this = [{"of_watch": watch, "subject": one.subject_id, "person": one.person_id} for one in worse]
        levels = [{"new_level": one.level, "at": work.now} for one in worse]
        work.connection.execute(_WORSE, [one | level for one, level in zip(this, levels, strict=True)])
    if over:
        work.connection.execute(_OVER, over)
    return set(news)


def _first_of_each(found: Iterable[Finding], most: int) -> Iterable[Finding]:
    counts: Counter[int] = Counter()
    for one in found:
        counts[one.person_id] += 1
        if counts[one.person_id] <= most:
            yield one
