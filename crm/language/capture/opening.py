"""How a message opens before it says anything: the line a chat puts above what is forwarded, and a greeting."""

import re

from crm.language.capture import people_names as people
from crm.language.capture.sheet import Sheet

_DAY = r"\d{1,4}[/.\-年]\d{1,2}[/.\-月]\d{1,4}日?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[APap]\.?[Mm]\.?)?"
_FORWARDED = re.compile(
    rf"\s*(?:\[{_DAY},?\s+{_CLOCK}\]|{_DAY},?\s+{_CLOCK}\s+-)\s*(?P<name>[^:：\n]{{1,40}})[:：]\s*"
    rf"|\s*(?P<above>[^\s:：]{{1,20}}(?: [^\s:：]{{1,20}})?)\s+{_DAY}\s+{_CLOCK}\s*\n"
)
_GREETING = re.compile(
    r"(?:(?:hi|hello|hey|dear|hallo|hola|bonjour|ciao|salut|servus|guten (?:tag|morgen|abend)|grüß gott|"
    r"good (?:morning|afternoon|evening)|buenos días|buongiorno)\b"
    r"(?:[ ,]+(?!we\b|i\b|this\b|here\b|my\b|herrn?\b|frau\b|mr|ms\b|dr\b)(?P<who>[A-ZÀ-Þ][\w'’-]*))?"
    r"|你好|您好|(?:早上|下午|晚上)好)\s*[,，!！.。:：~～]*\s*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+\d ()-]{6,}")


def take_opening(sheet: Sheet) -> str | None:
    """Who wrote what was forwarded, where that is a person's name; crossed out like the greeting behind it.

    Whom a greeting greets is one of us, and no contact.
    """
    author, at = None, 0
    match = _FORWARDED.match(sheet.text)
    if match is not None:
        said = (match["name"] or match["above"]).strip(" ~")
        at = match.end()
        if people.looks_like_person(said) or people.is_person_zh(said):
            author = people.bare_name(said)
            sheet.cross_out(0, at)
        else:
            sheet.cross_out(0, match.start("name") if match["name"] else at)
            if _NUMBER.fullmatch(said) is None:
                sheet.keep(*match.span("name" if match["name"] else "above"))
    greeting = _GREETING.match(sheet.text, at)
    if greeting is not None and not _is_name(sheet.text, greeting):
        sheet.cross_out(at, greeting.end())
    return author


def _is_name(text: str, greeting: re.Match[str]) -> bool:
    """`Dear Lamps Ltd` greets nobody: a company's name goes on behind its first word."""
    goes_on = re.match(r"[A-ZÀ-Þ]", text[greeting.end() :]) is not None
    return greeting["who"] is not None and goes_on and greeting[0].endswith(f"{greeting['who']} ")
