"""The words of dates and times, Chinese and English, by kind. A new word is a new entry here."""

from crm.language.numerals import WORD_ONES, WORD_TENS

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mondays",
            "tuesday tuesdays tues",
            "wednesday wednesdays",
            "thursday thursdays thur thurs",
            "friday fridays",
            "saturday saturdays",
            "sunday sundays",
        )
    )
    for name in names.split()
}
# Words of their own too (the sun, she sat): weekdays only beside something that says so.
SHORT_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
HAN_WEEKDAYS = {
    prefix + name: number
    for prefix in ("周", "星期", "礼拜")
    for number, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7"))
    for name in names
}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS = {**{word: value for value, word in enumerate(_ORDINALS, start=1)}, "thirtieth": 30}
NUMBER_WORDS = frozenset([*WORD_ONES, *WORD_TENS]) - {"zero"}

# A part of the day: (from hour, to hour) it may name, and the hour it means alone.
PARTS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(["morning", "forenoon", "早上", "上午", "早晨", "清晨", "早", "一早", "朝早"], ("morning", 9)),
    **dict.fromkeys(["noon", "midday", "lunchtime", "中午", "正午", "午间"], ("noon", 12)),
    **dict.fromkeys(["afternoon", "arvo", "下午", "午后", "晏昼", "后晌"], ("afternoon", 15)),
    **dict.fromkeys(["evening", "傍晚", "黄昏"], ("evening", 19)),
    **dict.fromkeys(["night", "晚上", "晚间", "夜里", "夜晚", "晚", "夜间", "夜"], ("night", 20)),
    **dict.fromkeys(["凌晨", "清早", "大清早"], ("dawn", 6)),
    **dict.fromkeys(["midnight", "半夜", "午夜", "深夜"], ("midnight", 0)),
}
# Today with a part of it: tonight, 今晚.
TODAY_PARTS: dict[str, tuple[int, str]] = {
    "tonight": (0, "night"),
    "tonite": (0, "night"),
    "今晚": (0, "night"),
    "今夜": (0, "night"),
    "当晚": (0, "night"),
    "今早": (0, "morning"),
    "今晨": (0, "dawn"),
    "今朝": (0, "morning"),
    "明早": (1, "morning"),
    "明晨": (1, "dawn"),
    "明晚": (1, "night"),
    "后晚": (2, "night"),
    "昨晚": (-1, "night"),
    "昨夜": (-1, "night"),
    "前晚": (-2, "night"),
    "听晚": (1, "night"),
    "寻晚": (-1, "night"),
}
DAY_REFS: dict[str, int] = {
    **dict.fromkeys(["today", "今天", "今日", "当天", "今儿"], 0),
    **dict.fromkeys(
        [
            "tomorrow",
            "tomorrows",
            "tmr",
            "tmrw",
            "tmw",
            "tomorow",
            "tommorow",
            "tommorrow",
            "明天",
            "明日",
            "听日",
            "明儿",
            "翌日",
        ],
        1,
    ),
    **dict.fromkeys(["yesterday", "昨天", "昨日", "琴日", "寻日", "昨儿"], -1),
    **dict.fromkeys(["后天", "后日", "后儿"], 2),
    **dict.fromkeys(["大后天", "大后日"], 3),
    **dict.fromkeys(["前天", "前日"], -2),
    **dict.fromkeys(["大前天", "大前日"], -3),
}
UNITS: dict[str, str] = {
    **dict.fromkeys(["minute", "minutes", "min", "mins", "分钟"], "minute"),
    **dict.fromkeys(["hour", "hours", "hr", "hrs", "h", "小时", "钟头"], "hour"),
    **dict.fromkeys(["day", "days", "天"], "day"),
    **dict.fromkeys(["workday", "workdays", "工作日"], "workday"),
    **dict.fromkeys(["week", "weeks", "wk", "wks", "周", "星期", "礼拜"], "week"),
    **dict.fromkeys(["fortnight", "fortnights"], "fortnight"),
    **dict.fromkeys(["month", "months"], "month"),
    **dict.fromkeys(["quarters", "季度"], "quarter"),
    **dict.fromkeys(["year", "years", "yr", "yrs"], "year"),
    **dict.fromkeys(["sec", "secs", "seconds", "秒"], "second"),
}
# What stands for one thing only; the kind is the key.
WORDS: dict[str, str] = {
    "in": "in within",
    "after": "after",
    "before": "before",
    "from": "from",
    "now": "now 现在 而家 此刻 马上 立刻",
    "later": "later hence",
    "ago": "ago",
    "behind": "后 以后 之后 过后",
    "inside": "内 之内 以内",
    "front": "前 以前 之前",
    "pass": "过 再过",
    "next": "next 下",
    "coming": "coming upcoming following",
    "this": "this 这 本 今 这个 今个 当",
    "last": "last previous 上",
    "past": "past gone",
    "end": "end eo",
    "begin": "beginning start",
    "middle": "mid middle",
    "of": "of",
    "the": "the",
    "art": "a an",
    "on": "on",
    "by": "by",
    "at": "at @",
    "for": "for",
    "about": "about around approximately approx sometime roughly 大约 大概 约 左右",
    "to": "to till until",
    "and": "and",
    "half": "half 半",
    "quarter": "quarter",
    "oclock": "oclock o'clock",
    "couple": "couple pair",
    "few": "few several",
    "more": "more another",
    "than": "than",
    "less": "less",
    "weekend": "weekend 周末",
    "eod": "eod cob",
    "eom": "eom 月底 月末 月尾",
    "eow": "eow",
    "eoy": "eoy 年底 年末 岁末 今年底 今年年底",
    "nexteoy": "明年底 明年年底",
    "eoq": "eoq 季度末 季末 季度底 季底",
    "bom": "月初",
    "mom": "月中 月中旬",
    "boy": "年初",
    "dayword": "日 号 号儿",
    "monthword": "月 月份",
    "yearword": "年",
    "hourword": "点 点钟 时 点整",
    "minuteword": "分",
    "markword": "刻",
    "markspan": "刻钟",
    "each": "个",
    "ordinal": "第",
    "ofzh": "的",
    "whole": "整 正",
    "cantomark": "踏 搭",
    "cantofive": "字",
    "thisyear": "今年 本年",
    "nextyear": "明年",
    "yearafternext": "后年",
    "lastyear": "去年",
    "business": "business working work",
    "time": "time",
}
# (month, day), or (month, weekday, which one of the month, days later) for those that move; -1 is the last one.
HOLIDAYS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("国庆", "国庆节"), (10, 1)),
    **dict.fromkeys(("元旦", "元旦节", "new year", "new years", "new year's", "new year's day"), (1, 1)),
    **dict.fromkeys(("new year day", "new years day"), (1, 1)),
    **dict.fromkeys(("new year's eve", "new years eve", "new year eve", "跨年夜"), (12, 31)),
    **dict.fromkeys(("五一", "五一节", "劳动节", "五一劳动节", "may day"), (5, 1)),
    **dict.fromkeys(("圣诞", "圣诞节", "christmas", "xmas", "christmas day", "xmas day"), (12, 25)),
    **dict.fromkeys(("平安夜", "christmas eve", "xmas eve"), (12, 24)),
    **dict.fromkeys(("boxing day",), (12, 26)),
    **dict.fromkeys(("情人节", "valentine's day", "valentines day", "valentine day"), (2, 14)),
    **dict.fromkeys(("妇女节", "三八节", "women's day"), (3, 8)),
    **dict.fromkeys(("儿童节", "六一儿童节"), (6, 1)),
    **dict.fromkeys(("教师节",), (9, 10)),
    **dict.fromkeys(("万圣节前夜", "halloween"), (10, 31)),
    **dict.fromkeys(("st patrick's day", "saint patrick's day"), (3, 17)),
    **dict.fromkeys(("independence day",), (7, 4)),
    **dict.fromkeys(("singles day", "singles' day", "光棍节"), (11, 11)),
    **dict.fromkeys(("母亲节", "mother's day", "mothers day"), (5, 6, 2, 0)),
    **dict.fromkeys(("父亲节", "father's day", "fathers day"), (6, 6, 3, 0)),
    **dict.fromkeys(("感恩节", "thanksgiving", "thanksgiving day"), (11, 3, 4, 0)),
    **dict.fromkeys(("black friday", "黑色星期五", "黑五"), (11, 3, 4, 1)),
    **dict.fromkeys(("cyber monday",), (11, 3, 4, 4)),
    **dict.fromkeys(("memorial day",), (5, 0, -1, 0)),
    **dict.fromkeys(("labor day", "labour day"), (9, 0, 1, 0)),
    **dict.fromkeys(("martin luther king day", "mlk day"), (1, 0, 3, 0)),
}
# Hours east of Greenwich of the zone names that mean one thing. CST is China's and Chicago's: not here.
ZONES: dict[str, float] = {
    "gmt": 0,
    "utc": 0,
    "cet": 1,
    "cest": 2,
    "bst": 1,
    "edt": -4,
    "est": -5,
    "pst": -8,
    "pdt": -7,
    "jst": 9,
    "hkt": 8,
    "sgt": 8,
}


