"""A lead in one message: every field that the text tells for certain, and the rest for the notes."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm.language.capture.appointments import take_follow_up
from crm.language.capture.company_words import region_of_name
from crm.language.capture.figures import take_budget
from crm.language.capture.labels import take_labelled
from crm.language.capture.needs import take_need
from crm.language.capture.opening import take_opening
from crm.language.capture.parties import take_parties
from crm.language.capture.places import country_of_ways, take_country
from crm.language.capture.sheet import Sheet
from crm.language.capture.sources import take_source
from crm.language.capture.understanding import Knowledge, LeadReading
from crm.language.capture.ways import take_national, take_ways
from crm.language.countries import read_country
from crm.language.dates import read_date
from crm.language.money import read_budget
from crm.language.quantities import read_quantity

ENOUGH = 3.0
"""What a text must come to, to be taken for a lead that nobody called one."""
_LONGEST = 1_500
"""Characters: a longer text is no message about one lead, and is not looked through while others wait."""
_SAYS_NOTHING = re.compile(
    r"^(?:(?:new|lead|hi|hello|dear|and|or|the|a|an|of|from|at|with|for|to|by|is|are|was|has|have|he|she|they|we|i|"
    r"me|my|his|her|their|in|on|met|us|best|kind|warm|regards|thanks|thank|you|please|pls|"
    r"cheers|sincerely|yours|br|now|again|back|tel|phone|mobile|mob|e-?mail|mail|wechat|whatsapp|number|contact|also|then|him|"
    r"them|it|that|who|which|线索|新线索|新客户|客户|的|了|和|在|是|有|来自|认识|我|他|她|"
    r"他们|这个|一个|上|吧|呢|啊|哦|谢谢|电话|手机|微信|邮箱|联系方式|大概|大约|左右|需要|要|想|请|帮我|记一下|"
    r"录入|展会上|公司|今天|见了|刚)[\s.,:，。：!！-]*)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reading, and how much speaks for its being a lead."""

    reading: LeadReading
    weight: float


def read_lead(text: str, *, now: datetime, knowledge: Knowledge) -> Weighed | None:
    """What the text tells of a lead; None where it tells nothing of one."""
    if len(text) > _LONGEST or not text.strip():
        return None
    sheet = Sheet(text)
    author = take_opening(sheet)
    labelled = take_labelled(sheet)
    reading, weight = _labelled_fields(sheet, labelled, now, knowledge)
    ways = take_ways(sheet, knowledge.region)
    source, tags = take_source(sheet)
    budget = reading.budget or take_budget(sheet, knowledge.currency)
    follow_up = reading.next_follow_up or take_follow_up(sheet, now)
    country = reading.country or take_country(sheet)
    need = reading.product_need or take_need(sheet, knowledge)
    email = ways.email if ways else None
    parties = take_parties(sheet, email, knowledge=knowledge, author=author, is_reached=ways is not None)
    phone = ways.phone if ways else None
    home = country or region_of_name(reading.company or parties.company)
    if phone is None and home is not None:
        phone = take_national(sheet, home)
    reading = replace(
        reading,
        company=reading.company or parties.company,
        contact=reading.contact or parties.contact,
        phone=phone,
        email=ways.email if ways else None,
        wechat=ways.wechat if ways else None,
        whatsapp=ways.whatsapp if ways else None,
        country=country or country_of_ways(ways) or (home if phone else None),
        source=reading.source or source,
        product_need=need,
        product_category=knowledge.category(need) if need else None,
        budget=budget,
        next_follow_up=follow_up,
        tags=tuple(dict.fromkeys([*reading.tags, *tags])),
        notes=_notes(sheet, reading.notes),
    )
    weight += _weight(reading)
    return Weighed(reading, weight) if weight or follow_up else None


def _labelled_fields(
    sheet: Sheet, labelled: dict[str, tuple[int, int]], now: datetime, knowledge: Knowledge
) -> tuple[LeadReading, float]:
    """What stands behind labels, each crossed out as it is read; what cannot be read goes to the notes."""
    known = LeadReading()
    for key, (start, end) in labelled.items():
        said = sheet.text[start:end]
        read = _read_labelled(key, said, now, knowledge)
        if read:
            known = replace(known, **read)
            sheet.cross_out(start, end)
        elif key != "source":
            sheet.keep(start, end)
    return known, 0.5 * len(labelled)


def _read_labelled(key: str, said: str, now: datetime, knowledge: Knowledge) -> dict[str, Any]:
    match key:
        case "company" | "contact" | "notes":
            return {key: said}
        case "need":
            return {"product_need": said}
        case "tags":
            return {
                "tags": tuple(
                    tag.strip(" #") for tag in re.split(r"[,，、;；\s]+(?=#)|[,，、;；]", said) if tag.strip(" #")
                )
            }
        case "country":
            code = read_country(said)
            return {"country": code} if code else {}
        case "budget":
            budget = read_budget(said, default_currency=knowledge.currency)
            return {"budget": budget} if budget else {}
        case "follow_up":
            date = read_date(said, now=now, whole=True)
            return {"next_follow_up": date} if date is not None and date.at.date() >= now.date() else {}
    return {}


def _notes(sheet: Sheet, labelled: str | None) -> str | None:
    left = [piece for piece in sheet.left() if not _SAYS_NOTHING.match(piece)]
    notes = "\n".join([*([labelled] if labelled else []), *left])
    return notes or None


def _weight(reading: LeadReading) -> float:
    is_reached = bool(reading.phone or reading.email or reading.wechat or reading.whatsapp)
    weight = 2.5 if is_reached else 0.0
    weight += 1.5 if reading.company else 0.0
    weight += 1.0 if reading.contact else 0.0
    weight += 1.0 if reading.source else 0.0
    weight += 1.0 if reading.budget else 0.0
    weight += 0.5 if reading.next_follow_up else 0.0
    if reading.product_need:
        weight += 1.0 + (0.5 if read_quantity(reading.product_need) else 0.0)
    if not (reading.company or reading.contact or (is_reached and reading.product_need)):
        weight -= 1.5  # nobody is named
    return max(weight, 0.0)
