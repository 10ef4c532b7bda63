"""The table by which leads find their owner: product category × region × source → a person or a team. Guide 2.1.

Seeded from the `[[assignment]]` tables of `tradewind.toml`; from then on administrators change it, with history.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, String, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor, HistoryEntry
from crm.core.rule_files import quoted
from crm.core.tables import Base
from crm.core.text import T, Text
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.language.regions import REGIONS, read_region
from crm.people.people import Member, Person, Role, Team
from crm.people.permissions import Allowed, require
from crm.sales.leads.leads import SOURCES

MOST_RULES = 100


class AssignmentRuleRow(Base):
    """`position` counts from 1. None: any category, region (a country's code or a key of REGIONS), source.

    Either `team_id` or `person_id` is set.
    """

    __tablename__ = "assignment_rules"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    position: Mapped[int]
    category: Mapped[str | None] = mapped_column(String(100))
    region: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(20))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """A row of the table, with the names of whom it gives leads to."""

    id: int
    position: int
    category: str | None
    region: str | None
    source: str | None
    team_id: int | None
    person_id: int | None
    team_name: str | None
    person_name: str | None


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as it is told: the names of a team or of a person, in `to`."""

    to: str
    category: str | None = None
    region: str | None = None
    source: str | None = None


_RULES, _TEAMS, _PEOPLE = AssignmentRuleRow.table(), Team.table(), Person.table()
_READ = (
    select(*_RULES.c, _TEAMS.c.name.label("team_name"), _PEOPLE.c.name.label("person_name"))
    .outerjoin(_TEAMS, _TEAMS.c.id == _RULES.c.team_id)
    .outerjoin(_PEOPLE, _PEOPLE.c.id == _RULES.c.person_id)
    .order_by(_RULES.c.position, _RULES.c.id)
)


def can_change_assignment(person: Member) -> Allowed:
    if person.has(Role.ADMIN):
        return True
    return T("Assignment rules are changed by an administrator.")


def assignment_rules(work: UnitOfWork) -> list[AssignmentRule]:
    """The rules in their order."""
    return [AssignmentRule(*(getattr(row, name) for name in _NAMES)) for row in work.connection.execute(_READ)]


_NAMES = tuple(AssignmentRule.__slots__)


def add_assignment_rule(work: UnitOfWork, *, actor: Member, platform: str, rule: NewRule) -> AssignmentRule:
    """Add a rule at the end. Raises Forbidden, NotFound (no such team or person), Invalid, Conflict."""
    require(can_change_assignment(actor))
    _require_new(assignment_rules(work), _checked(rule) | _receiver(work, rule.to))
    return _add(work, Actor(actor.id, platform), rule)


def move_assignment_rule(work: UnitOfWork, *, actor: Member, platform: str, rule_id: int, up: bool = True) -> None:
    """Let a rule change places with the one before it (or after). Raises Forbidden, NotFound."""
    require(can_change_assignment(actor))
    rules = assignment_rules(work)
    at = _place(rules, rule_id)
    to = max(0, at - 1) if up else min(len(rules) - 1, at + 1)
    if to == at:
        return
    ordered = [rule.id for rule in rules]
    ordered.insert(to, ordered.pop(at))
    _number(work, ordered)
    _record(work, Actor(actor.id, platform), rule_id, "moved", {"position": (at + 1, to + 1)})


def change_assignment_rule(
    work: UnitOfWork, *, actor: Member, platform: str, rule_id: int, rule: NewRule
) -> AssignmentRule:
    """Let a rule say something else, at its place. Raises Forbidden, NotFound (it too), Invalid, Conflict."""
    require(can_change_assignment(actor))
    rules = assignment_rules(work)
    before = rules[_place(rules, rule_id)]
    values = _checked(rule) | _receiver(work, rule.to)
    _require_new([one for one in rules if one.id != rule_id], values)
    work.connection.execute(update(_RULES).where(_RULES.c.id == rule_id).values(**values))
    after = next(one for one in assignment_rules(work) if one.id == rule_id)
    changes = {name: (was, now) for name in _TOLD if (was := getattr(before, name)) != (now := getattr(after, name))}
    if changes:
        _record(work, Actor(actor.id, platform), rule_id, "changed", changes)
    return after


def delete_assignment_rule(work: UnitOfWork, *, actor: Member, platform: str, rule_id: int) -> int:
    """Take a rule out; returns by what it is put back (`restore_assignment_rule`). Raises Forbidden, NotFound."""
    require(can_change_assignment(actor))
    rules = assignment_rules(work)
    gone = rules[_place(rules, rule_id)]
    work.connection.execute(delete(_RULES).where(_RULES.c.id == rule_id))
    _number(work, [rule.id for rule in rules if rule.id != rule_id])
    changes = {name: (getattr(gone, name), None) for name in (*_TOLD, "position") if getattr(gone, name)}
    return _record(work, Actor(actor.id, platform), rule_id, "deleted", changes)


def restore_assignment_rule(work: UnitOfWork, *, actor: Member, platform: str, entry_id: int) -> AssignmentRule:
    """Put a rule that was taken out back to its place, once. Raises Forbidden, NotFound, Conflict (it is back)."""
    require(can_change_assignment(actor))
    entry = work.session.get(HistoryEntry, entry_id)
    if entry is None or (entry.entity, entry.act) != ("assignment_rule", "deleted"):
        raise NotFound(T("There is no such rule any more."))
    restored = (HistoryEntry.entity == "assignment_rule", HistoryEntry.entity_id == entry.entity_id)
    if work.connection.execute(select(HistoryEntry.id).where(*restored, HistoryEntry.act == "restored")).first():
        raise Conflict(T("This rule is back already."))
    was = {name: change[0] for name, change in entry.changes.items()}
    to = was.pop("team_name", None) or was.pop("person_name", None)
    position = int(was.pop("position", MOST_RULES))
    by = Actor(actor.id, platform)
    rule = _add(work, by, NewRule(to=str(to), **was))
    ordered = [one.id for one in assignment_rules(work) if one.id != rule.id]
    ordered.insert(min(position, len(ordered) + 1) - 1, rule.id)
    _number(work, ordered)
    _record(work, by, entry.entity_id, "restored", {"id": (None, rule.id)})
    return next(one for one in assignment_rules(work) if one.id == rule.id)


def seed_assignment(work: UnitOfWork, file: Path | None) -> int:
    """Write the `[[assignment]]` tables of a company's own `tradewind.toml` where there never were rules; how many.

    `to` names a team or a person: until all of them are there nothing is written, and the next start tries again.
    `category`, `region` (`DE`, `Europe`) and `source` (its key, `website`) may be left out. Raises Invalid.
    """
    ever = select(HistoryEntry.id).where(HistoryEntry.entity == "assignment_rule", HistoryEntry.entity_id > 0)
    if file is None or work.connection.execute(ever.limit(1)).first() is not None:
        return 0
    rows = _tables(file.read_text("utf-8"))
    try:
        for row in rows:
            _receiver(work, str(row.get("to", "")))
    except NotFound:
        return 0
    for row in rows:
        _add(work, SYSTEM, _told_rule(row))
    return len(rows)


def assignment_as_toml(work: UnitOfWork) -> str:
    """The rules in their order, as `[[assignment]]` tables that could be seeded; empty where there are none."""
    tables = []
    for rule in assignment_rules(work):
        told = {"category": rule.category, "region": rule.region, "source": rule.source}
        told["to"] = rule.team_name or rule.person_name
        lines = [f"{name} = {quoted(value)}" for name, value in told.items() if value]
        tables.append("\n".join(("[[assignment]]", *lines)))
    return "\n\n".join(tables) + "\n" if tables else ""


def assignment_mistakes(text: str) -> list[Text]:
    """What of a file's `[[assignment]]` tables cannot be read; whom they name is known by the database alone."""
    found = []
    for row in _tables(text):
        try:
            _checked(_told_rule(row))
        except Invalid as error:
            found.append(error.text)
        if not row.get("to"):
            found.append(T('An assignment rule says to whom: to = "North".'))
    return found


def _tables(text: str) -> list[dict[str, Any]]:
    told = tomllib.loads(text).get("assignment", [])
    return [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []


def _told_rule(row: dict[str, Any]) -> NewRule:
    said = {name: str(row[name]) for name in ("category", "region", "source") if row.get(name)}
    return NewRule(to=str(row.get("to", "")), **said)


def _add(work: UnitOfWork, by: Actor, rule: NewRule) -> AssignmentRule:
    rules = assignment_rules(work)
    if len(rules) >= MOST_RULES:
        raise Invalid(T("There are {most} rules already; take one out first.", most=MOST_RULES))
    values = _checked(rule) | _receiver(work, rule.to) | {"position": len(rules) + 1}
    rule_id = int(work.connection.execute(insert(_RULES).returning(_RULES.c.id), values).scalar_one())
    added = next(one for one in assignment_rules(work) if one.id == rule_id)
    changes = {name: (None, getattr(added, name)) for name in _TOLD if getattr(added, name)}
    _record(work, by, rule_id, "added", changes)
    return added


def above_of(rules: Sequence[AssignmentRule], rule: AssignmentRule) -> AssignmentRule | None:
    """The rule that comes first and takes all of this one's leads, as long as somebody of it is there; None: none."""
    for one in rules:
        if one.position < rule.position and all(
            _takes(name, getattr(one, name), getattr(rule, name)) for name in _CASE
        ):
            return one
    return None


_CASE = ("category", "region", "source")


def _require_new(rules: Sequence[AssignmentRule], values: dict[str, Any]) -> None:
    """Raise Conflict where one of these rules says just the same."""
    for rule in rules:
        if all(getattr(rule, name) == value for name, value in values.items()):
            raise Conflict(T("Rule {n} says the same already.", n=rule.position))


def _takes(name: str, said: str | None, told: str | None) -> bool:
    """Whether what a rule says of this takes whatever another does: a region takes its countries."""
    return said in (None, told) or (name == "region" and said in REGIONS and told in REGIONS[said][1])


_TOLD = ("category", "region", "source", "team_name", "person_name")


def _checked(rule: NewRule) -> dict[str, Any]:
    region = None if rule.region is None else read_region(rule.region)
    if rule.region is not None and region is None:
        raise Invalid(T("{region} is no region or country; write one such as Europe or DE.", region=rule.region))
    if rule.source is not None and rule.source not in SOURCES:
        raise Invalid(T("{source} is none of the sources.", source=rule.source))
    category = " ".join((rule.category or "").split())[:100] or None
    return {"category": category, "region": region, "source": rule.source}


def _receiver(work: UnitOfWork, name: str) -> dict[str, Any]:
    """The team or the person of this name, letter case aside: a team before a person."""
    wanted = " ".join(name.split()).lower()
    team = work.connection.execute(select(_TEAMS.c.id).where(func.lower(_TEAMS.c.name) == wanted)).scalar()
    if team is not None:
        return {"team_id": team, "person_id": None}
    same = (func.lower(_PEOPLE.c.name) == wanted, _PEOPLE.c.is_active)
    person = work.connection.execute(select(_PEOPLE.c.id).where(*same)).scalar()
    if person is None:
        raise NotFound(T("There is no team and nobody named {name}.", name=name.strip() or "–"))
    return {"team_id": None, "person_id": person}


def _place(rules: Sequence[AssignmentRule], rule_id: int) -> int:
    for place, rule in enumerate(rules):
        if rule.id == rule_id:
            return place
    raise NotFound(T("There is no such rule any more."))


def _number(work: UnitOfWork, ordered: Sequence[int]) -> None:
    for position, rule_id in enumerate(ordered, 1):
        work.connection.execute(update(_RULES).where(_RULES.c.id == rule_id).values(position=position))


def _record(work: UnitOfWork, by: Actor, rule_id: int, act: str, changes: dict[str, tuple[Any, Any]]) -> int:
    return history.record(work, actor=by, entity="assignment_rule", entity_id=rule_id, act=act, changes=changes)
