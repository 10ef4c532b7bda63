"""When to get back to them: a date beside words such as 回访 or call back, or a date that is all a piece says."""

import re
from datetime import datetime

from crm.language.capture.sheet import Sheet
from crm.language.dates import Reading, read_date

_CUE = re.compile(
    r"(?:需要|要|再|请|记得|准备|打算|计划)?(?:回访|跟进|跟踪|联系|回电话?|打电话|去?电话|再聊|再谈|细聊|详聊|拜访|"
    r"回复|回复他们?|答复|报价|发报价单?|给报价|寄样品?|发样品?|发目录|发资料|"
    r"约见?|见面|碰面|上门|催一?下?|沟通|视频会议|开会|来访|来厂|看厂)(?:客户|对方|他们?|她|一下|过去|给他们?|给她|"
    r"吧|过来|工厂)*(?![了过])"
    r"|\b(?:please |to |will |i'll |we'll |should |must |need to |let's |next )*(?:call(?: (?:him|her|them|me|"
    r"us))?(?: back)?|follow(?:ing|ed)?[ -]?up(?: (?:with|on|him|her|them)\b)*|"
    r"ring(?: (?:him|her|them))?(?: back| up)?|phone(?: (?:him|her|them))?|contact(?: (?:him|her|"
    r"them))?(?: again)?|visit(?:s|ing)?(?: (?:him|her|them|us))?|"
    r"meet(?:ing)?(?: (?:him|her|them|again))?|get back(?: to (?:him|her|them))?|reply|reach out|send (?:the |a |"
    r"our |him |her |them )*(?:quote|quotation|offer|samples?|"
    r"catalogu?e|price ?list)|quote(?: (?:him|her|them))?|e-?mail (?:him|her|them)|check in|catch up|talk again|"
    r"demo|zoom|video call|"
    r"callback|call-back)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"认识|见过|聊过|聊了|见了|来过|昨天|前天|上周|(?<![a-z])(?:met|spoke|talked|yesterday|last (?:week|month)|"
    r"visited|called)\b",
    re.IGNORECASE,
)
_OTHER_DATE = re.compile(
    r"交期|交货|到货|发货|出货|装船|船期|货期|有效期|开业|开展|上市|前要货|要货"
    r"|\b(?:deliver\w*|ship\w*|etd|eta|deadline|valid|launch\w*|in stock|arriv\w*|open(?:s|ing)|project starts?|"
    r"season)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:\s|[:：,，的在于]|之?前|左右|on|at|by|in|for|the|around|about|again|next|him|her|them|with|and|再|去|来|"
    r"给|要|我|我们|他|她|他们)*",
    re.IGNORECASE,
)
_BY = re.compile(r"(?:\b(?:on|at|by|in|before|until|around|for)\s+)$", re.IGNORECASE)


def take_follow_up(sheet: Sheet, now: datetime) -> Reading | None:
    """The first date still to come on which to get back to them; crossed out with the words around it, where those say
    no more than that; else all of it goes to the notes.
    """
    runs = list(sheet.free())
    for start, end in runs:
        said = sheet.text[start:end]
        cues = list(_CUE.finditer(said))
        if not cues or _OTHER_DATE.search(said):
            continue
        read = read_date(said, now=now)
        if read is None or not _to_come(read, now):
            continue
        first, last = read.span
        if _PAST.search(said[max(0, first - 12) : last]) and not any(cue.start() >= last for cue in cues):
            continue
        _cross_out(sheet, start, said, (first, last), cues)
        return read
    for start, end in runs:
        said = sheet.text[start:end]
        if len(said) > 40 or (not any(character.isdigit() for character in said) and len(said) < 2):
            continue
        read = read_date(said, now=now, whole=True)
        if read is not None and _to_come(read, now):
            sheet.cross_out(start, end)
            return read
    return None


def _to_come(read: Reading, now: datetime) -> bool:
    return read.at >= now if read.granularity == "minute" else read.at.date() >= now.date()


def _cross_out(sheet: Sheet, start: int, said: str, date: tuple[int, int], cues: list[re.Match[str]]) -> None:
    """The date with its cue where only filling words stand between; else it stays, to be read in the notes too."""
    first, last = date
    for cue in cues:
        if cue.start() >= last and _FILLER.fullmatch(said, last, cue.start()):
            sheet.cross_out(start + _by(said, first), start + cue.end())
            return
        if cue.end() <= first and _FILLER.fullmatch(said, cue.end(), first):
            sheet.cross_out(start + cue.start(), start + last)
            return
    sheet.keep(start, start + len(said))


def _by(said: str, first: int) -> int:
    ahead = _BY.search(said[:first])
    return ahead.start() if ahead else first
