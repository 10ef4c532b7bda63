"""Cards and forms: `Company: …`, `联系人：…`. What a label announces is read as what it says."""

import re

from crm.language.capture.sheet import Sheet, trimmed

_LABELS = {
    "company": "公司名称|公司名|公司|单位|企业|客户名称|客户名|company name|company|firm|organi[sz]ation|customer|"
    "client",
    "contact": "联系人姓名|联系人|姓名|客户姓名|名字|contact name|contact person|contact|full name|name|attn",
    "country": "国家或地区|国家/地区|国家|地区|country or region|country/region|country|region|location",
    "source": "来源|渠道|线索来源|source|channel|how met|met at",
    "need": "产品需求|需求产品|采购需求|采购产品|需求|产品|品名|意向产品|product need|product needs|products? of "
    "interest|products?|needs?|interest|requirements?|looking for|enquiry|inquiry",
    "budget": "预算范围|采购预算|预算|budget range|budget",
    "follow_up": "下次跟进时间|下次跟进|跟进时间|回访时间|next follow-?up|follow-?up|next contact|call back|next step",
    "tags": "标签|tags?",
    "notes": "备注|说明|其他|其它|note|notes|remarks?|comments?|ps",
}
_ANY = "|".join(f"(?P<{key}>{words})" for key, words in _LABELS.items())
# A Chinese label may follow a space; an English one there is the end of something else (`Website inquiry:`).
_LABEL = re.compile(
    rf"(?:^|(?<=[\n,，;；。|])|(?<=\s)(?=[\u4e00-\u9fff]))[ \t]*(?:[-*•]\s*)?(?:{_ANY})\s*[:：=]\s*", re.IGNORECASE
)
_OTHER = re.compile(
    r"(?:^|(?<=[\n,，;；。|\s]))\s*(?:手机号?码?|电话|手机|微信号?|邮箱|地址|职位|职务|网址|tel|phone|mobile|mob|"
    r"cell|e-?mail|wechat|whats\s?app|address|title|position|web|website|fax)\s*[:：=]",
    re.IGNORECASE,
)


def take_labelled(sheet: Sheet) -> dict[str, tuple[int, int]]:
    """Where each labelled part stands, by its key; the labels are crossed out, the parts are not."""
    found: dict[str, tuple[int, int]] = {}
    heads = list(_LABEL.finditer(sheet.text))
    ends = sorted([head.start() for head in heads] + [other.start() for other in _OTHER.finditer(sheet.text)])
    for head in heads:
        key = head.lastgroup or ""
        line = sheet.text.find("\n", head.end())
        line = len(sheet.text) if line < 0 else line
        end = min([line, *(at for at in ends if at >= head.end())])
        said = trimmed(sheet.text[head.end() : end])
        if said and key not in found:
            start = sheet.text.index(said, head.end())
            found[key] = (start, start + len(said))
            sheet.cross_out(head.start(), head.end())
    return found
