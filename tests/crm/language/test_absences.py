"""From when to when somebody is away, as people type it. The clock stands on Wednesday, 4 March 2026, 9:30."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm.language.absences import read_away_time

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

SAID = {
    "until Friday @Wang Fang": (None, "03-07", None, "@Wang Fang"),
    "to Friday with Anton Ford": (None, "03-07", None, "Anton Ford"),
    "until 18:00 Li Wei": (None, "03-04 18:00", None, "Li Wei"),
    "until tomorrow": (None, "03-06", None, ""),
    "tomorrow": ("03-05", "03-06", None, ""),
    "today": (None, "03-05", None, ""),
    "tomorrow to Friday Li Wei": ("03-05", "03-07", None, "Li Wei"),
    "from Monday to Friday": ("03-09", "03-14", None, ""),
    "Monday-Friday": ("03-09", "03-14", None, ""),
    "9/3 - 13/3": ("03-09", "03-14", None, ""),
    "next week": ("03-09", "03-16", None, ""),
    "until next week": (None, "03-09", None, ""),
    "from Monday": ("03-09", None, None, ""),
    "3 days": (None, None, 3, ""),
    "for 3 days @Li Wei": (None, None, 3, "@Li Wei"),
    "in 3 days": (None, "03-08", None, ""),
    "a week": (None, "03-11", None, ""),
    "tomorrow for 2 weeks": ("03-05", "03-19", None, ""),
    "到周五 @王芳": (None, "03-07", None, "@王芳"),
    "明天到周五 王芳": ("03-05", "03-07", None, "王芳"),
    "王芳代审批 到周五": (None, "03-07", None, "王芳"),
    "到周五 由王芳代批": (None, "03-07", None, "王芳"),
    "3月9日到13日 委托给王芳": ("03-09", "03-14", None, "王芳"),
    "下周一到下周三": ("03-09", "03-12", None, ""),
    "从明天起三天": ("03-05", None, 3, ""),
    "三天后 李伟": (None, "03-08", None, "李伟"),
    "两周": (None, "03-18", None, ""),
    "十五天": (None, None, 15, ""),
    "下周": ("03-09", "03-16", None, ""),
    "until Friday (3 days) @Zhao": (None, "03-07", None, "@Zhao"),
    "until 16 March, 2 weeks": (None, "03-17", None, ""),
    "two weeks until 16 March": (None, "03-17", None, ""),
    "tomorrow to Friday, 3 days": ("03-05", "03-07", None, ""),
    "from tomorrow until Friday (2 working days) Li Wei": ("03-05", "03-07", None, "Li Wei"),
    "Li Wei 2 days please": (None, None, 2, "Li Wei please"),
    "到周五 共3天": (None, "03-07", None, ""),
    "请假三天到周五 @李": (None, "03-07", None, "@李"),
    "到周五（3天）由王芳代批": (None, "03-07", None, "王芳"),
    "周五止，共3天": (None, "03-07", None, ""),
    "明天起三天到周五": ("03-05", "03-07", None, ""),
    "4月1日到4月3日三天 李伟": ("04-01", "04-04", None, "李伟"),
    "Wang Fang": (None, None, None, "Wang Fang"),
    "": (None, None, None, ""),
}


def _moment(short: str | None) -> datetime | None:
    if short is None:
        return None
    day, _, clock = short.partition(" ")
    return datetime.fromisoformat(f"2026-{day}T{clock or '00:00'}").replace(tzinfo=NOW.tzinfo)


@pytest.mark.parametrize("text", SAID)
def test_what_people_say(text: str) -> None:
    since, until, days, rest = SAID[text]
    read = read_away_time(text, now=NOW)
    assert (read.since, read.until, read.days, read.rest) == (_moment(since), _moment(until), days, rest)


def test_a_lone_day_is_the_last_one_or_the_only_one() -> None:
    assert read_away_time("Friday", now=NOW).since is None
    assert read_away_time("Friday", now=NOW, on_day=True).since == _moment("03-06")
    assert read_away_time("周五", now=NOW, on_day=True).until == _moment("03-07")
    assert read_away_time("到周五", now=NOW, on_day=True).since is None


def test_the_last_midnight_on_the_day_the_clocks_change() -> None:
    now = datetime(2026, 3, 27, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    until = read_away_time("until Sunday", now=now).until
    assert until is not None
    assert until.isoformat() == "2026-03-30T00:00:00+02:00"
