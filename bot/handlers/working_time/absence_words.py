"""What comes of going away, in words: under the review, and once it is noted."""

from datetime import datetime, time, timedelta
from typing import Any

from bot.cards.screen import Line, body, muted, problem
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.orders.staying import Staying, staying_with
from crm.people.absence import back_at, stand_in_then
from crm.people.calendar import WorkCalendar
from crm.people.people import Member, find_member


def away_words(until: datetime, since: datetime | None, calendar: WorkCalendar, now: datetime) -> Text:
    """`You are away through Fri 6 Mar 2026. Your next working time begins on Mon 9 Mar 2026.`"""
    back = back_at(calendar, until)
    facts: dict[str, Any] = {"back": back if back == until else calendar.today(back)}
    begins = None if since is None or since <= now else _day_or_time(since, calendar)
    local = until.astimezone(calendar.zone)
    if local.time() != time():
        if begins is None:
            return T("You are away until {until}. Your next working time begins on {back}.", until=until, **facts)
        return T(
            "You are away from {since} until {until}. Your next working time begins on {back}.",
            since=begins,
            until=until,
            **facts,
        )
    last = local.date() - timedelta(days=1)
    if begins == last:
        return T("You are away on {date}, the whole day. Your next working time begins on {back}.", date=last, **facts)
    if begins is None:
        return T("You are away through {until}. Your next working time begins on {back}.", until=last, **facts)
    return T(
        "You are away from {since} through {until}. Your next working time begins on {back}.",
        since=begins,
        until=last,
        **facts,
    )


def who_decides(work: UnitOfWork, *, person: Member, delegate_id: int, since: datetime) -> list[Line]:
    """Who really decides for somebody away from `since`, as things stand, and what stays with them."""
    name = find_member(work, person_id=delegate_id).name
    away, last = stand_in_then(work, person_id=person.id, delegate_id=delegate_id, at=since)
    if last is None:
        return [problem(T("{name} is away too: nobody decides for you meanwhile.", name=name))]
    words = T("{name} decides for you meanwhile.", name=name)
    if away is not None:
        other = find_member(work, person_id=last).name
        words = T("{name} decides for you meanwhile ({other} is away too).", name=other, other=name)
    return [body(words), *stays(work, person=person, delegate_id=delegate_id, since=since)]


def stays(work: UnitOfWork, *, person: Member, delegate_id: int, since: datetime) -> list[Line]:
    """What was submitted by who decides meanwhile, and so is not handed over: a line for each who is asked besides."""
    by_others: dict[tuple[str, ...], list[Staying]] = {}
    for one in staying_with(work, person=person, delegate_id=delegate_id, since=since):
        by_others.setdefault(one.others, []).append(one)
    return [muted(_stays(found, others)) for others, found in by_others.items()]


def _stays(found: list[Staying], others: tuple[str, ...]) -> Text:
    facts: dict[str, Any] = {"numbers": [one.number for one in found], "name": found[0].submitter_name}
    if others:
        return TN(
            "{numbers} was submitted by {name}, who cannot decide on it: it stays with you and {others}.",
            "{numbers} were submitted by {name}, who cannot decide on them: they stay with you and {others}.",
            n=len(found),
            others=list(others),
            **facts,
        )
    return TN(
        "{numbers} was submitted by {name}, who cannot decide on it: it stays with you.",
        "{numbers} were submitted by {name}, who cannot decide on them: they stay with you.",
        n=len(found),
        **facts,
    )


def _day_or_time(at: datetime, calendar: WorkCalendar) -> Any:
    local = at.astimezone(calendar.zone)
    return local.date() if local.time() == time() else at
