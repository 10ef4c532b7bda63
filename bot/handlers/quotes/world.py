"""What the conversation `quote` may see: how long quotes hold, what the quote comes to, which prices are too low.

And quotes as records that an order may come from, kept as `quote:17`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.cards.screen import Choice, Line, labelled, muted, problem
from bot.conversations.order import order_currency
from bot.conversations.quote import QUOTE
from bot.conversations.values import load_values
from bot.handlers.orders.world import findings_told, order_defaults
from bot.handlers.quotes.drafts import quote_draft_of
from crm.core.errors import NotFound, TradewindError
from crm.core.money import Money
from crm.core.text import Named, T
from crm.orders.quotes.ordering import ORDERABLE
from crm.orders.quotes.prefill import usual_lead_time, usual_validity
from crm.orders.quotes.pricing import QuoteReview, review_quote
from crm.orders.quotes.quotes import list_quotes, read_plain, read_quote
from crm.orders.quotes.special_prices import get_approval, latest_approval
from crm.orders.reasons import reason_words
from crm.people.people import ROLE_NAMES, Role


def quote_defaults(world: Any, customer: str) -> Mapping[str, Any]:
    """What a customer's order would have, and until when a quote of today holds."""
    return {**order_defaults(world, customer), "valid_until": usual_validity(world.work).isoformat()}


def lead_time(world: Any, products: str) -> Mapping[str, Any]:
    """How long the slowest of these products (ids with commas between) takes."""
    ids = [int(one) for one in products.split(",") if one.isdecimal() and len(one) <= 15]
    return {"lead_time": usual_lead_time(world.work, product_ids=ids)}


def search_quotes(world: Any, query: str, offset: int, most: int) -> tuple[Sequence[Choice], int]:
    """Quotes that an order may come from."""
    found = {"viewer": world.person, "query": query, "statuses": ORDERABLE}
    rows, total = list_quotes(world.work, **found, offset=offset, most=most)
    return [_choice(row) for row in rows], total


def find_quote(world: Any, value: str) -> Choice | None:
    """The quote `quote:17`, as this person may see it; whether it still holds is said when it is ordered from."""
    _, _, quote_id = value.partition(":")
    if not quote_id.isdecimal() or len(quote_id) > 15:
        return None
    try:
        return _choice(read_quote(world.work, quote_id=int(quote_id), viewer=world.person))
    except NotFound:
        return None


def about_quote(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The quote that is changed or answered for, and what its approver wanted changed."""
    if world.subject_id is None:
        return ()
    row = read_quote(world.work, quote_id=world.subject_id, viewer=world.person)
    lines = [_named(row)]
    asked = latest_approval(world.work, quote_id=row.id)
    if row.status == "draft" and asked is not None and asked.status in {"sent_back", "rejected"} and asked.reason:
        lines.append(labelled(T("What to change"), reason_words(asked.reason)))
    return lines


def about_special_price(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The quote whose special price is decided on."""
    if world.subject_id is None:
        return ()
    asked = get_approval(world.work, approval_id=world.subject_id)
    return [_named(read_plain(world.work, quote_id=asked.quote_id))]


def remark_quote(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """What the quote comes to, each line over or under the floor, what is odd, and whether somebody is asked first."""
    draft = quote_draft_of(load_values(QUOTE, answers, world), currency=order_currency(answers, world))
    approved = None
    if world.subject_id is not None:
        approved = read_plain(world.work, quote_id=world.subject_id).approved_inputs
    try:
        review = review_quote(world.work, actor=world.person, draft=draft, approved=approved)
    except TradewindError as error:
        return [problem(error.text)]
    total: Any = T("{total}", total=review.total)
    if review.base_total.currency != review.total.currency:
        total = T("{total} = {base}", total=review.total, base=review.base_total)
    lines: list[Line] = [labelled(T("Total"), total), *_margin(review), *_floors(review)]
    found = [one for one in review.findings if one.kind != "under_floor"]
    lines += findings_told([problem(one.text) for one in found if one.severity == "warning"])
    lines += findings_told([muted(one.text) for one in found if one.severity != "warning"])
    if review.needs_approval:
        lines.append(muted(T("Goes to {role} for special price approval.", role=ROLE_NAMES[Role.SUPERVISOR])))
    return lines


def _margin(review: QuoteReview) -> list[Line]:
    if not review.shows_margin:
        return []
    margin = T("unknown") if review.margin is None else T("{percent}%", percent=review.margin.quantize(Decimal("0.1")))
    return [labelled(T("Margin"), margin)]


def _floors(review: QuoteReview) -> list[Line]:
    """Lines under the floor are named; where there are none that is said once."""
    under = [
        problem(T("{product}: the price is under the floor.", product=Named(line.name, line.name_zh)))
        for line in review.lines
        if line.position in review.under_floor
    ]
    return findings_told(under) if under else [muted(T("All prices are at the floor or above."))]


def _choice(row: Any) -> Choice:
    note = T("{customer} · {total}", customer=row.customer_name, total=Money(row.total, row.currency))
    return Choice(f"quote:{row.id}", f"{row.number} {row.customer_name}", note)


def _named(row: Any) -> Line:
    total = Money(row.total, row.currency)
    named = T("{number} {customer} · {total}", number=row.number, customer=row.customer_name, total=total)
    return labelled(T("Quote"), named)
