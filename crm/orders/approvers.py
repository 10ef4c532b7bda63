"""Who decides on a step: functions of the step's role, the submitter and the people there are now.

Nobody decides on an order of their own, by no role: such a step goes to the superior, where there is none to any
other holder of the role, else to the administrators as a problem, never to nobody's approval. Guide 3.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select

from crm.core.text import T, Text
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.people.absence import IN_FORCE, Absence, Away, can_stand_in, stand_in_for, until_words
from crm.people.people import MEMBER_COLUMNS, ROLE_NAMES, Member, Person, PersonRole, Role, read_member
from crm.people.permissions import Allowed
from crm.people.superiors import superiors_among


@dataclass(frozen=True, slots=True)
class Circle:
    """The people who might have a say in orders, by id, the disabled among them.

    `delegates`: whom those away have named to decide for them, None where nobody; `away_until`: until when they are.
    """

    people: Mapping[int, Member]
    delegates: Mapping[int, int | None] = field(default_factory=dict)
    away_until: Mapping[int, datetime] = field(default_factory=dict)

    def holders(self, role: Role) -> list[Member]:
        return [person for person in self.people.values() if person.is_active and role in person.roles]

    def active(self, person_id: int | None) -> Member | None:
        person = self.people.get(person_id or 0)
        return person if person is not None and person.is_active else None

    def stand_in(self, person_id: int, *, submitter_id: int) -> Member | None:
        """Who decides for this person now, if they are away and somebody may: never the submitter, nor through them."""
        found = stand_in_for(person_id, self.delegates, but=(submitter_id,))
        delegate = self.active(found) if found is not None else None
        return delegate if delegate is not None and can_stand_in(delegate) is True else None

    def with_absence(self, person_id: int, absence: Away | None) -> "Circle":
        """The same, were this the person's absence (None: were they there)."""
        delegates, until = dict(self.delegates), dict(self.away_until)
        delegates.pop(person_id, None)
        until.pop(person_id, None)
        if absence is not None:
            delegates[person_id], until[person_id] = absence.delegate_id, absence.until
        return replace(self, delegates=delegates, away_until=until)


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who may decide on one step. `own`: in their own right; `away_for`: for each who stands in, the one who is away;
    `resting`: who is away with somebody there to decide for them.
    """

    own: tuple[Member, ...]
    stand_ins: tuple[Member, ...]
    away_for: Mapping[int, Member]
    resting: frozenset[int]

    @property
    def everybody(self) -> list[Member]:
        return [*self.own, *self.stand_ins]

    @property
    def asked(self) -> list[Member]:
        """Who gets the card."""
        return [*(person for person in self.own if person.id not in self.resting), *self.stand_ins]

    def may(self, person_id: int) -> bool:
        return any(person.id == person_id for person in self.everybody)

    def may_in_their_own_right(self, person_id: int) -> bool:
        return any(person.id == person_id for person in self.own)


_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_ABSENCES = Absence.table()
_CIRCLE = (
    select(*MEMBER_COLUMNS, _ABSENCES.c.delegate_id, _ABSENCES.c.until.label("away_until"))
    .outerjoin(_ABSENCES, and_(_ABSENCES.c.person_id == _PEOPLE.c.id, IN_FORCE))
    .where(
        or_(
            _PEOPLE.c.id.in_(select(_ROLES.c.person_id).where(_ROLES.c.role != Role.REP.value)),
            _PEOPLE.c.id.in_(select(_PEOPLE.alias("others").c.superior_id)),
            _PEOPLE.c.id.in_(bindparam("named", expanding=True, type_=Id)),
        )
    )
    .order_by(_PEOPLE.c.id)
)


def read_circle(work: UnitOfWork, *person_ids: int) -> Circle:
    """Everybody who is more than a rep, all superiors, and the people named; as they are now, in one statement."""
    rows = work.connection.execute(_CIRCLE, {"named": list(person_ids), "now": work.now}).all()
    away = [row for row in rows if row.away_until is not None]
    return Circle(
        {row.person_id: read_member(row[: len(MEMBER_COLUMNS)]) for row in rows},
        {row.person_id: row.delegate_id for row in away},
        {row.person_id: row.away_until for row in away},
    )


def deciders(role: Role, *, submitter_id: int, circle: Circle, escalated: Iterable[int] = ()) -> Deciders:
    """Who may decide on this role's step of an order of that submitter's; nobody: a problem for the administrators.

    `escalated`: the superiors who may too, for it was left undecided too long; as long as their role lets them.
    """
    own = {person.id: person for person in _in_their_own_right(role, submitter_id, circle)}
    for person_id in escalated:
        superior = circle.active(person_id)
        if superior is not None and person_id != submitter_id and can_stand_in(superior) is True:
            own.setdefault(person_id, superior)
    delegates = {person.id: circle.stand_in(person.id, submitter_id=submitter_id) for person in own.values()}
    resting = frozenset(person_id for person_id, delegate in delegates.items() if delegate is not None)
    stand_ins: dict[int, Member] = {}
    away_for: dict[int, Member] = {}
    for person_id, delegate in delegates.items():
        if delegate is not None and delegate.id not in own:
            stand_ins.setdefault(delegate.id, delegate)
            away_for.setdefault(delegate.id, own[person_id])
    return Deciders(tuple(own.values()), tuple(stand_ins.values()), away_for, resting)


def approvers_for(role: Role, *, submitter_id: int, circle: Circle, escalated: Iterable[int] = ()) -> list[Member]:
    """Everybody of `deciders`, who may decide in their own right first."""
    return deciders(role, submitter_id=submitter_id, circle=circle, escalated=escalated).everybody


def can_decide(
    person: Member, *, role: Role, submitter_id: int, circle: Circle, escalated: Iterable[int] = ()
) -> Allowed:
    """Whether this person decides on this role's step, as people and roles stand now in `circle`."""
    if circle.active(person.id) is None:
        return T("Your access was taken away.")
    if person.id == submitter_id:
        return T("Nobody decides on an order of their own.")
    if deciders(role, submitter_id=submitter_id, circle=circle, escalated=escalated).may(person.id):
        return True
    return T("This is not yours to decide: it waits for {role}.", role=ROLE_NAMES[role])


def superiors_of(person: Member, circle: Circle) -> list[Member]:
    """The superior; by default the team's supervisors, and for a supervisor the general manager."""
    return superiors_among(person, circle.people)


def away_words(person: Member, circle: Circle) -> Text | None:
    """Until when this person is away; None where they are not."""
    until = circle.away_until.get(person.id)
    return None if until is None else until_words(until, person.timezone)


def _in_their_own_right(role: Role, submitter_id: int, circle: Circle) -> list[Member]:
    submitter = circle.people[submitter_id]
    if role in submitter.roles:
        found = superiors_of(submitter, circle)
    elif role is Role.SUPERVISOR:
        found = _supervisors_of(submitter, circle)
    else:
        found = circle.holders(role)
    found = [person for person in found if person.id != submitter_id]
    return found or [person for person in circle.holders(role) if person.id != submitter_id]


def _supervisors_of(person: Member, circle: Circle) -> list[Member]:
    """A rep's superior and the supervisors of the rep's team."""
    superior = circle.active(person.superior_id)
    found = {superior.id: superior} if superior is not None else {}
    found |= {member.id: member for member in _of_team(person, circle)}
    return list(found.values())


def _of_team(person: Member, circle: Circle) -> list[Member]:
    if person.team_id is None:
        return []
    return [member for member in circle.holders(Role.SUPERVISOR) if member.team_id == person.team_id]
