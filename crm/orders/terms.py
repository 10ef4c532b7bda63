"""Price terms and payment terms: the codes of Incoterms 2020 and the domestic ones, and the deposit in a text."""

import re
from decimal import Decimal

from crm.core.text import T
from crm.language.folding import Folded, fold

PRICE_TERMS = {
    "EXW": T("EXW ex works"),
    "FCA": T("FCA free carrier"),
    "FAS": T("FAS free alongside ship"),
    "FOB": T("FOB free on board"),
    "CFR": T("CFR cost and freight"),
    "CIF": T("CIF cost, insurance and freight"),
    "CPT": T("CPT carriage paid to"),
    "CIP": T("CIP carriage and insurance paid to"),
    "DAP": T("DAP delivered at place"),
    "DPU": T("DPU delivered at place unloaded"),
    "DDP": T("DDP delivered duty paid"),
    "TAX": T("Tax included"),
}
"""Stable codes; all but TAX (domestic, 含税) are Incoterms 2020."""

_SPOKEN = {"含税": "TAX", "tax included": "TAX", "tax incl": "TAX", "ex works": "EXW", "出厂价": "EXW", "出厂": "EXW"}
_OLD = {"C&F": "CFR", "CNF": "CFR", "DAT": "DPU"}
_CODE = re.compile(r"\s*([a-z]{3}|c&f)(?![a-z0-9])")
_TRIFLES = " ,，.。:：;；()（）"

_DEPOSIT_WORDS = r"(?:deposit|down\s?payment|advance|prepayment|in advance|prepaid|定金|订金|预付款?|预付)"
_DEPOSIT = re.compile(
    rf"(\d{{1,3}}(?:\.\d+)?)\s?%\s*(?:T/?T\s*)?{_DEPOSIT_WORDS}|{_DEPOSIT_WORDS}\s*(?:of\s*)?[:：]?\s*(\d{{1,3}}(?:\.\d+)?)\s?%",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"(?:T/?T|电汇)\s*(\d{1,3}(?:\.\d+)?)\s?%?\s*[/:：]\s*(\d{1,3}(?:\.\d+)?)(?![\d.])", re.IGNORECASE)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)(?=\s?%)")


def read_price_terms(text: str) -> tuple[str, str | None] | None:
    """`FOB Ningbo` → ("FOB", "Ningbo"), `含税` → ("TAX", None); None where no code of PRICE_TERMS leads."""
    folded = fold(text)
    start = len(folded.text) - len(folded.text.lstrip())
    for spoken, code in _SPOKEN.items():
        if folded.text.startswith(spoken, start):
            return code, _place(folded, start + len(spoken))
    match = _CODE.match(folded.text)
    if match is None:
        return None
    code = match[1].upper()
    code = _OLD.get(code, code)
    return (code, _place(folded, match.end())) if code in PRICE_TERMS else None


def deposit_in(terms: str | None) -> Decimal | None:
    """The deposit that payment terms ask for, in per cent: 30 for `30% deposit, 70% before shipment`, `T/T 30/70`."""
    spans = _deposit_and_balance(terms or "")
    if not spans:
        return None
    percent = _number(terms or "", spans[0])
    return percent if 0 < percent <= 100 else None


def with_deposit(terms: str | None, percent: Decimal) -> str:
    """The same terms with another deposit; a balance that made it whole is made to again."""
    terms = (terms or "").strip()
    spans = _deposit_and_balance(terms)
    if not spans:
        return f"{_plain(percent)}% deposit; {terms}" if terms else f"{_plain(percent)}% deposit"
    shares = (percent, 100 - percent)
    for (start, end), share in sorted(zip(spans, shares, strict=False), reverse=True):
        terms = terms[:start] + _plain(share) + terms[end:]
    return terms


def _deposit_and_balance(terms: str) -> list[tuple[int, int]]:
    """Where the deposit's number stands and, behind it in the list, that of the balance; empty: no deposit is named."""
    match = _DEPOSIT.search(terms)
    if match is not None:
        span = match.span(1) if match[1] else match.span(2)
        others = [one for one in _PERCENT.finditer(terms) if not match.start() <= one.start() < match.end()]
        balance = [one.span(1) for one in others if len(others) == 1 and Decimal(one[1]) + _number(terms, span) == 100]
        return [span, *balance]
    split = _SPLIT.search(terms)
    if split is not None and Decimal(split[1]) + Decimal(split[2]) == 100:
        return [split.span(1), split.span(2)]
    return []


def _number(terms: str, span: tuple[int, int]) -> Decimal:
    return Decimal(terms[span[0] : span[1]])


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


def _place(folded: Folded, start: int) -> str | None:
    if start >= len(folded.text):
        return None
    return folded.typed(start, len(folded.text)).strip(_TRIFLES) or None
