"""Days with a name, Chinese and Western, and when they fall in a year."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from crm.language.dating import calendar as cal
from crm.language.dating.lunar import SOLAR_TERMS, islamic_days, lunar_day, solar_term

Falls = Callable[[int], Sequence[date | None]]
"""The days of a year of ours: as a rule one; of an Islamic feast none or two at times."""


def _fixed(month: int, day: int) -> Falls:
    return lambda year: (cal.make_day(year, month, day),)


def _nth(month: int, weekday: int, nth: int, later: int = 0) -> Falls:
    """The nth such weekday of the month, -1 the last, or some days later."""

    def falls(year: int) -> Sequence[date | None]:
        day = cal.nth_weekday(year, month, weekday, nth)
        return (None if day is None else day + timedelta(days=later),)

    return falls


def _easter(later: int) -> Falls:
    return lambda year: (easter(year) + timedelta(days=later),)


def _lunar(month: int, day: int) -> Falls:
    """Of the last month: may fall in the January or February of the year after the lunar one."""

    def falls(year: int) -> Sequence[date | None]:
        days = (lunar_day(lunar_year, month, day) for lunar_year in (year - 1, year))
        return [found for found in days if found is not None and found.year == year]

    return falls


def _eve(month: int, day: int) -> Falls:
    return lambda year: tuple(found - timedelta(days=1) for found in _lunar(month, day)(year) if found)


def _term(name: str, later: int = 0) -> Falls:
    def falls(year: int) -> Sequence[date | None]:
        day = solar_term(year, name)
        return (None if day is None else day + timedelta(days=later),)

    return falls


def _islamic(month: int, day: int) -> Falls:
    return partial(islamic_days, month=month, day=day)


def _sighted(days: str, month: int, day: int) -> Falls:
    """Feasts as they were announced or are computed, beyond that by the tabular calendar."""
    known: dict[int, list[date | None]] = {}
    for word in days.split():
        known.setdefault(int(word[:4]), []).append(date(int(word[:4]), int(word[4:6]), int(word[6:])))
    return lambda year: known[year] if year in known else islamic_days(year, month, day)


def _diwali(year: int) -> Sequence[date | None]:
    return tuple(date(year, *day) for day in (_DIWALI.get(year),) if day is not None)


def _advent(year: int) -> date:
    """The fourth Sunday before Christmas."""
    eve = date(year, 12, 24)
    return eve - timedelta(days=(eve.weekday() + 1) % 7 + 21)


def easter(year: int) -> date:
    """Of the western churches (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    week = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * week) // 451
    month, day = divmod(h + week - 7 * m + 114, 31)
    return date(year, month, day + 1)


