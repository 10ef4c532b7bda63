"""What is watched for, and how it is said: once, to who is at work then, and again only when it got worse.

A watch is data: what it finds now, and how somebody is told of it. The engine is here: what was said before is known
by rows, so any number of processes may look, at any time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from crm.core.said import Finding, all_said, levels, news, over
from crm.core.text import Text
from crm.core.work import UnitOfWork
from crm.people.listing import MOST_LINES, tell_lines
from crm.people.presence import presences_of

_LOCK = 8_241_977_303  # any number of our own; PostgreSQL's advisory locks are told apart by it
_EARLIER = ":earlier"
"""Added to a watch's name: how many of somebody's were done in parts that they are still to be told of."""
MOST_PEOPLE = 100
"""Told in one transaction: others may write in between."""
MOST_RECORDS = 200
"""Told of in one transaction, likewise; somebody who has more of them still gets one notice, with the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """That something is so, of concern to a person: with this record, so bad (`level`, 1 and up).

    `line`: how it reads in a list; `about`: the card that its button opens. What was said before `since` was of
    another time, and counts no more. `facts`: what the watch itself needs to tell.
    """

    subject_id: int
    person_id: int
    line: Text
    about: tuple[str, int]
    level: int = 1
    since: datetime | None = None
    facts: Any = None

    @property
    def finding(self) -> Finding:
        return Finding(self.subject_id, self.person_id, self.level)


Tell = Callable[[UnitOfWork, int, Sequence[Sighting]], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """How that is told which one person may have very much of. `act`: what is done with a part of it in one
    transaction, returning with which; `tell`: of the last part, and of how many there were before.
    """

    act: Callable[[UnitOfWork, int, Sequence[Sighting]], Sequence[Sighting]]
    tell: Callable[[UnitOfWork, int, Sequence[Sighting], int], None]


@dataclass(frozen=True, slots=True)
class Watch:
    """`name` is how rows know it (`crm.core.said`). `find`: all that is so now, said or not; `tell`: in this
    transaction, one person of what is new to them. `parts`: how, where it is more than MOST_RECORDS.
    """

    name: str
    find: Callable[[UnitOfWork], Sequence[Sighting]]
    tell: Tell
    parts: Parts | None = None


class Batch(NamedTuple):
    """What one transaction came to: how many people were told, and whether there is more to tell."""

    told: int
    more: bool


def as_list(watch: str, heading: Callable[[UnitOfWork, Sequence[Sighting]], Text]) -> Tell:
    """One notice with a line and a button for each record; `heading`: what stands above them."""

    def tell(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
        lines = [(one.line, one.about) for one in seen]
        tell_lines(
            work, person_id=person_id, heading=heading(work, seen), lines=lines, key=notice_key(work, watch, seen[0])
        )

    return tell


def notice_key(work: UnitOfWork, watch: str, first: Sighting) -> str:
    """The key of a notice that begins with this: another one each time that it is news again."""
    return f"{watch}:{first.person_id}:{first.subject_id}:{first.level}:{work.now.isoformat()}"


def has_news(work: UnitOfWork, watch: Watch) -> bool:
    """Whether there is anything to say now, or to forget. Reads only."""
    due, standing, said = _look(work, watch)
    return bool(due) or len(standing) < said


def tell_news(work: UnitOfWork, watch: Watch) -> Batch:
    """Tell what is news to whom: at most MOST_PEOPLE, of about MOST_RECORDS. Nobody while another process does."""
    if work.connection.dialect.name == "postgresql":
        # What one has just forgotten, another that has looked before must not say again.
        free = text("SELECT pg_try_advisory_xact_lock(:lock)")
        if not work.connection.execute(free, {"lock": _LOCK}).scalar():
            return Batch(0, more=False)
    due, standing, said = _look(work, watch)
    if len(standing) < said:
        over(work, watch=watch.name, standing=standing)
    told = records = 0
    for person_id in sorted(due):
        seen = due[person_id]
        if told == MOST_PEOPLE or (records and records + len(seen) > MOST_RECORDS):
            return Batch(told, more=True)
        if watch.parts is not None and len(seen) > MOST_RECORDS:
            _do_part(work, watch, watch.parts, person_id, seen[: min(MOST_RECORDS, len(seen) - MOST_LINES)])
            return Batch(told, more=True)
        _tell(work, watch, person_id, seen)
        told, records = told + 1, records + len(seen)
    return Batch(told, more=False)


def _do_part(work: UnitOfWork, watch: Watch, parts: Parts, person_id: int, seen: Sequence[Sighting]) -> None:
    """Without a word yet; how many there were is a row, whoever goes on."""
    done = parts.act(work, person_id, _new(work, watch, seen))
    count = _earlier(work, watch, person_id) + len(done)
    if count:
        news(work, watch=watch.name + _EARLIER, found=[Finding(0, person_id, count)])


def _tell(work: UnitOfWork, watch: Watch, person_id: int, seen: Sequence[Sighting]) -> None:
    new = _new(work, watch, seen)
    earlier = 0 if watch.parts is None else _earlier(work, watch, person_id)
    if watch.parts is None or not earlier:
        if new:
            watch.tell(work, person_id, new)
        return
    done = watch.parts.act(work, person_id, new)
    if not done:
        return  # told with the next
    watch.parts.tell(work, person_id, done, earlier)
    others = [Finding(0, other) for _, other in all_said(work, watch=watch.name + _EARLIER) if other != person_id]
    over(work, watch=watch.name + _EARLIER, standing=others)


def _new(work: UnitOfWork, watch: Watch, seen: Sequence[Sighting]) -> list[Sighting]:
    """Those that are news still, and count as said from now on."""
    by_subject = {one.subject_id: one for one in seen}
    return [by_subject[one.subject_id] for one in news(work, watch=watch.name, found=[one.finding for one in seen])]


def _earlier(work: UnitOfWork, watch: Watch, person_id: int) -> int:
    """How many this person was not told of yet that parts before were of."""
    return levels(work, watch=watch.name + _EARLIER, person_id=person_id).get(0, 0)


def _look(work: UnitOfWork, watch: Watch) -> tuple[Mapping[int, Sequence[Sighting]], list[Finding], int]:
    """What is news to whom of those there are now; what was said and is still so; how much was said in all."""
    said = all_said(work, watch=watch.name)
    fresh: dict[tuple[int, int], Sighting] = {}
    standing: dict[tuple[int, int], Finding] = {}
    for one in watch.find(work):
        key = one.subject_id, one.person_id
        level, at = said.get(key, (0, work.now))
        if level and one.since is not None and at < one.since:
            level = 0
        elif level:
            standing[key] = one.finding
        if one.level > level:
            fresh.setdefault(key, one)
    due: dict[int, list[Sighting]] = {}
    presences = presences_of(work, (person_id for _, person_id in fresh))
    for (_, person_id), one in fresh.items():
        presence = presences[person_id]
        # Who was disabled has no hours: what concerns their records waits for nobody.
        if presence.is_there(work.now) or not presence.is_active:
            due.setdefault(person_id, []).append(one)
    return due, list(standing.values()), len(said)
