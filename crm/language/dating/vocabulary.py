"""The words of dates and times, Chinese and English, by kind. A new word is a new entry here."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from crm.language.dating.festivals import FESTIVALS
from crm.language.numerals import WORD_ONES, WORD_TENS

_M = TypeVar("_M")


def _by_word(groups: Mapping[_M, str]) -> dict[str, _M]:
    return {word: meaning for meaning, words in groups.items() for word in words.split()}


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb febr",
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
            "wednesday wednesdays weds",
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
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth "
    "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = {**{word: value for value, word in enumerate(_ORDINALS.split(), start=1)}, "thirtieth": 30}
NUMBER_WORDS = frozenset([*WORD_ONES, *WORD_TENS]) - {"zero"}

# A part of the day, and the hour it means alone.
PARTS: dict[str, tuple[str, int]] = _by_word(
    {
        (
            "morning",
            9,
        ): "morning mornings morn forenoon breakfast "
        "朝头早 早上 上午 早晨 早 一早 一大早 早间 朝早 上昼 朝晨 晨间 上半天",
        ("noon", 12): "noon noontime midday lunchtime lunch 中午 正午 午间 晌午 午饭",
        ("afternoon", 15): "afternoon afternoons arvo 下午 午后 晏昼 后晌 下昼 后半晌 下半天",
        ("evening", 19): "evening evenings dinner dinnertime supper 傍晚 黄昏 下晚 挨晚",
        ("night", 20): "night nite nighttime 晚上 晚间 夜里 夜晚 晚 夜间 夜 晚黑 夜晚黑 上半夜 前半夜",
        ("am", 9): "am",
        ("pm", 15): "pm",
        ("dawn", 6): "dawn daybreak 凌晨 清晨 清早 大清早 拂晓 黎明",
        ("midnight", 0): "midnight 半夜 午夜 深夜 子夜 半夜三更 三更半夜 后半夜 下半夜",
        ("opening", 9): "开工 上班 一上班 上班时 上班时候",
        ("closing", 18): "cob cop eob 下班 收工 放工 下班时 下班时候",
    }
)
# Today with a part of it: tonight, 今晚.
TODAY_PARTS: dict[str, tuple[int, str]] = _by_word(
    {
        (0, "night"): "tonight tonite tonigt 2nite 今晚 今晚上 今夜 当晚 今晚黑",
        (0, "morning"): "今早 今朝",
        (0, "dawn"): "今晨",
        (0, "noon"): "今午",
        (1, "morning"): "明早 明朝 听朝 次早",
        (1, "dawn"): "明晨 次晨 翌晨",
        (1, "noon"): "明午",
        (1, "night"): "明晚 明晚上 听晚 次晚 翌晚 明夜",
        (2, "night"): "后晚",
        (-1, "night"): "昨晚 昨晚上 昨夜 寻晚 琴晚",
        (-1, "morning"): "昨早 寻朝 琴朝",
        (-1, "dawn"): "昨晨",
        (-2, "night"): "前晚",
    }
)
DAY_REFS: dict[str, int] = _by_word(
    {
        0: "today todays tdy 2day 今天 今日 当天 当日 今儿 今儿个 今个儿 即日 本日 今明两天 今明",
        1: (
            "tomorrow tomorrows tmr tmrw tmw tmrrw tomoz tomo 2moro 2morrow 2mrw tommorrow tomorow "
            "tommorow tomorrw tomoro tomarrow tommrow 明天 明日 听日 明儿 明儿个 明个儿 "
            "翌日 次日 第二天 第二日 隔天 隔日 明后天 明后两天"
        ),
        2: "overmorrow 后天 后日 后儿 后儿个",
        3: "大后天 大后日 大后儿",
        4: "大大后天 大大后日",
        -1: "yesterday ytd 昨天 昨日 琴日 寻日 昨儿 昨儿个 昨个 昨个儿",
        -2: "前天 前日 前儿",
        -3: "大前天 大前日 大前儿",
    }
)
UNITS: dict[str, str] = _by_word(
    {
        "minute": "minute minutes min mins 分钟",
        "hour": "hour hours hr hrs h 小时 钟头 点钟头",
        "day": "day days 天",
        "workday": "workday workdays weekday weekdays 工作日 工作天 上班日",
        "week": "week weeks wk wks 周 星期 礼拜",
        "fortnight": "fortnight fortnights",
        "month": "month months mth mths mos",
        "quarter": "quarters qtr 季度",
        "year": "year years yr yrs 周年",
        "decade": "decade decades",
        "second": "sec secs seconds 秒 秒钟",
    }
)
# Written right behind the number: 3d, 2w.
LETTER_UNITS = {"d": "day", "w": "week"}
# What stands for one thing only; the kind is the key.
WORDS: dict[str, str] = {
    "in": "in within",
    "after": "after",
    "before": "before",
    "from": "from 从 自",
    "now": "now 现在 而家 依家 此刻 当下 当前 目前 眼下 现时",
    "later": "later hence out",
    "ago": "ago back prior earlier",
    "behind": "后 候 以后 之后 过后",
    "inside": "内 之内 以内 里 之间",
    "front": "前 以前 之前",
    "pass": "过 再过 未来 今后 过了 再等 等 隔 隔了 再隔 接下来 往后 接下来的",
    "next": "next following 下 nxt",
    "coming": "coming upcoming",
    "this": "this current 呢 呢个 这 本 今 这个 今个 当 此 该 这一",
    "last": "last previous final 上",
    "past": "past gone",
    "end": "end eo ending close 结束",
    "begin": "beginning start begin",
    "early": "early earliest",
    "late": "late",
    "middle": "mid middle",
    "midweek": "midweek",
    "eve": "eve 前夕 前夜",
    "edge": "初 底 末 尾 中 上旬 中旬 下旬 中下旬 初期 中期 末期 头 尾声 终",
    "of": "of",
    "the": "the",
    "art": "a an 个把",
    "on": "on 在 于",
    "by": "by due effective 赶在 截止 截至 截止到 最晚 最迟 最早 晚于 早于 不晚于 不早于 不迟于",
    "onward": "起 开始 算起 为止",
    "word": "晚些 晚些时候 早些 早日 晚点 早点 早晚 时候 小时候 当然 当时 上海 中国 点击 点评 分点",
    "at": "at @",
    "for": "for during throughout",
    "about": (
        "about around approximately approx sometime roughly circa exactly precisely sharp anytime "
        "大约 大概 约 左右 前后 上下 大致"
    ),
    "to": "to till until til thru through",
    "until": "到 至 ~ 直到 至到",
    "and": "and & plus 零 又 加",
    "half": "half 半",
    "quarter": "quarter",
    "oclock": "oclock o'clock",
    "oh": "oh ou o zero",
    "couple": "couple pair",
    "few": "few several 几 数 若干 好几",
    "more": "more another 多 来",
    "than": "than",
    "or": "or 或",
    "nearest": "nearest closest",
    "between": "between",
    "less": "less",
    "nearly": "nearly almost under over",
    "weekend": "weekend weekends 周末 双休日",
    "eod": "eod",
    "eom": "eom",
    "eow": "eow",
    "eoy": "eoy 年终 岁末",
    "eoq": "eoq",
    "dayword": "日 号 号儿",
    "monthword": "月 月份",
    "yearword": "年 年份 年度",
    "quarterword": "季",
    "halfyear": "上半年 下半年",
    "halfmonth": "上半月 下半月",
    "hourword": "点 点钟 时 点整",
    "minuteword": "分",
    "markword": "刻",
    "markspan": "刻钟",
    "cantohour": "钟",
    "secondword": "秒",
    "each": "个",
    "ordinal": "第",
    "finally": "最后",
    "reverse": "倒数第 倒数",
    "ofzh": "的 那 那天",
    "whole": "整 正",
    "missing": "差",
    "cantomark": "踏 搭",
    "cantofive": "字",
    "lunar": "农历 阴历 旧历",
    "lunarmonth": "正月 腊月 冬月 闰月",
    "thisyear": "今年 本年",
    "nextyear": "明年 来年 次年 翌年",
    "yearafternext": "后年",
    "threeyears": "大后年",
    "lastyear": "去年 上年 旧年",
    "yearbeforelast": "前年",
    "threeyearsback": "大前年",
    "business": "business working work bank",
    "time": "time",
    "same": "same 同一 同样",
    "date": "date",
    "sameday": "同一天 这一天 这天 同一日",
    "cny": "cny",
    "thistime": "此时 这时 这时候 此时此刻 这个时候 这个时间 这个点 这会儿 同一时间",
    "firstthing": "firstthing",
}
# Words with a blank or a mark in them that stand for a word above.
_WORD_GROUPS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("right now", "just now", "at the moment"), ("now", "now")),
    **dict.fromkeys(("first thing", "firstthing"), ("firstthing", "firstthing")),
    **dict.fromkeys(
        (
            "close of business",
            "end of business",
            "end of business day",
            "end of the business day",
            "end of working day",
            "end of the working day",
            "end of play",
            "close of play",
            "after work",
        ),
        ("part", "closing"),
    ),
    **dict.fromkeys(("start of business", "beginning of business", "opening of business"), ("part", "opening")),
    **dict.fromkeys(("after lunch", "午饭后", "饭后", "午休后", "午餐后"), ("part", "afterlunch")),
    **dict.fromkeys(("晚饭后", "晚饭前", "晚饭", "吃晚饭"), ("part", "evening")),
    **dict.fromkeys(
        ("no later than", "not later than", "at the latest", "at the earliest", "not before", "no earlier than"),
        ("by", "by"),
    ),
    **dict.fromkeys(("o clock", "o' clock"), ("oclock", "oclock")),
    **dict.fromkeys(("lunch time", "mid day", "mid-day"), ("part", "noon")),
    **dict.fromkeys(("mid-morning", "mid morning"), ("part", "midmorning")),
    **dict.fromkeys(("mid-afternoon", "mid afternoon"), ("part", "afternoon")),
    "on the dot": ("about", "about"),
    **dict.fromkeys(("prior to", "ahead of", "in advance of"), ("before", "before")),
    "a.m.": ("part", "am"),
    "p.m.": ("part", "pm"),
    **dict.fromkeys(
        ("just over", "just under", "a little over", "no more than", "not more than", "at most"), ("nearly", "nearly")
    ),
    "or so": ("about", "about"),
    **dict.fromkeys(("night time", "night-time"), ("part", "night")),
    **dict.fromkeys(("dinner time", "supper time"), ("part", "evening")),
    **dict.fromkeys(("breakfast time",), ("part", "morning")),
    **dict.fromkeys(("week commencing", "week beginning", "week starting", "w/c"), ("for", "for")),
    **dict.fromkeys(("over-morrow",), ("dayref", "overmorrow")),
}
# Hours east of Greenwich, or the place whose clocks are meant. CST is China's and Chicago's: not here.
ZONES: dict[str, float | str] = {
    **dict.fromkeys(("gmt", "utc"), 0),
    **dict.fromkeys(("cet", "bst"), 1),
    **dict.fromkeys(("cest", "eet"), 2),
    **dict.fromkeys(("eest", "msk"), 3),
    "wib": 7,
    **dict.fromkeys(("hkt", "sgt", "awst"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    **dict.fromkeys(("aest",), 10),
    **dict.fromkeys(("aedt",), 11),
    "edt": -4,
    "est": -5,
    "cdt": -5,
    "mdt": -6,
    "mst": -7,
    "pdt": -7,
    "pst": -8,
    "et": "America/New_York",
    "pt": "America/Los_Angeles",
    **dict.fromkeys(
        ("北京时间", "上海时间", "中国时间", "beijing time", "china time", "shanghai time"), "Asia/Shanghai"
    ),
    **dict.fromkeys(("eastern", "eastern time"), "America/New_York"),
    **dict.fromkeys(("central time",), "America/Chicago"),
    **dict.fromkeys(("mountain time",), "America/Denver"),
    **dict.fromkeys(("pacific", "pacific time"), "America/Los_Angeles"),
    **dict.fromkeys(("central european time", "德国时间", "berlin time", "german time"), "Europe/Berlin"),
    **dict.fromkeys(("london time", "uk time", "伦敦时间", "英国时间"), "Europe/London"),
    **dict.fromkeys(("纽约时间", "new york time", "美东时间"), "America/New_York"),
    **dict.fromkeys(("美西时间",), "America/Los_Angeles"),
    **dict.fromkeys(("东京时间", "日本时间"), "Asia/Tokyo"),
}
# Typed in haste; one letter more, less, other or two swapped need no entry (`tokens`).
_MISSPELT: dict[str, str] = {
    "tursday": "thursday",
    "wensday": "wednesday",
    "wendesday": "wednesday",
    "wendsday": "wednesday",
    "wensdsay": "wednesday",
    "wednesdy": "wednesday",
    "thrusday": "thursday",
    "thursay": "thursday",
    "tusday": "tuesday",
    "teusday": "tuesday",
    "saterday": "saturday",
    "satuday": "saturday",
    "feburary": "february",
    "febuary": "february",
    "septmber": "september",
    "decemeber": "december",
    "mondey": "monday",
    "firday": "friday",
    "frday": "friday",
    "jully": "july",
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
    table.update({word: ("holiday", word) for word in FESTIVALS})
    table.update({f"初{day}": ("lunarday", number) for number, day in enumerate("一二三四五六七八九十", start=1)})
    table.update({word: ("zone", word) for word in ZONES})
    table.update(_WORD_GROUPS)
    table.update({wrong: table[right] for wrong, right in _MISSPELT.items()})
    return table


def _groups(table: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What has a blank or a mark in it, the longest first, by its first word."""
    groups: dict[str, list[str]] = {}
    for word in table:
        first = _FIRST_WORD.match(word)
        if first is not None and first[0] != word and word != "o'clock":
            groups.setdefault(first[0], []).append(word)
    return {first: tuple(sorted(words, key=len, reverse=True)) for first, words in groups.items()}


_FIRST_WORD = re.compile(r"[a-z]+")
TABLE = lookup()
GROUPS = _groups(TABLE)
PART_HOURS = {**dict(PARTS.values()), "midmorning": 10, "afterlunch": 13}
LONGEST_HAN = max(len(word) for word in TABLE if not word.isascii())
