"""Whose digest is due: by their own clocks, on their own working days, once a local date. Guide 1.

There is no "last run": what was told are rows, and who inserts a digest's row tells it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.outbox import Chat, Lane
from crm.core.rules import read_rules, whole_of
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.insight.digests import OWN, Digest, Gathered, gather, is_worth_telling, kinds_of, parts_for, unpack_gathered
from crm.insight.ground import Reader
from crm.people.absence import Absence
from crm.people.calendar import CALENDAR_COLUMNS, WorkCalendar, read_calendar
from crm.people.identities import ChatIdentity
from crm.people.people import MEMBER_COLUMNS, Member, Person, read_member
from crm.people.telling import Due, send_cards

CARD = "digest"
_DAYS_BACK = 14
"""What happened longer ago is no news, however long ago the last digest was."""


@dataclass(frozen=True, slots=True)
class DueDigest:
    """One person's, of these kinds, for this local day of theirs."""

    person: Member
    day: date
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who wants digests. `at`: their own time for all of them; None: each kind's."""

    person: Member
    calendar: WorkCalendar
    at: time | None
    created_at: datetime


_PEOPLE = Person.table()
_DIGESTS = Digest.table()
_ABSENCES = Absence.table()
_MEMBER, _CALENDAR = len(MEMBER_COLUMNS), len(CALENDAR_COLUMNS)
_REACHABLE = (
    select(ChatIdentity.person_id)
    .join(Chat, Chat.id == ChatIdentity.chat_id)
    .where(Chat.is_private, Chat.unreachable_since.is_(None))
)
_AWAY = select(
    _ABSENCES.c.person_id, _ABSENCES.c.since, func.coalesce(_ABSENCES.c.ended_at, _ABSENCES.c.until).label("until")
).where(_ABSENCES.c.until > bindparam("since", type_=UTCDateTime))
# Who can be reached nowhere is not written to for weeks on end: their first digest comes when they can.
_WISHES = select(*MEMBER_COLUMNS, *CALENDAR_COLUMNS, _PEOPLE.c.digest_at, _PEOPLE.c.created_at).where(
    _PEOPLE.c.is_active, _PEOPLE.c.wants_digest, _PEOPLE.c.id.in_(_REACHABLE)
)
_TOLD = select(_DIGESTS.c.person_id, _DIGESTS.c.kind, _DIGESTS.c.local_date).where(
    _DIGESTS.c.person_id.is_not(None), _DIGESTS.c.local_date >= bindparam("since")
)
_LAST = (
    select(_DIGESTS.c.person_id, _DIGESTS.c.facts, _DIGESTS.c.created_at)
    .where(
        _DIGESTS.c.person_id.in_(bindparam("people", expanding=True, type_=Id)),
        _DIGESTS.c.kind == "supervisor",
        _DIGESTS.c.local_date >= bindparam("since", type_=Date),
    )
    .order_by(_DIGESTS.c.local_date)
)
_KEEP = update(_DIGESTS).where(_DIGESTS.c.id == bindparam("digest")).values(facts=bindparam("said"))


def due_digests(work: UnitOfWork) -> list[DueDigest]:
    """Whose digests are due now and not told; four statements, whatever the clock has done.

    Who is away, or was when it would have come, gets none: what happened meanwhile is told on their return. Those of
    one kind stand together: what they all say is then read once for many.
    """
    rules = read_rules(work)
    away = _away(work, rules)
    due: dict[tuple[int, date], list[str]] = defaultdict(list)
    people: dict[int, Member] = {}
    for wish in _wishes(work):
        people[wish.person.id] = wish.person
        for kind, day in _due(wish, work.now, rules, away[wish.person.id]):
            due[wish.person.id, day].append(kind)
    if not due:
        return []
    rows = work.connection.execute(_TOLD, {"since": min(day for _, day in due)})
    told = {(row.person_id, row.kind, row.local_date) for row in rows}
    left = {
        (person_id, day): tuple(kind for kind in kinds if (person_id, kind, day) not in told)
        for (person_id, day), kinds in due.items()
    }
    found = [DueDigest(people[person_id], day, kinds) for (person_id, day), kinds in left.items() if kinds]
    return sorted(found, key=lambda one: (one.kinds, one.person.id, one.day))


def usual_times(work: UnitOfWork, person: Member) -> list[time]:
    """When this person's digests come, by the rules of their roles; their own time goes before them."""
    rules = read_rules(work)
    return sorted({_usual_time(kind, rules) for kind in kinds_of(person)})


def tell_due(work: UnitOfWork, due: Sequence[DueDigest]) -> int:
    """Gather these, keep them, and put each one's card into the outbox; returns how many messages there are.

    All in this transaction, beginning with the rows that nobody else can insert too: each is told once, by whoever
    is first. Several kinds of one person are one message; one of their own with nothing in it is none.
    """
    claimed = _claim(work, due)
    mine = [one for one in due if claimed.get((one.person.id, one.day))]
    total = 0
    for day_of_each in _one_day_each(mine):
        total += _tell(work, day_of_each, claimed)
    return total


