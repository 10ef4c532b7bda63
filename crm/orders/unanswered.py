"""Approvals that nobody gives: the approver is reminded, then their superior may decide too. Guide 3.1.

Hours are working hours of that approver since the step was asked of them. Once it is decided, recalled or submitted
again, nothing of this is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crm.core import history
from crm.core.history import SYSTEM
from crm.core.outbox import Lane
from crm.core.rules import decimal_rule, whole_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, STUCK_LEVEL, STUCK_WATCH, ApprovalStep, nobody_words, touch_cards
from crm.orders.approvers import Circle
from crm.orders.escalations import StepEscalation
from crm.orders.orders import Order
from crm.orders.slow_steps import FROM_STEPS, IS_OPEN, STEP_COLUMNS, SlowStep, above, latest_for, slow_steps
from crm.people.listing import tell_lines
from crm.people.people import Member, Person, Role
from crm.people.reach import show_card, tell
from crm.people.telling import Due, send_cards
from crm.people.watching import Sighting, Watch, as_list, notice_key

_ESCALATIONS = StepEscalation.table()
_PEOPLE = Person.table()
_SUPERIORS = _PEOPLE.alias("superiors")
_APPROVERS = _PEOPLE.alias("approvers")
_SUBMITTERS = _PEOPLE.alias("submitters")
_ESCALATED = (
    select(
        *STEP_COLUMNS,
        _ESCALATIONS.c.person_id.label("superior_id"),
        _ESCALATIONS.c.approver_id,
        _ESCALATIONS.c.at,
        _SUPERIORS.c.name.label("superior_name"),
        _APPROVERS.c.name.label("approver_name"),
        _APPROVERS.c.is_active.label("approver_is_active"),
        _SUBMITTERS.c.is_active.label("submitter_is_active"),
    )
    .select_from(
        FROM_STEPS.join(_ESCALATIONS, _ESCALATIONS.c.step_id == ApprovalStep.table().c.id)
        .join(_SUPERIORS, _SUPERIORS.c.id == _ESCALATIONS.c.person_id)
        .join(_APPROVERS, _APPROVERS.c.id == _ESCALATIONS.c.approver_id)
        .join(_SUBMITTERS, _SUBMITTERS.c.id == Order.table().c.submitter_id)
    )
    .where(IS_OPEN)
    .order_by(_ESCALATIONS.c.at, _ESCALATIONS.c.person_id)
)
_ESCALATE = {
    name: dialect.insert(_ESCALATIONS).on_conflict_do_nothing().returning(_ESCALATIONS.c.step_id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def _find_unanswered(work: UnitOfWork) -> list[Sighting]:
    """Of concern to who is asked; and to who is away meanwhile, lest they be told again of the same on their return."""
    _, slow = slow_steps(work, _hours(work, "orders.remind_after_hours"))
    return [
        _sighting(step.row, person_id, _order_words(step.row))
        for step in slow
        for person_id in dict.fromkeys(
            [*(approver.id for approver in step.over), *(absent.id for absent in step.deciders.away_for.values())]
        )
    ]


def _remind(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
    """The card once more, in the chat they use: with a line above that says why."""
    hours = _hours(work, "orders.remind_after_hours") / timedelta(hours=1)
    heading = TN(
        "{n} order has waited for your decision for {hours} working hours:",
        "{n} orders have waited for your decision for {hours} working hours:",
        n=len(seen),
        hours=Decimal(str(hours)),
    )
    if _say_with_cards(work, person_id, seen, heading, UNANSWERED.name):
        due = [Due(person_id, one.facts.order_id, f"{notice_key(work, UNANSWERED.name, one)}:card") for one in seen]
        send_cards(work, card=CARD, due=due, lane=Lane.DECISION)


def _say_with_cards(work: UnitOfWork, person_id: int, seen: Sequence[Sighting], heading: Text, watch: str) -> bool:
    """The line above cards; of too many of them, one list instead: then False."""
    key = notice_key(work, watch, seen[0])
    if len(seen) > whole_rule(work, "tasks.list_over"):
        lines = [(one.line, one.about) for one in seen]
        tell_lines(work, person_id=person_id, heading=heading, lines=lines, key=key, lane=Lane.DECISION)
        return False
    named = T("{heading} {numbers}", heading=heading, numbers=[_row(one).number for one in seen])
    tell(work, person_id=person_id, text=named, key=key, lane=Lane.DECISION)
    return True


def _row(one: Sighting) -> Any:
    return one.facts.row if isinstance(one.facts, _Above) else one.facts


@dataclass(frozen=True, slots=True)
class _Above:
    """To whom a step goes up: `superior` may decide too, instead of a slow `approver`."""

    row: Any
    approver: Member
    superior: Member


def _find_for_superiors(work: UnitOfWork) -> list[Sighting]:
    """Of concern to the superior who may decide now, or to who stands in for them."""
    hours = _hours(work, "orders.escalate_after_hours")
    circle, slow = slow_steps(work, hours)
    found = [one for step in slow for one in _for_superiors(step, circle)]
    latest = latest_for(work, hours, (reader.id for _, _, reader in found))
    sightings = []
    for step, facts, reader in found:
        has_waited = step.left_at is None or step.left_at <= latest[reader.id]
        if has_waited or facts.approver in step.over:
            line = T("{order}, with {name}", order=_order_words(step.row), name=facts.approver.name)
            sightings.append(_sighting(step.row, reader.id, line, facts))
    return sightings


def _for_superiors(step: SlowStep, circle: Circle) -> Iterator[tuple[SlowStep, _Above, Member]]:
    """To whom a step may go up, and who would be asked then."""
    for approver in step.passed_over:
        for superior in above(step, approver, circle):
            for reader in step.deciders_with(superior, circle).asked:
                if not step.deciders.may(reader.id):
                    yield step, _Above(step.row, approver, superior), reader


def _escalate(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
    """Let the superior decide too, from now on, and bring the card to every chat of who decides there."""
    new = [one for one in seen if _let_decide(work, one.facts)]
    if not new:
        return
    hours = _hours(work, "orders.escalate_after_hours") / timedelta(hours=1)
    heading = TN(
        "{n} order was left undecided for {hours} working hours; now you may decide too:",
        "{n} orders were left undecided for {hours} working hours; now you may decide too:",
        n=len(new),
        hours=Decimal(str(hours)),
    )
    with_cards = _say_with_cards(work, person_id, new, heading, ESCALATED.name)
    for one in new:
        touch_cards(work, order_id=one.facts.row.order_id)
        if with_cards:
            show_card(work, person_id=person_id, card=CARD, subject_id=one.facts.row.order_id)


def _let_decide(work: UnitOfWork, above: _Above) -> bool:
    """False when they may already."""
    row, superior = above.row, above.superior
    values = {"step_id": row.step_id, "person_id": superior.id, "approver_id": above.approver.id, "at": work.now}
    if work.connection.execute(_ESCALATE[work.connection.dialect.name], values).first() is None:
        return False
    changes = {"step": (None, row.role), "may_decide": (above.approver.name, superior.name)}
    history.record(work, actor=SYSTEM, entity="order", entity_id=row.order_id, act="escalated", changes=changes)
    return True


def _find_escalated(work: UnitOfWork) -> list[Sighting]:
    """For the approver who was too slow, and for the submitter: worse with each superior more."""
    by_reader: dict[tuple[int, int], list[Any]] = {}
    for row in work.connection.execute(_ESCALATED):
        readers = ((row.approver_id, row.approver_is_active), (row.submitter_id, row.submitter_is_active))
        for reader_id, is_active in readers:
            if is_active:
                by_reader.setdefault((row.step_id, reader_id), []).append(row)
    return [_escalated_sighting(rows, reader_id) for (_, reader_id), rows in by_reader.items()]


def _escalated_sighting(rows: Sequence[Any], reader_id: int) -> Sighting:
    row = rows[-1]
    superiors = list(dict.fromkeys(one.superior_name for one in rows))
    if reader_id == row.submitter_id:
        slow = list(dict.fromkeys(one.approver_name for one in rows))
        line = T(
            "{order}: {slow} has not decided, {names} may now too", order=_order_words(row), slow=slow, names=superiors
        )
    else:
        line = T("{order}: {names} may now decide too", order=_order_words(row), names=superiors)
    card = "order" if reader_id == row.submitter_id else CARD
    return _sighting(row, reader_id, line, level=len(superiors), card=card)


def _escalated_heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} order has been left undecided for too long:",
        "{n} orders have been left undecided for too long:",
        n=len(seen),
    )


def _find_stuck(work: UnitOfWork) -> list[Sighting]:
    """For the administrators: steps that everybody asked has left too long, with nobody above them; and at once those
    that nobody may decide on, which is worse.
    """
    hours = _hours(work, "orders.escalate_after_hours")
    circle, slow = slow_steps(work, hours)
    administrators = circle.holders(Role.ADMIN)
    latest = latest_for(work, hours, (one.id for one in administrators))
    found = []
    for step in slow:
        if not step.has_nobody and (not step.is_left_by_all or any(_for_superiors(step, circle))):
            continue
        line, level = _stuck_words(step), STUCK_LEVEL if step.has_nobody else 1
        for one in administrators:
            left_at = None if set(step.over) == set(step.deciders.asked) else step.left_at
            if left_at is None or left_at <= latest[one.id]:
                found.append(_sighting(step.row, one.id, line, level=level, card="order"))
    return found


def _stuck_words(step: SlowStep) -> Text:
    if step.has_nobody:
        return nobody_words(step.row.number, Role(step.row.role))
    names = [approver.name for approver in step.deciders.asked]
    return T("{order}, with {names}", order=_order_words(step.row), names=names)


def _stuck_heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} order is left undecided, and there is no superior who might decide instead:",
        "{n} orders are left undecided, and there is no superior who might decide instead:",
        n=len(seen),
    )


def _order_words(row: Any) -> Text:
    return T("{number} {customer}", number=row.number, customer=row.customer)


def _sighting(row: Any, person_id: int, line: Text, facts: Any = None, *, level: int = 1, card: str = CARD) -> Sighting:
    return Sighting(
        subject_id=row.step_id,
        person_id=person_id,
        line=line,
        about=(card, row.order_id),
        level=level,
        facts=row if facts is None else facts,
    )


def _hours(work: UnitOfWork, rule: str) -> timedelta:
    return timedelta(hours=float(decimal_rule(work, rule)))


UNANSWERED = Watch("unanswered_approval", _find_unanswered, _remind)
ESCALATED = Watch("approval_for_superior", _find_for_superiors, _escalate)
TOLD_OF = Watch("approval_escalated", _find_escalated, as_list("approval_escalated", _escalated_heading))
STUCK = Watch(STUCK_WATCH, _find_stuck, as_list(STUCK_WATCH, _stuck_heading))
