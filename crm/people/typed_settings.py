"""Working time as people type it, in the chats and on the command line: `hours 9-18`, `免打扰 晚上10点到早上7点`."""

from collections.abc import Callable

from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.language.working_time import read_clock_time, read_hours, read_weekdays
from crm.people.holiday_calendars import read_calendar_code
from crm.people.people import Member, list_members
from crm.people.working_time import set_digest, set_holidays, set_quiet_hours, set_work_days, set_work_hours

_OFF = frozenset({"off", "no", "none", "never", "关", "关闭", "无", "不要", "取消"})
_ON = frozenset({"on", "yes", "开", "开启", "打开", "要"})
Change = Callable[[UnitOfWork, Actor, int, str], None]


def change_for(word: str) -> Change | None:
    """What a word (`hours`, `工作时间`) changes, read from what follows it; None for a word that is none of these."""
    return _CHANGES.get(word.casefold())


def split_name(work: UnitOfWork, text: str) -> tuple[Member, str]:
    """Whose name the text begins with, and what follows it. Raises NotFound."""
    words = text.split()
    members = {" ".join(member.name.split()).casefold(): member for member in list_members(work)}
    for count in range(len(words), 0, -1):
        found = members.get(" ".join(words[:count]).casefold())
        if found is not None:
            return found, " ".join(words[count:])
    raise NotFound(T("There is nobody named {name}.", name=text[:60]))


def _hours(work: UnitOfWork, actor: Actor, person_id: int, text: str) -> None:
    hours = read_hours(text)
    if hours is None:
        raise Invalid(T("Write the working hours as 9:00-18:00."))
    set_work_hours(work, actor=actor, person_id=person_id, hours=hours)


def _days(work: UnitOfWork, actor: Actor, person_id: int, text: str) -> None:
    set_work_days(work, actor=actor, person_id=person_id, days=read_weekdays(text) or "")


def _holidays(work: UnitOfWork, actor: Actor, person_id: int, text: str) -> None:
    calendar = read_calendar_code(text)
    if calendar is None:
        raise Invalid(T("Write whose holidays: a country, such as China or DE-BY, or none."))
    set_holidays(work, actor=actor, person_id=person_id, calendar=calendar)


def _quiet(work: UnitOfWork, actor: Actor, person_id: int, text: str) -> None:
    hours = read_hours(text, at_night=True)
    if hours is None and text.strip().casefold() not in _OFF:
        raise Invalid(T("Write the quiet hours as 22:00-7:00, or off."))
    set_quiet_hours(work, actor=actor, person_id=person_id, hours=hours)


def _digest(work: UnitOfWork, actor: Actor, person_id: int, text: str) -> None:
    plain, at = text.strip().casefold(), read_clock_time(text)
    if at is None and plain not in _OFF | _ON:
        raise Invalid(T("Write when the digest comes, such as 8:30, or off."))
    set_digest(work, actor=actor, person_id=person_id, wanted=plain not in _OFF, at=at)


_CHANGES: dict[str, Change] = {
    **dict.fromkeys(("hours", "工作时间", "上班时间", "上下班时间"), _hours),
    **dict.fromkeys(("days", "工作日", "上班日"), _days),
    **dict.fromkeys(("holidays", "holiday", "节假日", "假期", "假日"), _holidays),
    **dict.fromkeys(("quiet", "免打扰", "勿扰", "免打扰时段"), _quiet),
    **dict.fromkeys(("digest", "简报", "摘要"), _digest),
}
