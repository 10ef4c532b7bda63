"""The figures counted anew from the rows they follow from: for databases from before them, and to check them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select, text

from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.insight.figures import Counted, DayFigure, add_up, company_zone, of_deal, of_order
from crm.orders.order_events import OrderStand
from crm.orders.orders import Order
from crm.sales.agreed_orders import AGREED
from crm.sales.deals.deals import Deal
from crm.sales.deals.events import DealStand
from crm.sales.deals.pipeline_totals import rebuild_totals, totals_differ
from crm.sales.deals.stages import OPEN_STAGES

_FIGURES = DayFigure.table()
_ORDERS = Order.table()
_DEALS = Deal.table()
_AT_ONCE = 5_000
_HOLD = text("LOCK TABLE orders, deals, day_figures IN SHARE ROW EXCLUSIVE MODE")
"""Reading goes on; a figure that somebody adds between counting and writing would be lost."""


def rebuild_figures(work: UnitOfWork) -> int:
    """Count everything anew in place of what was kept; returns how many there are. Nobody may write meanwhile."""
    rows = recount(work)
    work.connection.execute(delete(_FIGURES))
    for start in range(0, len(rows), _AT_ONCE):
        work.connection.execute(insert(_FIGURES), rows[start : start + _AT_ONCE])
    rebuild_totals(work)
    return len(rows)


def recount(work: UnitOfWork) -> list[dict[str, Any]]:
    """What the figures should be, as rows of `day_figures` by their key."""
    return add_up((*_orders(work), *_deals(work)), company_zone(work))


def kept(work: UnitOfWork) -> list[dict[str, Any]]:
    """What they are, in the same form; those that have come to nothing left out."""
    rows = work.connection.execute(
        select(_FIGURES).order_by(_FIGURES.c.person_id, _FIGURES.c.day, _FIGURES.c.measure)
    ).mappings()
    return sorted(
        (dict(row) for row in rows if row["count"] or row["base_amount"]),
        key=lambda row: (row["person_id"], row["day"], row["measure"]),
    )


def figures_differ(work: UnitOfWork) -> list[str]:
    """The measures whose totals are not what the rows come to; quick, as the database alone adds up.

    Where others write meanwhile, this must `read_one_moment`.
    """
    c, d = _ORDERS.c, _DEALS.c
    orders = select(func.count(), func.sum(c.base_total, type_=Amount))
    deals = select(func.count(), func.sum(d.base_amount, type_=Amount))
    should = {
        "submitted": orders,
        "turnover": orders.where(c.status.in_(AGREED)),
        "approved": orders.where(c.status.in_(AGREED), c.decided_at.is_not(None)),
        "won": deals.where(d.stage == "won"),
        "lost": deals.where(d.stage == "lost"),
    }
    sums = (func.sum(_FIGURES.c["count"]).label("number"), func.sum(_FIGURES.c.base_amount, type_=Amount).label("sum"))
    found = work.connection.execute(select(_FIGURES.c.measure, *sums).group_by(_FIGURES.c.measure))
    are = {row.measure: (int(row.number), row.sum) for row in found}
    wrong = []
    for measure, query in should.items():
        count, amount = work.connection.execute(query).one()
        if are.get(measure, (0, Decimal(0))) != (count, amount or Decimal(0)):
            wrong.append(measure)
    if totals_differ(work):
        wrong.append("open")
    return sorted({*wrong, *are.keys() - should.keys()})


def mend_figures(work: UnitOfWork) -> list[str]:
    """Count everything anew if the figures are not what the rows come to; returns the measures that were wrong.

    Whoever changes an order or a deal waits for this transaction, and this one for theirs.
    """
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_HOLD)
    wrong = figures_differ(work)
    if wrong:
        rebuild_figures(work)
    return wrong


def read_one_moment(work: UnitOfWork) -> None:
    """Have all that this transaction reads be of one moment; nothing may be read before. SQLite does so anyway."""
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def _orders(work: UnitOfWork) -> Iterator[Counted]:
    c = _ORDERS.c
    query = select(c.submitter_id, c.status, c.submitted_at, c.base_total, c.decided_at)
    for row in work.connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield from of_order(OrderStand(*row))


def _deals(work: UnitOfWork) -> Iterator[Counted]:
    c = _DEALS.c
    query = select(c.owner_id, c.stage, c.stage_since, c.base_amount).where(c.stage.not_in(OPEN_STAGES))
    for row in work.connection.execute(query):
        yield from of_deal(DealStand(*row))
