"""A reminder: of what, and when. Both are read out of one text where it has them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, Read, Refused, Taken, World
from bot.conversations.kinds import Line, Record
from bot.conversations.kinds.words import Plain
from crm.core.rules import shipped
from crm.core.text import T, Text, Words
from crm.language.dates import Reading, read_date
from crm.people.calendar import MONDAY_TO_FRIDAY, WorkCalendar
from crm.sales.tasks.reading_recurrence import Repeating, as_typed, may_repeat, read_repeating
from crm.sales.tasks.recurrence import Recurrence, in_words, read_form
from crm.sales.tasks.tasks import LONGEST_TEXT

_PROPOSED = {
    "zh_CN": ("1小时后", "今天下午", "明天9点", "下周一"),
    "en": ("in 1 hour", "this afternoon", "tomorrow 9:00", "next Monday"),
}
_WEEKDAYS = {
    "zh_CN": [f"周{day}9点" for day in "一二三四五六日"],
    "en": [f"{day} 9:00" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")],
}
_OPENING = re.compile(
    r"^(?:(?:please )?remind me |请?提醒我?|我(?![们的])|me )?(?:to |that |要(?=[给去打和跟]))?", re.IGNORECASE
)
_DANGLING = re.compile(
    r"(?:\b(?:on|at|by|in|before|around|from|starting|beginning|until)|[在于从自])\s*$", re.IGNORECASE
)
_BEFORE_IT = re.compile(r"^(?:之前|以前|前(?![往台来去面提])|开始|起(?![草来床飞]))")
_VERB = re.compile(r"^[/／]?(?:提醒(?![我])|remind(?! me\b)\b)\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![A-Za-z0-9-])([LD])-([0-9]{1,15})(?![0-9])", re.IGNORECASE)
_KINDS = {"L": "lead", "D": "deal"}
_MARKS = " \t\n,，:：;；、-–"


@dataclass(frozen=True, slots=True)
class Moment:
    """When to remind. `has_time` False: the day was meant. `recurrence`: how it comes again, from `at` on."""

    at: datetime
    has_time: bool = True
    recurrence: Recurrence | None = None


@dataclass(frozen=True, slots=True)
class ReminderTime(Plain):
    """A moment to come, and perhaps how it comes again. A day alone means its morning, and today an hour from now.

    Kept as `{"at": ISO time, "minute": bool, "repeats": short form or None}`.
    """

    def read(self, text: str, world: World) -> Read:
        again = _read_repeating(text, world)
        if again is not None and not _without(text, again.spans):
            return Taken(_kept_again(again, world))
        found = read_date(text, now=world.now, whole=True)
        if found is None:
            return Refused(T("Please write a date, such as tomorrow, next Tuesday 3pm or 25/12."))
        kept = _kept(found, world)
        return Taken(kept) if _at(kept) > world.now else Refused(_past(_at(kept)))

    def show(self, value: Any, world: World) -> Words:
        if value["repeats"]:
            return T("{rhythm}, first {at}", rhythm=in_words(read_form(value["repeats"])), at=_at(value))
        return T("{date}", date=_at(value))

    def text(self, value: Any, world: World) -> str:
        if value["repeats"]:
            _, person = _settings(world)
            return as_typed(read_form(value["repeats"]), _at(value), world.language, now=world.now, person=person)
        return _at(value).astimezone(world.now.tzinfo).strftime("%Y-%m-%d %H:%M")

    def holds(self, value: Any, world: World) -> bool:
        # A time gone by while the draft lay waiting is told by the conversation's check, which can say so.
        return isinstance(value, Mapping) and _at(value).tzinfo is not None

    def load(self, value: Any, world: World) -> Moment:
        again = read_form(value["repeats"]) if value["repeats"] else None
        return Moment(_at(value), value["minute"], again)


def read_reminder(text: str, world: World) -> tuple[dict[str, Any], Text | None]:
    """What a text says of a reminder, as answers, and what is wrong with it, if anything is."""
    again = _read_repeating(text, world)
    found = read_date(text, now=world.now) if again is None else None
    spans = again.spans if again is not None else (found.span,) if found is not None else ()
    words = _without(text, spans)
    answers = REMIND.known("text", words, world) if words else {}
    if answers:
        answers |= _numbered(words, world)
    if words and not answers:
        return {}, T("That is {length} characters long; at most {most} fit here.", length=len(words), most=LONGEST_TEXT)
    if again is not None:
        return {**answers, "when": _kept_again(again, world)}, None
    if found is None:
        return answers, None
    kept = _kept(found, world)
    if _at(kept) <= world.now:
        return answers, _past(_at(kept))
    return {**answers, "when": kept}, None


def _numbered(words: str, world: World) -> dict[str, Any]:
    """The one lead or deal that the text names by its number (`L-90`, `D-17`), if this person may see it."""
    named = {(match[1].upper(), int(match[2])) for match in _NUMBERED.finditer(words)}
    found = [value for kind, record in named if world.find("record", value := f"{_KINDS[kind]}:{record}") is not None]
    return {"about": found[0]} if len(found) == 1 else {}


def _said_with_text(text: str, answers: Answers, world: World) -> tuple[Answers, Text | None] | None:
    """A date typed together with the text, as long as none is known; a date alone leaves the text to be asked."""
    if answers.get("when") is not None:
        return None
    found, wrong = read_reminder(_VERB.sub("", text) or text, world)
    return ({**found, **_about(answers)}, wrong) if found or wrong else None


def _said_with_date(text: str, answers: Answers, world: World) -> tuple[Answers, Text | None] | None:
    """Words beside the date: the text, where none is known."""
    if isinstance(ReminderTime().read(text, world), Taken):
        return None
    found, wrong = read_reminder(_VERB.sub("", text) or text, world)
    if "when" not in found or wrong is not None:
        return None
    known = {key: kept for key, kept in answers.items() if key == "text"}
    return {**found, **known, **_about(answers)}, None


def _about(answers: Answers) -> dict[str, Any]:
    """The record that was given already, which no text changes."""
    return {"about": answers["about"]} if answers.get("about") else {}


def _said_of_date(text: str, answers: Answers, world: World) -> tuple[Answers, Text | None] | None:
    """Where there is no text to be told: the date alone."""
    said = _said_with_date(text, answers, world)
    return said and ({"when": said[0]["when"]}, None)


def _at(kept: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(kept["at"])


def _kept_again(again: Repeating, world: World) -> dict[str, Any]:
    at = again.first.astimezone(world.now.tzinfo)
    return {"at": at.isoformat(), "minute": len(again.spans) > 1, "repeats": str(again.recurrence)}


def _kept(found: Reading, world: World) -> dict[str, Any]:
    now, is_minute = world.now, found.granularity == "minute"
    at = found.at
    if not is_minute:
        at = datetime.combine(found.at.date(), _settings(world)[0], now.tzinfo)
        if found.at.date() == now.date() and at <= now:
            at = (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    return {"at": at.isoformat(), "minute": is_minute, "repeats": None}


def _read_repeating(text: str, world: World) -> Repeating | None:
    if not may_repeat(text):
        return None
    morning, person = _settings(world)
    return read_repeating(text, now=world.now, person=person, morning=morning)


def _settings(world: World) -> tuple[time, WorkCalendar]:
    """When a day without a time is meant, and which days the person works."""
    known = world.recall("reminders", "")
    if known is not None:
        return known["morning"], known["calendar"]
    zone = world.now.tzinfo
    assert isinstance(zone, ZoneInfo)
    morning = time.fromisoformat(shipped()["tasks.morning_at"])
    return morning, WorkCalendar(zone, MONDAY_TO_FRIDAY, time(9), time(18), "")


def _past(at: datetime) -> Text:
    return T("{date} is in the past. Write a time to come, such as tomorrow 3pm.", date=at)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without the parts read in it, and without what only led up to them: `call Hans on`, `me to`."""
    pieces, since = [], 0
    for start, end in spans:
        pieces.append(_DANGLING.sub("", text[since:start]))
        since = end
    pieces.append(text[since:])
    tidied = [_tidied(piece, follows=index > 0) for index, piece in enumerate(pieces)]
    joined = ""
    for piece in tidied:
        gap = " " if joined.isascii() or piece.isascii() else ""
        joined = f"{joined}{gap}{piece}"
    return _OPENING.sub("", " ".join(joined.split())).strip(_MARKS)


