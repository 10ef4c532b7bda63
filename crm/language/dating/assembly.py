"""Puts the pieces of one moment together: the day, the weekday that checks it, the part of the day, the time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from crm.language.dating.clock import CLOCK_RULES
from crm.language.dating.durations import Spans
from crm.language.dating.grammar import (
    Clock,
    Context,
    Day,
    Grammar,
    Moment,
    Nonsense,
    Offset,
    Part,
    Piece,
    Weekday,
    Zone,
)
from crm.language.dating.months import OF_MONTH
from crm.language.dating.named_days import LUNAR, NAMED
from crm.language.dating.periods import PERIODS
from crm.language.dating.resolution import Pieces
from crm.language.dating.spans import SPAN_RULES
from crm.language.dating.tokens import Token
from crm.language.dating.week_numbers import WEEK_NUMBERS
from crm.language.dating.weeks import OF_WEEK
from crm.language.dating.written_days import BY_NUMBERS, BY_WORDS
from crm.language.dating.zones import ZONE_RULES

GRAMMAR = Grammar(
    (
        *LUNAR,
        *BY_WORDS,
        *BY_NUMBERS,
        *OF_MONTH,
        *OF_WEEK,
        *WEEK_NUMBERS,
        *NAMED,
        *CLOCK_RULES,
        *ZONE_RULES,
        *SPAN_RULES,
    ),
    {"period": PERIODS, "span": Spans()},
)

_GLUE = frozenset(
    {
        ",",
        "on",
        "at",
        "for",
        "about",
        "of",
        "ofzh",
        "the",
        "in",
        "-",
        "(",
        ")",
        "、",
        "by",
        "|",
        "early",
        "late",
        "behind",
        "from",
        "between",
    }
)
_STOPS = frozenset({".", ",", "!", "?", ";", "。", "、", "front", ")"})
_RANGE = frozenset({"-", "to", "until", "and", "or", "/", "&"})
# Each Monday is no single day, and what lasts since Monday is not to come.
_RECURRING = re.compile(
    r"(?:每隔?个?(?:工作日|[年月周天日])?|\bevery(?: day| other)?|\beach|\bdaily|"
    r"\bweekly|\bmonthly|\byearly|\bannually|\bsince)(?: at| on)?\s*\Z"
)
# Said behind it: at 9am every day.
_RECURS = re.compile(r"\s*(?:\bevery\b|\beach (?:day|week|month|year|morning)\b|\bdaily\b)")
# Before it: for three weeks now, 到现在; 降到3.2.
_LASTED = re.compile(r"(?:\bfor [a-z0-9 ]{1,14}|[到至] ?)\Z")
_PRICED = re.compile(r"[降涨跌调减升]\Z")
_WISHED = re.compile(r"\b(?:happy|merry|nice|great|lovely)\s*\Z")
# 早一点, 快一点: a little, no hour.
_A_LITTLE = re.compile(
    r"(?:[早晚]|(?<=[有差快慢早晚高低大小多少贵宜好近远长短厚薄轻重松紧深浅热冷等]))一点(?![半整钟零〇一二三四五十0-9])"
)
_MOST_GLUE = 3
# Words that say that a date follows.
_AHEAD = frozenset({"on", "by", "before", "for", "from", "to", "at", "about", "in", "until"})
_BEFORE_MONTHS = frozenset({"in", "by", "before", "from", "to", "until"})
_COUNTED_THINGS = (
    r"pcs|pieces?|sets?|units?|box(?:es)?|cartons?|ctns?|pairs?|bags?|tons?|rolls?|pallets?|bottles?|orders?|samples?|"
    r"items?|models?|colou?rs?|sizes?|containers?|people|persons?|pax|customers?|clients?|suppliers?|things?|points?|"
    r"times|usd|eur|cny|rmb|gbp|dollars?|euros?|inch(?:es)?|mm|cm|kg|grams?|lit(?:er|re)s?|met(?:er|re)s?|feet|ft|yards?|"
    r"ml|lbs?|oz|cups?|percent|k|m|g|h|hours?|each|apiece|unc|unf|bsp|npt|thread|bolts?|nuts?|screws?|valves?|"
    r"pipes?|hoses?|fittings?|upfront|deposit|on delivery|"
    r"ratio|screens?|aspect|mix|leads?|cny|hkd|sgd|v|volts?|watts?|amps?|hz|bar|psi|rpm"
)
# Behind a piece that ends in such a token, these words say that it was no date: 两点要求, 3/4 inch, 3号仓库.
_NAMES_OF_FIRMS = r"\s*(?:\b(?:ltd|gmbh|inc|co|llc|corp|trading|company)\b|[鞋实][业]|有限|福(?!利)|集团|科技)"
_CONTRADICTED: dict[str, re.Pattern[str]] = {
    "hourword": re.compile(
        r"\s*(?:要求|建议|意见|说明|原因|问题|想法|内容|注意|希望|看法|理由|优势|好处|区别|需求|结论|"
        r"感受|反馈|补充|提示|声明|不同|共识|钱|几|多[余个种项条数次少]|优惠|折扣|利润|考虑|要点|改进|思考|差异|[0-9一二三四五六七八九])"
    ),
    "dayword": re.compile(
        r"\s*(?:楼|仓|门|线|店|机|厅|馆|院|柜|床|房|桌|库|产品|样|车间|公馆|钢|色|码|厂|模|螺|铁|铝|铜|钉|会议|会客|展|柱|针|砂|漆|胶|粉|料|游|[本元三])"
    ),
    "num": re.compile(
        rf"\s*(?:\"|''|”|″|%|英寸|寸|(?:{_COUNTED_THINGS})\b|"
        r"of (?:them|the|us|all|our|your|my|these|those|it)\b|[点时](?!间)|"
        r"个|件|套|台|箱|米|美元|元|块|折|柜|单|批|次|人|吨|瓶|包|袋|卷|片|张|条|支|只|位|家|种|接头|球?阀|螺|牙|英分|板|管|轴|/\s?(?:pc|pcs|kg|set|unit|m|ctn|box|ton)\b|[.,/][0-9]|[-:*x×][0-9])"
    ),
    "ord": re.compile(
        r"\s+(?:order|item|time|batch|floor|shipment|payment|step|party|version|place|class|price|draft|round|"
        r"street|avenue|sample|quote|customer|client|supplier|line|largest|best|biggest|option|choice|point|"
        r"quarter|half|generation|edition|hand|name|person|visit|call|meeting|email|offer|invoice|reminder)s?\b"
    ),
    "part": re.compile(
        r"好|茶|餐|会(?!议)|报(?!价)|安|间|蓝|\s+(?:blue|black|lamp|dress|gown|cream|light|market|snack|shift)s?\b"
    ),
    "edge": re.compile(r"国|秋|东|亚|性|心|等|级|价|款|货|部"),
    "holiday": re.compile(
        r"\s*(?:gifts?|trees?|lights?|decor\w*|hats?|socks?|bags?|box(?:es)?|cards?|items?|series|collections?|party|"
        r"stock\w*|orders?|sales?|stickers?|costumes?|candles?|ornaments?|products?|range|deals?|eggs?|baskets?)\b"
        r"|礼|树|灯|装饰|帽|袜|月饼|订单|系列|款|产品|促销|大促|用品|贺卡|饰品|主题|粽|快乐|愉快|班|路|街|广场|村|厂|先生|女士|总|经理|上河|备货|物流|服装?|玫瑰|价|大餐|居"
    ),
    "weekend": re.compile(r"\s*(?:愉快|快乐)"),
    "weekday": re.compile(_NAMES_OF_FIRMS),
    "shortday": re.compile(_NAMES_OF_FIRMS),
    "month": re.compile(_NAMES_OF_FIRMS),
    "dayref": re.compile(r"线|头条|科技|集团|实业|之后》|'s \w+ (?:ltd|inc|gmbh)\b"),
}
# Before such a number: a size, a model, the number of a document.
_NUMBERED = re.compile(
    r"(?:[路街弄巷村]|大道|规格|型号|尺寸|比例|编号|单号|号码|发票号|合同号|电话|手机|版本|佣金|返点|扣点|微信|传真|注意|以下|如下|提出|补充|[先预]付|定金|qq|"
    r"\b(?:model|size|ratio|scale|item|invoice|inv|order|p/?o|art|no|version|firmware|thread|tel|phone|fax|sku|ref|lot|batch|"
    r"rev|page|room|serial|crm|pay|rfq|wechat|b/l|hs|p/n|s/n)(?: no| nr)?)\s*(?:[.:#]?|-)\s*\Z"
)


@dataclass(slots=True)
class Assembled:
    """The pieces found so far; `end` is the index behind the last token used.

    `range_end` is behind the end of a range (Monday to Friday), which is read as its start.
    What recurs (每周一), lasts (since Monday) or is wished (happy weekend) is to be passed over.
    """

    end: int
    range_end: int = 0
    passed_over: bool = False
    pieces: Pieces = field(default_factory=Pieces)

    def take(self, more: tuple[tuple[Piece, ...], int]) -> None:
        for piece in more[0]:
            self.pieces.add(piece)
        self.end = more[1]


def assemble(text: str, tokens: Sequence[Token], at: int, context: Context) -> Assembled | Nonsense | None:
    """The pieces that begin at token `at` and hang together, or None: no date begins here."""
    found = _hanging_together(text, tokens, at, context)
    if not isinstance(found, Assembled):
        return found
    if _hangs_on_word(found, tokens, at):
        found.range_end, found.passed_over = found.end, True
        return found
    if _RECURS.match(text, tokens[found.end - 1].end):
        found.range_end, found.passed_over = found.end, True
        return found
    ahead = at > 0 and tokens[at - 1].kind in _AHEAD
    if not _is_enough(found, tokens, context, ahead=ahead):
        return None
    _take_range(text, tokens, found, context)
    return found


def _hanging_together(text: str, tokens: Sequence[Token], at: int, context: Context) -> Assembled | Nonsense | None:
    start = tokens[at].start
    month = at + 1 < len(tokens) and tokens[at + 1].kind == "month"  # last order 12 March
    numbered = tokens[at].kind == "num" and not month and _NUMBERED.search(text[max(0, start - 12) : start])
    if (tokens[at].kind == "now" and _LASTED.search(text, max(0, start - 20), start)) or (
        tokens[at].kind == "until" and _PRICED.search(text, 0, start)
    ):
        return None
    if numbered or _inside_number(tokens, at) or _A_LITTLE.match(text, start):
        return None
    first = _pieces_at(text, tokens, at, context)
    if first is None:
        return None
    if isinstance(first[0][0], Nonsense):
        return Nonsense()
    before = text[max(0, start - 14) : start]
    found = Assembled(end=at, passed_over=bool(_RECURRING.search(before) or _WISHED.search(before)))
    if not found.pieces.accept(first[0]) or not _is_led(first[0][0], tokens, at):
        return None
    found.take(first)
    while (more := _next_pieces(text, tokens, found, context)) is not None:
        if any(isinstance(piece, Nonsense) for piece in more[0]):
            return Nonsense()
        found.take(more)
    return found


def _hangs_on_word(found: Assembled, tokens: Sequence[Token], at: int) -> bool:
    """收货后7天内 is counted from a day that nobody knows."""
    if len(found.pieces.all) != 1 or not isinstance(found.pieces.all[0], Offset) or at == 0:
        return False
    before = tokens[at - 1]
    return before.kind == "word" and before.end == tokens[at].start and not before.text.isascii()


def _is_led(piece: Piece, tokens: Sequence[Token], at: int) -> bool:
    """A month by its name needs a word before it: in March, 到三月."""
    if not isinstance(piece, Day) or not piece.led:
        return True
    return at > 0 and tokens[at - 1 - (tokens[at - 1].kind == "the")].kind in _BEFORE_MONTHS


def _inside_number(tokens: Sequence[Token], at: int) -> bool:
    """The 5 of 12.5 and the 3 of 第3点 begin nothing."""
    if at and tokens[at - 1].kind == "ordinal" and tokens[at].kind == "num":
        return True
    if at and tokens[at].kind == "num" and tokens[at - 1].text in {"#", "$", "¥", "€", "£", "+"}:
        return True
    if at < 2 or tokens[at].kind != "num":
        return False
    mark, before = tokens[at - 1], tokens[at - 2]
    touches = mark.end == tokens[at].start and before.end == mark.start
    return touches and mark.kind in ".,/:*-" and before.kind in {"num", "word"} and before.text[-1:].isdigit()


def _pieces_at(text: str, tokens: Sequence[Token], at: int, context: Context) -> tuple[tuple[Piece, ...], int] | None:
    if at >= len(tokens):
        return None

    def contradicted(last: Token) -> bool:
        pattern = _CONTRADICTED.get(last.kind)
        return pattern is not None and pattern.match(text, last.end) is not None

    found = GRAMMAR.longest(tokens, at, context, contradicted=contradicted)
    if found is None:
        return None
    pieces, end = found
    return pieces if isinstance(pieces, tuple) else (pieces,), end


def _next_pieces(
    text: str, tokens: Sequence[Token], found: Assembled, context: Context
) -> tuple[tuple[Piece, ...], int] | None:
    """The next pieces that fit, behind a few words that only join."""
    at = found.end
    for _ in range(_MOST_GLUE + 1):
        more = _pieces_at(text, tokens, at, context)
        if more is not None and (isinstance(more[0][0], Nonsense) or found.pieces.accept(more[0])):
            return more if _is_led(more[0][0], tokens, at) else None
        if at >= len(tokens) or not (tokens[at].kind in _GLUE or tokens[at].text == "t"):
            return None
        at += 1
    return None


def _take_range(text: str, tokens: Sequence[Token], found: Assembled, context: Context) -> None:
    """The end of a range is left out, but for the day said for both: 9 to 11am on Friday, Mon-Wed next week."""
    found.range_end = found.end
    if found.end + 1 >= len(tokens) or tokens[found.end].kind not in _RANGE:
        return
    end = _hanging_together(text, tokens, found.end + 1, context)
    if not isinstance(end, Assembled) or end.pieces.moment is not None or end.pieces.offset is not None:
        return
    found.range_end = end.end
    if found.pieces.day is not None or found.pieces.moment is not None or found.pieces.offset is not None:
        return
    day = _day_for_both(found.pieces, end.pieces)
    if day is not None:
        found.pieces.add(day)
        found.end = end.end


def _day_for_both(first: Pieces, last: Pieces) -> Piece | None:
    if first.weekday is None:
        return last.day or last.weekday if last.clock is not None else None
    said = last.day.weekday if last.day is not None else None
    if last.day is None or said is None or first.weekday.number > said:
        return None
    return Day(last.day.date - timedelta(days=said - first.weekday.number), weekday=first.weekday.number)


def _is_enough(found: Assembled, tokens: Sequence[Token], context: Context, *, ahead: bool) -> bool:
    """A weak word alone (sat, morning, at 5) is a date only where the text is nothing else."""
    pieces = found.pieces.all
    if len(pieces) == 1 and isinstance(pieces[0], Clock) and pieces[0].doubtful:
        return context.asked
    if context.whole or len(pieces) > 1:
        return any(not isinstance(piece, Zone) for piece in pieces)
    only = pieces[0]
    follower = tokens[found.end] if found.end < len(tokens) else None
    ends = follower is None or follower.kind in _STOPS
    if isinstance(only, Offset) or (isinstance(only, Moment) and only.weak):
        return ends
    if isinstance(only, Clock | Day) and only.weak:
        return ends or (isinstance(only, Day) and ahead)
    if isinstance(only, Weekday | Part) and only.weak:
        return ahead and isinstance(only, Weekday)
    return not isinstance(only, Zone)
