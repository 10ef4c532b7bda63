"""What a deal looks like: its card with the stage's checklist, and its line in the pipeline."""

from datetime import date
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.files import files_on_card
from bot.cards.names import product_name
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from crm.core.money import Money
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.deal_policy import can_change_deal
from crm.sales.deal_story import stays
from crm.sales.deals import get_deal, number
from crm.sales.stages import FACTS, OPEN_STAGES, ROAD, STAGE, missing_facts, reason_words


def draw_deal(work: UnitOfWork, deal_id: int, viewer: Member) -> Screen:
    """The card of a deal as this person may see it now. Raises NotFound."""
    deal = get_deal(work, viewer=viewer, deal_id=deal_id)
    lines = [title(T("{number} {title}", number=number(deal.id), title=deal.title)), *_facts(deal, viewer)]
    if deal.stage in OPEN_STAGES:
        lines += _to_do(deal)
    lines += [
        muted(
            T("{stage}: {days} days, {person}", stage=STAGE[stay.stage].label, days=stay.days, person=stay.person_name)
        )
        for stay in stays(work, viewer=viewer, deal_id=deal_id)[-6:]
    ]
    told, to_files = files_on_card(work, viewer, "deal", deal_id, deal)
    return Screen((*lines, *told), (*_buttons(deal, viewer), *to_files))


def deal_line(deal: Any, days: int, *, is_stale: bool) -> Words:
    """`D-17 LED panels · Ernst Handel · USD 12,000 · 9 days ⚠`"""
    return T(
        "{number} {title} · {customer} · {amount} · {days} days{mark}",
        number=number(deal.id),
        title=deal.title,
        customer=deal.customer_name,
        amount=Money(deal.amount, deal.currency),
        days=days,
        mark=" ⚠️" if is_stale else "",
    )


def _facts(deal: Any, viewer: Member) -> list[Line]:
    product: Words | None = deal.product_text
    if deal.product_id is not None:
        named = {"name": deal.product_name, "name_zh": deal.product_name_zh}
        product = product_name(type("Named", (), named), viewer.language)
    facts: list[tuple[Words, Words | None]] = [
        (T("Customer"), deal.customer_name),
        (T("Stage"), T("{stage} ({chance}%)", stage=STAGE[deal.stage].label, chance=STAGE[deal.stage].probability)),
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


def _to_do(deal: Any) -> list[Line]:
    lines: list[Line] = [body(T("☐ {task}", task=task)) for task in STAGE[deal.stage].checklist]
    lacking = missing_facts(deal, _next_stage(deal.stage))
    if lacking:
        lines.append(muted(T("Before it moves on: {facts}", facts=[FACTS[fact] for fact in lacking])))
    return lines


def _next_stage(stage: str) -> str:
    return ROAD[ROAD.index(stage) + 1]


def _buttons(deal: Any, viewer: Member) -> tuple[tuple[Button, ...], ...]:
    if can_change_deal(viewer, deal) is not True:
        return ()
    if deal.stage not in OPEN_STAGES:
        ordering = Button(T("New order"), f"order.from:{deal.id}", "primary")
        return ((ordering,),) if deal.stage == "won" else ((Button(T("Move"), f"deal.move:{deal.id}"),),)
    rows: list[tuple[Button, ...]] = [
        (Button(T("On to: {stage}", stage=STAGE[_next_stage(deal.stage)].label), f"deal.on:{deal.id}", "primary"),),
        (Button(T("Other stage"), f"deal.move:{deal.id}"), Button(labels.LOST, f"deal.lost:{deal.id}", "danger")),
        (Button(labels.REMIND, f"remind.for:deal:{deal.id}"),),
    ]
    if deal.stage == OPEN_STAGES[-1]:
        rows.insert(0, (Button(T("New order"), f"order.from:{deal.id}", "primary"),))
    return tuple(rows)
