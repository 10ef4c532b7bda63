"""The key figures of the stages, worked out once more from the history and the quotes' rows, by no service of ours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import mean
from typing import Any

from sqlalchemy import Select, select

from crm.core.history import HistoryEntry
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quotes import Quote
from crm.sales.deals.deals import Deal
from tests.scenarios.fair import BEGINS, SHANGHAI, Fair

_H, _Q, _L, _D = HistoryEntry.table().c, Quote.table().c, QuoteLine.table().c, Deal.table().c
_CHANGES = select(_H.entity, _H.entity_id, _H.act, _H.at, _H.changes).where(_H.at >= BEGINS).order_by(_H.id)
_SENT = (
    select(_Q.deal_id, _Q.total, _L.quantity, _L.list_price)
    .join_from(Quote.table(), QuoteLine.table(), _L.quote_id == _Q.id)
    .where(_Q.sent_at >= BEGINS)
    .order_by(_Q.sent_at, _Q.id)
)


def figures_by_hand(fair: Fair) -> dict[str, tuple[int, Decimal]]:
    """By key: of how many deals, and their mean. The story's quotes have one line, in the deal's own currency."""
    history, quotes = _read(fair, _CHANGES), _read(fair, _SENT)
    leads = {row.id: row.lead_id for row in _read(fair, select(_D.id, _D.lead_id).where(_D.created_at >= BEGINS))}
    moves = [row for row in history if row.entity == "deal" and row.entity_id in leads]
    left = {
        stage: [row for row in moves if _stage(row)[0] == stage] for stage in ("initial", "negotiation", "contract")
    }
    final = {row.entity_id: Decimal(row.changes["final_price"][1]) for row in moves if "final_price" in row.changes}
    sent = {deal: [row for row in quotes if row.deal_id == deal] for deal in final}
    agreed = [row.entity_id for row in left["negotiation"]]
    return {
        "response": _of(_hours_to_answer(history, leads[row.entity_id]) for row in left["initial"]),
        "accuracy": _of(100 * sent[deal][0].total / final[deal] for deal in agreed),
        "discount": _of(100 * (1 - final[deal] / _listed(sent[deal][-1])) for deal in agreed),
        "signed": _of(Decimal(100 if _stage(row)[1] == "won" else 0) for row in left["contract"]),
    }


def _read(fair: Fair, query: Select[Any]) -> list[Any]:
    with fair.house.database.read() as work:
        return list(work.connection.execute(query))


def _stage(row: Any) -> tuple[str | None, str | None]:
    before, after = row.changes.get("stage", (None, None))
    return before, after


def _listed(quote: Any) -> Decimal:
    return Decimal(quote.quantity * quote.list_price)


def _hours_to_answer(history: list[Any], lead: int) -> Decimal:
    """Hours of work, nine to six from Monday to Friday, from the lead's entry to the first call."""
    acts = [row for row in history if (row.entity, row.entity_id) == ("lead", lead)]
    came = next(row.at for row in acts if row.act == "logged")
    called = next(row.at for row in acts if row.act in {"called", "contacted"})
    minutes, at = 0, came.astimezone(SHANGHAI)
    while at < called:
        minutes += _is_worked(at)
        at += timedelta(minutes=1)
    return Decimal(minutes) / 60


def _is_worked(at: datetime) -> bool:
    return at.isoweekday() <= 5 and 9 <= at.hour < 18


def _of(values: Iterable[Decimal]) -> tuple[int, Decimal]:
    found = list(values)
    return len(found), round(mean(found), 6)
