"""The verb `deals`: the pipeline as a board, its forecast, and the key figures of its stages."""

from datetime import datetime, time, timedelta

from bot.cards.forecast import PERIODS, draw_explained, draw_figures, draw_forecast
from bot.cards.pipeline import PAGE, Narrowing, draw_people, draw_pipeline, read_narrowing
from bot.cards.screen import Screen
from bot.conversations.deal import MOVE
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core.errors import NotFound
from crm.core.text import T
from crm.insight.forecast import forecast
from crm.insight.stage_figures import stage_figures
from crm.people.people import Role
from crm.sales.deals.deals import find_deals
from crm.sales.deals.pipeline import owners_seen, pipeline
from crm.sales.deals.stages import OPEN_STAGES

_FORECAST = frozenset({"forecast", "预测"})
_FIGURES = frozenset({"figures", "指标"})
_STANDINGS = {"stale": "stale", "停滞": "stale", "滞留": "stale", "hold": "held", "held": "held", "暂停": "held"}


def deals(request: Request) -> Reply:
    """`deals`: the pipeline and the deals of it; `deals 17` opens one, `deals stale` and `deals negotiation` narrow it,
    `deals forecast` and `deals figures` tell what it promises and how well it goes.
    """
    wanted = request.argument.strip().casefold()
    number = wanted.lstrip("#＃d-")
    if number.isdecimal():
        return _opened(request, number)
    if wanted in _FORECAST:
        return Reply((_forecast(request, None),))
    if wanted in _FIGURES:
        return Reply((_figures(request, "month", None),))
    return Reply((_board(request, 0, _narrowing(request, wanted)),))


def turn_page(request: Request) -> Reply:
    """`2:negotiation.7.stale`: a page of so narrowed a board."""
    page, _, narrowed = request.argument.partition(":")
    return Reply((_board(request, _count(page), read_narrowing(narrowed)),), replaces=True)


def choose_person(request: Request) -> Reply:
    return Reply((draw_people(_people(request)),), replaces=True)


def show_forecast(request: Request) -> Reply:
    return Reply((_forecast(request, _count(request.argument) or None),), replaces=True)


def show_figures(request: Request) -> Reply:
    """`quarter.7`"""
    period, _, owner = request.argument.partition(".")
    return Reply((_figures(request, period, _count(owner) or None),), replaces=True)


def explain(request: Request) -> Reply:
    """`accuracy.quarter.7.1`: the deals behind a figure, and which page of them."""
    key, period, owner, page = [*request.argument.split("."), "", "", ""][:4]
    owner_id = _count(owner) or None
    period = period if period in PERIODS else "month"
    since, until = _bounds(request, period)
    figures = stage_figures(request.work, viewer=request.person, since=since, until=until, owner_id=owner_id)
    figure = next((one for one in figures if one.key == key), None)
    if figure is None:
        raise NotFound(T("There is no such figure."))
    return Reply((draw_explained(figure, period=period, owner_id=owner_id, page=_count(page)),), replaces=True)


def _opened(request: Request, number: str) -> Reply:
    rows, _ = find_deals(request.work, viewer=request.person, query=f"D-{number}", stages=None, most=1)
    if not rows:
        raise NotFound(T("There is no deal {number}.", number=f"D-{number[:15]}"))
    return Reply((Card("deal", rows[0].id),))


def _narrowing(request: Request, wanted: str) -> Narrowing:
    if wanted in _STANDINGS:
        return Narrowing(standing=_STANDINGS[wanted])
    if not wanted:
        return Narrowing()
    stage = MOVE.known("stage", wanted, CompanyWorld(request.work, request.person)).get("stage")
    return Narrowing(stage=stage if stage in OPEN_STAGES else None)


def _board(request: Request, page: int, narrowed: Narrowing) -> Screen:
    people = _people(request)
    found = pipeline(
        request.work,
        viewer=request.person,
        stage=narrowed.stage,
        owner_id=narrowed.owner_id,
        standing=narrowed.standing,
        offset=min(page, 10_000) * PAGE,
        most=PAGE,
    )
    owner = dict(people).get(narrowed.owner_id or 0)
    return draw_pipeline(found, page, narrowed, owner=owner, people=people)


def _forecast(request: Request, owner_id: int | None) -> Screen:
    owner = dict(_people(request)).get(owner_id or 0)
    found = forecast(request.work, viewer=request.person, owner_id=owner_id)
    return draw_forecast(found, owner=owner, owner_id=owner_id)


def _figures(request: Request, period: str, owner_id: int | None) -> Screen:
    period = period if period in PERIODS else "month"
    since, until = _bounds(request, period)
    people = dict(_people(request))
    figures = stage_figures(request.work, viewer=request.person, since=since, until=until, owner_id=owner_id)
    owner = people.get(owner_id or 0)
    return draw_figures(figures, period=period, owner=owner, owner_id=owner_id, people=people)


def _bounds(request: Request, period: str) -> tuple[datetime, datetime]:
    """From when to before when, by the viewer's days."""
    zone = request.person.zone
    today = request.work.now.astimezone(zone).date()
    first = today.replace(day=1)
    months = {"month": 0, "last": 1, "quarter": (today.month - 1) % 3, "year": today.month - 1}[period]
    since = datetime.combine(first, time(), zone)
    begin = first.year * 12 + first.month - 1 - months
    start = since.replace(year=begin // 12, month=begin % 12 + 1)
    return start, since if period == "last" else request.work.now + timedelta(seconds=1)


def _people(request: Request) -> list[tuple[int, str]]:
    """Whose deals somebody may look at besides their own."""
    if not request.person.has(Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return []
    return owners_seen(request.work, viewer=request.person)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 15 else 0


VERBS = (
    Verb(
        "deals",
        ("我的商机", "漏斗"),
        T("my pipeline by stage"),
        deals,
        frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN}),
        usual=True,
    ),
)
PRESSES = {
    "deals.page": turn_page,
    "deals.people": choose_person,
    "deals.forecast": show_forecast,
    "deals.figures": show_figures,
    "deals.explain": explain,
}
