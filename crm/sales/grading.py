"""A customer's grade, given by hand with a reason; what the figures propose comes to the same. Guide 1.1."""

from sqlalchemy import update

from crm.core import copies, history
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.customer_policy import can_grade
from crm.sales.customers import GRADES, Customer, get_customer

_CUSTOMERS = Customer.table()


def set_grade(work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, grade: str, reason: str) -> str:
    """Make it a key (A), important (B) or ordinary (C) customer; returns the grade it had.

    Raises NotFound, Forbidden (the owner's supervisor and the general manager grade), Invalid (grade, no reason).
    """
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_grade(actor, row))
    reason = " ".join(reason.split())
    if grade not in GRADES:
        raise Invalid(T("The grades are A, B and C."))
    if not reason:
        raise Invalid(T("Please say why the customer is graded anew."))
    if row.grade == grade:
        return grade
    regraded = update(_CUSTOMERS).where(_CUSTOMERS.c.id == customer_id)
    work.connection.execute(regraded.values(grade=grade, changed_at=work.now))
    by, changes = Actor(actor.id, platform), {"grade": (row.grade, grade)}
    history.record(
        work, actor=by, entity="customer", entity_id=customer_id, act="graded", changes=changes, reason=reason
    )
    copies.touch_card(work, card="customer", subject_id=customer_id)
    return str(row.grade)
