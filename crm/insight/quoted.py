"""What was offered for deals: the quotes sent, and where none of ours was, the amount expected when one went out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.core.history import HistoryEntry
from crm.core.money import Money
from crm.core.text import unpack
from crm.core.work import UnitOfWork
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quotes import Quote
from crm.sales.catalogue.products import Product

_QUOTES = Quote.table()
_LINES = QuoteLine.table()
_PRODUCTS = Product.table()
_HISTORY = HistoryEntry.table()
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """`listed`: quantity at the list price, None where that was not known."""

    product_id: int
    names: tuple[str, ...]
    quantity: Decimal
    listed: Decimal | None

    def is_of(self, deal: Any) -> bool:
        """Whether it is the product that the deal is about."""
        if deal.product_id is not None:
            return bool(self.product_id == deal.product_id)
        about = (deal.product_text or "").casefold()
        return any(name.casefold() in about or about in name.casefold() for name in self.names)


@dataclass(slots=True)
class Quoted:
    """A quote as it was sent."""

    number: str
    currency: str
    rate: Decimal
    total: Decimal
    lines: list[QuotedLine] = field(default_factory=list)

    def total_in(self, deal: Any) -> Decimal:
        """In the deal's currency, each at its own locked rate."""
        return self._in(deal, self.total)

    def listed_in(self, deal: Any) -> Decimal | None:
        """All at the list price in the deal's currency; None where one is not known."""
        sums = [line.listed for line in self.lines if line.listed is not None]
        return self._in(deal, sum(sums, Decimal(0))) if sums and len(sums) == len(self.lines) else None

    def _in(self, deal: Any, amount: Decimal) -> Decimal:
        return amount if self.currency == deal.currency else amount * self.rate / Decimal(deal.rate)


def quoted_for(work: UnitOfWork, *, deal_ids: Sequence[int]) -> tuple[dict[int, list[Quoted]], Mapping[int, Decimal]]:
    """The quotes sent for each of these deals, oldest first, and the amounts expected when one was first told of."""
    quotes: dict[int, list[Quoted]] = {}
    offered: dict[int, Decimal] = {}
    for start in range(0, len(deal_ids), _AT_ONCE):
        some = deal_ids[start : start + _AT_ONCE]
        _read_quotes(work, some, quotes)
        _read_expected(work, some, offered)
    return quotes, offered


def _read_quotes(work: UnitOfWork, deal_ids: Sequence[int], quotes: dict[int, list[Quoted]]) -> None:
    q, by_id = _QUOTES.c, dict[int, Quoted]()
    query = select(q.id, q.deal_id, q.number, q.version, q.currency, q.rate, q.total).where(
        q.deal_id.in_(deal_ids), q.sent_at.is_not(None)
    )
    for row in work.connection.execute(query.order_by(q.sent_at, q.id)):
        by_id[row.id] = Quoted(f"{row.number} v{row.version}", row.currency, row.rate, row.total)
        quotes.setdefault(row.deal_id, []).append(by_id[row.id])
    if not by_id:
        return
    lines = select(
        _LINES.c.quote_id,
        _LINES.c.product_id,
        _LINES.c.quantity,
        _LINES.c.list_price,
        _PRODUCTS.c.name,
        _PRODUCTS.c.name_zh,
    ).join(_PRODUCTS, _PRODUCTS.c.id == _LINES.c.product_id)
    for line in work.connection.execute(lines.where(_LINES.c.quote_id.in_(list(by_id))).order_by(_LINES.c.id)):
        names = tuple(name for name in (line.name, line.name_zh) if name)
        listed = None if line.list_price is None else line.list_price * line.quantity
        by_id[line.quote_id].lines.append(QuotedLine(line.product_id, names, line.quantity, listed))


def _read_expected(work: UnitOfWork, deal_ids: Sequence[int], offered: dict[int, Decimal]) -> None:
    """Walk through what happened to each deal, up to where it first tells of a quote."""
    h, amounts = _HISTORY.c, dict[int, Decimal]()
    query = select(h.entity_id, h.changes).where(h.entity == "deal", h.entity_id.in_(deal_ids)).order_by(h.id)
    for deal_id, changes in work.connection.execute(query):
        if deal_id in offered:
            continue
        if "amount" in changes:
            amount = unpack(changes["amount"][1])
            if isinstance(amount, Money):
                amounts[deal_id] = amount.amount
        if changes.get("quote_sent_on", (None, None))[1] is not None and deal_id in amounts:
            offered[deal_id] = amounts[deal_id]
