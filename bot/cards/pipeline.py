"""The pipeline as a board: totals by stage, one page of its deals, and the ways to narrow it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.cards import labels
from bot.cards.deal import deal_line
from bot.cards.names import deal_name
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from crm.core.money import Money
from crm.core.text import TN, T, Text, Words
from crm.sales.deals.pipeline import STANDINGS, Pipeline, StageTotal
from crm.sales.deals.stages import OPEN_STAGES, STAGE

PAGE = 8
_NAMES = {"stale": T("Stale"), "held": T("On hold")}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which of the deals are shown; as a button carries it: `negotiation.7.stale`, `-` for any."""

    stage: str | None = None
    owner_id: int | None = None
    standing: str | None = None

    def __str__(self) -> str:
        return ".".join(str(part or "-") for part in (self.stage, self.owner_id, self.standing))


def read_narrowing(text: str) -> Narrowing:
    """The inverse; what makes no sense narrows nothing."""
    stage, _, rest = text.partition(".")
    owner, _, standing = rest.partition(".")
    return Narrowing(
        stage if stage in OPEN_STAGES else None,
        int(owner) if owner.isdecimal() and len(owner) <= 15 else None,
        standing if standing in STANDINGS else None,
    )


def draw_pipeline(
    found: Pipeline, page: int, narrowed: Narrowing, *, owner: str | None, people: Sequence[tuple[int, str]]
) -> Screen:
    """`owner`: the name of whom it is narrowed to; `people`: whose deals the viewer may look at besides their own."""
    if not any(total.count + total.held for total in found.stages) and narrowed.owner_id is None:
        return say(T("There are no open deals."), Button(T("New deal"), "verb:deal", "primary"))
    lines: list[Line] = [title(T("Pipeline")), body(_in_all(found))]
    lines += [labelled(total.stage.label, _total(total, found.currency)) for total in found.stages]
    shown = [STAGE[narrowed.stage].label] if narrowed.stage else []
    shown += [_NAMES[narrowed.standing]] if narrowed.standing else []
    named: list[Words] = [*shown, *([owner] if owner else [])]
    if named:
        lines.append(muted(TN("Shown: {items} – {n} deal", "Shown: {items} – {n} deals", n=found.total, items=named)))
    lines += [body(deal_line(one.deal, one.days, is_stale=one.is_stale)) for one in found.deals]
    if found.total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    rows = [(Button(deal_name(one.deal), f"deal.open:{one.deal.id}"),) for one in found.deals]
    return Screen(tuple(lines), (*rows, *_turning(found, page, narrowed), *_narrowing(found, narrowed, people)))


def draw_people(people: Sequence[tuple[int, str]]) -> Screen:
    """Whose deals to look at."""
    rows = tuple((Button(name, f"deals.page:0:{Narrowing(owner_id=person_id)}"),) for person_id, name in people)
    everybody = Button(T("Everybody"), f"deals.page:0:{Narrowing()}", "primary")
    return Screen((title(T("Whose deals?")),), ((everybody,), *rows))


def _in_all(found: Pipeline) -> Text:
    count = sum(total.count for total in found.stages)
    worth = Money(sum((total.base_amount for total in found.stages), Decimal(0)), found.currency)
    return TN("{n} open deal worth {sum}", "{n} open deals worth {sum}", n=count, sum=worth)


def _total(total: StageTotal, currency: str) -> Text:
    worth = T("{count} · {sum}", count=total.count, sum=Money(total.base_amount, currency))
    return T("{worth} · {held} on hold", worth=worth, held=total.held) if total.held else worth


def _turning(found: Pipeline, page: int, narrowed: Narrowing) -> tuple[tuple[Button, ...], ...]:
    turns = []
    if page > 0:
        turns.append(Button(labels.PREVIOUS, f"deals.page:{page - 1}:{narrowed}"))
    if (page + 1) * PAGE < found.total:
        turns.append(Button(labels.NEXT, f"deals.page:{page + 1}:{narrowed}"))
    return (tuple(turns),) if turns else ()


def _narrowing(
    found: Pipeline, narrowed: Narrowing, people: Sequence[tuple[int, str]]
) -> tuple[tuple[Button, ...], ...]:
    """Stages that hold something, what stands still, whose; and where there is more to read."""
    stages = [total.stage for total in found.stages if total.count + total.held and total.stage.key != narrowed.stage]
    to_stages = [Button(stage.label, _to(replace(narrowed, stage=stage.key))) for stage in stages]
    others = [
        Button(_NAMES[standing], _to(replace(narrowed, standing=standing)))
        for standing in STANDINGS
        if standing != narrowed.standing and (standing == "stale" or any(total.held for total in found.stages))
    ]
    if narrowed.stage or narrowed.standing:
        others.append(Button(T("All"), _to(replace(narrowed, stage=None, standing=None))))
    if people:
        others.append(Button(T("By person"), "deals.people"))
    whose = narrowed.owner_id or "-"
    reading = (
        Button(T("Forecast"), f"deals.forecast:{whose}"),
        Button(T("Key figures"), f"deals.figures:month.{whose}"),
    )
    rows = [tuple(to_stages[start : start + 3]) for start in range(0, len(to_stages), 3)] if len(found.stages) else []
    return (*rows, tuple(others), reading) if others else (*rows, reading)


def _to(narrowed: Narrowing) -> str:
    return f"deals.page:0:{narrowed}"
