"""What they want to buy: what stands behind 要 or wants, or goods with a quantity."""

import re

from crm.language.capture.people_names import FULL_NAME
from crm.language.capture.sheet import HAN, Sheet, trimmed
from crm.language.capture.understanding import Knowledge
from crm.language.quantities import read_quantity

_CUE = re.compile(
    r"(?:(?:客户|他们?|她|对方|公司|目前|现在|主要|还|也|就|打算|准备|计划|有意向?|意向|可能|大概|首单|第一单|先)*"
    r"(?:想要|想买|想订购?|想采购|想进口?|想定制?|想做|想了解|想找|想问|需要|求购|采购(?!部|经理|员|主管|总监|商|[小老阿]|\s+[A-Z][a-z])|"
    r"需求(?:是|为)?|询问|询价|咨询|订购|下单|要订|要买|要采购|要定|要做|"
    r"有意|意向产品|感兴趣的?是|对接|(?<![主重只不必紧首])要(?![求点紧害素么是不了]))(?:一批|一些|点|的产品|的是|"
    r"购买|采购|订购|了解)?[:：]?)"
    r"|\b(?:(?:who|and|she|he|they|also|is|are|was|were|would|will|now|currently|possibly|might|may|wants us to)\s+)*"
    r"(?:wants?|wanted|needs?|needed|looking (?:for|to buy|to order|to source|at)|looks? for|interested in|"
    r"interest in|requires?|required|ask(?:s|ed|ing)? (?:for|about)|"
    r"(?:inquir|enquir)(?:ed|es|ing|e|y) (?:about|for|on)|(?:i|e)nquiry for|would like|like to (?:buy|order)|buys|"
    r"buying|to buy|orders|ordering|requests?|requested|requesting|rfq(?: for)?|"
    r"in the market for|"
    r"braucht|benötigt|brauchen|sucht|suchen|möchten?|necesita|quiere|busca|cherche|souhaite|recherche|"
    r"sourcing|seeking|seeks|searching for|keen on|after)\b"
    r"(?:\s+to\s+(?:buy|order|purchase|import|source|get|have|see))?(?:\s+(?:a |an )?(?:price|quote|quotation|"
    r"offer)s?\s+(?:for|on|of)\b)?\s*[:：]?",
    re.IGNORECASE,
)
_ABOUT_ZH = re.compile(
    rf"(?:客户|他们?|她|对方)?(?:对|看中了?|看上了?)(?P<need>[{HAN}A-Za-z0-9 +/-]{{1,40}}?)(?:比较|很|非常|特别|"
    rf"挺)?(?:感兴趣|有兴趣|有意向)"
)
_EMPTY = re.compile(
    r"^(?:a|an|the|some|to|of|for|us|me|it|them|more|back|的|一个|一些|了|我们|他|她|我|\s)*$", re.IGNORECASE
)
_NO_GOODS = re.compile(
    r"(?:届|楼|室|号|路|年|月|人|岁|km|m2|employees|staff|years?|shops?|stores?|%|％)|\b(?:street|str|road|rd|ave|"
    r"floor|room|suite|p\.?o\.? box|zip)\b"
    r"|单价|目标价|target|moq|fob|cif|exw|per (?:pc|piece|set)|each\b|@|https?:|www\.",
    re.IGNORECASE,
)
_OF_A_JOB = frozenset({"Sourcing", "Buying", "Orders"})
_PLAIN_GOODS = re.compile(
    r"[0-9][0-9,.]*k?\s?(?:x\s?)?(?:pairs? of |sets? of )?(?!pcs\b)[a-zß-ÿ][a-zß-ÿ-]{2,}"
    r"|(?:[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{0,2}0)\s[A-ZÀ-Þ][a-zß-ÿ]{3,}$"  # 300 Lampen: goods are capitals in German
)
_GOODS_ALONE = re.compile(r"[a-zß-ÿ][a-zß-ÿ-]*(?:[ /][a-zß-ÿ0-9-]+){0,4}")
_SAYS = re.compile(
    rf"(?:{FULL_NAME.pattern})\s+(?:says?|said|told (?:me|us)|mentioned|wrote|writes)(?:\s+(?:that|he|she|they))*\s+"
)
_AT_LAST = re.compile(r"^(?:now|then|also|plus|this time|又|再|还)\s*(?=[0-9])", re.IGNORECASE)
_ENDS = re.compile(r"(?:\s+(?:for|with|at|and|about|around|of|on|by)|的|，|,)+$", re.IGNORECASE)