def _tidied(piece: str, *, follows: bool) -> str:
    after = _BEFORE_IT.sub("", piece) if follows else piece
    return _OPENING.sub("", after.strip(_MARKS))


def _times(answers: Answers, world: World) -> Sequence[str]:
    """The usual ones that are still to come, none of them tomorrow or later on a day they do not work."""
    language = world.language if world.language in _PROPOSED else "en"
    soon, afternoon, tomorrow, monday = _PROPOSED[language]
    _, person = _settings(world)
    today = world.now.date()
    working = person.next_working_day(today)
    if working != today + timedelta(days=1):
        tomorrow = _WEEKDAYS[language][working.weekday()]
    kind, found = ReminderTime(), []
    for text in (soon, afternoon, tomorrow, monday):
        read = kind.read(text, world)
        if isinstance(read, Taken):
            day = _at(read.value).date()
            if day == today or text == soon or person.is_working_day(day):
                found.append(text)
    return found


def _still_to_come(answers: Mapping[str, Any], world: World) -> Sequence[FieldProblem]:
    at = _at(answers["when"])
    return () if at > world.now else (FieldProblem("when", _past(at)),)


_WHEN = Field(
    key="when",
    label=T("When"),
    kind=ReminderTime(),
    required=True,
    hint=T("such as tomorrow 3pm, next Monday or every Friday"),
    propose=_times,
    said=_said_with_date,
)
REMIND = Conversation(
    name="remind",
    version=2,
    title=T("Set a reminder"),
    check=_still_to_come,
    steps=(
        Field(
            key="text",
            label=T("Text"),
            kind=Line(most=LONGEST_TEXT),
            required=True,
            hint=T("what to be reminded of"),
            said=_said_with_text,
        ),
        _WHEN,
        Field(
            key="about",
            label=T("About"),
            kind=Record("record"),
            seldom=True,
            hint=T("a customer, a lead or a deal; part of the name is enough"),
        ),
    ),
)

NEXT_DATE = Conversation(
    name="next_date",
    version=1,
    title=T("The next reminder"),
    reviewed=False,
    steps=(replace(_WHEN, said=_said_of_date),),
)
"""After a call: when again, in one's own words."""

LEAD_NEXT_DATE = replace(NEXT_DATE, name="lead_next_date")
"""The same after a call that no reminder asked for."""
