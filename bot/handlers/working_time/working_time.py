"""Working hours, holidays, quiet hours and the digest: one's own under `settings`, those of others under `people`."""

from bot.cards.screen import Button, Screen, muted, title
from bot.cards.working_time import clock_words, days_words, hours_words, working_time_lines
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.language.working_time import read_hours
from crm.people.holiday_calendars import calendar_name
from crm.people.typed_settings import change_for, split_name
from crm.people.working_time import WorkingTime, working_time_of

_QUIET = ("21:00-8:00", "22:00-7:00")
_DAYS = ("12345", "123456", "12347")
_HOURS = ("8:30-17:30", "9:00-18:00", "9:30-18:30")
_HOLIDAYS = ("CN", "DE", "US")
_DIGEST = ("08:00", "08:30", "09:00")
"""What is offered to be pressed; anything else is typed."""


def change_own(request: Request, word: str, text: str) -> Reply | None:
    """`settings quiet 22:00-7:00`: done, and shown; None for a word that changes nothing here. Raises Invalid."""
    change = change_for(word)
    if change is None:
        return None
    change(request.work, _actor(request), request.person.id, text)
    return Reply((_page(request, request.person.id),))


def change_of_others(request: Request, word: str, text: str) -> Reply | None:
    """`people hours NAME 9:00-18:00`; the name alone shows how it is. Raises NotFound, Invalid, Forbidden."""
    change = change_for(word)
    if change is None:
        return None
    member, told = split_name(request.work, text)
    if told:
        change(request.work, _actor(request), member.id, told)
    return Reply((_page(request, member.id),))


def open_page(request: Request) -> Reply:
    return Reply((_page(request, request.person.id),), replaces=True)


def press_change(request: Request) -> Reply:
    """`quiet:22:00-7:00`: as if it were typed."""
    word, _, text = request.argument.partition(":")
    change = change_for(word)
    if change is None:
        raise Invalid(T("That button does not fit here any more."))
    change(request.work, _actor(request), request.person.id, text)
    return Reply((_page(request, request.person.id),), toast=T("Saved."), replaces=True)


def _page(request: Request, person_id: int) -> Screen:
    found, language = working_time_of(request.work, person_id=person_id), request.person.language
    if person_id != request.person.id:
        heading = title(T("Working time of {name}", name=found.name))
        return Screen((heading, *working_time_lines(request.work, person_id, language)))
    lines = (
        title(T("Your working time")),
        *working_time_lines(request.work, person_id, language),
        muted(
            T(
                "To change it, write: settings hours 9:00-18:00 · settings days Mon-Fri · settings holidays Germany · "
                "settings quiet 22:00-7:00 · settings digest 8:30"
            )
        ),
    )
    return Screen(lines, _rows(found, language))


def _rows(found: WorkingTime, language: str) -> tuple[tuple[Button, ...], ...]:
    quiet = [
        Button(T("Quiet hours {hours}", hours=hours_words(hours)), f"settings.time:quiet:{text}")
        for text in _QUIET
        if (hours := read_hours(text)) and hours != found.quiet
    ]
    if found.quiet is not None:
        quiet.append(Button(T("No quiet hours"), "settings.time:quiet:off"))
    days = [
        Button(T("Work {days}", days=days_words(offered, language)), f"settings.time:days:{offered}")
        for offered in _DAYS
        if offered != found.days
    ]
    shifts = [
        Button(T("Hours {hours}", hours=hours_words(offered)), f"settings.time:hours:{text}")
        for text in _HOURS
        if (offered := read_hours(text)) and offered != found.hours
    ]
    holidays = [
        Button(T("Holidays: {country}", country=calendar_name(code, language)), f"settings.time:holidays:{code}")
        for code in _HOLIDAYS
        if code != found.holidays
    ]
    if found.holidays:
        holidays.append(Button(T("No holidays"), "settings.time:holidays:none"))
    return tuple(quiet), tuple(days), tuple(shifts), tuple(holidays), _of_digest(found)


def _of_digest(found: WorkingTime) -> tuple[Button, ...]:
    if not found.wants_digest:
        return (Button(T("Send me the digest"), "settings.time:digest:on"),)
    times = [
        Button(T("Digest at {time}", time=text), f"settings.time:digest:{text}")
        for text in _DIGEST
        if found.digest_at is None or text != clock_words(found.digest_at)
    ]
    return *times, Button(T("No digest"), "settings.time:digest:off")


def _actor(request: Request) -> Actor:
    return Actor(request.person.id, request.platform)


PRESSES = {"settings.working_time": open_page, "settings.time": press_change}
