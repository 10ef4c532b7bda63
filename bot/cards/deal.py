"""What a deal looks like: its card with the stage's checklist, and its line in the pipeline."""

from datetime import date
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.deal_buttons import deal_buttons
from bot.cards.files import files_on_card
from bot.cards.names import product_name
from bot.cards.quote import quotes_on_card
from bot.cards.screen import Line, Screen, body, labelled, muted, title
from crm.core.money import Money
from crm.core.rules import read_rules
from crm.core.text import TN, T, Text, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.deals.deals import get_deal, number
from crm.sales.deals.policy import can_change_deal
from crm.sales.deals.stages import (
    FACTS,
    OPEN_STAGES,
    ROAD,
    STAGE,
    days_in_stage,
    is_stale,
    longest_days,
    missing_facts,
    reason_words,
)


def draw_deal(work: UnitOfWork, deal_id: int, viewer: Member) -> Screen:
    """The card of a deal as this person may see it now. Raises NotFound."""
    deal = get_deal(work, viewer=viewer, deal_id=deal_id)
    lines = [title(T("{number} {title}", number=number(deal.id), title=deal.title))]
    lines += _facts(deal, viewer, _stage_words(work, deal))
    if deal.stage in OPEN_STAGES and not deal.on_hold:
        lines += _to_do(deal)
    quoted, to_quotes = quotes_on_card(work, viewer, deal_id=deal_id, is_open=_can_be_quoted(deal, viewer))
    told, to_files = files_on_card(work, viewer, "deal", deal_id, deal)
    return Screen((*lines, *quoted, *told), (*deal_buttons(deal, viewer), *to_quotes, *to_files))


def _can_be_quoted(deal: Any, viewer: Member) -> bool:
    return deal.stage in OPEN_STAGES and can_change_deal(viewer, deal) is True


def deal_line(deal: Any, days: int, *, is_stale: bool) -> Words:
    """`D-17 LED panels · Ernst Handel · USD 12,000 · 9 days ⚠️`, ⏸ where it is on hold."""
    return T(
        "{number} {title} · {customer} · {amount} · {days} days{mark}",
        number=number(deal.id),
        title=deal.title,
        customer=deal.customer_name,
        amount=Money(deal.amount, deal.currency),
        days=days,
        mark=" ⏸" if deal.on_hold else " ⚠️" if is_stale else "",
    )


def _facts(deal: Any, viewer: Member, stage: Words) -> list[Line]:
    product: Words | None = deal.product_text
    if deal.product_id is not None:
        named = {"name": deal.product_name, "name_zh": deal.product_name_zh}
        product = product_name(type("Named", (), named), viewer.language)
    facts: list[tuple[Words, Words | None]] = [
        (T("Customer"), deal.customer_name),
        (T("Stage"), stage),
        (labels.ON_HOLD, _hold_words(deal)),
        (T("Reason"), deal.lost_reason and reason_words(deal.lost_reason)),
        (T("Amount"), T("{amount}", amount=Money(deal.amount, deal.currency))),
        (T("Expected close"), T("{date}", date=deal.expected_close)),
        (T("Product"), product),
        (T("Quantity"), None if deal.quantity is None else T("{number}", number=deal.quantity)),
        *((FACTS[key], _fact(key, deal)) for key in FACTS if key in deal.facts),
        (T("Owner"), deal.owner_name),
        (T("Notes"), deal.notes),
    ]
    return [labelled(label, words) for label, words in facts if words]


def _fact(key: str, deal: Any) -> Words:
    value = deal.facts[key]
    if key.endswith("_on"):
        day = date.fromisoformat(value)
        outside = key == "quote_sent_on" and deal.facts.get("quote_outside")
        return T("{date}, sent outside", date=day) if outside else T("{date}", date=day)
    if key == "final_price":
        return T("{amount}", amount=Money(Decimal(value), deal.currency))
    return str(value)


def _stage_words(work: UnitOfWork, deal: Any) -> Text:
    """`Quotation (60%) · 9 of 14 days`: where it stands, and how long it has beside how long it may."""
    stage = STAGE[deal.stage]
    chance = T("{stage} ({chance}%)", stage=stage.label, chance=stage.probability)
    if deal.stage not in OPEN_STAGES:
        return chance
    rules = read_rules(work)
    mark = " ⚠️" if is_stale(deal, work.now, rules) else ""
    days = TN("{n} day", "{n} days", n=days_in_stage(deal, work.now))
    return T(
        "{chance} · {days} of {most}{mark}", chance=chance, days=days, most=longest_days(stage.key, rules), mark=mark
    )


def _hold_words(deal: Any) -> Words | None:
    if not deal.on_hold:
        return None
    reason = reason_words(deal.hold_reason or "")
    return reason if deal.hold_until is None else T("until {date}: {reason}", date=deal.hold_until, reason=reason)


def _to_do(deal: Any) -> list[Line]:
    """What the stage is for, and what must be known to leave it, with what is."""
    stage, onward = STAGE[deal.stage], ROAD[ROAD.index(deal.stage) + 1]
    lacking = missing_facts(deal, onward)
    wanted = [*(fact for fact in lacking if fact not in stage.needs), *stage.needs]
    lines: list[Line] = [body(T("☐ {task}", task=task)) for task in stage.checklist]
    met = [body(T("{mark} {fact}", mark="◻️" if fact in lacking else "✅", fact=FACTS[fact])) for fact in wanted]
    return [*lines, muted(T("To go on to {stage}:", stage=STAGE[onward].label)), *met]
