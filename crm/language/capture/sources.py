"""How they were met: the source, the fair's name as a tag, and `#tags`."""

import re

from crm.language.capture.sheet import Sheet

# What was crossed out before are line breaks here: gaps are short, and none of those.
_YEAR = r"(?:[ \t]{0,3}(?:20[0-9]{2}|'[0-9]{2}))?"
_SESSION = r"(?:第?[0-9一二三四五六七八九十百]{1,5}届)?"
_FAIRS_ZH = (
    r"(?:(?:20[0-9]{2}年?|今年|去年|[春秋]季)?" + _SESSION + r"(?:[春秋]季)?"
    r"(?P<zh>广交会|华交会|义博会|进博会|高交会|东盟博览会|香港(?:电子|礼品|灯饰|珠宝)?展|法兰克福(?:照明|灯光)?展|"
    r"汉诺威(?:工业)?展|科隆(?:五金)?展|"
    r"拉斯维加斯展|迪拜(?:五大行业)?展|米兰展|慕尼黑展|[\u4e00-\u9fff]{2,6}(?:博览会|交易会|展览会|展会|展销会)|"
    r"(?<![\u4e00-\u9fff])展会)"
    r"(?:20[0-9]{2}年?)?[一二三]?期?)"
)
_FAIRS_EN = (
    r"(?P<en>(?:the[ \t]{1,3})?(?:(?:[A-Z][\w&+-]*|and|of)[ \t]{1,3}){0,4}?(?:[Ff]air|[Ee]xpo|[Ee]xhibition|[Mm]esse|"
    r"[Tt]rade [Ss]how|[Ss]how)(?![a-z])"
    r"|\b(?:CES|Ambiente|Automechanika|Spoga(?:\+Gafa)?|Gulfood|Anuga|Interpack|ISPO|Heimtextil|"
    r"Light\s?\+\s?Building|Big 5|"
    r"Eisenwarenmesse|Medica|Bauma|IFA|K Show|SIAL)\b)"
)
_FAIR = re.compile(
    r"(?:(?:met|seen|visitor|visited us|came by|walk-?in)[ \t]{1,3})?(?:(?:在|于|从|我们)[ \t]{0,3}|(?:\b(?:at|"
    r"from|during|"
    r"on)[ \t]{1,3})?(?:(?:our|the|my)[ \t]{1,3})?"
    r"(?:booth|stand)?[ \t]{0,3}(?:at|on|in)?[ \t]{0,3}(?:the[ \t]{1,3})?)"
    rf"(?:{_FAIRS_ZH}|{_FAIRS_EN}{_YEAR})"
    r"(?:上面?|现场|期间|展位|摊位|里)?(?:认识|结识|遇到|碰到|见到|见过|接触|聊|拿|收|加|换|来|过来)?(?:的?名片|到|"
    r"上|过|了)?的?(?:(?:新|老|一个)?客[户人商])?",
)
_OTHERS = (
    (
        "referral",
        re.compile(
            r"(?:由|经|是)?(?:老客户|客户|朋友|同行|供应商|[A-Za-z\u4e00-\u9fff]{1,12}?)?(?:推荐|介绍|"
            r"转介绍)(?:过来|来|给我们?)?的?(?:新?客户)?(?=$|[\s,，。;；\n])"
            r"|\b(?:referred|introduced|recommended)(?: to us)? by[ \t]{1,3}[^,;:.\n]{1,40}?(?=[,;:.\n]|\s[-–—/]\s|$)|"
            r"\b(?:customer |client )?referral(?: (?:from|by)[ \t]{1,3}[^,;:.\n]{1,40}?(?=[,;:.\n]|\s[-–—/]\s|$))?",
            re.IGNORECASE,
        ),
    ),
    (
        "b2b",
        re.compile(
            r"(?:从|在|通过)?(?:阿里巴巴(?:国际站)?|阿里国际站|阿里(?![\u4e00-\u9fff])|阿里(?=询盘|上|平台|来的|客户)|国际站|中国制造网?|环球资源网?|敦煌网|B2B平台|"
            r"B2B)(?:上面?|平台)?(?:询盘|询价|来|找|看|发|过来)?"
            r"(?:到|来|过来)?的?(?:询盘|客户)?|(?:(?:via|from|on|through|came in (?:via|on)|found us on)[ \t]{1,3})?"
            r"\b(?:alibaba(?:\.com)?|made-in-china(?:\.com)?|global\s?sources|indiamart|dhgate|tradekey|ec21|"
            r"thomasnet)\b(?: inquiry| enquiry| RFQ| lead)?",
            re.IGNORECASE,
        ),
    ),
    (
        "website",
        re.compile(
            r"(?:从|在|通过)?(?:(?:官网|网站|独立站|谷歌|google)(?:上|的)?(?:询盘|留言|表单|询价|来|找|过来)?(?:到|"
            r"来|过来)?的?(?:客户)?|网上询盘|询盘(?:客户|来的))"
            r"|(?:(?:via|from|through|on|came in (?:via|on)|filled in|found us (?:on|via))[ \t]{1,3})?(?:the |our |a )?"
            r"\b(?:web\s?site(?: (?:inquiry|enquiry|form|contact form))?|contact form|web (?:inquiry|enquiry|form|"
            r"lead)|google(?: ads?| search)?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "outreach",
        re.compile(
            r"(?:主动开发|开发信|地推|陌拜|陌生拜访|领英|社媒)(?:上|里)?(?:开发|回复|联系|认识|加|来)?(?:到|上|"
            r"了)?的?(?:客户)?"
            r"|(?:(?:via|from|on|through|answered (?:our|my)|replied to (?:our|my)|after (?:a|our|"
            r"my))[ \t]{1,3})?(?:a |"
            r"our |my )?"
            r"\b(?:cold (?:call|e-?mail|outreach)(?:ing|s)?|linkedin|outreach)\b",
            re.IGNORECASE,
        ),
    ),
)
_TAG = re.compile(r"(?<![\w&])#([\w\u4e00-\u9fff][\w\u4e00-\u9fff-]{0,40})")
_NO_NAME = re.compile(r"^(?:the\s+)?(?:trade\s+)?(?:fair|expo|exhibition|show|展会)$", re.IGNORECASE)
_NOT_FAIR = re.compile(r"\b(?:[Ff]air (?:price|enough|deal)|[Ss]how (?:me|him|her|them|us|the|that|you)|to show)")


def take_source(sheet: Sheet) -> tuple[str | None, list[str]]:
    """The key of the source and the tags, crossed out. Of two sources the fair counts."""
    tags = []
    for match in _TAG.finditer(sheet.shown()):
        if not match[1].isdecimal():
            tags.append(match[1])
            sheet.cross_out(match.start(), match.end())
    free = sheet.shown()
    for match in _FAIR.finditer(free):
        if _NOT_FAIR.match(free, match.start("en") if match["en"] else match.start()):
            continue
        name = _fair_name(match, free)
        sheet.cross_out(match.start(), match.end())
        return "exhibition", [*tags, *([name] if name else [])]
    for source, pattern in _OTHERS:
        found = pattern.search(free)
        if found is not None and found[0].strip():
            # By whom somebody was referred is told nowhere else: it stays for the notes.
            if source == "referral" and re.search(r"\b(?:by|from)\s", found[0]):
                sheet.keep(found.start(), found.end())
            else:
                sheet.cross_out(found.start(), found.end())
            return source, tags
    return None, tags


def _fair_name(match: re.Match[str], free: str) -> str:
    if match["zh"]:
        named = re.search(rf"(?:20[0-9]{{2}}年?)?{_SESSION}(?:[春秋]季)?$", free[: match.start("zh")])
        head = named[0] if named else ""
        tail = re.match(r"(?:20[0-9]{2}年?)?", free[match.end("zh") :])
        whole = f"{head}{match['zh']}{tail[0] if tail else ''}"
    else:
        year = re.match(_YEAR, free[match.end("en") :])
        whole = f"{match['en']}{year[0] if year else ''}"
        whole = re.sub(r"^(?:the|our|at|from)\s+", "", whole.strip(), flags=re.IGNORECASE)
    return "" if _NO_NAME.match(whole) else " ".join(whole.split())
