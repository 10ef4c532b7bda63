"""A supervisor's team: what was won and lost, how the pipeline changed, who has been idle. Guide 1.2, 4."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, func, select, union_all

from crm.core.money import Money
from crm.core.text import TN, DayOf, T, Text
from crm.core.types import Amount, Id, UTCDateTime
from crm.insight.figures import DayFigure
from crm.insight.ground import Ground, Reader, days_words
from crm.insight.sections import Line, Section, section
from crm.people.calendar import WorkCalendar
from crm.people.people import Role
from crm.people.presence import EVER, Presence, presences_of
from crm.sales.customers.communications import Communication
from crm.sales.customers.silent import silent_customers
from crm.sales.deals.deals import DEAL_ROWS, Deal, number
from crm.sales.deals.stages import OPEN_STAGES, reason_words
from crm.sales.leads.leads import Lead

_DEALS = Deal.table()
_LEADS = Lead.table()
_FIGURES = DayFigure.table()
_SAID = Communication.table()
_FARTHEST = timedelta(days=60)
"""How far back figures are looked at for the last day somebody did something."""
_LAST_FIGURE = (
    select(_FIGURES.c.person_id, func.max(_FIGURES.c.day, type_=Date))
    .where(
        _FIGURES.c.person_id.in_(bindparam("people", expanding=True, type_=Id)),
        _FIGURES.c.day >= bindparam("since", type_=Date),
        _FIGURES.c.measure.in_(("submitted", "won", "lost")),  # what others decide is nothing of their own
        _FIGURES.c["count"] > 0,
    )
    .group_by(_FIGURES.c.person_id)
)

Pipeline = tuple[int, Decimal]
"""How many open deals, worth how much in the base currency."""


def results(ground: Ground) -> dict[int, list[Section]]:
    """Deals won and lost since each supervisor last heard; one statement."""
    readers = ground.of("supervisor")
    since = min(reader.since for reader in readers)
    closed = (_DEALS.c.owner_id.in_(ground.teams), _DEALS.c.stage.in_(("won", "lost")), _DEALS.c.stage_since >= since)
    rows = ground.work.connection.execute(DEAL_ROWS.where(*closed)).all()
    found = {}
    for reader in readers:
        team = ground.team(reader)
        theirs = [row for row in rows if row.owner_id in team and row.stage_since >= reader.since]
        theirs.sort(key=lambda row: (row.stage != "won", -row.base_amount, row.id))
        lines = [Line(_result(row), ("deal", row.id), f"{number(row.id)} {row.title}") for row in theirs]
        found[reader.id] = section("results", T("Won and lost"), lines, most=ground.most)
    return found


def pipelines(ground: Ground) -> dict[int, Pipeline]:
    """What each supervisor's team has open now; one statement."""
    query = (
        select(
            _DEALS.c.owner_id, func.count().label("number"), func.sum(_DEALS.c.base_amount, type_=Amount).label("sum")
        )
        .where(_DEALS.c.owner_id.in_(ground.teams), _DEALS.c.stage.in_(OPEN_STAGES))
        .group_by(_DEALS.c.owner_id)
    )
    rows = ground.work.connection.execute(query).all()
    found = {}
    for reader in ground.of("supervisor"):
        theirs = [row for row in rows if row.owner_id in ground.team(reader)]
        found[reader.id] = (sum(row.number for row in theirs), sum((row.sum for row in theirs), Decimal(0)))
    return found


def pipeline_changes(ground: Ground, now: dict[int, Pipeline]) -> dict[int, list[Section]]:
    """How that differs from what each supervisor was last told; nothing where it does not."""
    found = {}
    for reader in ground.of("supervisor"):
        count, base_amount = now[reader.id]
        lines = [Line(_deals_worth(count, ground.money(base_amount)))]
        if reader.pipeline is not None:
            lines.append(Line(_change(reader, ground, count, base_amount)))
        is_news = reader.pipeline != (count, base_amount) and (count > 0 or reader.pipeline is not None)
        heading = T("Pipeline")
        found[reader.id] = section("pipeline", heading, lines, most=ground.most, verb="deals") if is_news else []
    return found


