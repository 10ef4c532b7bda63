"""A company and a person who stand side by side with nothing between them: `杭州西溪户外 张伟`, `Tesco Jack`.

Only names can tell them apart, so a reader asks here last, and only where the message says how to reach them.
"""

import re

from crm.language.capture import company_words as companies
from crm.language.capture import people_names as people
from crm.language.capture.sheet import HAN, Sheet

_NAME_ZH = re.compile(rf"[{HAN}·（）()]{{3,14}}")
_OF_ZH = re.compile(rf"(?P<company>[{HAN}]{{2,10}}?)的(?P<person>[A-Z][a-zß-ÿ'’-]+(?:\s[A-Z][a-zß-ÿ'’-]+)?)")
_BOTH = re.compile(rf"(?P<company>[{HAN}]{{2,14}})\s+(?P<person>{people.FULL_NAME.pattern})")
_NO_NAME_ZH = re.compile(r"[要想找问看说给把买卖发请让会没谈聊催]|今天|明天|昨天|客户|报价|样品|展会")
_MOST_WORDS = 6


def take_side_by_side(sheet: Sheet) -> tuple[str | None, str | None]:
    """The company and the person, crossed out; (None, None) where nothing is sure."""
    runs = list(sheet.free())
    for number, (start, end) in enumerate(runs):
        following = runs[number + 1] if number + 1 < len(runs) else None
        found = (
            _chinese_with_latin(sheet, start, end)
            or (_two_runs(sheet, (start, end), following) if following is not None else None)
            or _latin(sheet, start, end)
        )
        if found is not None:
            return found
    return None, None


def take_lone_person(sheet: Sheet) -> str | None:
    """Somebody whose company is not said: 老王, or a Chinese full name that is all a stretch says."""
    for start, end in list(sheet.free()):
        said = sheet.text[start:end]
        if people.nickname(said) is not None or people.is_person_zh(said):
            sheet.cross_out(start, end)
            return people.bare_name(said)
    return None


def _chinese_with_latin(sheet: Sheet, start: int, end: int) -> tuple[str, str] | None:
    """`乐购的Jack`, `香港利丰采购 Jackie Wong`"""
    for like in (_OF_ZH, _BOTH):
        match = like.fullmatch(sheet.text, start, end)
        if match is None:
            continue
        company = match["company"][companies.without_lead_in(match["company"]) :]
        if len(company) >= 2 and _NO_NAME_ZH.search(company) is None:
            sheet.cross_out(start, end)
            return company, match["person"]
    return None


def _two_runs(sheet: Sheet, first: tuple[int, int], second: tuple[int, int]) -> tuple[str, str] | None:
    """`杭州西溪户外 张伟`: right before a person nothing but a name."""
    company, person = sheet.text[slice(*first)], sheet.text[slice(*second)]
    company = company[companies.without_lead_in(company) :]
    if sheet.text[first[1] : second[0]].strip(" \t\n,，、/|") or _NAME_ZH.fullmatch(company) is None:
        return None
    if people.is_person_zh(company) or _NO_NAME_ZH.search(company) is not None or people.is_job(company):
        return None
    if people.nickname(person) is None and not people.is_person_zh(person) and not people.is_surely_person(person):
        return None
    sheet.cross_out(*first)
    sheet.cross_out(*second)
    return company, people.bare_name(person)


def _latin(sheet: Sheet, start: int, end: int) -> tuple[str, str] | None:
    """`Rocky Mountain Camping Bill Turner`: capitalised throughout, and it ends in a name that people have."""
    said = sheet.text[start:end]
    words = said.split()
    if not 2 <= len(words) <= _MOST_WORDS or not companies.capitalised(said) or any(map(str.isdigit, said)):
        return None
    for many in (3, 2, 1):
        company, person = " ".join(words[:-many]), " ".join(words[-many:])
        if company and people.is_surely_person(person) and not people.is_surely_person(said):
            sheet.cross_out(start, end)
            return company, person
    return None
