"""What makes a customer's grade: a score of 100 with its parts, and the grades it speaks for, once a month. Guide 1.1.

What nobody has judged by hand (potential, influence) counts neither for nor against: the score is then that of the
other parts. Weights, what earns them in full, and the borders of the grades are rules (`grading.…`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.history import HistoryEntry
from crm.core.rules import read_rules, whole_of
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.orders.orders import Order
from crm.people.people import Role, list_members
from crm.people.superiors import superiors_of
from crm.people.telling import Due, send_cards
from crm.sales.agreed_orders import AGREED
from crm.sales.customers.customers import Customer
from crm.sales.customers.grading import CARD, GradeProposal, GradingMonth, close_proposals

YEAR = timedelta(days=365)
LIST_CARD = "grades"
"""The card that lists what is proposed to somebody (by the person's id), where that is more than MOST_CARDS."""
MOST_CARDS = 5

_CUSTOMERS = Customer.table()
_ORDERS = Order.table()
_PROPOSALS = GradeProposal.table()
_MONTHS = GradingMonth.table()
_HISTORY = HistoryEntry.table()
_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: so many points of at most `most`; None: nobody has judged it.

    `key`: `turnover` (`value`: of the last 12 months, base currency), `potential` and `influence` (1 to 5), `history`
    (`value`: whole years since the first order, `orders`: how many).
    """

    key: str
    points: int | None
    most: int
    value: Decimal | int | None
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A customer's score of 100, and the grade it speaks for. `is_new`: there is nothing yet to judge it by."""

    customer_id: int
    grade: str
    score: int
    proposed: str
    is_new: bool
    parts: tuple[Part, ...]


def score_of(work: UnitOfWork, *, customer_id: int) -> Score:
    """The score of one customer that the reader may see."""
    return next(iter(_scores(work, read_rules(work), _CUSTOMERS.c.id == customer_id)))


def pack_score(score: Score) -> dict[str, Any]:
    """A score as plain JSON, as a proposal keeps it."""
    parts = [
        [part.key, part.points, part.most, None if part.value is None else str(part.value), part.orders]
        for part in score.parts
    ]
    return {"score": score.score, "parts": parts}


def unpack_parts(packed: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts that `pack_score` wrote."""
    return tuple(
        Part(key, points, most, None if value is None else Decimal(value), orders)
        for key, points, most, value, orders in packed.get("parts", ())
    )


def is_due(work: UnitOfWork) -> bool:
    """Whether this month's grades are still to be proposed. Reads only."""
    month = _due_month(work, read_rules(work))
    return month is not None and not _is_done(work, month)


def changes_due(work: UnitOfWork) -> list[Score]:
    """The customers whose grade is to be proposed anew this month. Reads only: at a hundred thousand customers it takes
    a second or two, in which others may write.
    """
    rules = read_rules(work)
    held, kept = _settled(work, timedelta(days=whole_of(rules, "grading.settled_days")))
    return [
        one
        for one in _scores(work, rules, _CUSTOMERS.c.status == "active", _CUSTOMERS.c.owner_id.is_not(None))
        if one.proposed != one.grade
        and not one.is_new
        and one.customer_id not in held
        and (one.customer_id, one.proposed) not in kept
    ]


def propose_grades(work: UnitOfWork, found: Collection[Score]) -> int:
    """Propose these changes (`changes_due`) to who decides them; returns how many. Once a month, whoever asks."""
    month = _due_month(work, read_rules(work))
    if month is None or not _take_month(work, month):
        return 0
    if found:
        close_proposals(work, customer_ids=[one.customer_id for one in found])
        _tell(work, month, _write(work, month, found))
    return len(found)


def _scores(work: UnitOfWork, rules: Mapping[str, str], *where: Any) -> Iterable[Score]:
    counted = (_ORDERS.c.customer_id == _CUSTOMERS.c.id) & _ORDERS.c.status.in_(AGREED)
    recent = case((_ORDERS.c.submitted_at >= work.now - YEAR, _ORDERS.c.base_total), else_=literal(None, Amount))
    c = _CUSTOMERS.c
    query = select(
        c.id,
        c.grade,
        c.potential,
        c.influence,
        c.created_at,
        func.sum(recent, type_=Amount).label("turnover"),
        func.count(_ORDERS.c.id).label("orders"),
        func.min(_ORDERS.c.submitted_at, type_=_ORDERS.c.submitted_at.type).label("since"),
    ).select_from(_CUSTOMERS.outerjoin(_ORDERS, counted))
    for row in work.connection.execute(query.where(*where).group_by(c.id)):
        parts = _parts(row, work.now, rules)
        known = [part for part in parts if part.points is not None]
        most = sum(part.most for part in known)
        points = sum(part.points or 0 for part in known)
        score = _half_up(Decimal(100 * points) / most) if most else 0
        is_new = not row.orders and row.created_at > work.now - YEAR
        yield Score(row.id, row.grade, score, _grade(score, rules), is_new, parts)


def _parts(row: Any, now: Any, rules: Mapping[str, str]) -> tuple[Part, ...]:
    def rule(key: str) -> Decimal:
        return Decimal(rules[f"grading.{key}"])

    def points(key: str, share: Decimal) -> int:
        return _half_up(rule(key) * min(Decimal(1), share))

    turnover = max(row.turnover or Decimal(0), Decimal(0))
    years = (now - row.since) / YEAR if row.since is not None else 0.0
    bought = min(Decimal(1), Decimal(row.orders) / max(rule("full_orders"), Decimal(1)))
    stayed = min(Decimal(1), Decimal(str(years)) / max(rule("full_years"), Decimal(1)))
    judged = [
        Part(key, None if value is None else points(key, Decimal(value) / 5), int(rule(key)), value)
        for key, value in (("potential", row.potential), ("influence", row.influence))
    ]
    return (
        Part(
            "turnover",
            points("turnover", turnover / max(rule("full_turnover"), Decimal(1))),
            int(rule("turnover")),
            turnover,
        ),
        judged[0],
        Part("history", points("history", (bought + stayed) / 2), int(rule("history")), int(years), row.orders),
        judged[1],
    )


def _grade(score: int, rules: Mapping[str, str]) -> str:
    if score >= Decimal(rules["grading.a_from"]):
        return "A"
    return "B" if score >= Decimal(rules["grading.b_from"]) else "C"


def _half_up(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def _due_month(work: UnitOfWork, rules: Mapping[str, str]) -> date | None:
    local = work.now.astimezone(ZoneInfo(rules["company.timezone"]))
    if local.day < Decimal(rules["grading.day"]) or local.strftime("%H:%M") < rules["tasks.morning_at"]:
        return None
    return local.date().replace(day=1)


def _is_done(work: UnitOfWork, month: date) -> bool:
    return work.connection.execute(select(_MONTHS.c.month).where(_MONTHS.c.month == month)).first() is not None


def _take_month(work: UnitOfWork, month: date) -> bool:
    """Of several processes one gets it."""
    row = _DIALECTS[work.connection.dialect.name].insert(_MONTHS).values(month=month, done_at=work.now)
    return work.connection.execute(row.on_conflict_do_nothing().returning(_MONTHS.c.month)).first() is not None


def _settled(work: UnitOfWork, lasting: timedelta) -> tuple[set[int], set[tuple[int, str]]]:
    """Customers that were graded of late, and (customer, grade) of proposals that somebody did not want of late."""
    since = work.now - lasting
    c, p = _HISTORY.c, _PROPOSALS.c
    graded = select(c.entity_id).where(c.entity == "customer", c.act == "graded", c.at >= since)
    kept = select(p.customer_id, p.grade_to).where(p.status == "kept", p.decided_at >= since)
    held = set(work.connection.execute(graded).scalars())
    return held, {(row.customer_id, row.grade_to) for row in work.connection.execute(kept)}


def _write(work: UnitOfWork, month: date, found: Collection[Score]) -> dict[int, int]:
    """The ids of the proposals by customer."""
    rows = [
        {
            "customer_id": one.customer_id,
            "month": month,
            "grade_from": one.grade,
            "grade_to": one.proposed,
            "parts": pack_score(one),
            "status": "open",
            "created_at": work.now,
        }
        for one in found
    ]
    work.connection.execute(insert(_PROPOSALS), rows)
    written = select(_PROPOSALS.c.customer_id, _PROPOSALS.c.id).where(_PROPOSALS.c.month == month)
    return {row.customer_id: row.id for row in work.connection.execute(written)}


def _tell(work: UnitOfWork, month: date, proposals: Mapping[int, int]) -> None:
    """A card for each to the owner's superiors, else to the general managers; one list where there are many."""
    owned = select(_CUSTOMERS.c.id, _CUSTOMERS.c.owner_id).where(_CUSTOMERS.c.id.in_(list(proposals)))
    owners = {row.id: row.owner_id for row in work.connection.execute(owned)}
    superiors = superiors_of(work, owners.values())
    managers = list_members(work, role=Role.GM, active_only=True)
    waiting: dict[int, list[int]] = {}
    for customer_id, proposal_id in proposals.items():
        for person in superiors.get(owners[customer_id]) or managers:
            waiting.setdefault(person.id, []).append(proposal_id)
    few = [
        Due(person_id, proposal_id, f"grade:{person_id}:{proposal_id}")
        for person_id, theirs in waiting.items()
        for proposal_id in theirs
        if len(theirs) <= MOST_CARDS
    ]
    many = [
        Due(person_id, person_id, f"grades:{person_id}:{month}")
        for person_id, theirs in waiting.items()
        if len(theirs) > MOST_CARDS
    ]
    for card, due in ((CARD, few), (LIST_CARD, many)):
        if due:
            send_cards(work, card=card, due=due)
