"""What a customer says of an order once it is there: a score from 1 to 5 and a comment, once. Guide 3.3, 4.1."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.outbox import Lane
from crm.core.rules import whole_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.orders import lock_order, read_plain
from crm.people.reach import tell
from crm.people.superiors import superiors_of

DELIVERED = ("delivered", "closed")
LONGEST = 1_000
"""Characters of a comment that are kept."""


class OrderScore(Base):
    """A customer's word on one order."""

    __tablename__ = "order_scores"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    score: Mapped[int]
    comment: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)


_SCORES = OrderScore.table()
_CUSTOMER = Actor(None, "customer")


def score_of_order(work: UnitOfWork, *, order_id: int) -> Any:
    """`score`, `comment` and `given_at`; None where nothing was said yet."""
    return work.connection.execute(select(_SCORES).where(_SCORES.c.order_id == order_id)).one_or_none()


def score_order(work: UnitOfWork, *, order_id: int, score: int, comment: str) -> None:
    """Keep what the customer says; the rep hears of it, of a bad score the superior too.

    Raises Invalid (no score from 1 to 5), Conflict (not delivered yet, or said before).
    """
    if not 1 <= score <= 5:
        raise Invalid(T("A score is from 1 to 5."))
    lock_order(work, order_id=order_id)
    order = read_plain(work, order_id=order_id)
    if order.status not in DELIVERED:
        raise Conflict(T("This order is not delivered yet."))
    if score_of_order(work, order_id=order_id) is not None:
        raise Conflict(T("Thank you: your answer was kept already."))
    said = comment.strip()[:LONGEST] or None
    row = {"order_id": order_id, "score": score, "comment": said, "given_at": work.now}
    work.connection.execute(insert(_SCORES).values(row))
    history.record(
        work,
        actor=_CUSTOMER,
        entity="order",
        entity_id=order_id,
        act="scored",
        changes={"score": (None, score)},
        reason=said,
    )
    copies.touch_card(work, card="order", subject_id=order_id)
    _tell(work, order, score, said)


def _tell(work: UnitOfWork, order: Any, score: int, said: str | None) -> None:
    facts = {"customer": order.customer_name, "number": order.number, "score": score}
    text = T("{customer} gives {score} of 5 for {number}.", **facts)
    if said is not None:
        text = T("{customer} gives {score} of 5 for {number}: “{comment}”", comment=said, **facts)
    readers = [order.submitter_id]
    is_bad = score <= whole_rule(work, "customer_page.low_score")
    if is_bad:
        readers += [one.id for one in superiors_of(work, [order.submitter_id])[order.submitter_id]]
    lane = Lane.DECISION if is_bad else Lane.NOTICE
    for person_id in dict.fromkeys(readers):
        key = f"score:{order.id}:{person_id}"
        tell(work, person_id=person_id, text=text, key=key, about=("order", order.id), lane=lane)
