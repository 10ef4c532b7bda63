"""What comes next with a customer: the earliest reminder about it or one of its deals."""

from typing import Any

from sqlalchemy import select

from crm.core.work import UnitOfWork
from crm.people.people import Person
from crm.sales.deals.deals import Deal
from crm.sales.tasks.tasks import STANDING, Task

_TASKS, _DEALS, _PEOPLE = Task.table(), Deal.table(), Person.table()


def next_step(work: UnitOfWork, *, customer_id: int) -> Any:
    """The standing reminder due first, of a customer the reader may see: a row of `tasks` with `person_name`, or None.

    One that is overdue comes first.
    """
    t = _TASKS.c
    deals = select(_DEALS.c.id).where(_DEALS.c.customer_id == customer_id)
    of_deal = (t.about == "deal") & t.about_id.in_(deals)
    of_customer = (t.about == "customer") & (t.about_id == customer_id)
    query = select(*t, _PEOPLE.c.name.label("person_name")).join(_PEOPLE, _PEOPLE.c.id == t.person_id)
    standing = query.where(t.about.is_not(None), of_customer | of_deal, t.status.in_(STANDING))
    return work.connection.execute(standing.order_by(t.due_at, t.id).limit(1)).one_or_none()
