"""Names of companies as they stand in a message, by legal form or by a word such as Trading or 贸易."""

import re

from crm.language.capture.name_words import COMPANY_ENDS_ZH, COMPANY_WORDS, COMPANY_WORDS_ZH, LEGAL_FORMS

_CAPITAL = r"[A-ZÀ-ÖØ-ÞŁŚŽČŠŘĐĞİŞ0-9]"
_WORD = rf"(?:{_CAPITAL}[\w'’.&+-]*[\w+]|{_CAPITAL})"
_JOINED = rf"{_WORD}(?:\s+(?:&|and|y|e|et|und|de|del|of|the|do|da|di|la|le|van|der|für|for)(?=\s+{_CAPITAL}))*"
WITH_LEGAL_FORM = re.compile(
    rf"(?P<name>{_JOINED}(?:\s+{_JOINED}){{0,6}}?,?\s+(?:{LEGAL_FORMS})(?:\s*\([A-Z]\w+\))?(?![A-Za-z0-9_-]))"
)
_CAPITALISED = re.compile(rf"{_JOINED}(?:\s+{_JOINED}){{0,5}}")
_IN_CHINESE = re.compile(
    rf"(?P<name>[\u4e00-\u9fffA-Za-z0-9（）()·&]{{2,30}}(?:{COMPANY_ENDS_ZH})|"
    rf"[\u4e00-\u9fffA-Za-z0-9（）()·&]{{2,20}}?(?:{COMPANY_WORDS_ZH})+)"
)
_LEAD_IN_ZH = re.compile(
    r"^(?:(?:今天|昨天|前天|刚刚|刚才|刚|上午|下午|早上|中午|晚上|上周|这周|方才|我|我们|在|于|又|也|和|跟|与|去|"
    r"新增|录入|录一下|加|添加|登记|来了)|"
    r"(?:见了|见到|见|认识了?|遇到了?|碰到了?|拜访了?|联系了?|接到了?|收到了?|接待了?|聊了|新客户|新线索|线索|"
    r"意向客户|潜在客户|客户|来自|有个|有一个|有|一个|一家|一位|这家|家|叫做?|名叫|是|名片|公司名?)|[:：的,，\s])+"
)
_NOT_A_COMPANY = re.compile(
    r"^(?:这|那|他|她|我|你|贵|本|某|哪|几|两|一|新|大|小|该|对方|你们|我们|他们)*(?:家|个|些)?(?:公司|集团|工厂|"
    r"厂家|企业|厂|超市|商场|酒店|百货)$|需要|想|要|询"
)


def legal_name(text: str) -> re.Match[str] | None:
    """A name that ends in a legal form."""
    return WITH_LEGAL_FORM.search(text)


def capitalised(text: str) -> bool:
    """Nothing but capitalised words and what joins them."""
    return _CAPITALISED.fullmatch(text) is not None


def has_company_word(text: str) -> bool:
    return any(word.casefold().strip(".,") in COMPANY_WORDS for word in text.split())


def chinese_company(text: str) -> tuple[int, int] | None:
    """Where a Chinese company's name stands in the text, what leads in to it left out."""
    lead = _LEAD_IN_ZH.match(text)
    start = lead.end() if lead else 0
    match = _IN_CHINESE.search(text, start)
    if match is None or _NOT_A_COMPANY.search(match["name"]):
        return None
    return match.span("name")


def without_lead_in(text: str) -> int:
    """How many characters only lead in to a name: 今天见了, 新客户."""
    lead = _LEAD_IN_ZH.match(text)
    return lead.end() if lead else 0


def region_of_name(name: str | None) -> str | None:
    """The country whose law alone knows the legal form at the end of a name (ISO 3166)."""
    found = (code for form, code in _AT_HOME if name is not None and re.search(rf"\b(?:{form})$", name.rstrip(".")))
    return next(found, None)


_AT_HOME = (
    (r"GmbH(?: & Co\.? KG)?|e\.?K|OHG|UG", "DE"),
    (r"S\.?r\.?l|S\.?p\.?A", "IT"),
    (r"S\.?L\.?U?", "ES"),
    (r"Sp\.? ?z ?o\.? ?o", "PL"),
    (r"Kft", "HU"),
    (r"B\.?V|N\.?V", "NL"),
    (r"ApS|A/S", "DK"),
    (r"Oyj?", "FI"),
    (r"Sdn\.? Bhd", "MY"),
    (r"Pty\.? Ltd", "AU"),
    (r"Pvt\.? Ltd|Private Limited", "IN"),
)
