"""A deal moved on: `把17号推进到谈判`, `move Ernst to negotiation`, `17号赢单了`."""

import re

from crm.language.capture.understanding import Knowledge, MoveReading

STAGE_WORDS = {
    "initial": ("初步接触", "接触", "initial contact", "initial"),
    "needs": ("需求确认", "确认需求", "needs confirmed", "needs"),
    "quotation": ("方案报价", "报价阶段", "报价", "quotation", "quoting", "quote"),
    "negotiation": ("商务谈判", "谈判阶段", "谈判", "negotiation", "negotiating"),
    "contract": ("合同签订", "签合同", "签约", "合同", "contract", "signing"),
    "won": ("赢单", "成交", "won", "closed won"),
    "lost": ("丢单", "输单", "流失", "lost", "closed lost"),
}
_STAGES = {word: key for key, words in STAGE_WORDS.items() for word in words}
_ANY = "|".join(sorted(map(re.escape, _STAGES), key=len, reverse=True))
_CHINESE = re.compile(
    rf"^(?:请|麻烦|帮我|把|将|，|\s)*(?P<deal>[^，,。;；\n]{{1,60}}?)(?:的?(?:商机|单子|这个单|那个单|项目))?\s*"
    rf"(?:推进到|推进至|推到|移到|移至|转到|转为|转至|变更为|变更到|改到|改为|改成|进入到?|挪到|更新为|更新到|到|"
    rf"标记?[为成])\s*"
    rf"(?:了)?\s*[“\"「]?(?P<stage>{_ANY})[”\"」]?(?:阶段)?(?:了|吧)?[。.!！]?$"
)
_DONE = re.compile(
    r"^(?P<deal>[^，,。;；\n]{1,60}?)(?:的?(?:商机|单子|项目))?\s*(?:已经|刚刚?|终于)?(?P<stage>赢单|成交|丢单|"
    r"输单)了?[。.!！]?$"
)
_ENGLISH = re.compile(
    rf"^(?:please\s+|can you\s+|pls\s+)?(?:move|push|advance|put|shift|bring|update|set|mark|change)\s+(?:the\s+)?"
    rf"(?:deal\s+(?:with\s+|of\s+)?)?(?P<deal>.{{1,60}}?)(?:'s)?(?:\s+deal)?\s+(?:on\s+)?(?:in)?(?:to|as)\s+(?:the\s+)?"
    rf"(?P<stage>{_ANY})(?:\s+stage)?[.!]?$",
    re.IGNORECASE,
)
_ENGLISH_DONE = re.compile(
    r"^(?:we\s+)?(?:just\s+)?(?P<stage>won|lost)\s+(?:the\s+)?(?P<deal>.{1,60}?)(?:\s+deal)?[.!]?$", re.IGNORECASE
)
_IS_DONE = re.compile(
    r"^(?:deal\s+)?(?P<deal>.{1,60}?)(?:\s+deal)?\s+(?:is|was)\s+(?P<stage>won|lost)[.!]?$", re.IGNORECASE
)
_NUMBER = re.compile(r"^(?:d-|deal\s*#?|商机|第|#|no\.?\s*)?\s*([0-9]{1,9})\s*(?:号(?:商机|单)?|#)?$", re.IGNORECASE)


def read_move(text: str, *, knowledge: Knowledge) -> MoveReading | None:
    """A sentence that says nothing but which deal goes where. Without a deal of that name it is none."""
    said = text.strip()
    for pattern in (_CHINESE, _DONE, _ENGLISH, _ENGLISH_DONE, _IS_DONE):
        match = pattern.match(said)
        if match is None:
            continue
        named = match["deal"].strip(" “”\"'「」的")
        number = _NUMBER.match(named)
        found = knowledge.deals(number[1] if number else named) if named else ()
        if not found:
            return None
        deal = found[0] if len(found) == 1 else None
        return MoveReading(deal, _STAGES[match["stage"].casefold()])
    return None