def take_need(sheet: Sheet, knowledge: Knowledge) -> str | None:
    """All that is wanted, one after another, crossed out."""
    needs: list[str] = []
    is_awaited = False
    for start, end in list(sheet.free()):
        said = sheet.text[start:end]
        if is_awaited and not _EMPTY.match(said):
            needs.append(_take(sheet, start, end))
            is_awaited = False
            continue
        about = _ABOUT_ZH.search(said)
        if about is not None:
            needs.append(trimmed(about["need"]))
            sheet.cross_out(start + about.start(), start + about.end())
            continue
        cue = next((one for one in _CUE.finditer(said) if one[0].strip() and one[0] not in _OF_A_JOB), None)
        if cue is not None:
            if _EMPTY.match(said[cue.end() :]):
                is_awaited = not said[cue.end() :].strip()
                sheet.cross_out(start + cue.start(), end)
                continue
            needs.append(_take(sheet, start + cue.end(), end))
            sheet.cross_out(start + cue.start(), start + cue.end())
    needs = [need for need in needs if need]
    needs += _goods(sheet, knowledge, first=not needs)
    if not needs:
        return None
    joint = "，" if re.search(rf"[{HAN}]", "".join(needs)) else ", "
    return joint.join(needs)


def _goods(sheet: Sheet, knowledge: Knowledge, *, first: bool) -> list[str]:
    """Stretches that name a quantity of goods; without any, one that a category of ours is known by."""
    found: list[str] = []
    before: tuple[int, int] | None = None
    for begin, end in list(sheet.free()):
        led_in = _AT_LAST.match(sheet.text[begin:end])
        start = begin + (led_in.end() if led_in else 0)
        said = sheet.text[start:end]
        ahead, before = before, (start, end)
        if _NO_GOODS.search(said) or not re.search(r"[^\W\d_]", said) or len(said) > 200:
            continue
        quantity = read_quantity(said)
        if quantity is not None and quantity.unit is not None and not _names_goods(said, quantity.span):
            if ahead is not None and _GOODS_ALONE.fullmatch(sheet.text[slice(*ahead)]):
                sheet.cross_out(*ahead)  # `angle grinders, 400 pcs`: the goods, then how many
                found.append(f"{sheet.text[slice(*ahead)]}, {_take(sheet, start, end)}")
            continue
        if _PLAIN_GOODS.match(said) or (
            quantity is not None
            and (quantity.unit is not None or quantity.span[0] == 0)
            and (found or _names_goods(said, quantity.span))
        ):
            found.append(_take(sheet, start, end))
    if found or not first:
        return found
    for start, end in list(sheet.free()):
        said = sheet.text[start:end]
        if (
            len(said) <= 60
            and not re.search(r"@|公司|集团|贸易|www", said)
            and _is_common(said)
            and knowledge.category(said)
        ):
            return [_take(sheet, start, end)]
    return []


def _names_goods(said: str, span: tuple[int, int]) -> bool:
    rest = said[: span[0]] + said[span[1] :]
    return sum(character.isalpha() for character in rest) >= 2


def _is_common(said: str) -> bool:
    """Goods are written small, or in capitals; a company's name has capitals at the heads of its words."""
    words = [word for word in said.split() if word[:1].isalpha() and word.isascii()]
    return not words or any(word.islower() or word.isupper() for word in words)


def _take(sheet: Sheet, start: int, end: int) -> str:
    """What is wanted; who says so is left for those who look for people."""
    says = _SAYS.match(sheet.text, start, end)
    if says is not None:
        verb = re.search(r"\s(?:says?|said|told|mentioned|wrote|writes)\b", says[0])
        assert verb is not None
        sheet.cross_out(start + verb.start(), says.end())
        start = says.end()
    said = _ENDS.sub("", trimmed(sheet.text[start:end]))
    sheet.cross_out(start, end)
    return said