# As the government of India gives it; the lunar month alone does not tell.
_DIWALI = {
    2024: (10, 31),
    2025: (10, 20),
    2026: (11, 8),
    2027: (10, 29),
    2028: (10, 17),
    2029: (11, 5),
    2030: (10, 26),
    2031: (11, 14),
    2032: (11, 2),
    2033: (10, 22),
    2034: (11, 10),
    2035: (10, 30),
}
_EID_AL_FITR = (
    "20200524 20210513 20220502 20230421 20240410 20250330 20260320 20270309 20280226 20290214 20300204 20310124 "
    "20320114 20330102 20331223 20341212 20351201 20361119 20371108 20381029 20391019 20401007"
)
_EID_AL_ADHA = (
    "20200731 20210720 20220709 20230628 20240616 20250606 20260527 20270516 20280505 20290424 20300413 20310402 "
    "20320322 20330311 20340301 20350218 20360207 20370126 20380116 20390105 20391226 20401214"
)
# Solar terms that people, firms and the weather are called by too.
_WORDS_TOO = frozenset({"大雪", "小雪", "雨水", "大寒", "小寒", "白露", "小满"})
# Names apart by `|`. In English also without the apostrophe, and with `day` behind those that end in it.
_NAMES: dict[str, Falls] = {
    "new year|new year's|new year's day|new year day|元旦|元旦节|阳历新年": _fixed(1, 1),
    "new year's eve|new year eve|nye|跨年夜|跨年": _fixed(12, 31),
    "epiphany|three kings day": _fixed(1, 6),
    "martin luther king day|martin luther king jr day|mlk day|马丁路德金日|马丁路德金纪念日": _nth(1, 0, 3),
    "australia day": _fixed(1, 26),
    "groundhog day|土拨鼠日": _fixed(2, 2),
    "valentine's day|valentine day|valentine's|情人节": _fixed(2, 14),
    "presidents' day|president's day|washington's birthday|总统日|总统节": _nth(2, 0, 3),
    "women's day|international women's day|妇女节|三八节|三八妇女节|女神节": _fixed(3, 8),
    "植树节|chinese arbor day": _fixed(3, 12),
    "white day|白色情人节": _fixed(3, 14),
    "inauguration day": _fixed(1, 20),
    "arbor day": _nth(4, 4, -1),
    "loyalty day": _fixed(5, 1),
    "all souls day|all souls' day": _fixed(11, 2),
    "消费者权益日": _fixed(3, 15),
    "st patrick's day|st. patrick's day|saint patrick's day|圣帕特里克节": _fixed(3, 17),
    "april fools|april fool's day|april fools' day|愚人节": _fixed(4, 1),
    "earth day|地球日": _fixed(4, 22),
    "anzac day": _fixed(4, 25),
    "may day|workers' day|labour's day|五一|五一节|劳动节|五一劳动节|国际劳动节": _fixed(5, 1),
    "cinco de mayo": _fixed(5, 5),
    "青年节|五四青年节|youth day": _fixed(5, 4),
    "护士节": _fixed(5, 12),
    "mother's day|母亲节": _nth(5, 6, 2),
    "victoria day": _nth(5, 0, -1),
    "memorial day|阵亡将士纪念日": _nth(5, 0, -1),
    "children's day|儿童节|六一|六一儿童节": _fixed(6, 1),
    "环境日": _fixed(6, 5),
    "juneteenth": _fixed(6, 19),
    "father's day|父亲节": _nth(6, 6, 3),
    "canada day": _fixed(7, 1),
    "建党节|七一建党节": _fixed(7, 1),
    "independence day|独立日|美国独立日": _fixed(7, 4),
    "bastille day": _fixed(7, 14),
    "建军节|八一建军节": _fixed(8, 1),
    "assumption day": _fixed(8, 15),
    "labor day|labour day": _nth(9, 0, 1),
    "教师节|teachers' day": _fixed(9, 10),
    "国庆|国庆节|十一国庆|十一国庆节|十一黄金周|十一长假|十一假期|十一期间|chinese national day|golden week": _fixed(
        10, 1
    ),
    "german unity day|day of german unity": _fixed(10, 3),
    "columbus day|indigenous peoples' day|哥伦布日": _nth(10, 0, 2),
    "canadian thanksgiving": _nth(10, 0, 2),
    "halloween|halloween night|万圣节前夜|万圣夜|万圣节前夕": _fixed(10, 31),
    "all saints day|all saints' day|all hallows' day|万圣节": _fixed(11, 1),
    "guy fawkes night|guy fawkes day|bonfire night": _fixed(11, 5),
    "singles day|singles' day|double eleven|double 11|光棍节|双十一|双11": _fixed(11, 11),
    "veterans day|veterans' day|remembrance day|armistice day|退伍军人节|老兵节": _fixed(11, 11),
    "thanksgiving|thanksgiving day|thanks giving|thanks giving day|感恩节": _nth(11, 3, 4),
    "black friday|黑色星期五|黑五": _nth(11, 3, 4, 1),
    "small business saturday": _nth(11, 3, 4, 2),
    "cyber monday|网络星期一": _nth(11, 3, 4, 4),
    "st nicholas day|saint nicholas day|st. nicholas|st. nicholas day": _fixed(12, 6),
    "double twelve|double 12|双十二|双12": _fixed(12, 12),
    "christmas eve|xmas eve|平安夜|圣诞夜|圣诞前夜|圣诞节前夜|圣诞前夕|圣诞节前夕": _fixed(12, 24),
    "christmas|christmas day|xmas|xmas day|x-mas|圣诞|圣诞节|耶诞|耶诞节": _fixed(12, 25),
    "boxing day|st stephen's day|节礼日": _fixed(12, 26),
    "shrove tuesday|mardi gras|pancake day": _easter(-47),
    "ash wednesday|圣灰星期三": _easter(-46),
    "palm sunday": _easter(-7),
    "maundy thursday": _easter(-3),
    "good friday|耶稣受难日": _easter(-2),
    "easter|easter sunday|easter day|复活节|复活节星期日": _easter(0),
    "easter monday|复活节星期一": _easter(1),
    "ascension day|ascension": _easter(39),
    "pentecost|whitsunday|whit sunday": _easter(49),
    "whit monday|pentecost monday": _easter(50),
    "corpus christi": _easter(60),
    "first advent|1st advent|first sunday of advent|first sunday in advent": lambda year: (_advent(year),),
    "腊八|腊八节": _lunar(12, 8),
    "小年|北方小年": _lunar(12, 23),
    "chinese new year's eve|lunar new year's eve|除夕|除夕夜|大年夜|年三十|大年三十|年夜|大年30": _eve(1, 1),
    "chinese new year|lunar new year|spring festival|春节|过年|农历新年|农历年|旧历新年": _lunar(1, 1),
    "大年初一|年初一|大年初1": _lunar(1, 1),
    "大年初二|年初二": _lunar(1, 2),
    "大年初三|年初三": _lunar(1, 3),
    "大年初四|年初四": _lunar(1, 4),
    "大年初五|年初五|破五": _lunar(1, 5),
    "大年初六|年初六": _lunar(1, 6),
    "大年初七|年初七": _lunar(1, 7),
    "大年初八|年初八": _lunar(1, 8),
    "lantern festival|元宵|元宵节|上元节": _lunar(1, 15),
    "龙抬头": _lunar(2, 2),
    "qingming|qingming festival|ching ming|tomb sweeping day|tomb-sweeping day|清明节": _term("清明"),
    "dragon boat festival|duanwu|端午|端午节|端阳节|龙舟节": _lunar(5, 5),
    "qixi|qixi festival|七夕|七夕节|七夕情人节": _lunar(7, 7),
    "中元节|鬼节|盂兰节": _lunar(7, 15),
    "mid-autumn|mid-autumn festival|mid autumn festival|moon festival|中秋|中秋节|八月节": _lunar(8, 15),
    "double ninth festival|chongyang festival|重阳|重阳节|老人节": _lunar(9, 9),
    "ramadan|start of ramadan|斋月": _islamic(9, 1),
    "eid|eid al-fitr|eid al fitr|eid ul-fitr|eid ul fitr|开斋节": _sighted(_EID_AL_FITR, 10, 1),
    "eid al-adha|eid al adha|eid ul-adha|eid ul adha|bakrid|宰牲节|古尔邦节": _sighted(_EID_AL_ADHA, 12, 10),
    "diwali|deepavali|排灯节": _diwali,
    **{name: _term(name) for name in SOLAR_TERMS if name not in _WORDS_TOO},
}


# Behind a Chinese name: the days off, which begin with the day itself or so.
_HOLIDAYS = ("当天", "当日", "那天", "期间", "假期", "长假", "小长假", "黄金周")


def _festivals() -> dict[str, Falls]:
    table: dict[str, Falls] = {}
    for names, falls in _NAMES.items():
        for name in names.split("|"):
            table[name] = falls
            table[name.replace("'", "")] = falls
            table[name.replace("'s ", "s' ")] = falls
            if not name.isascii():
                table.update(dict.fromkeys((name + tail for tail in _HOLIDAYS), falls))
    return table


FESTIVALS = _festivals()


def festival_in(name: str, year: int) -> list[date]:
    """In order; empty where it does not fall in the year, or where that is not known."""
    if not cal.FIRST_YEAR < year < cal.LAST_YEAR:
        return []
    return sorted(day for day in FESTIVALS[name](year) if day is not None)
