"""Payment terms as people write them, Chinese and English: which share falls due when. Guide 3.3.

`T/T 30/70`, `30% deposit, balance against copy of B/L`, `net 30`, `L/C at sight`, `月结60天`, `预付30%，发货前付清`.
Every word must be understood and the shares must make 100 %: a schedule of money is read whole or not at all, and
whoever wrote something else is asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from crm.language.folding import fold

Anchor = Literal["order", "before_shipment", "shipment", "bl_copy", "invoice", "arrival", "acceptance"]
Method = Literal["transfer", "lc", "collection"]

ANCHORS: tuple[Anchor, ...] = ("order", "before_shipment", "shipment", "bl_copy", "invoice", "arrival", "acceptance")
"""From when on a share is owed: the order's approval, readiness (before the goods leave), the day on board, the copy of
the bill of lading or the documents, the invoice, arrival at the customer's, the customer's acceptance.
"""

_LONGEST = 600
_WHOLE = Decimal(100)
_MOST_DAYS = 720


@dataclass(frozen=True, slots=True)
class Instalment:
    """One share. Due `months` and `days` after `anchor` has happened; with `month_end` counted from the end of that
    month. `method`: by bank transfer, by letter of credit, by documentary collection (D/P, D/A, CAD).
    """

    percent: Decimal
    anchor: Anchor
    days: int = 0
    months: int = 0
    month_end: bool = False
    method: Method = "transfer"


def read_payment_terms(text: str) -> tuple[Instalment, ...] | None:
    """The shares in the order in which they are written, together 100 %; None where anything is not understood."""
    folded = " ".join(fold(text[:_LONGEST]).text.split()).strip(" .。;,，；")
    folded = _TENTHS.sub(lambda tenths: f"{'一二三四五六七八九'.index(tenths[1]) + 1}0%", folded)
    if not folded:
        return None
    split = _SPLIT.fullmatch(folded)
    clauses = _of_split(split) if split is not None else list(_clauses(folded))
    read = [_read_clause(clause) for clause in clauses]
    found = [one for one in read if one is not None]
    return _whole(found) if len(found) == len(read) else None


@dataclass(frozen=True, slots=True)
class _Clause:
    """What one part of the terms says. `percent` None: not said; `is_rest`: it is the balance."""

    percent: Decimal | None
    is_rest: bool
    anchor: Anchor | None
    days: int
    months: int
    month_end: bool
    method: Method | None


_NUMBER = r"(\d{1,3}(?:\.\d{1,2})?)"
_SHARE = r"\d{1,3}(?:\.\d{1,2})?"
_SLASH = r"\s*[/:：+]\s*"
_SPLIT = re.compile(
    rf"(?:t/?t|电汇)?\s*(?P<first>{_SHARE})\s?%?(?:{_SLASH}|\s+)(?P<second>{_SHARE})\s?%?"
    rf"(?:{_SLASH}(?P<third>{_SHARE})\s?%?)?(?P<rest>(?![\d./]).*)"
)
_BETWEEN = re.compile(
    r"\s*(?:[;,，；。\n、+&]|(?<!\d)\.(?=\s)|\bthen\b|\band\b(?=\s+(?:the\s+)?(?:\d|balance|rest|remain))|[及和](?=\d|余|尾|剩))\s*"
)
_PERCENT = re.compile(rf"{_NUMBER}\s?(?:%|percent\b|per cent\b)|百分之{_NUMBER}")
_TENTHS = re.compile(r"([一二三四五六七八九])成")
_REST = re.compile(r"\b(?:balance|rest|remaining|remainder)\b|余款|尾款|余额|余下|其余|剩余")
_ALL = re.compile(r"\b(?:full|whole)\b(?: payment| amount)?|全款|全额|全部")
_MONTH_END = re.compile(r"\b(?:eom|end of (?:the )?month|month[- ]end)\b|月结|月底|当月底")
_MONTHS = re.compile(r"(\d{1,2})\s*(?:months?\b|个月)")
_DAYS = re.compile(
    r"(\d{1,3})\s*(?:days?\b|d\b|天|日)|(?:net|n/|o/?a|d/?a|月结)\s*(\d{1,3})(?:\s*(?:days?\b|d\b|天|日)|(?![\d/])(?!\s*%))"
)


def _like(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(ways))


_UPON = r"\b(?:(?:after|from|upon|on|at|against|of|by|with|vs\.?)\s+)?(?:the\s+)?"
_BILL = r"(?:b/?l|bill of lading)"
_METHODS: Sequence[tuple[re.Pattern[str], Method]] = (
    (_like(r"\b(?:irrevocable\s+)?l/?c\b", r"\bletters? of credit\b", "信用证"), "lc"),
    (
        _like(r"\b(?:d/p|dp|d/a|da|cad)\b", r"\bcash against documents\b", "付款交单|承兑交单"),
        "collection",
    ),
    (
        _like(
            r"\b(?:t/t|tt|wire(?: transfer)?|bank transfer|telegraphic transfer|cash)\b",
            r"\b(?:o/?a|open account|net|n/(?=\d))\b",
            "电汇|银行转账|转账|汇款|月结|现金|现结",
        ),
        "transfer",
    ),
)
# In this order: a phrase that holds another comes before it.
_ANCHORS: Sequence[tuple[re.Pattern[str], Anchor]] = (
    (
        _like(
            rf"{_UPON}(?:receipt of (?:the )?)?(?:(?:scanned|faxed|scan|fax)\s+)?"
            rf"cop(?:y|ies) of (?:the )?(?:original )?(?:{_BILL}|documents|docs)",
            rf"{_UPON}{_BILL} (?:cop(?:y|ies)|scan)\b",
            rf"{_UPON}(?:presentation of )?(?:the )?(?:shipping )?(?:documents|docs)\b",
            r"\bcash against documents\b",
            r"\b(?:cad|d/p|dp|d/a|da)\b",
            "[见凭]?提单(?:副本|复印件|扫描件)|付款交单|承兑交单|见单",
        ),
        "bl_copy",
    ),
    (
        _like(
            r"\b(?:before|prior to|ahead of) (?:the )?"
            r"(?:shipment|shipping|delivery|dispatch|loading|goods leave|ex-?factory)\b",
            r"\bwhen (?:the )?goods (?:are )?ready\b",
            "(?:发货|出货|装运|装船|发运|出厂|提货|交货)之?前",
            "款到(?:发货|发运|出货)|款清发货|付清发货|先款后货",
        ),
        "before_shipment",
    ),
    (
        _like(
            rf"{_UPON}(?:date of (?:the )?)?"
            r"(?:shipment(?: date)?|shipping date|shipped|on[- ]board date|dispatch|loading)\b",
            rf"{_UPON}(?:date of (?:the )?)?{_BILL}(?: date| issuing date)?\b",
            r"\bat sight\b",
            "(?:自|从)?(?:提单日|装运日|发货日|出货日|发货|出货|装船|装运|提单)(?:期|之日)?(?:起|之?后)?|即期",
        ),
        "shipment",
    ),
    (
        _like(
            rf"{_UPON}(?:final\s+|customer'?s?\s+)?(?:acceptance|inspection|installation|commissioning)\b",
            "(?:经|自)?(?:验收|安装|调试)(?:合格|完成|通过)?(?:之?后)?",
        ),
        "acceptance",
    ),
    (
        _like(
            rf"{_UPON}(?:receipt of (?:the )?goods|arrival(?: of (?:the )?goods)?|delivery|goods received)\b",
            r"\bcod\b|\bcash(?: on delivery)?\b",
            "货到付款|现金|现结|(?:自|见)?(?:到货|收货|交货|签收|货到)(?:之?后)?",
        ),
        "arrival",
    ),
    (
        _like(
            rf"{_UPON}(?:receipt of (?:the )?)?invoice(?: date)?\b",
            r"\bnet\b|\bn/(?=\d)|\bo/?a\b|\bopen account\b",
            r"\b(?:eom|end of (?:the )?month|month[- ]end)\b",
            "(?:自|见|凭)?(?:开票|发票)(?:日期?)?(?:起|之?后)?|月结|账期|帐期|赊账",
        ),
        "invoice",
    ),
    (
        _like(
            r"\b(?:deposit|down ?payment|(?:in )?advance(?: payment)?|pre-?payment|prepaid|pre-?pay|cia|cwo)\b",
            r"\bcash with order\b",
            rf"{_UPON}(?:order(?: confirmation)?|contract(?: signing| signature)?|signing|confirmation)\b",
            rf"{_UPON}(?:pi|proforma(?: invoice)?)\b",
            "定金|订金|预付款?|首付款?|(?:签约|签订合同|合同签订|下单|签合同)(?:时|之?后)?",
        ),
        "order",
    ),
)
# What may stand beside without changing anything.
_TRIFLES = _like(
    r"\b(?:by|as|of|the|a|an|to|be|is|for|with|within|in|on|at|via|from|after|upon|until|and|our|your|net)\b",
    r"\b(?:paid|pay|payable|payments?|due|total|order|contract|goods|value|amount|price|sum|date|terms?|full|100)\b",
    r"\b(?:t/t|usance|sight|irrevocable|confirmed|calendar|working|business|account|bank)\b",
    r"[()（）:：%/\-\s.]",
    "付清|支付|付款|结清|结算|货款|合同|总价|总额|总金额|金额|款项|远期|不可撤销|方式|余款|公司|电汇|之后|以内|当月|次月",
    "[付款的后内前为以在由时作即凭自起到并再于]",
)


def _clauses(folded: str) -> Iterator[str]:
    """The parts of the terms; a part with neither share nor rest belongs to the one before it."""
    held = ""
    for part in _BETWEEN.split(folded):
        is_new = _PERCENT.search(part) is not None or _REST.search(part) is not None
        if held and is_new and (_PERCENT.search(held) or _REST.search(held)):
            yield held
            held = part
        else:
            held = f"{held} {part}".strip()
    if held:
        yield held


def _of_split(split: re.Match[str]) -> list[str]:
    """`30/70` as its clauses: the first a deposit, the last as what is written behind it says, else before shipment."""
    shares = [share for share in (split["first"], split["second"], split["third"]) if share is not None]
    rest = split["rest"].strip(" ,，;；")
    if sum(map(Decimal, shares)) != _WHOLE or (len(shares) == 3 and not rest):
        return [split.string]
    behind = rest or "before shipment"
    between = [f"{share}% before shipment" for share in shares[1:-1]]
    return [f"{shares[0]}% deposit", *between, f"{shares[-1]}% {behind}"]


def _read_clause(text: str) -> _Clause | None:
    """One part of the terms; None where a word in it is not understood."""
    percents = [Decimal(match[1] or match[2]) for match in _PERCENT.finditer(text)]
    if len(percents) > 1 or any(not 0 < percent <= _WHOLE for percent in percents):
        return None
    days = [int(match[1] or match[2]) for match in _DAYS.finditer(text)]
    months = [int(match[1]) for match in _MONTHS.finditer(text)]
    if len(days) > 1 or len(months) > 1 or sum(days) > _MOST_DAYS:
        return None
    methods = [method for like, method in _METHODS if like.search(text)]
    anchors = [(like, anchor) for like, anchor in _ANCHORS if like.search(text)]
    left = text
    for like in (_PERCENT, _MONTHS, _DAYS, _REST, _ALL, _MONTH_END):
        left = like.sub(" ", left)
    for like, _ in (*_ANCHORS, *_METHODS):
        left = like.sub(" ", left)
    if _TRIFLES.sub("", left).strip(" ,，;；") or "%" in left:
        return None
    return _Clause(
        percent=percents[0] if percents else None,
        is_rest=_REST.search(text) is not None and not percents,
        anchor=anchors[0][1] if anchors else None,
        days=sum(days),
        months=sum(months),
        month_end=_MONTH_END.search(text) is not None,
        method=methods[0] if methods else None,
    )


def _whole(clauses: Sequence[_Clause]) -> tuple[Instalment, ...] | None:
    """The clauses as shares of 100 %, what they leave unsaid filled in; None where they do not come to that."""
    told = sum((clause.percent for clause in clauses if clause.percent is not None), Decimal(0))
    unsaid = [clause for clause in clauses if clause.percent is None]
    if len(unsaid) > 1 or told > _WHOLE or (told == _WHOLE) == bool(unsaid):
        return None
    if unsaid and not unsaid[0].is_rest and len(clauses) > 1:
        return None
    shares = [
        replace(clause, percent=_WHOLE - told if clause.percent is None else clause.percent) for clause in clauses
    ]
    read = [_instalment(clause, place, len(shares)) for place, clause in enumerate(shares)]
    found = tuple(one for one in read if one is not None)
    return found if len(found) == len(read) else None


def _instalment(clause: _Clause, place: int, many: int) -> Instalment | None:
    anchor, method = clause.anchor, clause.method or "transfer"
    if method == "lc" and anchor in {None, "shipment"}:
        anchor = "shipment"
    elif anchor is None and (clause.days or clause.months or clause.month_end):
        anchor = "invoice"
    elif anchor is None and place == 0 and many > 1 and not clause.is_rest:
        anchor = "order"
    elif anchor is None and clause.is_rest and many > 1:
        anchor = "before_shipment"
    if anchor is None or clause.percent is None:
        return None
    if anchor in {"order", "before_shipment"} and (clause.months or clause.month_end):
        return None
    return Instalment(clause.percent, anchor, clause.days, clause.months, clause.month_end, method)