def silent_key_customers(ground: Ground) -> dict[int, list[Section]]:
    """A customers of the team that nobody has been in touch with for too long."""
    silent = silent_customers(ground.work, grade="A")
    found = {}
    for reader in ground.of("supervisor"):
        team = ground.team(reader)
        theirs = sorted((one for one in silent if one.owner_id in team), key=lambda one: (-one.days, one.customer_id))
        lines = [
            Line(
                T("{customer} · no contact for {days}", customer=one.name, days=days_words(one.days)),
                ("customer", one.customer_id),
                one.name,
            )
            for one in theirs
        ]
        found[reader.id] = section("silent", T("Silent A customers"), lines, most=ground.most)
    return found


def idle_reps(ground: Ground) -> dict[int, list[Section]]:
    """Reps who have written nothing of their own for so many working days; who is away is not idle."""
    readers = ground.of("supervisor")
    reps = {
        one.person.id: one for reader in readers for one in ground.colleagues[reader.id] if one.person.has(Role.REP)
    }
    presences = presences_of(ground.work, reps)
    latest = _latest(ground, reps)
    days = ground.number("watches.idle_days")
    idle: dict[int, datetime] = {}
    for person_id, one in reps.items():
        last, presence = max(latest.get(person_id, EVER), one.created_at), presences[person_id]
        if last < presence.before_days(days, ground.work.now) and not _is_away(presence, ground.work.now):
            idle[person_id] = last
    found = {}
    for reader in readers:
        lines = [
            Line(_idle(one.person.name, idle[one.person.id], presences[one.person.id].calendar, ground.work.now))
            for one in ground.colleagues[reader.id]
            if one.person.id in idle and one.person.id != reader.id
        ]
        found[reader.id] = section("idle", T("Nothing recorded lately"), lines, most=ground.most)
    return found


def _latest(ground: Ground, people: Collection[int]) -> dict[int, datetime]:
    """When each last wrote something of their own: a lead, a deal, an order, something said with a customer."""
    kinds = (
        (_LEADS.c.owner_id, _LEADS.c.touched_at),
        (_DEALS.c.owner_id, _DEALS.c.changed_at),
        (_SAID.c.person_id, _SAID.c.at),
    )
    each = [
        select(person.label("person_id"), func.max(at, type_=UTCDateTime).label("at"))
        .where(person.in_(list(people)))
        .group_by(person)
        for person, at in kinds
    ]
    found: dict[int, datetime] = {}
    for person_id, at in ground.work.connection.execute(union_all(*each)):
        if at is not None:
            found[person_id] = max(at, found.get(person_id, at))
    zone = ZoneInfo(ground.rules["company.timezone"])
    for person_id, day in ground.work.connection.execute(_LAST_FIGURE, _span(ground, people)):
        at = datetime.combine(day, time.max, zone)
        found[person_id] = max(at, found.get(person_id, at))
    return found


def _span(ground: Ground, people: Collection[int]) -> dict[str, Any]:
    return {"people": list(people), "since": ground.work.now.date() - _FARTHEST}


def _is_away(presence: Presence, now: datetime) -> bool:
    return any(begins <= now < ends for begins, ends in presence.away)


def _idle(name: str, last: datetime, calendar: WorkCalendar, now: datetime) -> Text:
    days = calendar.working_days(calendar.today(last), calendar.today(now))
    return T("{person}: nothing for {days}", person=name, days=TN("{n} working day", "{n} working days", n=days))


def _result(row: Any) -> Text:
    facts = {
        "deal": row.title,
        "customer": row.customer_name,
        "amount": Money(row.amount, row.currency),
        "person": row.owner_name,
    }
    if row.stage == "won":
        return T("Won: {deal} · {customer} · {amount} · {person}", **facts)
    reason = reason_words(row.lost_reason or "")
    return T("Lost: {deal} · {customer} · {amount} · {person}: {reason}", reason=reason, **facts)


def _deals_worth(count: int, money: Money) -> Text:
    return TN("{n} open deal worth {sum}", "{n} open deals worth {sum}", n=count, sum=money)


def _change(reader: Reader, ground: Ground, count: int, base_amount: Decimal) -> Text:
    assert reader.pipeline is not None
    deals, grown = count - reader.pipeline[0], base_amount - reader.pipeline[1]
    return T(
        "Since {day}: {deals} deals, {sign}{sum}",
        day=DayOf(reader.since),
        deals=f"{deals:+d}".replace("-", "−"),
        sign="−" if grown < 0 else "+",
        sum=ground.money(abs(grown)),
    )
