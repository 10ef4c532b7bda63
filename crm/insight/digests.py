"""Digests: what concerns somebody today, gathered once a local day and kept as it was then. Guide 1, 4."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.insight.approving import decisions
from crm.insight.company_week import company_week
from crm.insight.fair_cards import fair_cards
from crm.insight.follow_ups import follow_ups, overdue_follow_ups
from crm.insight.ground import Ground, Reader
from crm.insight.held_leads import held_leads
from crm.insight.late_orders import late_orders, orders_at_risk
from crm.insight.owed import credit_overruns, payments_due, receivables
from crm.insight.sections import Section, pack_sections, unpack_sections
from crm.insight.standing_still import own_stale_deals, stale_deals_of_teams
from crm.insight.team_day import (
    Pipeline,
    idle_reps,
    pipeline_changes,
    pipelines,
    results,
    silent_key_customers,
)
from crm.people.people import Member, Role


class Digest(Base):
    """One digest of a person's or a team's. `kind`: whose it is (`rep`, `supervisor`, `finance`, `gm`, `own`, `team`);
    `facts`: what it said, its texts packed; of several kinds told at once, the first has all and the others
    name it (`within`). One of kind `own` that had nothing to say is kept, and was not told.
    """

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "local_date"),
        UniqueConstraint("team_id", "kind", "local_date"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    kind: Mapped[str] = mapped_column(String(20))
    local_date: Mapped[date] = mapped_column(Date)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


KINDS = {"rep": Role.REP, "supervisor": Role.SUPERVISOR, "finance": Role.FINANCE, "gm": Role.GM}
"""The kinds of digests a person gets, and for which role."""
OWN = "own"
"""The kind for who has no morning digest by their roles: what they have to do themselves, if anything."""
_MORNING = (Role.REP, Role.FINANCE)
_SELLERS = (Role.REP, Role.SUPERVISOR, Role.GM)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found for one reader. `pipeline`: what it said of a supervisor's."""

    sections: tuple[Section, ...]
    pipeline: Pipeline | None = None

    def pack(self) -> dict[str, Any]:
        """Plain JSON, as a digest keeps it."""
        packed: dict[str, Any] = {"sections": pack_sections(self.sections)}
        if self.pipeline is not None:
            packed["pipeline"] = [self.pipeline[0], str(self.pipeline[1])]
        return packed


def unpack_gathered(facts: Mapping[str, Any]) -> Gathered:
    """The inverse of `Gathered.pack`."""
    pipeline = facts.get("pipeline")
    said = None if pipeline is None else (int(pipeline[0]), Decimal(pipeline[1]))
    return Gathered(unpack_sections(facts.get("sections", ())), said)


def kinds_of(person: Member) -> tuple[str, ...]:
    """The kinds of digests this person gets."""
    kinds = tuple(kind for kind, role in KINDS.items() if person.has(role))
    return kinds if person.has(*_MORNING) else (*kinds, OWN)


def parts_for(person: Member, kinds: Collection[str]) -> frozenset[str]:
    """What belongs into this person's digests of these kinds.

    What is their own is in the rep's digest, for who is no rep in the others: supervisors have deals of theirs too.
    What is to be done today is in those of the morning alone: later there is only what was left.
    """
    parts = set(kinds)
    if parts == {OWN}:
        return frozenset(parts)
    if {"supervisor", "finance", "gm"} & parts:
        parts.add("approver")
    if "rep" in parts or Role.REP not in person.roles:
        in_the_morning = {"rep", "finance", OWN} & parts
        parts |= {OWN if in_the_morning else "overdue"} | ({"rep"} if person.has(*_SELLERS) else set())
    return frozenset(parts)


def is_worth_telling(person: Member, kinds: Collection[str], gathered: Gathered) -> bool:
    """Whether there is something to say, where these kinds are not told empty; a supervisor's evening has the rest."""
    if set(kinds) != {OWN}:
        return True
    keys = {section.key for section in gathered.sections}
    return "today" in keys if person.has(Role.SUPERVISOR) else bool(keys)


def parts_of(person: Member, *, own_only: bool = False) -> frozenset[str]:
    """Everything that concerns this person, whenever it is told; or only what they have to do themselves."""
    parts = {"own"} if own_only else {"own", *(kind for kind, role in KINDS.items() if person.has(role))}
    if person.has(*_SELLERS):
        parts.add("rep")
    if person.has(Role.SUPERVISOR, Role.FINANCE, Role.GM):
        parts.add("approver")
    return frozenset(parts)


def gather(work: UnitOfWork, readers: Sequence[Reader], *, most: int | None = None) -> dict[int, Gathered]:
    """What each reader's digest says now, the most pressing first; `most` lines in a section, None: the rule.

    As many statements as one reader needs, however many there are. Stale deals that are named count as said, except
    to readers who have all of them named.
    """
    ground = Ground(work, readers, most=most)
    found: dict[int, list[Section]] = {reader.id: [] for reader in readers}
    now = pipelines(ground) if ground.of("supervisor") else {}
    for part, find in _PARTS:
        if ground.of(part):
            _add(found, find(ground))
        if part == "supervisor" and find is results and now:
            _add(found, pipeline_changes(ground, now))
    return {reader.id: Gathered(tuple(found[reader.id]), now.get(reader.id)) for reader in readers}


def _add(found: dict[int, list[Section]], more: Mapping[int, Sequence[Section]]) -> None:
    for reader_id, sections in more.items():
        found[reader_id] += sections


_PARTS: tuple[tuple[str, Callable[[Ground], Mapping[int, Sequence[Section]]]], ...] = (
    ("approver", decisions),
    ("own", follow_ups),
    ("overdue", overdue_follow_ups),
    ("own", fair_cards),
    ("own", held_leads),
    ("rep", orders_at_risk),
    ("rep", own_stale_deals),
    ("rep", payments_due),
    ("finance", receivables),
    ("finance", credit_overruns),
    ("gm", company_week),
    ("supervisor", late_orders),
    ("supervisor", results),
    ("supervisor", silent_key_customers),
    ("supervisor", stale_deals_of_teams),
    ("supervisor", idle_reps),
)
"""What is gathered for whom, in the order in which it is told."""
