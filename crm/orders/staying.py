"""What is not handed over when somebody goes away: orders of the very person who is to decide for them.

Nobody decides on an order of their own, nor for somebody else. Guide 3.1.
"""

from dataclasses import dataclass
from datetime import datetime

from crm.core.work import UnitOfWork
from crm.orders.approvers import read_circle
from crm.orders.waiting import deciders_of, open_steps
from crm.people.absence import stand_in_then
from crm.people.people import Member


@dataclass(frozen=True, slots=True)
class Staying:
    """An order that waits for somebody away and was submitted by who stands in. `others`: who is asked besides."""

    number: str
    submitter_name: str
    others: tuple[str, ...]


def staying_with(work: UnitOfWork, *, person: Member, delegate_id: int, since: datetime) -> list[Staying]:
    """What this person has to decide on and their delegate may not, were they away from `since`; the longest waiting
    first.
    """
    _, last = stand_in_then(work, person_id=person.id, delegate_id=delegate_id, at=since)
    rows = [row for row in open_steps(work) if last is not None and row.submitter_id == last]
    if not rows:
        return []
    circle = read_circle(work, person.id, *{row.submitter_id for row in rows})
    found = []
    for row in rows:
        who = deciders_of(row, circle)
        if any(one.id == person.id for one in who.own):
            others = tuple(one.name for one in who.asked if one.id not in {person.id, last})
            found.append(Staying(row.number, row.submitter_name, others))
    return found
