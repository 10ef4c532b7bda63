"""Short words for what is done to quotes, beside those of `trading`."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.core import history
from crm.core.history import HistoryEntry
from crm.core.money import Money
from crm.orders.quotes.drafts import QuoteDraft
from crm.orders.quotes.expiry import expire_quotes
from crm.orders.quotes.ordering import draft_from_quote
from crm.orders.quotes.prefill import draft_of_quote
from crm.orders.quotes.pricing import QuoteReview, review_quote
from crm.orders.quotes.quotes import QuoteView, get_quote, read_plain
from crm.orders.quotes.sending import accept_quote, decline_quote, mark_sent
from crm.orders.quotes.special_prices import Decision, decide_on_price, latest_approval
from crm.orders.quotes.writing import change_quote, new_version, write_quote
from crm.people.people import Member
from crm.sales.deals.deals import DealDetails, get_deal, open_deal
from tests.crm.orders.trading import Trade

END_OF_MARCH = date(2026, 3, 31)


class Quoting:
    """Quotes of the small company; Li writes them unless told otherwise. Chai's floor is 15, Chang has none."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.floored = trade.add_product("OOLONG", "Oolong", price="20", cost="10", floor_price=Decimal(15))

    def draft(self, price: str = "18", **told: Any) -> QuoteDraft:
        lines = told.pop("lines", None) or (self.trade.line("100", price, product=self.floored),)
        values = {
            "customer_id": self.trade.customer,
            "incoterm": "FOB",
            "place": "Ningbo",
            "payment_terms": "T/T 30/70",
            "valid_until": END_OF_MARCH,
            **told,
        }
        return QuoteDraft(lines=lines, **values)

    def write(self, draft: QuoteDraft | None = None, *, actor: Member | None = None, **told: Any) -> int:
        with self.trade.database.write() as work:
            draft = draft or self.draft(**told)
            return write_quote(work, actor=actor or self.trade.rep, platform="test", draft=draft)

    def change(self, quote: int, draft: QuoteDraft, *, actor: Member | None = None) -> None:
        with self.trade.database.write() as work:
            change_quote(work, actor=actor or self.trade.rep, platform="test", quote_id=quote, draft=draft)

    def version(self, quote: int, draft: QuoteDraft | None = None, *, actor: Member | None = None) -> int:
        with self.trade.database.write() as work:
            draft = draft or draft_of_quote(work, quote=read_plain(work, quote_id=quote))
            return new_version(work, actor=actor or self.trade.rep, platform="test", quote_id=quote, draft=draft)

    def send(self, quote: int, *, actor: Member | None = None) -> bool:
        with self.trade.database.write() as work:
            return mark_sent(work, actor=actor or self.trade.rep, platform="test", quote_id=quote)

    def sent(self, **told: Any) -> int:
        quote = self.write(**told)
        assert self.send(quote)
        return quote

    def accept(self, quote: int, *, actor: Member | None = None) -> None:
        with self.trade.database.write() as work:
            accept_quote(work, actor=actor or self.trade.rep, platform="test", quote_id=quote)

    def decline(self, quote: int, reason: str = "price", *, actor: Member | None = None) -> None:
        with self.trade.database.write() as work:
            decline_quote(work, actor=actor or self.trade.rep, platform="test", quote_id=quote, reason=reason)

    def expire(self) -> int:
        with self.trade.database.write() as work:
            return expire_quotes(work)

    def decide(
        self, quote: int, actor: Member, decision: Decision = "approve", *, approval: int | None = None, **more: Any
    ) -> None:
        approval_id = approval or self.approval(quote).id
        with self.trade.database.write() as work:
            decide_on_price(work, actor=actor, platform="test", approval_id=approval_id, decision=decision, **more)

    def approval(self, quote: int) -> Any:
        with self.trade.database.read() as work:
            return latest_approval(work, quote_id=quote)

    def row(self, quote: int) -> Any:
        with self.trade.database.read() as work:
            return read_plain(work, quote_id=quote)

    def stands(self, quote: int) -> tuple[str, str]:
        row = self.row(quote)
        return row.status, row.price_status

    def view(self, quote: int, viewer: Member) -> QuoteView:
        with self.trade.database.read() as work:
            return get_quote(work, viewer=viewer, quote_id=quote)

    def review(self, draft: QuoteDraft, actor: Member | None = None) -> QuoteReview:
        with self.trade.database.read() as work:
            return review_quote(work, actor=actor or self.trade.rep, draft=draft)

    def order_draft(self, quote: int, actor: Member | None = None) -> Any:
        with self.trade.database.read() as work:
            return draft_from_quote(work, actor=actor or self.trade.rep, quote_id=quote)

    def history(self, quote: int) -> list[HistoryEntry]:
        with self.trade.database.read() as work:
            return history.history_of(work, entity="quote", entity_id=quote)

    def deal(self, **told: Any) -> int:
        values = {"title": "Tea", "amount": Money(Decimal(2000), "CNY"), **told}
        with self.trade.database.write() as work:
            details = DealDetails(customer_id=self.trade.customer, **values)
            return open_deal(work, actor=self.trade.rep, platform="test", details=details)

    def facts_of_deal(self, deal: int) -> dict[str, Any]:
        with self.trade.database.read() as work:
            return dict(get_deal(work, viewer=self.trade.rep, deal_id=deal).facts)
