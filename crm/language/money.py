"""Reads an amount of money, and a budget: an amount, a range, or a limit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from crm.language.currencies import (
    GENERIC,
    WORDLIKE_CODES,
    WRITTEN,
    currency_at,
    currency_before,
    meant_currency,
)
from crm.language.folding import Folded, fold
from crm.language.numbers import minus_before
from crm.language.numerals import HAN_DIGITS, HAN_SCALES, HAN_UNITS, Numeral, find_numerals

_GAP = " \t\u3000"
_ABOUT = r"(?:about|around|approx\.?|approximately|roughly|some|ca\.?|circa|exactly|大约|大概|约|差不多|左右|~)"
_ONLY_ABOUT = re.compile(rf"\s*(?:{_ABOUT}\s*)?\Z")
_ONLY_ABOUT_BEHIND = re.compile(r"\s*(?:左右|上下|的样子|整|正|only|or so)?\s*[.。!！]?\s*\Z")
# 三块五, 五元六角, 3块4毛5: what follows a yuan, in tenths and hundredths.
_YUAN = frozenset({"元", "块"})
_SMALL = rf"[0-9{''.join(HAN_DIGITS)}]"
_JIAO_FEN = re.compile(
    rf"(?:零({_SMALL})分?(?![0-9万千百十])|({_SMALL})(?:角|毛)(?:({_SMALL})分?)?|"
    rf"({_SMALL})(?![0-9.,%万千百十个件套折]))"
)
# 两毛五, 2角: without a yuan before it. 毛巾 and 毛利 are no money.
_JIAO_ALONE = re.compile(rf"(?:角(?!度|钢|铁|阀)|毛(?![巾衣线笔呢绒坯重利毯料孔刷]))(?:({_SMALL})分?)?")
# 20 dollars and 43 cents
_CENTS = re.compile(r"\s*(?:and\s+)?([0-9]{1,2})\s?(?:cents?|c|pence|p|sens?)(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class MoneyReading:
    amount: Decimal
    currency: str | None  # ISO 4217
    explicit: bool  # the currency was written
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class BudgetReading:
    low: Decimal
    high: Decimal | None  # None = no upper limit
    currency: str | None
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Sum:
    """A numeral with the currency around it, in the folded text."""

    amount: Decimal
    form: str | None  # the currency as written
    start: int
    end: int
    scale: int


def read_money(text: str, *, default_currency: str | None, whole: bool = False) -> MoneyReading | None:
    """The first amount with a currency; a bare number counts where the text is nothing else.

    A negative amount is not money. `$`, `¥` and 元 mean the default currency where it is one of theirs.
    """
    folded = fold(text)
    for money in _sums(folded):
        if money is None:
            if whole:
                return None
            continue
        if (whole or money.form is None) and not _stands_alone(folded.text, money):
            if whole:
                return None
            continue
        currency = default_currency if money.form is None else meant_currency(money.form, default_currency)
        return MoneyReading(
            amount=money.amount,
            currency=currency,
            explicit=money.form is not None,
            span=folded.span(money.start, money.end),
        )
    return None


def _stands_alone(text: str, money: _Sum) -> bool:
    ahead = _ONLY_ABOUT.match(text[max(0, money.start - 40) : money.start])
    lonely = money.start <= 40 or not text[: money.start - 40].strip()
    return lonely and ahead is not None and _ONLY_ABOUT_BEHIND.match(text, money.end) is not None


def _sums(folded: Folded) -> Iterator[_Sum | None]:
    """Every number with its currency, in order; None stands for a number that is no amount."""
    behind = 0
    for numeral in find_numerals(folded.text, behind_words=WRITTEN):
        if numeral.start >= behind:
            money = _sum_around(folded, numeral)
            behind = numeral.end if money is None else money.end
            yield money


def _sum_around(folded: Folded, numeral: Numeral) -> _Sum | None:
    text = folded.text
    start, end = numeral.start, numeral.end
    if minus_before(text, numeral.start) is not None or text[end : end + 1] == "%":
        return None
    ahead = currency_before(text, _rstrip(text, start))
    if ahead is not None and not _is_capital_enough(folded, ahead[0], ahead[1]):
        ahead = None
    after = currency_at(text, _lstrip(text, end))
    if after is not None and not _is_capital_enough(folded, after[0], _lstrip(text, end)):
        after = None
    amount = numeral.value
    form = None
    if ahead is not None:
        form, start = ahead
        if minus_before(text, start) is not None:
            return None
    if after is not None and (form is None or form in GENERIC or _same(form, after[0])):
        form, end = after
        if form in _YUAN:
            tenths, end = _jiao_fen(text, end)
            amount += tenths
        elif cents := _CENTS.match(text, end):
            amount, end = amount + Decimal(cents[1]) / 100, cents.end()
    if form is None and amount < 10 and (jiao := _JIAO_ALONE.match(text, end)):
        amount, form, end = amount / 10 + Decimal(_digit(jiao[1])) / 100, "元", jiao.end()
    return _Sum(amount=amount, form=form, start=start, end=end, scale=numeral.scale)


def _same(form: str, other: str) -> bool:
    return other in GENERIC or WRITTEN[form] == WRITTEN[other]


def _is_capital_enough(folded: Folded, form: str, at: int) -> bool:
    """A code that is also an English word (ALL, TOP, CUP) is one only in capitals."""
    if form.upper() not in WORDLIKE_CODES:
        return True
    return folded.typed(at, at + len(form)).isupper()


def _lstrip(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1] and text[at] in _GAP else at


def _rstrip(text: str, at: int) -> int:
    return at - 1 if at and text[at - 1] in _GAP else at


def _jiao_fen(text: str, at: int) -> tuple[Decimal, int]:
    match = _JIAO_FEN.match(text, at)
    if match is None:
        return Decimal(0), at
    jiao, fen = _digit(match[2] or match[4]), _digit(match[3] or match[1])
    return Decimal(jiao) / 10 + Decimal(fen) / 100, match.end()


def _digit(character: str | None) -> int:
    if not character:
        return 0
    return int(character) if character.isascii() else HAN_DIGITS[character]


_BETWEEN = re.compile(r"\s*(?:-+|~+|to|and|til+|until|bis|至|到|和)\s*(?:about|around|大约|约)?\s*")
_AT_MOST = re.compile(
    r"(?:不超过|不到|不高于|不多于|最多|最高|至多|顶多|(?<!不)(?:少于|低于|小于)|up to|at most|no more than|"
    r"not more than|"
    r"(?<!no )(?<!not )(?:less|lower) than|maximum|max\.?|under|below|within|<=?|≤)\s*(?:of\s*)?[:：]?\s*\Z"
)
_AT_MOST_BEHIND = re.compile(r"\s*(?:以内|以下|之内|封顶|内|max\b|maximum|at most|or less)")
_AT_LEAST = re.compile(
    r"(?:不低于|不少于|不小于|至少|起码|最少|最低|(?<!不)(?:超过|高于|多于|大于)|at least|no less than|not less than|"
    r"(?<!no )(?<!not )more than|"
    r"minimum|min\.?|over|above|from|starting at|>=?|≥)\s*(?:of\s*)?[:：]?\s*\Z"
)
_AT_LEAST_BEHIND = re.compile(r"\s*(?:\+|以上|起|and up|and more|and above|or more|plus\b|min\b|minimum)")
_DOTTED = re.compile(
    r"(?<![\d.,])[1-9][0-9]{0,2}\.[0-9]{3}(?![\d]|[.,]\d|\s?(?:k|m|mn|mio|bn|w|万|亿|million|thousand)(?![a-z]))"
)
_EITHER = re.compile(
    rf"(?<![{''.join(HAN_DIGITS)}0-9])(?P<either>[一二两三四五六七八][二两三四五六七八九])(?P<unit>[十百千]?[万亿]|[千百])"
)
_FILLER = re.compile(
    rf"(?:the|our|their|his|her|my|budget|预算|范围|是|为|在|is|of|between|from|从|客户|有|:|：|,|，|\s|{_ABOUT})*\Z"
)


def read_budget(text: str, *, default_currency: str | None) -> BudgetReading | None:
    """A range (`30-50k USD`, `30万到50万`), a limit (`up to 20k`, `不超过2万`, `50k+`) or one amount (both ends).

    `high` is never below `low`; no upper limit is None. A bare number counts only where the text says no more
    than "budget" or "about" beside it.
    """
    folded = _thousands(fold(text))
    either = _neighbours(folded, default_currency)
    if either is not None:
        return either
    sums = _sums(folded)
    previous: _Sum | None = None
    for money in sums:
        if money is None:
            return None  # a negative end or a percentage: not a budget
        if previous is not None:
            between = _BETWEEN.fullmatch(folded.text, previous.end, money.start)
            return _range(folded, previous, money, default_currency) if between else None
        if _BETWEEN.match(folded.text, money.end) and _more_follows(folded.text, money.end):
            previous = money
            continue
        return _limit(folded, money, default_currency)
    return None


def _thousands(folded: Folded) -> Folded:
    """`12.500 €`: no budget has a thousandth of a euro, so a dot before three digits parts thousands."""
    return replace(folded, text=_DOTTED.sub(lambda match: match[0].replace(".", ","), folded.text))


def _neighbours(folded: Folded, default_currency: str | None) -> BudgetReading | None:
    """`两三万`, `五六十万美金`: two neighbouring digits are the ends of a range."""
    match = _EITHER.search(folded.text)
    if match is None:
        return None
    low, high = (HAN_DIGITS[digit] for digit in match["either"])
    unit = 1
    for sign in match["unit"]:
        unit *= HAN_UNITS.get(sign) or HAN_SCALES[sign]
    form, end = currency_at(folded.text, _lstrip(folded.text, match.end())) or (None, match.end())
    if high != low + 1 or (form is None and not _FILLER.match(folded.text[max(0, match.start() - 80) : match.start()])):
        return None
    currency = meant_currency(form, default_currency) if form else default_currency
    return BudgetReading(Decimal(low * unit), Decimal(high * unit), currency, folded.span(match.start(), end))


def _more_follows(text: str, at: int) -> bool:
    gap = _BETWEEN.match(text, at)
    behind = gap.end() if gap else at
    following = next(find_numerals(text, behind), None)
    if following is None:
        return False
    return following.start == behind or currency_before(text, _rstrip(text, following.start)) is not None


def _range(folded: Folded, first: _Sum, last: _Sum, default_currency: str | None) -> BudgetReading | None:
    low, high = first.amount, last.amount
    if first.scale == 1 and last.scale > 1 and low * last.scale <= high:
        low *= last.scale  # 30-50k: the scale is said once, for both
    form = last.form or first.form
    if form is None and not _FILLER.match(folded.text[max(0, first.start - 80) : first.start]):
        return None
    return BudgetReading(
        low=min(low, high),
        high=max(low, high),
        currency=meant_currency(form, default_currency) if form else default_currency,
        span=folded.span(first.start, last.end),
    )


def _limit(folded: Folded, money: _Sum, default_currency: str | None) -> BudgetReading | None:
    text = folded.text
    ahead = text[max(0, money.start - 40) : money.start]
    start, end = money.start, money.end
    low: Decimal = money.amount
    high: Decimal | None = money.amount
    offset = money.start - len(ahead)
    if limit := _AT_MOST.search(ahead):
        low, start = Decimal(0), offset + limit.start()
    elif limit := _AT_MOST_BEHIND.match(text, end):
        low, end = Decimal(0), limit.end()
    elif limit := _AT_LEAST.search(ahead):
        high, start = None, offset + limit.start()
    elif limit := _AT_LEAST_BEHIND.match(text, end):
        high, end = None, limit.end()
    elif money.form is None and not (_FILLER.match(ahead) and _ONLY_ABOUT_BEHIND.match(text, end)):
        return None
    form = money.form
    if form is None and end > money.end and (behind := currency_at(text, _lstrip(text, end))):
        form, end = behind  # 30k+ EUR
    currency = meant_currency(form, default_currency) if form else default_currency
    return BudgetReading(low=low, high=high, currency=currency, span=folded.span(start, end))
