"""A question about an order: `SO-2026-0031 到哪了`, `where is SO-2026-0031`."""

import re

from crm.language.capture.understanding import OrderQuestion

_NUMBER = re.compile(r"(?<![A-Za-z0-9-])SO[-–— ]?((?:20)?[0-9]{2})[-–— ]?([0-9]{3,6})(?![0-9A-Za-z])", re.IGNORECASE)
_ASKS = re.compile(
    r"[?？]|到哪|哪里|哪儿|哪了|怎么样|怎样|如何|进度|状态|情况|什么时候|何时|几时|多久|发货|发了|发出|出货|出运|"
    r"到港|到货|"
    r"收到|生产|做好|排产|查|看一?下|批了|审批|付款|款"
    r"|\b(?:where|when|what|how|status|state|eta|etd|track|tracking|shipped|ship|sent|arriv\w*|ready|show|open|check|"
    r"update|progress|delivered|any news|did|has|is|approved|paid)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?:要|请|提醒|记得|改成|取消|客户说|对方说|反馈)|\b(?:remind|please|cancel|change|note)\b", re.IGNORECASE
)
_LONGEST = 80


def read_order_question(text: str) -> OrderQuestion | None:
    """The one order that a short question names; a number alone asks too."""
    found = list(_NUMBER.finditer(text[: _LONGEST * 2]))
    if len(found) != 1 or len(text) > _LONGEST:
        return None
    number = found[0]
    rest = (text[: number.start()] + " " + text[number.end() :]).strip(" \t\n.,!。，！")
    asks = not rest or _ASKS.search(rest) is not None
    if not asks or (_TELLS.search(rest) and not rest.endswith(("?", "？"))):
        return None
    year = number[1] if len(number[1]) == 4 else f"20{number[1]}"
    return OrderQuestion(f"SO-{year}-{number[2]}")
