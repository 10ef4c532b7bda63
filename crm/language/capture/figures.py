"""The budget: said to be one, or a sum with its currency that is no price of a piece."""

import re
from itertools import islice

from crm.language.capture.sheet import Sheet
from crm.language.money import BudgetReading, read_budget

_CUE = re.compile(
    r"(?:(?:预算|总价|总额|金额|目标金额|采购额|心理价位)(?:范围|大概|大约|差不多|在|约|是|为|有)*[:：]?"
    r"|\b(?:total )?budget(?:ed)?(?: (?:is|of|around|about|approx\.?|range))*\s*[:：]?"
    r"|\b(?:willing to spend|can spend|has|worth)\b)\s*",
    re.IGNORECASE,
)
_START = re.compile(
    r"(?:(?:up to|at most|at least|around|about|approx\.?|roughly|some|max\.?|under|over|between|from|for|不超过|"
    r"不到|最多|最少|至少|大约|大概|约|"
    r"差不多|十?几)\s*)*"
    r"(?:[A-Z]{3}\s?|(?:US|HK|A|C|S|NT|R)?[$€£¥￥₹₽]\s?|RMB\s?|人民币|美金|美元|欧元)?[0-9一二两三四五六七八九十百]",
    re.IGNORECASE,
)
_PER_PIECE = re.compile(
    r"\s*(?:/\s*(?:pc|piece|pcs|set|unit|kg|ton|m|个|件|套|只|台|kg|吨|米|箱|day|month|year)|(?:per|each|a piece|"
    r"apiece|ea)\b|一[个件套只台箱]|每|的?单价|"
    r"(?:FOB|CIF|EXW|DDP|CFR)\b)",
    re.IGNORECASE,
)
_PRICE_AHEAD = re.compile(
    r"(?:单价|报价|目标价|价格|售价|卖|营业额|年销|注册资本|运费|样品费|price|priced|target|quoted?|paying|pays?|"
    r"fob|cif|exw|cfr|ddp|@|at|turnover|revenue|deposit|定金)"
    r"\s*(?:is|of|was|[^\d,，;；。\s]{1,6}|[:：])?\s*(?:[A-Za-z]+\s)?$",
    re.IGNORECASE,
)
_MOST_FIGURES = 20
_PIECES = re.compile(r"(?<![万千百])块(?!钱)")  # 200块 of something: bricks, panels
_GREAT = re.compile(r"(?:万|w|k|千|million|m)\b|万", re.IGNORECASE)
_BEFORE_IT = re.compile(r"(?:\b(?:for|with|of|and|at|has)\s+(?:a\s+)?(?:total\s+)?(?:about\s+)?)$", re.IGNORECASE)


def take_budget(sheet: Sheet, currency: str) -> BudgetReading | None:
    """The first budget of the text, crossed out."""
    for sure in (True, False):
        for start, end in list(sheet.free()):
            found = _announced(sheet, start, end, currency) if sure else _told(sheet, start, end, currency)
            if found is not None:
                return found
    return None


def _announced(sheet: Sheet, start: int, end: int, currency: str) -> BudgetReading | None:
    for cue in _CUE.finditer(sheet.text, start, end):
        if cue[0].strip().casefold() in {"has", "worth"}:
            continue
        read = read_budget(sheet.text[cue.end() : end], default_currency=currency)
        if read is None or read.span[0] > 12 or _PER_PIECE.match(sheet.text, cue.end() + read.span[1]):
            continue
        ahead = _BEFORE_IT.search(sheet.text[start : cue.start()])
        first = start + ahead.start() if ahead else cue.start()
        sheet.cross_out(first, _end(sheet.text, cue.end() + read.span[1]))
        return read
    behind = re.search(r"(?:的)?(?:预算|budget)", sheet.text[start:end], re.IGNORECASE)
    return _before_cue(sheet, start, start + behind.start(), start + behind.end(), currency) if behind else None


def _before_cue(sheet: Sheet, start: int, cue: int, end: int, currency: str) -> BudgetReading | None:
    """`50k budget`, `30万预算`"""
    for match in _START.finditer(sheet.text, start, cue):
        read = read_budget(sheet.text[match.start() : cue], default_currency=currency)
        if read is not None and cue - match.start() - read.span[1] <= 1:
            sheet.cross_out(_led_in(sheet.text, start, match.start()), end)
            return read
    return None


def _told(sheet: Sheet, start: int, end: int, currency: str) -> BudgetReading | None:
    whole = sheet.text[start:end]
    for match in islice(_START.finditer(whole), _MOST_FIGURES):
        if match.start() and whole[match.start() - 1].isalnum() and whole[match.start() - 1].isascii():
            continue
        said = whole[match.start() :]
        read = read_budget(said, default_currency=None)
        if read is None or read.span[0] > 0 + len(said) - len(said.lstrip()) + 24:
            continue
        if read.currency is None and not _is_great_alone(whole, match.start(), read):
            continue
        if _PIECES.search(said[: read.span[1] + 1]):
            continue
        if _PER_PIECE.match(whole, match.start() + read.span[1]) or _PRICE_AHEAD.search(whole[: match.start()]):
            continue
        read = read_budget(said, default_currency=currency)
        if read is None:
            continue
        first = _led_in(sheet.text, start, start + match.start())
        sheet.cross_out(first, _end(sheet.text, start + match.start() + read.span[1]))
        return read
    return None


def _is_great_alone(whole: str, at: int, read: BudgetReading) -> bool:
    """`30-50万` as all there is: no quantity is told so without its goods."""
    rest = (whole[:at] + whole[at + read.span[1] :]).strip(" 左右上下")
    return not rest and _GREAT.search(whole) is not None and (read.high or read.low) >= 1000


def _led_in(text: str, start: int, at: int) -> int:
    ahead = _BEFORE_IT.search(text[start:at])
    return start + ahead.start() if ahead else at


def _end(text: str, at: int) -> int:
    behind = re.compile(r"\s*(?:左右|上下|的?预算|budget)").match(text, at)
    return behind.end() if behind else at
