"""The forecast by month, and the key figures of the stages with the deals they come from."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from crm.core.money import Money
from crm.core.text import TN, T, Text, Words
from crm.insight.forecast import Expected, Forecast
from crm.insight.stage_figures import StageFigure, Valued
from crm.sales.deals.deals import number
from crm.sales.deals.stages import STAGE

MOST = 12
PERIODS = {
    "month": T("This month"),
    "last": T("Last month"),
    "quarter": T("This quarter"),
    "year": T("This year"),
}


def draw_forecast(found: Forecast, *, owner: str | None, owner_id: int | None) -> Screen:
    """`owner`: the name of whom it is narrowed to."""
    lines: list[Line] = [title(T("Forecast of {name}", name=owner) if owner else T("Forecast"))]
    lines += [labelled(f"{month:%Y-%m}", _worth(expected, found)) for month, expected in found.months.items()]
    if len(found.months) > 1:
        lines.append(labelled(T("In all"), _worth(found.in_all, found)))
    if not found.months:
        lines.append(body(T("No open deal is expected to close from today on.")))
    if found.slipped.deals:
        lines.append(labelled(T("Slipped"), _in_full(found.slipped, found)))
    if found.held.deals:
        lines.append(labelled(T("On hold, not counted"), _in_full(found.held, found)))
    if owner_id is None and len(found.owners) > 1:
        lines += [labelled(name, _worth(expected, found)) for (_, name), expected in _by_worth(found)[:MOST]]
    lines += _shares(found)
    people = _by_worth(found)[:MOST] if owner_id is None and len(found.owners) > 1 else []
    buttons = tuple((Button(name, f"deals.forecast:{person_id}"),) for (person_id, name), _ in people)
    back = (Button(T("Pipeline"), f"deals.page:0:-.{owner_id or '-'}.-"),)
    return Screen(tuple(lines), (*buttons, back))


def draw_figures(
    figures: list[StageFigure], *, period: str, owner: str | None, owner_id: int | None, people: Mapping[int, str]
) -> Screen:
    """The key figure of each stage; a button under each leads to its deals."""
    whose: Words = owner or T("all")
    lines: list[Line] = [title(T("Key figures: {period}, {whose}", period=PERIODS[period], whose=whose))]
    lines += [labelled(figure.label, _figure(figure)) for figure in figures]
    lines.append(muted(T("Deals that left the stage in this time. A press shows the deals behind a figure.")))
    tail = f"{period}.{owner_id or '-'}"
    rows: list[tuple[Button, ...]] = [
        (Button(figure.label, f"deals.explain:{figure.key}.{tail}"),) for figure in figures if figure.deals
    ]
    others = [key for key in PERIODS if key != period]
    rows.append(tuple(Button(PERIODS[key], f"deals.figures:{key}.{owner_id or '-'}") for key in others))
    if owner_id is not None and people:
        rows.append((Button(T("Everybody"), f"deals.figures:{period}.-"),))
    rows += [
        (Button(name, f"deals.figures:{period}.{one}"),) for one, name in list(people.items())[:MOST] if one != owner_id
    ]
    return Screen(tuple(lines), tuple(rows))


def draw_explained(figure: StageFigure, *, period: str, owner_id: int | None, page: int) -> Screen:
    """The deals a figure comes from, the highest value first."""
    deals = sorted(figure.deals, key=lambda one: (-one.value, one.deal_id))
    shown = deals[page * MOST : (page + 1) * MOST]
    lines: list[Line] = [
        title(T("{figure}: {period}", figure=figure.label, period=PERIODS[period])),
        body(_figure(figure)),
    ]
    lines += [body(_valued(one, figure.unit)) for one in shown]
    tail = f"{period}.{owner_id or '-'}"
    rows: list[tuple[Button, ...]] = [
        (Button(f"{number(one.deal_id)} {one.title}", f"deal.open:{one.deal_id}"),) for one in shown
    ]
    if (page + 1) * MOST < len(deals):
        rows.append((Button(T("More"), f"deals.explain:{figure.key}.{tail}.{page + 1}"),))
    rows.append((Button(T("Key figures"), f"deals.figures:{tail}"),))
    return Screen(tuple(lines), tuple(rows))


def _worth(expected: Expected, found: Forecast) -> Text:
    """`3 deals · CNY 120,000 · likely CNY 64,000 · by own rate CNY 51,000`"""
    return T(
        "{full} · likely {weighted} · by own rate {own}",
        full=_in_full(expected, found),
        weighted=_money(expected.weighted, found),
        own=_money(expected.own, found),
    )


def _in_full(expected: Expected, found: Forecast) -> Text:
    return TN("{n} deal · {sum}", "{n} deals · {sum}", n=expected.deals, sum=_money(expected.amount, found))


def _by_worth(found: Forecast) -> list[tuple[tuple[int, str], Expected]]:
    return sorted(found.owners.items(), key=lambda one: (-one[1].weighted, one[0]))


def _shares(found: Forecast) -> list[Line]:
    """How many of the closed deals that came to a stage were won, beside what the stage counts for."""
    if not found.shares:
        return []
    lines = [
        muted(T("Won of the closed deals that came to a stage; one's own share counts from {n} on:", n=found.enough))
    ]
    for key, share in found.shares.items():
        won = T(
            "{won} of {closed}: {percent}% (the stage counts {likely}%)",
            won=share.won,
            closed=share.closed,
            percent=_round(share.percent, "1"),
            likely=STAGE[key].probability,
        )
        lines.append(labelled(STAGE[key].label, won))
    return lines


def _figure(figure: StageFigure) -> Text:
    if figure.mean is None:
        return _unknown(figure, T("nothing to tell yet"))
    deals = TN("{n} deal", "{n} deals", n=len(figure.deals))
    return _unknown(figure, T("{value} · {deals}", value=_value(figure.mean, figure.unit), deals=deals))


def _unknown(figure: StageFigure, words: Text) -> Text:
    return T("{words}, {n} without", words=words, n=figure.unknown) if figure.unknown else words


def _valued(one: Valued, unit: str) -> Text:
    return T(
        "{number} {title} · {customer} · {person}: {value} ({basis})",
        number=number(one.deal_id),
        title=one.title,
        customer=one.customer_name,
        person=one.owner_name,
        value=_value(one.value, unit),
        basis=one.basis,
    )


def _value(value: Decimal, unit: str) -> Text:
    rounded = _round(value, "0.1")
    return T("{number} working hours", number=rounded) if unit == "hours" else T("{number}%", number=rounded)


def _money(amount: Decimal, found: Forecast) -> Money:
    return Money(_round(amount, "1"), found.currency)


def _round(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), ROUND_HALF_UP)