def _tell(work: UnitOfWork, due: Sequence[DueDigest], claimed: Mapping[tuple[int, date], Mapping[str, int]]) -> int:
    last = _last(work, due)
    readers = [_reader(work, one, tuple(claimed[one.person.id, one.day]), last) for one in due]
    found = gather(work, readers)
    kept, cards = [], []
    for one in due:
        rows = claimed[one.person.id, one.day]
        first = min(rows.values())
        for kind, digest_id in rows.items():
            said = found[one.person.id].pack() if digest_id == first else _within(found[one.person.id], kind, first)
            kept.append({"digest": digest_id, "said": said})
        key = f"digest:{one.person.id}:{'+'.join(sorted(rows))}:{one.day}"
        if is_worth_telling(one.person, rows, found[one.person.id]):
            cards.append(Due(one.person.id, first, key))
    work.connection.execute(_KEEP, kept)
    send_cards(work, card=CARD, due=cards, lane=Lane.DIGEST)
    return len(cards)


def _within(gathered: Gathered, kind: str, first: int) -> dict[str, Any]:
    """What is kept of a kind that was told with others."""
    packed = gathered.pack() if kind == "supervisor" else {}
    return {"within": first} | {name: value for name, value in packed.items() if name == "pipeline"}


def _away(work: UnitOfWork, rules: Mapping[str, str]) -> dict[int, list[tuple[datetime, datetime]]]:
    """From when to when each was away of late."""
    times: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in work.connection.execute(_AWAY, {"since": work.now - _late(rules)}):
        times[row.person_id].append((row.since, row.until))
    return times


def _late(rules: Mapping[str, str]) -> timedelta:
    """How late a digest may come."""
    return timedelta(hours=float(rules["digests.late_hours"]))


def _wishes(work: UnitOfWork) -> Iterable[Wish]:
    for row in work.connection.execute(_WISHES):
        person = read_member(row[:_MEMBER])
        calendar = read_calendar(*row[_MEMBER : _MEMBER + _CALENDAR])
        yield Wish(person, calendar, row.digest_at, row.created_at)


def _due(
    wish: Wish, now: datetime, rules: Mapping[str, str], away: Sequence[tuple[datetime, datetime]]
) -> Iterable[tuple[str, date]]:
    """The kinds whose time has come, and for which local day: today's, or one of last night's."""
    if any(since <= now < until for since, until in away):
        return
    today = wish.calendar.today(now)
    for kind in kinds_of(wish.person):
        at = wish.at or _usual_time(kind, rules)
        for day in (today - timedelta(days=1), today):
            due_at = datetime.combine(day, at, wish.calendar.zone).astimezone(UTC)
            is_due = due_at <= now < due_at + _late(rules) and wish.created_at <= due_at
            was_away = any(since <= due_at < until for since, until in away)
            if is_due and not was_away and _is_day(kind, wish.calendar, day, rules):
                yield kind, day


def _usual_time(kind: str, rules: Mapping[str, str]) -> time:
    return time.fromisoformat(rules[f"digests.{'rep' if kind == OWN else kind}_at"])


def _is_day(kind: str, calendar: WorkCalendar, day: date, rules: Mapping[str, str]) -> bool:
    """Whether a digest of this kind is told on this day; a weekly one on its weekday, or the first worked after."""
    if not calendar.is_working_day(day):
        return False
    if kind != "gm":
        return True
    since = (day.isoweekday() - whole_of(rules, "digests.gm_weekday")) % 7
    return not any(calendar.is_working_day(day - timedelta(days=back)) for back in range(1, since + 1))


def _claim(work: UnitOfWork, due: Sequence[DueDigest]) -> dict[tuple[int, date], dict[str, int]]:
    """The ids of the rows that are this transaction's to tell, by person, day and kind; in one order for everybody."""
    rows = [
        {"person_id": one.person.id, "kind": kind, "local_date": one.day, "facts": {}, "created_at": work.now}
        for one in sorted(due, key=lambda one: (one.person.id, one.day))
        for kind in one.kinds
    ]
    mine: dict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    for row in work.connection.execute(_INSERT[work.connection.dialect.name], rows):
        mine[row.person_id, row.local_date][row.kind] = row.id
    return mine


def _one_day_each(due: Sequence[DueDigest]) -> Iterable[list[DueDigest]]:
    """The same, each person at most once in a part: mostly there is one part."""
    left = list(due)
    while left:
        part = {one.person.id: one for one in reversed(left)}
        yield list(part.values())
        left = [one for one in left if part[one.person.id] is not one]


def _last(work: UnitOfWork, due: Sequence[DueDigest]) -> dict[int, Any]:
    """What each supervisor among them was last told of late."""
    people = [one.person.id for one in due if "supervisor" in one.kinds]
    if not people:
        return {}
    since = min(one.day for one in due) - timedelta(days=_DAYS_BACK)
    rows = work.connection.execute(_LAST, {"people": people, "since": since})
    return {row.person_id: row for row in rows if row.facts}  # without facts yet: the one just claimed


def _reader(work: UnitOfWork, due: DueDigest, kinds: Collection[str], last: Mapping[int, Any]) -> Reader:
    told = last.get(due.person.id)
    morning = datetime.combine(due.day, time(), due.person.zone).astimezone(UTC)
    since = morning if told is None else told.created_at
    pipeline = None if told is None else unpack_gathered(told.facts).pipeline
    return Reader(due.person, parts_for(due.person, kinds), due.day, since, pipeline)


def _insert(dialect: Any) -> Any:
    row = dialect.insert(_DIGESTS).on_conflict_do_nothing()
    return row.returning(_DIGESTS.c.id, _DIGESTS.c.person_id, _DIGESTS.c.kind, _DIGESTS.c.local_date)


_INSERT: dict[str, Any] = {"sqlite": _insert(sqlite), "postgresql": _insert(postgresql)}
