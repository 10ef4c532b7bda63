"""A reminder: of what, and when. Both are read out of one text where it has them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, Read, Refused, Taken, World
from bot.conversations.kinds import Line, Record
from bot.conversations.kinds.words import Plain
from crm.core.text import T, Text, Words
from crm.language.dates import Reading, read_date
from crm.sales.tasks import LONGEST_TEXT, MORNING

_PROPOSED = {
    "zh_CN": ("1小时后", "今天下午", "明天9点", "下周一"),
    "en": ("in 1 hour", "this afternoon", "tomorrow 9:00", "next Monday"),
}
_OPENING = re.compile(
    r"^(?:(?:please )?remind me |请?提醒我?|我(?![们的])|me )?(?:to |that |要(?=[给去打和跟]))?", re.IGNORECASE
)
_DANGLING = re.compile(r"(?:\b(?:on|at|by|in|before|around|from|until)|[在于])\s*$", re.IGNORECASE)
_BEFORE_IT = re.compile(r"^(?:之前|以前|前(?![往台来去面提]))")
_MARKS = " \t\n,，:：;；、-–"


@dataclass(frozen=True, slots=True)
class ReminderTime(Plain):
    """A moment to come, kept as ISO time. A day alone means its morning, and today an hour from now."""

    def read(self, text: str, world: World) -> Read:
        found = read_date(text, now=world.now, whole=True)
        if found is None:
            return Refused(T("Please write a date, such as tomorrow, next Tuesday 3pm or 25/12."))
        at = _moment(found, world.now)
        return Taken(at.isoformat()) if at > world.now else Refused(_past(at))

    def show(self, value: Any, world: World) -> Words:
        return T("{date}", date=datetime.fromisoformat(value))

    def text(self, value: Any, world: World) -> str:
        return datetime.fromisoformat(value).astimezone(world.now.tzinfo).strftime("%Y-%m-%d %H:%M")

    def holds(self, value: Any, world: World) -> bool:
        # A time gone by while the draft lay waiting is told by the conversation's check, which can say so.
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None

    def load(self, value: Any, world: World) -> datetime:
        return datetime.fromisoformat(value)


def read_reminder(text: str, world: World) -> tuple[dict[str, Any], Text | None]:
    """What a text says of a reminder, as answers, and what is wrong with it, if anything is."""
    found = read_date(text, now=world.now)
    words = _without(text, found)
    answers = REMIND.known("text", words, world) if words else {}
    if words and not answers:
        return {}, T("That is {length} characters long; at most {most} fit here.", length=len(words), most=LONGEST_TEXT)
    if found is None:
        return answers, None
    at = _moment(found, world.now)
    if at <= world.now:
        return answers, _past(at)
    return {**answers, "when": at.isoformat()}, None


def _moment(found: Reading, now: datetime) -> datetime:
    if found.granularity == "minute":
        return found.at
    morning = datetime.combine(found.at.date(), MORNING, now.tzinfo)
    if found.at.date() == now.date() and morning <= now:
        return (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    return morning


def _past(at: datetime) -> Text:
    return T("{date} is in the past. Write a time to come, such as tomorrow 3pm.", date=at)


def _without(text: str, found: Reading | None) -> str:
    """The text without the date read in it, and without what only led up to it: `call Hans on`, `me to`."""
    before, after = text, ""
    if found is not None:
        start, end = found.span
        before, after = _DANGLING.sub("", text[:start]), _BEFORE_IT.sub("", text[end:])
    gap = " " if before.isascii() or after.isascii() else ""
    joined = " ".join(f"{_OPENING.sub('', before.strip(_MARKS))}{gap}{after.strip(_MARKS)}".split())
    return _OPENING.sub("", joined).strip(_MARKS)


def _times(answers: Answers, world: World) -> Sequence[str]:
    """The usual ones that are still to come."""
    usual = _PROPOSED.get(world.language, _PROPOSED["en"])
    return [text for text in usual if isinstance(ReminderTime().read(text, world), Taken)]


def _still_to_come(answers: Mapping[str, Any], world: World) -> Sequence[FieldProblem]:
    at = datetime.fromisoformat(answers["when"])
    return () if at > world.now else (FieldProblem("when", _past(at)),)


REMIND = Conversation(
    name="remind",
    version=1,
    title=T("Set a reminder"),
    check=_still_to_come,
    steps=(
        Field(
            key="text",
            label=T("Text"),
            kind=Line(most=LONGEST_TEXT),
            required=True,
            hint=T("what to be reminded of"),
        ),
        Field(
            key="when",
            label=T("When"),
            kind=ReminderTime(),
            required=True,
            hint=T("such as tomorrow 3pm or next Monday"),
            propose=_times,
        ),
        Field(
            key="about",
            label=T("About"),
            kind=Record("record"),
            seldom=True,
            hint=T("a customer, a lead or a deal; part of the name is enough"),
        ),
    ),
)