def lookup() -> dict[str, tuple[str, int | str]]:
    """Every word with its kind and value."""
    table: dict[str, tuple[str, int | str]] = {}
    for kind, forms in WORDS.items():
        table.update(dict.fromkeys(forms.split(), (kind, kind)))
    table.update({word: ("unit", unit) for word, unit in UNITS.items()})
    table.update({word: ("month", month) for word, month in MONTHS.items()})
    table.update({word: ("weekday", day) for word, day in {**WEEKDAYS, **HAN_WEEKDAYS}.items()})
    table.update({word: ("shortday", day) for word, day in SHORT_WEEKDAYS.items()})
    table.update({word: ("ord", value) for word, value in ORDINALS.items()})
    table.update({word: ("part", part[0]) for word, part in PARTS.items()})
    table.update({word: ("todaypart", word) for word in TODAY_PARTS})
    table.update({word: ("dayref", offset) for word, offset in DAY_REFS.items()})
    table.update({word: ("holiday", word) for word in HOLIDAYS})
    table.update({word: ("zone", word) for word in ZONES})
    return table


TABLE = lookup()
PART_HOURS = dict(PARTS.values())
PHRASES = tuple(sorted((name for name in TABLE if " " in name), key=len, reverse=True))
LONGEST_HAN = max(len(word) for word in TABLE if not word.isascii())
