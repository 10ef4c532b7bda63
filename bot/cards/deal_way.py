"""How a deal came to where it is: a line for each stay in a stage, with what was skipped and where it went back."""

from itertools import pairwise
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.deals.deals import get_deal, number
from crm.sales.deals.stages import STAGE, is_back, skipped
from crm.sales.deals.story import Stay, stays

MOST = 40


def draw_way(work: UnitOfWork, deal_id: int, viewer: Member) -> Screen:
    """Raises NotFound."""
    deal = get_deal(work, viewer=viewer, deal_id=deal_id)
    way = stays(work, viewer=viewer, deal_id=deal_id)
    marks: list[Text | None] = [None, *(_mark(before, stay) for before, stay in pairwise(way))]
    lines: list[Line] = [title(T("Stages of {name}", name=f"{number(deal.id)} {deal.title}"))]
    if len(way) > MOST:
        lines.append(muted(TN("{n} earlier stay is left out.", "{n} earlier stays are left out.", n=len(way) - MOST)))
    for stay, mark in list(zip(way, marks, strict=True))[-MOST:]:
        lines.append(labelled(STAGE[stay.stage].label, _words(stay)))
        if mark is not None:
            lines.append(muted(mark))
    return Screen(tuple(lines), ((Button(labels.OPEN, f"deal.open:{deal_id}"),),))


def _words(stay: Stay) -> Text:
    """`Mon 2 Mar, 9:30 · 3 days · Li · Price`"""
    facts: dict[str, Any] = {"at": stay.entered_at, "person": stay.person_name}
    days = TN("{n} day", "{n} days", n=stay.days)
    if stay.stage in {"won", "lost"}:  # nothing is counted there any more
        return (
            T("{at} · {person} · {reason}", reason=stay.reason, **facts)
            if stay.reason
            else T("{at} · {person}", **facts)
        )
    if stay.reason:
        return T("{at} · {days} · {person} · {reason}", days=days, reason=stay.reason, **facts)
    return T("{at} · {days} · {person}", days=days, **facts)


def _mark(before: Stay, stay: Stay) -> Text | None:
    left_out = skipped(before.stage, stay.stage) if not is_back(before.stage, stay.stage) else ()
    if left_out:
        return T("⏭ skipped: {stages}", stages=[STAGE[key].label for key in left_out])
    if is_back(before.stage, stay.stage):
        return T("↩ back from {stage}", stage=STAGE[before.stage].label)
    return None
