"""Approvers ask before they decide: the answer comes back to the card, and the step stays open. Guide 3.1."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import Conflict, Invalid
from crm.core.outbox import Lane
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, order_of_step, touch_cards
from crm.orders.decisions import check_open
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, lock_order, read_order, read_plain, record
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.people.reach import tell

LONGEST = 1_000
MOST_OPEN = 3
"""Questions of one order that may wait for an answer at a time."""


class OrderQuestion(Base):
    """A question about an order in one round of its approval. `answer` None: the submitter has not said yet."""

    __tablename__ = "order_questions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    round: Mapped[int]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_QUESTIONS, _PEOPLE = OrderQuestion.table(), Person.table()
_READ = select(_QUESTIONS, _PEOPLE.c.name.label("asker_name")).join(_PEOPLE, _PEOPLE.c.id == _QUESTIONS.c.asked_by_id)


def questions_of(work: UnitOfWork, *, order_id: int) -> Sequence[Any]:
    """All that was asked about an order, the oldest first, with `asker_name`."""
    theirs = _READ.where(_QUESTIONS.c.order_id == order_id)
    return work.connection.execute(theirs.order_by(_QUESTIONS.c.id)).all()


def open_question(work: UnitOfWork, *, order_id: int) -> Any:
    """The oldest that waits for an answer, None where none does."""
    theirs = _READ.where(_QUESTIONS.c.order_id == order_id, _QUESTIONS.c.answer.is_(None))
    return work.connection.execute(theirs.order_by(_QUESTIONS.c.id).limit(1)).one_or_none()


def ask_submitter(work: UnitOfWork, *, actor: Member, platform: str, step_id: int, question: str) -> int:
    """Ask whoever submitted the order; the step stays open. Returns the order's id.

    Raises what deciding on the step would raise now; Invalid (nothing asked), Conflict (too much is asked already).
    """
    order_id = order_of_step(work, step_id=step_id)
    lock_order(work, order_id=order_id)
    check_open(work, actor=actor, step_id=step_id)
    question = _checked(question)
    order = read_plain(work, order_id=order_id)
    if sum(one.answer is None for one in questions_of(work, order_id=order_id)) >= MOST_OPEN:
        raise Conflict(T("{name} has not answered the last questions yet.", name=order.submitter_name))
    values = {
        "order_id": order_id,
        "round": order.round,
        "asked_by_id": actor.id,
        "question": question,
        "asked_at": work.now,
    }
    work.connection.execute(insert(_QUESTIONS).values(values))
    record(work, actor, platform, order_id, "asked", {"question": (None, question)})
    facts = {"name": actor.name, "number": order.number, "customer": order.customer_name, "question": question}
    told = T("{name} asks about {number} {customer}: “{question}”", **facts)
    tell(
        work,
        person_id=order.submitter_id,
        text=told,
        about=("order", order_id),
        offers="answer",
        lane=Lane.DECISION,
    )
    touch_cards(work, order_id=order_id)
    return order_id


def check_answerable(work: UnitOfWork, *, actor: Member, order_id: int) -> Any:
    """The question that is to be answered now. Raises NotFound, Forbidden, Conflict (none waits, or it was decided)."""
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_change_order(actor, order))
    found = open_question(work, order_id=order_id)
    if found is None:
        raise Conflict(T("No question about order {number} waits for an answer.", number=order.number))
    if order.status != "pending":
        facts = {"number": order.number, "status": STATUSES[order.status]}
        raise Conflict(T("Order {number} is: {status}. That can't be done any more.", **facts))
    return found


def answer_question(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, answer: str) -> Any:
    """Answer the oldest question; whoever asked hears of it and the cards show it. Returns the question's row.

    Raises as `check_answerable`; Invalid (nothing said).
    """
    lock_order(work, order_id=order_id)
    found = check_answerable(work, actor=actor, order_id=order_id)
    answer = _checked(answer)
    once = update(_QUESTIONS).where(_QUESTIONS.c.id == found.id, _QUESTIONS.c.answer.is_(None))
    if work.connection.execute(once.values(answer=answer, answered_at=work.now)).rowcount != 1:
        raise Conflict(T("This was answered already."))
    record(work, actor, platform, order_id, "answered", {"answer": (None, answer)})
    order = read_plain(work, order_id=order_id)
    facts = {"name": actor.name, "number": order.number, "answer": answer}
    told = T("{name} answers on {number}: “{answer}”", **facts)
    tell(work, person_id=found.asked_by_id, text=told, about=(CARD, order_id), lane=Lane.DECISION)
    touch_cards(work, order_id=order_id)
    return found


def _checked(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise Invalid(T("Please write one sentence or a few, at most {most} characters.", most=LONGEST))
    return text
