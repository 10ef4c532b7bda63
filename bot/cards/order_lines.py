"""The lines of an order: some of them on its cards, all of them on pages of their own."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.money import Money
from crm.core.text import Named, T, Words
from crm.core.work import UnitOfWork
from crm.orders.facts import LineFacts, facts_to_decide
from crm.orders.orders import get_order
from crm.people.people import Member

MOST_LINES = 12
"""Order lines shown on a card; the rest are counted, and stand on pages of their own."""
PAGE = 20


def draw_lines(work: UnitOfWork, order_id: int, viewer: Member, page: int) -> tuple[Screen, int]:
    """A page of an order's lines as its card would show them, and how many there are. Raises NotFound."""
    view = get_order(work, viewer=viewer, order_id=order_id)
    words = [line_words(line, view.order["currency"]) for line in view.lines]
    order = view.order
    name = T("{number} {customer}", number=order["number"], customer=order["customer_name"])
    return _page(name, words, page, Button(labels.OPEN, f"order.open:{order_id}")), len(words)


def draw_lines_to_decide(work: UnitOfWork, order_id: int, viewer: Member, page: int) -> tuple[Screen, int]:
    """A page of an order's lines with all a decision needs to know of them, and how many there are. Raises NotFound."""
    facts = facts_to_decide(work, order_id=order_id, viewer=viewer)
    words = [line_to_decide(line, facts.total.currency) for line in facts.lines]
    name = T("{number} {customer}", number=facts.order.number, customer=facts.order.customer_name)
    return _page(name, words, page, Button(labels.OPEN, f"approval.open:{order_id}")), len(words)


def most_telling(lines: Sequence[LineFacts]) -> list[tuple[int, LineFacts]]:
    """The lines for a card, each with its number: where there are too many, those worth a look come first."""
    numbered = list(enumerate(lines, start=1))
    if len(numbered) > MOST_LINES:
        numbered.sort(key=lambda one: (not one[1].is_under_floor, -max(one[1].under_list or 0, 0)))
    return numbered[:MOST_LINES]


def the_others(count: int) -> list[Line]:
    """How many lines a card leaves out, if any."""
    return [muted(T("… and {count} more lines", count=count - MOST_LINES))] if count > MOST_LINES else []


def to_all_lines(kind: str, order_id: int, count: int) -> tuple[tuple[Button, ...], ...]:
    """The row that leads from a card (`order`, `approval`) to all lines, where it leaves some out."""
    if count <= MOST_LINES:
        return ()
    return ((Button(T("All {count} lines", count=count), f"{kind}.lines:{order_id}"),),)


def line_words(line: Mapping[str, Any], currency: str) -> Words:
    """`Chai × 500 @ CNY 18 = CNY 9,000`, without the prices where they are not the reader's to see."""
    name = Named(line["name"], line["name_zh"])
    if line["net"] is None:
        return T("{name} × {quantity}", name=name, quantity=line["quantity"])
    return T(
        "{name} × {quantity} @ {price} = {net}",
        name=name,
        quantity=line["quantity"],
        price=Money(line["unit_price"], currency),
        net=Money(line["net"], currency),
    )


def line_to_decide(line: LineFacts, currency: str) -> Words:
    """The same with what is odd about it, and its margin where that is the reader's to see."""
    bought = T(
        "{name} × {quantity} @ {price} = {net}",
        name=Named(line.name, line.name_zh),
        quantity=line.quantity,
        price=Money(line.unit_price, currency),
        net=Money(line.net, currency),
    )
    notes: list[Words] = []
    if line.discount:
        notes.append(T("{percent}% off", percent=line.discount))
    if line.is_under_floor:
        notes.append(T("under the floor ⚠️"))
    if line.under_list:
        notes.append(_against(line.under_list, T("list")))
    if line.under_last:
        notes.append(_against(line.under_last, T("last price")))
    if line.margin is not None:
        notes.append(T("margin {percent}%", percent=to_a_tenth(line.margin)))
    return T("{line} ({notes})", line=bought, notes=notes) if notes else bought


def to_a_tenth(percent: Decimal) -> Decimal:
    """What a decision needs, and no more."""
    return percent.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP).normalize()


def _against(percent: Decimal, what: Words) -> Words:
    if percent > 0:
        return T("{percent}% under {what}", percent=to_a_tenth(percent), what=what)
    return T("{percent}% over {what}", percent=to_a_tenth(-percent), what=what)


def _page(name: Words, words: Sequence[Words], page: int, to_card: Button) -> Screen:
    first = page * PAGE
    lines = [title(name)]
    lines += [labelled(str(first + at), shown) for at, shown in enumerate(words[first : first + PAGE], start=1)]
    if len(words) > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    return Screen(tuple(lines), ((to_card,),))
