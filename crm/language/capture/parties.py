"""Whom one has met: the company and the person, each where the words around it tell which is which."""

import re
import unicodedata
from dataclasses import dataclass

from crm.language.capture import company_words as companies
from crm.language.capture import people_names as people
from crm.language.capture.run_together import take_lone_person, take_side_by_side
from crm.language.capture.sheet import HAN, Sheet, trimmed
from crm.language.capture.understanding import Knowledge
from crm.language.capture.ways import announces

_LEAD_IN = re.compile(
    r"^(?:w/|(?:today|yesterday|just|i|we|have|had|has|new|hot|potential|please|add|log|save|record|hi|hello|lead|"
    r"prospect|customer|client|buyer|inquiry|enquiry|company|contact|a|an|the|is|am|"
    r"this is|my name is|met|meet|meeting|spoke|talked|chatted|call|called|got|received|visited|visit|visitor|"
    r"connected|introduced|heard|contacted|card|business card|mail|e-?mail|"
    r"message|with|from|to|by|of|named|at|for|our|booth|stand)\b[\s:,–-]*|(?:的|联系人|客户|是)\s*)+",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\s*(?:\bfrom the company\b|\bvon der Firma\b|\bvon (?:Fa\.|Firma)|"
    r"\bof\b|\bfrom\b|\bat\b|\bwith\b|\bbei\b|\bvon\b|@|\bworks? (?:at|for)\b|"
    r"\bis (?:at|with|from)\b)\s*(?:the\s+)?",
    re.IGNORECASE,
)
_FIRM = re.compile(r"(?:Fa\.|Firma|Société|Ditta)\s+(?=[A-ZÀ-Þ])")
_AGAIN = re.compile(r"\s*(?:\b(?:again|once more|is back|came back|back)|又来了?|再次)\s*$", re.IGNORECASE)
_LONGEST_NAME = 60
_BETWEEN = re.compile(r"\s*(?:\(|,|/|-|–|\bis\b)\s*")
_LATIN_BEFORE = re.compile(r"(?<=[A-Za-z0-9.])\s*公司$")
_SMALL = re.compile(rf"^[{HAN}]{{2,8}}$")
_VERBS_ZH = re.compile(
    r"[要想找问看说在去来给把被买卖做发请让能会已没不谈聊加约催]|客户|价格|产品|样品|报价|今天|明天|谢谢|你好|下午|上午"
)


@dataclass(slots=True)
class Parties:
    company: str | None = None
    contact: str | None = None


def take_parties(
    sheet: Sheet, email: str | None, *, knowledge: Knowledge, author: str | None, is_reached: bool
) -> Parties:
    """The company and the person, crossed out with what leads in to them. What may be either is left alone.

    `author`: who wrote a message that was forwarded. `is_reached`: it says how to reach them.
    """
    found = Parties(contact=author)
    _labelled_firm(sheet, found)
    _named_outright(sheet, found)
    for start, end in list(sheet.free()):
        if found.contact is None:
            _person_of_company(sheet, start, end, found)
    _company_by_words(sheet, found)
    _chinese(sheet, found)
    if found.company is None:
        _known(sheet, found, knowledge)
    _person_by_words(sheet, found)
    if email is not None:
        _by_email(sheet, found, email)
    _the_other(sheet, found)
    if is_reached and found.company is None and found.contact is None:
        found.company, found.contact = take_side_by_side(sheet)
    if is_reached and found.contact is None:
        found.contact = take_lone_person(sheet)
    return found


def _labelled_firm(sheet: Sheet, found: Parties) -> None:
    """`Fa. Schmidt Leuchten`"""
    for start, end in list(sheet.free()):
        match = _FIRM.match(sheet.text, start, end)
        name = _take_company(sheet, match.end(), end) if match is not None and found.company is None else None
        if match is not None and name is not None:
            found.company = name
            sheet.cross_out(start, match.end())


def _known(sheet: Sheet, found: Parties, knowledge: Knowledge) -> None:
    """`Ernst Handel again`: it begins with the name of one customer of ours and no more than that they are back."""
    for start, end in list(sheet.free())[:1]:
        lead = _LEAD_IN.match(sheet.text[start:end])
        first = start + (lead.end() if lead else 0)
        back = _AGAIN.search(sheet.text[first:end])
        said = sheet.text[first : first + back.start() if back else end]
        if not 4 <= len(said) <= _LONGEST_NAME or any(mark.isdigit() for mark in said):
            continue
        customers = knowledge.customers(said)
        if len(customers) == 1:
            found.company = customers[0].name
            sheet.cross_out(start, end)
            return


def _named_outright(sheet: Sheet, found: Parties) -> None:
    """`Mr. Smith`"""
    for start, end in list(sheet.free()):
        match = people.TITLED.search(sheet.text, start, end) or people.TITLED_ZH.search(sheet.text, start, end)
        if match is not None and found.contact is None:
            behind = _OF.match(sheet.text, match.end(), end)
            if behind is not None and found.company is None:
                found.company = _take_company(sheet, behind.end(), end)
            found.contact = match["name"] if "name" in match.groupdict() else match[0]
            sheet.cross_out(_lead_in(sheet.text, start, match.start()), behind.end() if behind else match.end())


def _person_of_company(sheet: Sheet, start: int, end: int, found: Parties) -> None:
    """`Met Hans Müller of Ernst Handel GmbH`, `Hans Müller (Ernst Handel)`"""
    if people.is_job(sheet.text[start:end]):
        return
    lead = _LEAD_IN.match(sheet.text[start:end])
    first = start + (lead.end() if lead else 0)
    for joint, surely in ((_OF, True), (_BETWEEN, False)):
        for between in joint.finditer(sheet.text, first, end):
            name, _ = _without_job(trimmed(sheet.text[first : between.start()]))
            if surely and not people.looks_like_person(name):
                name = _last_name(name)
            if not people.looks_like_person(name) or companies.has_company_word(name):
                continue
            if not surely and not people.is_surely_person(name):
                continue
            company = _take_company(sheet, between.end(), end) if found.company is None else None
            if company is None:
                continue
            found.contact, found.company = name, company
            sheet.cross_out(start, first)
            at = sheet.text.index(name, first)
            sheet.cross_out(at, at + len(name))
            sheet.cross_out(between.start(), between.end())
            return


def _last_name(said: str) -> str:
    """`a coffee for Jean Dupont`: the name that people have at the end of what is said."""
    words = said.split()
    tails = (" ".join(words[-many:]) for many in (3, 2) if many < len(words))
    return next((tail for tail in tails if people.is_surely_person(tail)), said)


def _without_job(text: str) -> tuple[str, str]:
    """`Hans Müller, purchasing manager`: the name, and the job that stays for the notes."""
    match = people.JOB.search(text)
    if match is None or match.end() < len(text) - 1:
        return text, ""
    head = re.sub(r"[\s,(-]*(?:the|our|their|a|an|as)?\s*$", "", text[: match.start()])
    return head, match[0]


def _take_company(sheet: Sheet, start: int, end: int) -> str | None:
    """The capitalised name that begins here, or the Chinese one."""
    said = sheet.text[start:end]
    legal = companies.legal_name(said)
    chinese = companies.chinese_company(said)
    if legal is not None and not said[: legal.start()].strip():
        name = legal["name"]
    elif chinese is not None and chinese[0] == 0:
        name = said[: chinese[1]]
    else:
        words = re.match(
            r"(?:[A-ZÀ-ÖØ-ÞŁŚŽČŠŘĐĞİŞ0-9][\w'’&.+-]*|&)(?:\s+(?:[A-ZÀ-ÖØ-ÞŁŚŽČŠŘĐĞİŞ0-9][\w'’&.+-]*|&|"
            r"and(?= [A-Z])|de(?= [A-Z])|of(?= [A-Z])))*",
            said,
        )
        name = words[0].rstrip(".,") if words else ""
    if not name or name.isdecimal():
        return None
    at = sheet.text.index(name, start)
    sheet.cross_out(at, at + len(name))
    return trimmed(name)


def _company_by_words(sheet: Sheet, found: Parties) -> None:
    """By a legal form, else by a word such as Trading in a name that is capitalised throughout."""
    if found.company is not None:
        return
    for surely in (True, False):
        for start, end in list(sheet.free()):
            lead = _LEAD_IN.match(sheet.text[start:end])
            first = start + (lead.end() if lead else 0)
            said = sheet.text[first:end]
            legal = companies.legal_name(said)
            if surely and legal is not None:
                found.company = trimmed(legal["name"])
                sheet.cross_out(start, first)
                sheet.cross_out(first + legal.start(), first + legal.end())
                return
            if (
                not surely
                and companies.capitalised(said)
                and companies.has_company_word(said)
                and not people.is_job(said)
            ):
                found.company = said
                sheet.cross_out(start, end)
                return


def _chinese(sheet: Sheet, found: Parties) -> None:
    for start, end in list(sheet.free()):
        said = sheet.text[start:end]
        at = companies.chinese_company(said)
        if found.company is None and at is not None and not people.is_job(said):
            found.company = _LATIN_BEFORE.sub("", said[at[0] : at[1]].strip("（("))
            sheet.cross_out(start + (0 if companies.without_lead_in(said) == at[0] else at[0]), start + at[1])
    before: tuple[int, int] | None = None
    for start, end in list(sheet.free()):
        said = sheet.text[start:end]
        named = people.WITH_TITLE.search(said)
        if found.contact is None and named is not None and not people.is_job(said):
            found.contact = named["name"] or named["tail"]
            _short_company(sheet, found, said, start, named.start(), before)
            head = said[: named.start()]
            led = start if not trimmed(head) or companies.without_lead_in(head) == len(head) else start + named.start()
            sheet.cross_out(led, start + named.end())
            return
        before = (start, end)


def _short_company(
    sheet: Sheet, found: Parties, said: str, start: int, at: int, before: tuple[int, int] | None
) -> None:
    """万通王经理, or 万通 right before 王经理: a short name that no word of trade gives away."""
    if found.company is not None:
        return
    lead = companies.without_lead_in(said[:at])
    head = said[lead:at].rstrip("的")
    if _is_short_company(head):
        found.company = head
        sheet.cross_out(start, start + at)
    elif not head and before is not None and _is_short_company(sheet.text[before[0] : before[1]]):
        lead = companies.without_lead_in(sheet.text[before[0] : before[1]])
        found.company = sheet.text[before[0] + lead : before[1]]
        sheet.cross_out(*before)


def _is_short_company(text: str) -> bool:
    bare = text[companies.without_lead_in(text) :]
    return _SMALL.match(bare) is not None and _VERBS_ZH.search(bare) is None


def _person_by_words(sheet: Sheet, found: Parties) -> None:
    """A stretch that says no more than a name that people have; in Chinese beside a company or with its label."""
    for start, end in list(sheet.free()):
        if found.contact is not None:
            return
        lead = _LEAD_IN.match(sheet.text[start:end])
        first = start + (lead.end() if lead else 0)
        said, _ = _without_job(trimmed(sheet.text[first:end]))
        if said.islower() and found.company is not None and people.is_surely_person(said.title()):
            found.contact = said.title()
            sheet.cross_out(start, sheet.text.index(said, first) + len(said))
        elif people.is_surely_person(said) and not companies.has_company_word(said):
            found.contact = said
            at = sheet.text.index(said, first)
            sheet.cross_out(start, at + len(said))
        elif people.is_person_zh(said) and (found.company is not None or said.startswith("联系人")):
            found.contact = people.bare_name(said)
            sheet.cross_out(start, end)


def _by_email(sheet: Sheet, found: Parties, email: str) -> None:
    """A name that the address repeats: hans.mueller@ernst-handel.de."""
    local, _, domain = email.partition("@")
    local, domain = _letters(local), _letters(domain.rpartition(".")[0])
    for start, end in list(sheet.free()):
        lead = _LEAD_IN.match(sheet.text[start:end])
        first = start + (lead.end() if lead else 0)
        said, _ = _without_job(trimmed(sheet.text[first:end]))
        words = [_letters(word) for word in said.split() if len(_letters(word)) >= 3]
        if not words or not companies.capitalised(said):
            continue
        if found.contact is None and people.looks_like_person(said) and any(word in local for word in words):
            found.contact = said
        elif found.company is None and any(word in domain for word in words):
            found.company = said
        else:
            continue
        at = sheet.text.index(said, first)
        sheet.cross_out(start, at + len(said))


def _the_other(sheet: Sheet, found: Parties) -> None:
    """With the company known, the only other name is the person's, and the other way round."""
    if (found.company is None) == (found.contact is None):
        return
    left = []
    for start, end in sheet.free():
        lead = _LEAD_IN.match(sheet.text[start:end])
        first = start + (lead.end() if lead else 0)
        said, _ = _without_job(trimmed(sheet.text[first:end]))
        if (
            said
            and companies.capitalised(said)
            and not any(mark.isdigit() for mark in said)
            and not people.is_job(said)
            and not announces(said)
        ):
            left.append((start, sheet.text.index(said, first), said))
    if len(left) != 1:
        return
    start, at, said = left[0]
    if found.contact is None and not people.looks_like_person(said):
        return
    if found.contact is None:
        found.contact = said
    else:
        found.company = said
    sheet.cross_out(start, at + len(said))


def _lead_in(text: str, start: int, at: int) -> int:
    """Where a name begins with what leads in to it, if that is all that stands before it."""
    lead = _LEAD_IN.match(text[start:at])
    return start if lead is not None and not text[start + lead.end() : at].strip() else at


def _letters(text: str) -> str:
    """Lower case letters without accents; ü as ue would be, so that Müller is found in mueller and muller."""
    plain = "".join(
        one
        for one in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(one) and one.isalnum()
    )
    return plain.replace("ue", "u").replace("oe", "o").replace("ae", "a")
