"""What digests are gathered from: who reads, and what all readers share, read once however many they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from crm.core.money import Money
from crm.core.rules import read_rules, whole_of
from crm.core.text import TN, Text
from crm.core.work import UnitOfWork
from crm.people.people import MEMBER_COLUMNS, Member, Person, Role, read_member

_PEOPLE = Person.table()
_ROLES = len(MEMBER_COLUMNS)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom something is gathered for. `parts`: what concerns them, of PARTS; `day`: the local day it is for.

    `since`: from when on something is news to them; `pipeline`: what they were told then (count and base amount).
    `names_all`: also what they were told of before, which then does not count as told now.
    """

    person: Member
    parts: frozenset[str]
    day: date
    since: datetime
    pipeline: tuple[int, Decimal] | None = None
    names_all: bool = False

    @property
    def id(self) -> int:
        return self.person.id

    def midnight(self, days: int = 0) -> datetime:
        """When this day begins for them, or another one so many days later."""
        return datetime.combine(self.day + timedelta(days=days), time(), self.person.zone)


class Colleague(NamedTuple):
    """Somebody in a team."""

    person: Member
    created_at: datetime


class Ground:
    """One gathering. `most`: lines in a section."""

    def __init__(self, work: UnitOfWork, readers: Sequence[Reader], *, most: int | None = None) -> None:
        self.work = work
        self.readers = readers
        self.rules: Mapping[str, str] = read_rules(work)
        self.base = self.rules["company.base_currency"]
        self.most = self.number("digests.lines") if most is None else most

    def number(self, rule: str) -> int:
        return whole_of(self.rules, rule)

    def money(self, base_amount: Decimal | None) -> Money:
        """An amount of the base currency."""
        return Money(base_amount or Decimal(0), self.base)

    def of(self, part: str) -> list[Reader]:
        """Those whom this concerns."""
        return [reader for reader in self.readers if part in reader.parts]

    @cached_property
    def colleagues(self) -> dict[int, tuple[Colleague, ...]]:
        """The active people each supervisor among the readers looks after, themselves included; one statement."""
        leaders = self.of("supervisor")
        teams = {reader.person.team_id for reader in leaders if reader.person.team_id is not None}
        if not leaders:
            return {}
        theirs = or_(
            _PEOPLE.c.team_id.in_(teams),
            _PEOPLE.c.superior_id.in_([reader.id for reader in leaders]),
            _PEOPLE.c.id.in_([reader.id for reader in leaders]),
        )
        query = select(*MEMBER_COLUMNS, _PEOPLE.c.created_at).where(theirs, _PEOPLE.c.is_active).order_by(_PEOPLE.c.id)
        rows = self.work.connection.execute(query).all()
        people = [Colleague(read_member(row[:_ROLES]), row.created_at) for row in rows]
        return {reader.id: tuple(one for one in people if _is_under(one.person, reader.person)) for reader in leaders}

    def team(self, reader: Reader) -> set[int]:
        """The ids of those a supervisor looks after."""
        return {one.person.id for one in self.colleagues.get(reader.id, ())}

    @property
    def teams(self) -> Collection[int]:
        """The ids of all whom any supervisor among the readers looks after."""
        return sorted({person_id for reader in self.of("supervisor") for person_id in self.team(reader)})


def days_words(days: int) -> Text:
    return TN("{n} day", "{n} days", n=days)


def _is_under(person: Member, leader: Member) -> bool:
    if person.id == leader.id:
        return True
    in_team = Role.SUPERVISOR in leader.roles and leader.team_id is not None and person.team_id == leader.team_id
    return in_team or person.superior_id == leader.id


Found = dict[int, list[Any]]
"""Sections by reader."""
