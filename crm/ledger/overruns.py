"""Customers over their credit limit: the exposure of all of them at once. Guide 3.1."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import String as Words
from sqlalchemy import case, column, func, literal, select, table, text, type_coerce, union_all

from crm.core.types import Amount, Id
from crm.core.work import UnitOfWork
from crm.ledger.credit import UNCOVERED, Reservation
from crm.ledger.receivables import Receivable


@dataclass(frozen=True, slots=True)
class Overrun:
    """`exposure` is above `limit`, both in the base currency."""

    customer_id: int
    name: str
    limit: Decimal
    exposure: Decimal


_CUSTOMERS = table(
    "customers",
    column("id", Id),
    column("name", Words),
    column("status", Words),
    column("credit_limit", Amount),
    column("credit_rating", Words),
)
_RECEIVABLES = Receivable.table()
_RESERVATIONS = Reservation.table()
_EACH = union_all(
    select(_RECEIVABLES.c.customer_id, _RECEIVABLES.c.open_base.label("base")).where(
        text("receivables.settled_at IS NULL")
    ),
    select(_RESERVATIONS.c.customer_id, UNCOVERED.label("base")).where(text("reservations.released_at IS NULL")),
).subquery("each_of_them")
_EXPOSED = (
    select(_EACH.c.customer_id, func.sum(_EACH.c.base).label("base")).group_by(_EACH.c.customer_id).subquery("exposed")
)


def overruns(work: UnitOfWork, *, rules: Mapping[str, str]) -> list[Overrun]:
    """Every active customer whose exposure is above the limit, the own one or the rating's; one statement."""
    rated = {
        key.removeprefix("credit.limit_"): value for key, value in rules.items() if key.startswith("credit.limit_")
    }
    by_rating = case(
        {rating: literal(Decimal(value), Amount) for rating, value in rated.items()}, value=_CUSTOMERS.c.credit_rating
    )
    limit = func.coalesce(_CUSTOMERS.c.credit_limit, by_rating)
    query = (
        select(
            _CUSTOMERS.c.id,
            _CUSTOMERS.c.name,
            type_coerce(limit, Amount).label("most"),
            type_coerce(_EXPOSED.c.base, Amount).label("exposure"),
        )
        .join(_EXPOSED, _EXPOSED.c.customer_id == _CUSTOMERS.c.id)
        .where(_CUSTOMERS.c.status == "active", type_coerce(_EXPOSED.c.base, Amount) > limit)
    )
    return [Overrun(row.id, row.name, row.most, row.exposure) for row in work.connection.execute(query)]
