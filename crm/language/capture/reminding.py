"""A wish to be reminded: `提醒我周五给Hans报价`, `remind me to call Hans on Friday`."""

import re

from crm.language.capture.understanding import ReminderReading

_WISH = re.compile(
    r"(?:请|帮我|到时候|记得|别忘了)?提醒(?:我|一下)|^(?:请|帮我)?(?:记得|别忘了|不要忘了|设个?提醒|定个?提醒|"
    r"设置提醒|新增.{0,6}任务|加个?待办|待办[:：])"
    r"|\bremind me\b|\bset (?:a )?reminder\b|^(?:please )?(?:don'?t forget|remember|reminder:?)\b|"
    r"\bdon'?t let me forget\b"
    r"|^to-?do:?\s",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:请|帮我)?(?:记得|别忘了|不要忘了|设个?提醒|定个?提醒|设置提醒|加个?待办|待办)[:：,，]?|"
    r"^(?:please )?(?:don'?t forget|remember|reminder|set (?:a )?reminder|to-?do)(?: to| for| that)?[:,]?\s+",
    re.IGNORECASE,
)


def read_wish(text: str) -> ReminderReading | None:
    said = text.strip()
    if _WISH.search(said) is None:
        return None
    return ReminderReading(_OPENING.sub("", said).strip() or said)
