"""How somebody is reached, crossed out with the words that announce it: `Tel: …`, `电话…`, `WeChat …`."""

import re

from crm.language.capture.sheet import Sheet
from crm.language.contacts import ContactReading, read_contact

_HAN = re.compile(r"[\u4e00-\u9fff]")
_AHEAD = re.compile(
    r"(?:(?<![A-Za-z])(?:tel|telephone|phone|mobile|mob|cell|cellphone|e-?mail|mail|whats\s?app|wechat|direct|"
    r"office|ph|hp|m|t|p|e|"
    r"handy|his|her|their|number|no|reach (?:him|her|them) (?:at|on)|is)\.?|手机号?码?|电话号?码?|联系方式|"
    r"联系电话|邮箱|邮件|电邮|"
    r"微信号?|号码|座机|热线|是|为|：)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_NOT_TAKEN = re.compile(r"(?:fax|telefax|mobil|telefon|telefono|tél|传真)[.:：]?", re.IGNORECASE)
_BEHIND = re.compile(
    r"\s*[（(]?(?:微信同号|同微信|手机同微信|同号|微信同|wechat same|same (?:on )?wechat|"
    r"also wechat)[)）]?",
    re.IGNORECASE,
)


def take_ways(sheet: Sheet, region: str | None) -> ContactReading | None:
    """The ways found, each crossed out."""
    # A national number in a text without Chinese is hardly one of China's.
    found = read_contact(sheet.text, region=region if region != "CN" or _HAN.search(sheet.text) else None)
    if found is None:
        return None
    wechat = found.wechat
    for start, end in found.parts:
        same = _BEHIND.match(sheet.text, end)
        is_same = same is not None and found.phone is not None and wechat is None
        wechat = found.phone if is_same else wechat
        sheet.cross_out(_announced(sheet, start), same.end() if same is not None and is_same else end)
    if wechat == found.wechat:
        return found
    return ContactReading(found.phone, found.email, wechat, found.whatsapp, found.span, found.parts)


def take_national(sheet: Sheet, region: str) -> str | None:
    """A number as it is written at home in `region` (ISO 3166), among what is left; E.164, crossed out."""
    found = read_contact(sheet.shown().replace("\n", "|"), region=region)
    if found is None or found.phone is None:
        return None
    for start, end in found.parts:
        if sheet.text[start:end].lstrip("(").startswith("0"):
            sheet.cross_out(_announced(sheet, start), end)
            return found.phone
    return None


def announces(said: str) -> bool:
    """Whether it is nothing but a word that announces a way: `Tel`, `Mobil`, `Fax`."""
    return _AHEAD.fullmatch(said.strip()) is not None or _NOT_TAKEN.fullmatch(said.strip()) is not None


def _announced(sheet: Sheet, start: int) -> int:
    """Where the words begin that announce what begins at `start`."""
    while True:
        ahead = sheet.shown(max(0, start - 24), start)
        match = _AHEAD.search(ahead.rpartition("\n")[2])
        if match is None or not match[0].strip():
            return start
        start -= len(match[0])
