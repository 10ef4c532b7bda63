"""Going away: until when, from when, and who decides meanwhile. All are read out of one text where it has them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.conversations.definition import (
    Answers,
    Conversation,
    Field,
    FieldProblem,
    Read,
    Refused,
    Taken,
    World,
)
from bot.conversations.kinds import Record
from bot.conversations.kinds.words import Plain
from crm.core.text import T, Text, Words
from crm.language.absences import AwayTime, read_away_time

_PROPOSED = {"zh_CN": ("今天", "明天", "本周五", "一周"), "en": ("today", "tomorrow", "Friday", "1 week")}


@dataclass(frozen=True, slots=True)
class LastDay(Plain):
    """The end of an absence, kept as ISO time: of a day its last midnight. `3 days` are working days from today on."""

    def read(self, text: str, world: World) -> Read:
        said = read_away_time(text, now=world.now)
        until = until_of(said, world)
        if until is None or said.rest:
            return Refused(_NOT_UNDERSTOOD)
        return Taken(until.isoformat()) if until > world.now else Refused(_past(until))

    def show(self, value: Any, world: World) -> Words:
        until = datetime.fromisoformat(value)
        local = until.astimezone(world.now.tzinfo)
        if local.time() != time():
            return T("{date}", date=until)
        return T("{date}, the whole day", date=local.date() - timedelta(days=1))

    def text(self, value: Any, world: World) -> str:
        local = datetime.fromisoformat(value).astimezone(world.now.tzinfo)
        if local.time() == time():
            return (local.date() - timedelta(days=1)).isoformat()
        return local.strftime("%Y-%m-%d %H:%M")

    def holds(self, value: Any, world: World) -> bool:
        # An end gone by while the draft lay waiting is told by the conversation's check, which can say so.
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None

    def load(self, value: Any, world: World) -> datetime:
        return datetime.fromisoformat(value)


@dataclass(frozen=True, slots=True)
class FirstDay(LastDay):
    """The beginning of an absence, kept as ISO time: of a day its first midnight; `now` for today."""

    def read(self, text: str, world: World) -> Read:
        if text.casefold() in {"now", "today", "现在", "今天", "即日", "即日起"}:
            return Taken(world.now.isoformat())
        said = read_away_time(text, now=world.now, on_day=True)
        if said.rest or (said.since is None and said.until is None):
            return Refused(T("Please write a date, such as tomorrow, next Tuesday 3pm or 25/12."))
        begins = said.since or said.until
        assert begins is not None, "one of the two"
        if begins > world.now and said.since is None and begins.time() == time():
            begins = world.now  # today as a day
        return Taken(begins.isoformat()) if begins >= world.now else Refused(T("{date} is in the past.", date=begins))

    def show(self, value: Any, world: World) -> Words:
        at = datetime.fromisoformat(value)
        local = at.astimezone(world.now.tzinfo)
        return T("{date}", date=local.date() if local.time() == time() else at)

    def text(self, value: Any, world: World) -> str:
        local = datetime.fromisoformat(value).astimezone(world.now.tzinfo)
        return local.date().isoformat() if local.time() == time() else local.strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class StandIn(Record):
    """A colleague who may decide; of one who may not it is said why."""

    source: str = "stand-in"

    def read(self, text: str, world: World) -> Read:
        found = Record.read(self, text, world)
        known = world.recall("colleague", text) if isinstance(found, Refused) else None
        return found if known is None else Refused(known["problem"])


def read_absence(text: str, world: World, *, on_day: bool = False) -> tuple[dict[str, Any], Text | None]:
    """What a text says of an absence, as answers, and what is wrong with it, if anything is."""
    named = world.recall("colleague named", text) or {"rest": text}
    said = read_away_time(named["rest"], now=world.now, on_day=on_day)
    answers: dict[str, Any] = {}
    wrong: Text | None = None
    until = until_of(said, world)
    if until is not None and until <= world.now:
        wrong = _past(until)
    elif until is not None:
        answers["until"] = until.isoformat()
    if said.since is not None:
        answers["since"] = said.since.isoformat()
    rest = said.rest.lstrip("@＠").strip()
    who = named.get("name") or rest
    if rest and who != rest:
        wrong = wrong or _unread(rest)
    if not who:
        return answers, wrong
    if not decides(world):
        return answers, wrong or T("You decide on no orders, so nobody has to decide for you.")
    match StandIn().read(who, world):
        case Taken(value):
            answers["delegate"] = value
        case Refused(problem):
            is_time = not answers and wrong is None and world.recall("colleague", who) is None
            wrong = _unread(who) if is_time else wrong or problem
        case _:
            wrong = wrong or T("Several match {text}. Which one?", text=who)
    return answers, wrong


def decides(world: World) -> bool:
    """Whether anything ever waits for this person's decision."""
    return bool((world.recall("absence", "") or {}).get("decides"))


def until_of(said: AwayTime, world: World) -> datetime | None:
    """The end of what was said; working days are counted by the person's own calendar."""
    if said.days is None:
        return said.until
    known = world.recall("working days", f"{(said.since or world.now).date().isoformat()}>{said.days}") or {}
    return datetime.fromisoformat(known["until"]) if known else None


_NOT_UNDERSTOOD = T("Please write a day or a time to come, such as Friday, 25/12, tomorrow 3pm or 3 days.")


def _unread(words: str) -> Text:
    return T("Not understood: {words}.", words=words)


def _past(until: datetime) -> Text:
    return T("{date} is in the past. Write a time to come, such as tomorrow 3pm.", date=until)


def _times(answers: Answers, world: World) -> Sequence[str]:
    usual = _PROPOSED.get(world.language, _PROPOSED["en"])
    return [text for text in usual if isinstance(LastDay().read(text, world), Taken)]


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    until = datetime.fromisoformat(answers["until"])
    if until <= world.now:
        return [FieldProblem("until", _past(until))]
    if "since" in answers and until <= datetime.fromisoformat(answers["since"]):
        return [FieldProblem("until", T("You would be back before you go: choose a later end."))]
    if "delegate" in answers:
        since = answers.get("since", world.now.isoformat())
        known = world.recall("absence", f"{answers['delegate']}@{since}") or {}
        if "problem" in known:
            return [FieldProblem("delegate", known["problem"])]
    return []


_UNTIL = Field(
    key="until",
    label=T("Until"),
    kind=LastDay(),
    required=True,
    hint=T("the last day, such as Friday, 25/12 or 3 days"),
    propose=_times,
)
_FROM = Field(
    key="since",
    label=T("From"),
    kind=FirstDay(),
    seldom=True,
    hint=T("the first day; now where nothing is said"),
)
_DELEGATE = Field(
    key="delegate",
    label=T("Decides for me"),
    kind=StandIn(),
    hint=T("a supervisor, finance or the general manager"),
)
AWAY = Conversation(
    name="away",
    version=1,
    title=T("Going away"),
    remarks="absence",
    check=_check,
    steps=(_UNTIL, _FROM, _DELEGATE),
)
TIME_OFF = replace(AWAY, name="time_off", steps=(_UNTIL, _FROM))
"""The same for who decides on nothing."""
