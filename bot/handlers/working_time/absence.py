"""The verb `away`: being away, and somebody deciding meanwhile; and being back. Guide 3.1."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, muted, say
from bot.cards.told import draw_told
from bot.conversations.away import AWAY, TIME_OFF, decides, read_absence
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.verbs import Verb
from bot.handlers.working_time.absence_words import away_words, who_decides
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from crm.core.errors import Conflict
from crm.core.text import TN, T, Text
from crm.insight.while_away import welcome_now
from crm.orders.delegation import come_back, go_away
from crm.people.absence import Away, absence_of
from crm.people.calendar import calendar_of
from crm.people.listing import MOST_LINES

_BACK = frozenset({"off", "back", "end", "over", "结束", "回来", "回来了", "我回来了", "销假", "取消"})
_BACK_VERBS = ("销假", "我回来了")
_ON_DAY_VERBS = frozenset({"请假", "出差"})
"""Said with a lone day, these mean that day; a delegation is until then."""


def away(request: Request) -> Reply:
    """`away until Friday @Wang Fang`: read, shown in full, confirmed; what it does not say is asked.

    `away` alone, by who is away: until when. `away off`: back again.
    """
    verb = request.inbound.text.strip().lstrip("/／").split(maxsplit=1)[:1]
    word, said = "".join(verb).casefold(), request.argument.strip()
    if word in _BACK_VERBS or said.casefold() in _BACK:
        return back(request)
    world = CompanyWorld(request.work, request.person)
    if not said:
        found = absence_of(request.work, person_id=request.person.id)
        return begin(request, _guide(world)) if found is None else Reply((_stands(request, found),))
    answers, wrong = read_absence(said, world, on_day=word in _ON_DAY_VERBS)
    return begin(request, _guide(world), answers=answers, wrong=wrong)


def back(request: Request) -> Reply:
    """There again: what is still open is theirs, and what happened meanwhile is told at once."""
    was = come_back(request.work, actor=request.person, platform=request.platform)
    if not was.has_begun(request.work.now):
        return Reply((say(_NOT_GOING),), replaces=request.argument.isdecimal())
    heading, lines = welcome_now(request.work, was)
    told = [(line, *about) for line, about in lines[:MOST_LINES]]
    shown = draw_told(heading, told, len(lines) - len(told)) if lines else say(heading)
    return Reply((shown,), replaces=request.argument.isdecimal())


def change(request: Request) -> Reply:
    """The same questions again, answered as they were."""
    found = _standing(request)
    answers: dict[str, Any] = {"until": found.until.isoformat()}
    if not found.has_begun(request.work.now):
        answers["since"] = found.since.isoformat()
    world = CompanyWorld(request.work, request.person)
    if found.delegate_id is not None and world.find("stand-in", str(found.delegate_id)) is not None:
        answers["delegate"] = str(found.delegate_id)
    return begin(request, _guide(world), answers=answers)


def undo(request: Request) -> Reply:
    """It was a mistake: nothing is told of it on return."""
    _standing(request)
    come_back(request.work, actor=request.person, platform=request.platform, act="undone")
    return Reply((say(_NOT_GOING),), replaces=True)


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    delegate = values.get("delegate")
    left = go_away(
        request.work,
        actor=request.person,
        platform=request.platform,
        since=values.get("since"),
        until=values["until"],
        delegate_id=None if delegate is None else record_id(delegate),
    )
    handed: Text | None = None
    if left.handed_over:
        handed = TN("{n} order that waits went there.", "{n} orders that wait went there.", n=left.handed_over)
    return Reply((_stands(request, left.away, handed),))


_NOT_GOING = T("Noted: you are not away.")


def _stands(request: Request, found: Away, handed: Text | None = None) -> Screen:
    """Until when, who decides meanwhile, and what can be done about it."""
    now, calendar = request.work.now, calendar_of(request.work, person_id=request.person.id)
    lines: list[Line] = [body(away_words(found.until, found.since, calendar, now))]
    if found.delegate_id is not None:
        since = max(found.since, now)
        lines += who_decides(request.work, person=request.person, delegate_id=found.delegate_id, since=since)
    if handed is not None and found.has_begun(now):
        lines.append(muted(handed))
    row: tuple[Button, ...] = (
        Button(labels.CHANGE, f"away.change:{found.id}"),
        Button(labels.UNDO, f"away.undo:{found.id}"),
    )
    if found.has_begun(now):
        row = (Button(labels.BACK_NOW, f"away.back:{found.id}", "primary"), *row)
    return Screen(tuple(lines), (row,))


def _standing(request: Request) -> Away:
    """The absence that the button names, if it still stands. Raises Conflict."""
    found = absence_of(request.work, person_id=request.person.id)
    if found is None or found.id != record_id(request.argument):
        raise Conflict(T("That is over, or was changed meanwhile."))
    return found


def _press_back(request: Request) -> Reply:
    _standing(request)
    return back(request)


_WITH_DELEGATE = register(Guide(AWAY, anybody, submit))
_WITHOUT = register(Guide(TIME_OFF, anybody, submit))


def _guide(world: CompanyWorld) -> Guide:
    return _WITH_DELEGATE if decides(world) else _WITHOUT


VERBS = (
    Verb(
        "away",
        ("委托审批", "请假", "出差", *_BACK_VERBS),
        T("be away, and have somebody decide for you"),
        away,
        parks=False,
    ),
)
PRESSES = {"away.back": _press_back, "away.change": change, "away.undo": undo}
