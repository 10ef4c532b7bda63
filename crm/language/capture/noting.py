"""A note for the history of a customer, a deal or a lead: `Ernst: 样品收到了，很满意`, `17号: asked for a discount`."""

import re

from crm.language.capture.understanding import Knowledge, NoteReading

_HEAD = re.compile(r"^(?P<head>[^:：\n]{1,60}?)\s*[:：]\s*(?P<text>\S.*)$", re.DOTALL)
_DASHED = re.compile(r"^(?P<head>[^:：\n]{2,60}?)\s+(?:[-–—]+)\s+(?P<text>\S.*)$", re.DOTALL)
_TOLD = re.compile(
    r"^(?P<head>[^,，:：\n]{1,60}?)\s*(?P<text>(?:刚刚?|今天|昨天|上午|下午|已经)?(?:来电|回复|反馈|说|表示|确认|"
    r"告诉|收到|要求|同意|"
    r"拒绝|觉得|嫌|催|问).*|(?:(?:has|have|just|already)\s+)*(?:said|says|called|confirmed|replied|asked|asks|told|"
    r"received|got|"
    r"agreed|agrees|accepted|refused|complained|complains|likes|liked|loves|thinks|is (?:happy|unhappy|satisfied|fine|"
    r"not))\b.*)$",
    re.DOTALL | re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:note|memo|记一下|记录一下|记录|备忘|跟进记录)\s*(?:for|on|about|to)?\s*[:：]?\s*(?P<rest>\S.*)$",
    re.DOTALL | re.IGNORECASE,
)
_DEAL = re.compile(r"^(?:d-|deal\s*#?|商机|#)?\s*([0-9]{1,9})\s*(?:号(?:商机|单)?)?$", re.IGNORECASE)
_LABELS = re.compile(
    r"^(?:公司|公司名称|客户|客户名称|联系人|姓名|电话|手机|邮箱|微信|国家|来源|需求|产品|预算|备注|company|"
    r"contact|name|tel|phone|"
    r"mobile|e-?mail|country|source|need|product|budget|notes?|from|to|subject|re|fw|fwd|https?|线索|新线索|lead|"
    r"new lead)$",
    re.IGNORECASE,
)


_TALKED_EN = re.compile(
    r"^(?:(?:today|yesterday|just|i|we|have|had)\s+)*(?:(?:spoke|talked|chatted|met|meeting|call|visited|called|phoned|"
    r"e-?mailed|wrote)\b(?:\s+up)?(?:\s+(?:to|with))?)\s+(?:[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)?\s+(?:of|from|at)\s+)?"
    r"(?P<head>[A-Z0-9][\w&'’.-]*(?:\s+[A-Z][\w&'’.-]*){0,4}?)(?=[\s,.:;]+(?:today|yesterday|this|last|on|about|again|and|"
    r"they|she|he|who|wants?|will)\b|[,.:;]\s)",
    re.IGNORECASE,
)
_TALKED_ZH = re.compile(
    r"^(?:今天|昨天|刚刚?|刚才|上午|下午|我|又)*(?:[和跟与给]|拜访了?|见了?)(?P<head>[^\s,，。的]{2,20}?)(?:的[^\s,，。]{1,12}?)?"
    r"(?:通了?(?:个|一个)?电话|打了?(?:个|一个)?电话|聊了?|见了?面|开了?会|沟通了?|谈了?|发了?(?:邮件|微信)|[,，。])"
)


def read_talk(text: str, *, knowledge: Knowledge) -> NoteReading | None:
    """A talk that has taken place, with whom: `Spoke to Nordlicht yesterday, …`, `今天和万通的王总通了电话，…`."""
    said = text.strip()
    match = _TALKED_EN.match(said) or _TALKED_ZH.match(said)
    return None if match is None else _about(match["head"].strip(), said, knowledge)


def read_note(text: str, *, knowledge: Knowledge) -> NoteReading | None:
    """A text that begins with the name of one customer, or a deal's number, and says something of it."""
    said = text.strip()
    about = _ABOUT.match(said)
    if about is not None:
        said = about["rest"]
    for pattern in (_HEAD, _DASHED, _TOLD):
        match = pattern.match(said)
        if match is None or _LABELS.match(match["head"].strip()):
            continue
        found = _about(match["head"].strip(), match["text"].strip(), knowledge)
        if found is not None:
            return found
    return None


def _about(head: str, text: str, knowledge: Knowledge) -> NoteReading | None:
    number = _DEAL.match(head)
    if number is not None:
        deals = knowledge.deals(number[1])
        return NoteReading(None, text, deals[0]) if len(deals) == 1 else None
    if head.isdecimal() or len(head) < 2:
        return None
    customers = knowledge.customers(head)
    if customers:
        return NoteReading(customers[0], text) if len(customers) == 1 else None
    leads = knowledge.leads(head)
    return NoteReading(None, text, lead=leads[0]) if len(leads) == 1 else None
