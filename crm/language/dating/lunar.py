"""The Chinese calendar of moon and sun, and the Islamic one in its tabular form."""

from datetime import date, timedelta
from itertools import accumulate

# One number for each year from 1900: bits 0-3 the month that comes twice (0 none), bit 4 + 12 - n whether month n has
# 30 days rather than 29, bit 16 the same for the leap month. Computed from the astronomical calendar GB/T 33661-2017.
_FIRST_YEAR, _FIRST_DAY = 1900, date(1900, 1, 31)
_CODES = """
04bd8 04ae0 0a570 054d5 0d260 0d950 16554 056a0 09ad0 055d2 04ae0 0a5b6 0a4d0 0d250 1d255 0b540 0d6a0 0ada2
095b0 14977 04970 0a4b0 0b4b5 06a50 06d40 1ab54 02b60 09570 052f2 04970 06566 0d4a0 0ea50 16a95 05ad0 02b60
186e3 092e0 1c8d7 0c950 0d4a0 1d8a6 0b550 056a0 1a5b4 025d0 092d0 0d2b2 0a950 0b557 06ca0 0b550 15355 04da0
0a5b0 14573 052b0 0a9a8 0e950 06aa0 0aea6 0ab50 04b60 0aae4 0a570 05260 0f263 0d950 05b57 056a0 096d0 04dd5
04ad0 0a4d0 0d4d4 0d250 0d558 0b540 0b6a0 195a6 095b0 049b0 0a974 0a4b0 0b27a 06a50 06d40 0af46 0ab60 09570
04af5 04970 064b0 074a3 0ea50 06b58 05ac0 0ab60 096d5 092e0 0c960 0d954 0d4a0 0da50 07552 056a0 0abb7 025d0
092d0 0cab5 0a950 0b4a0 0baa4 0ad50 055d9 04ba0 0a5b0 15176 052b0 0a930 07954 06aa0 0ad50 05b52 04b60 0a6e6
0a4e0 0d260 0ea65 0d530 05aa0 076a3 096d0 04afb 04ad0 0a4d0 1d0b6 0d250 0d520 0dd45 0b5a0 056d0 055b2 049b0
0a577 0a4b0 0aa50 1b255 06d20 0ada0 14b63 09370 049f8 04970 064b0 168a6 0ea50 06b20 1a6c4 0aae0 092e0 0d2e3
0c960 0d557 0d4a0 0da50 05d55 056a0 0a6d0 055d4 052d0 0a9b8 0a950 0b4a0 0b6a6 0ad50 055a0 0aba4 0a5b0 052b0
0b273 06930 07337 06aa0 0ad50 14b55 04b60 0a570 054e4 0d160 0e968 0d520 0daa0 16aa6 056d0 04ae0 0a9d4 0a2d0
0d150 0f252
"""
_YEARS = tuple(int(code, 16) for code in _CODES.split())
# The day of the month a solar term falls on is ⌊0.2422·y + c⌋ less the leap days, y counted from 2000.
SOLAR_TERMS: dict[str, tuple[int, float]] = {
    "小寒": (1, 5.385),
    "大寒": (1, 20.11),
    "立春": (2, 3.87),
    "雨水": (2, 18.72),
    "惊蛰": (3, 5.625),
    "春分": (3, 20.645),
    "清明": (4, 4.805),
    "谷雨": (4, 20.095),
    "立夏": (5, 5.52),
    "小满": (5, 21.04),
    "芒种": (6, 5.675),
    "夏至": (6, 21.37),
    "小暑": (7, 7.105),
    "大暑": (7, 22.83),
    "立秋": (8, 7.5),
    "处暑": (8, 23.125),
    "白露": (9, 7.645),
    "秋分": (9, 23.04),
    "寒露": (10, 8.315),
    "霜降": (10, 23.445),
    "立冬": (11, 7.445),
    "小雪": (11, 22.355),
    "大雪": (12, 7.175),
    "冬至": (12, 21.93),
}


def lunar_day(year: int, month: int, day: int) -> date | None:
    """The day of our calendar; of a month that comes twice the first. Day 30 of a short month is its last day."""
    index = year - _FIRST_YEAR
    if not (0 <= index < len(_YEARS) and 1 <= month <= 12 and 1 <= day <= 30):
        return None
    before, code = _STARTS[index], _YEARS[index]
    for earlier in range(1, month):
        before += _month_length(code, earlier)
        if code & 0xF == earlier:
            before += _leap_length(code)
    return _FIRST_DAY + timedelta(days=before + min(day, _month_length(code, month)) - 1)


def _month_length(code: int, month: int) -> int:
    return 30 if code >> (16 - month) & 1 else 29


def _leap_length(code: int) -> int:
    return 30 if code >> 16 & 1 else 29


def _year_length(code: int) -> int:
    return sum(_month_length(code, month) for month in range(1, 13)) + (_leap_length(code) if code & 0xF else 0)


# Days before each year's first.
_STARTS = tuple(accumulate(map(_year_length, _YEARS), initial=0))


def solar_term(year: int, name: str) -> date | None:
    """Of the years 2000 to 2099; at most a day off, in one year of a hundred."""
    if not 2000 <= year < 2100:
        return None
    month, constant = SOLAR_TERMS[name]
    since = year - 2000
    leaps = (since - 1) // 4 if month <= 2 else since // 4
    return date(year, month, int(since * 0.2422 + constant) - leaps)


def islamic_days(year: int, month: int, day: int) -> list[date]:
    """The days of a year of ours on which a day of the Islamic calendar falls; the sighted moon may differ by one."""
    around = int((year - 622) * 1.03069)
    days = (_islamic_day(around + shift, month, day) for shift in (-1, 0, 1, 2))
    return [found for found in days if found.year == year]


def _islamic_day(year: int, month: int, day: int) -> date:
    return date.fromordinal(day + 29 * (month - 1) + month // 2 + (year - 1) * 354 + (11 * year + 19) // 30 + 227_013)
