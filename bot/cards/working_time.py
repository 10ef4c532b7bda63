"""When somebody works and is left in peace, in the words of who reads it."""

from datetime import time

from babel.dates import get_day_names

from bot.cards.screen import Line, labelled
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.insight.due_digests import usual_times
from crm.people.holiday_calendars import calendar_name
from crm.people.people import find_member
from crm.people.working_time import Hours, WorkingTime, working_time_of


def working_time_lines(work: UnitOfWork, person_id: int, language: str) -> list[Line]:
    """Hours, days, holidays, quiet hours, digest. Raises NotFound."""
    found = working_time_of(work, person_id=person_id)
    return [
        labelled(T("Working hours"), hours_words(found.hours)),
        labelled(T("Working days"), days_words(found.days, language)),
        labelled(T("Holidays"), calendar_name(found.holidays, language) or T("none", context="holidays")),
        labelled(
            T("Quiet hours"), T("none", context="quiet hours") if found.quiet is None else hours_words(found.quiet)
        ),
        labelled(T("Digest"), _digest(work, person_id, found)),
    ]


def hours_words(hours: Hours) -> str:
    """`09:00–18:00`"""
    return f"{hours[0]:%H:%M}–{hours[1]:%H:%M}"


def days_words(days: str, language: str) -> str:
    """`Mon–Fri`, `Sun–Thu`, `Mon, Wed, Fri`; `周一至周五`. `days`: ISO digits."""
    names = get_day_names("abbreviated", locale=language)
    to, apart = ("至", "、") if language == "zh_CN" else ("–", ", ")
    words: list[str] = []
    for run in _runs([int(day) for day in days]):
        shown = [names[day - 1] for day in run]
        words += [f"{shown[0]}{to}{shown[-1]}"] if len(shown) > 2 else shown
    return apart.join(words)


def _digest(work: UnitOfWork, person_id: int, found: WorkingTime) -> Words:
    if not found.wants_digest:
        return T("off")
    if found.digest_at is not None:
        return clock_words(found.digest_at)
    usual = usual_times(work, find_member(work, person_id=person_id))
    return T("{items}", items=[clock_words(one) for one in usual])


def clock_words(clock: time) -> str:
    return f"{clock:%H:%M}"


def _runs(days: list[int]) -> list[list[int]]:
    """Days that follow one another, over Sunday too: `[1, 2, 3, 4, 7]` is one run from Sunday on."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if len(runs) > 1 and runs[0][0] == 1 and runs[-1][-1] == 7:
        runs[0] = runs.pop() + runs[0]
    return runs
