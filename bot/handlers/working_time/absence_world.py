"""What the conversation `away` may see: who can decide for somebody, and what comes of going away."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.cards.screen import Choice, Line, body, muted, problem
from bot.handlers.working_time.absence_words import away_words, stays, who_decides
from bot.who import find_person
from crm.core.text import TN, T, Text
from crm.language.absences import read_away_time
from crm.orders.waiting import waiting_for
from crm.people.absence import STAND_INS, Away, absence_of, can_stand_in, stand_in_then
from crm.people.calendar import calendar_of
from crm.people.people import ROLE_NAMES, Member, Person, list_members

Found = tuple[Sequence[Choice], int]

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
"""Slack's form of a person who was chosen from its list."""


def search_stand_ins(world: Any, query: str, offset: int, most: int) -> Found:
    """Colleagues who may decide, the person's own superior first."""
    wanted = _named(world, query).casefold()
    fits = [one for one in _stand_ins(world) if wanted in one.name.casefold()]
    return [_choice(one) for one in fits[offset : offset + most]], len(fits)


def find_stand_in(world: Any, value: str) -> Choice | None:
    return next((_choice(one) for one in _stand_ins(world) if str(one.id) == value), None)


def colleague(world: Any, text: str) -> Mapping[str, Any] | None:
    """Why the colleague of this name may not decide; None where there is nobody of that name, or nothing against it."""
    name = _named(world, text).casefold()
    member = next((one for one in list_members(world.work) if one.name.casefold() == name), None)
    if member is None:
        return None
    if member.id == world.person.id:
        return {"problem": T("Somebody else has to decide for you: choose a colleague.")}
    may = can_stand_in(member)
    return None if may is True else {"problem": may}


def colleague_named(world: Any, text: str) -> Mapping[str, Any] | None:
    """The colleague whom a text names (`@Wang Fang`, a mention, or a name at its end), and the text without it."""
    mention = _MENTION.search(text)
    if mention is not None:
        return {"name": _named(world, mention[0]), "rest": _without(text, mention.span())}
    names = sorted((one.name for one in list_members(world.work, active_only=True)), key=len, reverse=True)
    for name in names:
        found = re.search(rf"[@＠]\s?{re.escape(name)}(?!\w)", text, re.IGNORECASE) or re.search(
            rf"(?:(?<=\s)|^){re.escape(name)}\s*$", text, re.IGNORECASE
        )
        # A weekday may be somebody's name as well: `until Sun` is about a day.
        if found is not None and (
            found[0][0] in "@＠" or _says_when(text[: found.start()], world) or not _says_when(text, world)
        ):
            return {"name": name, "rest": _without(text, found.span())}
    return None


def absence_facts(world: Any, key: str) -> Mapping[str, Any]:
    """Whether anything ever waits for this person's decision. `7@2026-03-05T00:00+08:00`: why this colleague cannot
    decide for them from then on, too.
    """
    facts: dict[str, Any] = {"decides": _decides(world)}
    if key:
        delegate_id, _, at = key.partition("@")
        since = max(datetime.fromisoformat(at), world.work.now)
        away, last = stand_in_then(world.work, person_id=world.person.id, delegate_id=int(delegate_id), at=since)
        if away is not None and last is None:
            facts["problem"] = _away_too(away)
    return facts


def working_days(world: Any, key: str) -> Mapping[str, Any] | None:
    """`2026-03-02>3`: the end of the third working day from this day on."""
    day, _, count = key.partition(">")
    calendar = calendar_of(world.work, person_id=world.person.id)
    last = date.fromisoformat(day) - timedelta(days=1)
    if not 0 < int(count) <= _MOST_DAYS:
        return None
    for _ in range(int(count)):
        last = calendar.next_working_day(last)
    return {"until": datetime.combine(last + timedelta(days=1), time(), calendar.zone).isoformat()}


_MOST_DAYS = 260


def remark_absence(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What comes of it: when they are back, who really decides, and what takes whose place."""
    until = datetime.fromisoformat(answers["until"])
    since = datetime.fromisoformat(answers["since"]) if "since" in answers else None
    calendar = calendar_of(world.work, person_id=world.person.id)
    lines = [body(away_words(until, since, calendar, world.work.now))]
    before = absence_of(world.work, person_id=world.person.id)
    if before is not None:
        lines.append(muted(T("This takes the place of what was noted before: {until}", until=before.until_words)))
    return lines + _about_stand_in(world, answers)


def _about_stand_in(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    if not _decides(world):
        return []
    delegate_id = int(answers["delegate"]) if "delegate" in answers else None
    if delegate_id is None:
        waiting = len(waiting_for(world.work, person=world.person))
        lines = [muted(T("Nobody decides for you meanwhile: what waits stays with you."))]
        return (
            [*lines, muted(TN("{n} order waits for you", "{n} orders wait for you", n=waiting))] if waiting else lines
        )
    since = datetime.fromisoformat(answers["since"]) if "since" in answers else world.work.now
    told: dict[str, Any] = {"person": world.person, "delegate_id": delegate_id, "since": since}
    away, last = stand_in_then(world.work, person_id=world.person.id, delegate_id=delegate_id, at=since)
    if away is not None and last is None:
        return [problem(_away_too(away))]
    if away is not None:
        return who_decides(world.work, **told)
    return stays(world.work, **told)


def _away_too(away: Away) -> Text:
    return T("{name} is away {until} too: choose somebody else.", name=away.name, until=away.until_words)


def _decides(world: Any) -> bool:
    if world.person.has(*STAND_INS):
        return True
    leads = select(Person.id).where(Person.superior_id == world.person.id, Person.is_active).limit(1)
    return world.work.connection.execute(leads).first() is not None


def _stand_ins(world: Any) -> list[Member]:
    members = list_members(world.work, active_only=True)
    fits = [one for one in members if one.id != world.person.id and can_stand_in(one) is True]
    return sorted(fits, key=lambda one: (one.id != world.person.superior_id, one.name))


def _choice(member: Member) -> Choice:
    return Choice(str(member.id), member.name, T("{items}", items=[ROLE_NAMES[role] for role in sorted(member.roles)]))


def _named(world: Any, text: str) -> str:
    """The name a text means: of a mention the person of that account, else the text without its sign."""
    mention = _MENTION.fullmatch(text.strip())
    if mention is None:
        return text.strip().lstrip("@＠").strip()
    person = find_person(world.work, platform="slack", account_id=mention[1])
    return mention[0] if person is None else person.name


def _without(text: str, span: tuple[int, int]) -> str:
    return f"{text[: span[0]]} {text[span[1] :]}".strip()


def _says_when(before: str, world: Any) -> bool:
    """Whether a text says from when or until when without the name that follows it."""
    said = read_away_time(before, now=world.now)
    return said.days is not None or said.since is not None or said.until is not None
