"""Reads how a person is reached: phone, e-mail, WeChat, WhatsApp, several of them in one text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.language.folding import Folded, fold

# Anyone can have an address there: it says nothing about the company.
_FREE_MAIL = """
gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.fr hotmail.it
hotmail.de hotmail.es live.com live.cn msn.com qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com
yeah.net 188.com 139.com 189.cn wo.cn sina.com sina.cn vip.sina.com sohu.com tom.com 21cn.com aliyun.com
yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.in yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.com.cn
yahoo.com.br yahoo.com.hk yahoo.com.tw ymail.com rocketmail.com aol.com icloud.com me.com mac.com gmx.com
gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de proton.me protonmail.com pm.me mail.com mail.ru
bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru naver.com hanmail.net daum.net nate.com
orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it tiscali.it uol.com.br bol.com.br terra.com.br
rediffmail.com zoho.com tutanota.com fastmail.com hushmail.com wp.pl o2.pl interia.pl onet.pl seznam.cz
abv.bg btinternet.com sky.com comcast.net verizon.net att.net bigpond.com optusnet.com.au
"""
FREE_MAIL_DOMAINS = frozenset(_FREE_MAIL.split())

_LONGEST_TEXT = 2_000  # no contact is longer; what lies beyond is not searched
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_WECHAT = re.compile(
    r"(?:微信号?|威信|薇信|v信|wechat|we chat|weixin|wei xin|(?<![a-z])wx(?![a-z]))"
    r"\s{0,3}(?:id|no\.?|号|账号)?\s{0,3}[:：=]?\s{0,3}@?(\+?[a-z0-9][a-z0-9_-]{4,19}|同号|同手机|同上)"
)
_WHATSAPP = re.compile(
    r"(?:whats\s?app|wa(?=\s?[:+0-9])|(?<![a-z])ws(?=\s?[:+0-9]))\s{0,3}(?:id|no\.?|number)?\s{0,3}[:：=]?\s{0,3}"
    r"([+(]?[0-9][0-9 ().-]{4,22}[0-9])"
)
_PHONE = re.compile(r"(?<![0-9a-z_@.])[+(]?[0-9][0-9 ().-]{4,22}[0-9](?![0-9a-z_@])")
_NUMBERS = 4
"""So many numbers of a text are looked at."""
_MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}")


@dataclass(frozen=True, slots=True)
class ContactReading:
    phone: str | None  # E.164
    email: str | None  # lower case
    wechat: str | None  # the id as typed
    whatsapp: str | None  # E.164
    span: tuple[int, int]
    parts: tuple[tuple[int, int], ...] = field(default=(), compare=False)  # each of them by itself


def read_contact(text: str, *, region: str | None) -> ContactReading | None:
    """Everything in the text by which a person can be reached, or None if there is nothing.

    A national number is read as one of `region` (ISO 3166); without a region only mainland China's mobiles are.
    Numbers that cannot exist are not read; of one with its country's code the length must be possible.
    """
    folded = fold(text[:_LONGEST_TEXT])
    rest = folded.text
    spans: list[tuple[int, int]] = []
    email, rest = _take_email(rest, spans)
    whatsapp, rest = _take_whatsapp(rest, region, spans)
    wechat_same, wechat, rest = _take_wechat(folded, rest, spans)
    phone = _take_phone(rest, region, spans)
    if wechat_same and phone is not None:
        wechat = phone
    if not (phone or email or wechat or whatsapp):
        return None
    span = folded.span(min(start for start, _ in spans), max(end for _, end in spans))
    parts = tuple(folded.span(start, end) for start, end in sorted(spans))
    return ContactReading(phone=phone, email=email, wechat=wechat, whatsapp=whatsapp, span=span, parts=parts)


def show_phone(e164: str) -> str:
    """International format, as it is printed on a card; what is no number comes back as it is."""
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def email_domain(email: str) -> str | None:
    """The company's domain, lower case; None for free mail and for what is no address."""
    local, at, domain = email.strip().lower().rpartition("@")
    if not (local and at and "." in domain) or any(character.isspace() for character in domain):
        return None
    return None if domain in FREE_MAIL_DOMAINS else domain


def _blank(text: str, start: int, end: int) -> str:
    """The text with a part made unreadable, every other character in its place."""
    return text[:start] + "\n" * (end - start) + text[end:]


def _take_email(text: str, spans: list[tuple[int, int]]) -> tuple[str | None, str]:
    found: str | None = None
    for match in _EMAIL.finditer(text):
        address = _checked_email(match[0].strip("."))
        if address is not None and found is None:
            found = address
            spans.append(match.span())
        text = _blank(text, *match.span())
    return found, text


def _checked_email(address: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        return None


def _take_whatsapp(text: str, region: str | None, spans: list[tuple[int, int]]) -> tuple[str | None, str]:
    match = _WHATSAPP.search(text)
    if match is None:
        return None, text
    found = next(_numbers_in(match[1], match.start(1), region), None)
    if found is None:
        return None, text
    number, _, end = found
    spans.append((match.start(), end))
    return number, _blank(text, match.start(), end)


def _take_wechat(folded: Folded, text: str, spans: list[tuple[int, int]]) -> tuple[bool, str | None, str]:
    """Whether WeChat goes by the phone's number, the id, and the text without it."""
    match = _WECHAT.search(text)
    if match is None:
        return False, None, text
    spans.append(match.span())
    rest = _blank(text, *match.span())
    if match[1].startswith("同"):
        return True, None, rest
    return False, folded.typed(match.start(1), match.end(1)), rest


def _take_phone(text: str, region: str | None, spans: list[tuple[int, int]]) -> str | None:
    """The first number; of a card's several the mobile, by which people are reached."""
    found = [one for match in _PHONE.finditer(text) for one in _numbers_in(match[0], match.start(), region)][:_NUMBERS]
    if not found:
        return None
    number, start, end = next((one for one in found if _is_mobile(one[0])), found[0])
    spans.append((start, end))
    return number


def _is_mobile(e164: str) -> bool:
    import phonenumbers

    return phonenumbers.number_type(phonenumbers.parse(e164, None)) == phonenumbers.PhoneNumberType.MOBILE


def _numbers_in(candidate: str, offset: int, region: str | None) -> Iterator[tuple[str, int, int]]:
    """The longest runs of the candidate's words that are possible numbers: two numbers may stand side by side."""
    words = list(re.finditer(r"[^ ]+", candidate))[:8]
    is_abroad = False  # what stands behind a country's code is no number of its own
    for first in range(len(words)):
        is_abroad = is_abroad or words[first][0].startswith("+")
        if is_abroad and not words[first][0].startswith("+"):
            continue
        for last in range(len(words), first, -1):
            start, end = words[first].start(), words[last - 1].end()
            number = _e164(candidate[start:end], region)
            if number is not None:
                yield number, offset + start, offset + end
                return


def _e164(written: str, region: str | None) -> str | None:
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", written)
    if not 6 <= len(digits) <= 17:
        return None
    home = region.upper() if region else None
    if home is None and digits.startswith("00") and "+" not in written:
        written = "+" + digits[2:]
    elif home is None and _MAINLAND_MOBILE.fullmatch(digits) and "+" not in written:
        home = "CN"
    try:
        number = phonenumbers.parse(written, home)
    except phonenumbers.NumberParseException:
        return None
    # With its country's code a number of the right length is believed: new ranges come every year.
    is_abroad = written.lstrip("(").startswith("+") and phonenumbers.is_possible_number(number)
    if not is_abroad and not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
