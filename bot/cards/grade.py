"""What makes a customer's grade, and the card on which a supervisor accepts another one or keeps it. Guide 1.1."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import TN, T, Words
from crm.core.work import UnitOfWork
from crm.insight.grades import Part, unpack_parts
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.customers.customers import GRADES
from crm.sales.customers.grading import get_proposal, open_proposals
from crm.sales.customers.policy import can_grade

PARTS = {
    "turnover": T("Bought in 12 months"),
    "potential": T("Potential"),
    "history": T("History with us"),
    "influence": T("Influence"),
}
PAGE = 8


def draw_proposal(work: UnitOfWork, proposal_id: int, viewer: Member) -> Screen:
    """A proposed grade with its reason; once decided, by whom and how. Raises NotFound, Forbidden."""
    row, customer = get_proposal(work, viewer=viewer, proposal_id=proposal_id)
    if row.status == "open":
        require(can_grade(viewer, customer))
    change = T("{before} → {after}", before=GRADES[row.grade_from], after=GRADES[row.grade_to])
    score = T("{score} of 100 points", score=row.parts.get("score", 0))
    lines = [
        title(T("Another grade for {name}?", name=customer.name)),
        labelled(T("Proposed"), change),
        labelled(T("Score"), score),
        *part_lines(unpack_parts(row.parts), text_rule(work, "company.base_currency")),
        labelled(T("Owner"), customer.owner_name or T("in the pool")),
    ]
    to_customer = Button(labels.OPEN, f"customer.open:{customer.id}")
    if row.status != "open":
        return Screen((*lines, _outcome(row)), ((to_customer,),))
    decide = (
        Button(labels.ACCEPT_GRADE, f"grade.accept:{proposal_id}", "primary"),
        Button(labels.KEEP_GRADE, f"grade.keep:{proposal_id}"),
    )
    return Screen(tuple(lines), (decide, (to_customer,)))


def draw_proposals(work: UnitOfWork, person_id: int, viewer: Member) -> Screen:
    """What is proposed to this person and not decided yet, the first page of it."""
    return proposals_page(work, viewer, 0)


def proposals_page(work: UnitOfWork, viewer: Member, page: int) -> Screen:
    rows = open_proposals(work, viewer=viewer)
    if not rows:
        return Screen((body(T("No other grades are proposed now.")),))
    shown = rows[page * PAGE : (page + 1) * PAGE]
    heading = TN("{n} customer would get another grade", "{n} customers would get another grade", n=len(rows))
    lines: list[Line] = [title(heading)]
    lines += [
        body(
            T(
                "{name}: {before} → {after}, {score} points",
                name=row.customer_name,
                before=row.grade_from,
                after=row.grade_to,
                score=row.parts.get("score", 0),
            )
        )
        for row in shown
    ]
    buttons = [(Button(row.customer_name, f"grade.open:{row.id}"),) for row in shown]
    turn = [Button(labels.PREVIOUS, f"grades.page:{page - 1}")] if page else []
    if (page + 1) * PAGE < len(rows):
        turn.append(Button(labels.NEXT, f"grades.page:{page + 1}"))
    return Screen(tuple(lines), (*buttons, tuple(turn)) if turn else tuple(buttons))


def part_lines(parts: Sequence[Part], currency: str) -> list[Line]:
    """Each part with what it stands on and the points it earns."""
    return [labelled(PARTS[part.key], _part_words(part, currency)) for part in parts]


def _part_words(part: Part, currency: str) -> Words:
    if part.points is None:
        return T("not judged yet, left out of the score")
    return T("{fact}: {points} of {most}", fact=_fact(part, currency), points=part.points, most=part.most)


def _fact(part: Part, currency: str) -> Words:
    if part.key == "turnover":
        return T("{amount}", amount=Money(Decimal(part.value or 0), currency))
    if part.key == "history":
        orders = TN("{n} order", "{n} orders", n=part.orders)
        years = TN("{n} year", "{n} years", n=int(part.value or 0))
        return T("{items}", items=[orders, years])
    return T("{number} of 5", number=int(part.value or 0))


def _outcome(row: Any) -> Line:
    if row.status == "accepted":
        return body(T("{name} accepted it: grade {grade}", name=row.decided_by or "", grade=row.grade_to))
    if row.status == "kept":
        return body(T("{name} kept grade {grade}", name=row.decided_by or "", grade=row.grade_from))
    return muted(T("Graded otherwise in the meantime."))
