"""Names of people as they stand in a message: 王经理, Hans Müller, Mr. Smith."""

import re

from crm.language.capture.name_words import (
    COMPANY_WORDS,
    COMPOUND_SURNAMES,
    GIVEN_NAMES,
    SURNAMES,
    TITLES_EN,
    TITLES_ZH,
)

_SURNAME = rf"(?:{COMPOUND_SURNAMES}|[{SURNAMES}])"
WITH_TITLE = re.compile(
    rf"(?:(?<![\u4e00-\u9fff])|(?<=[的是找叫约见和了为人部司团厂行家]))"
    rf"(?P<name>[小老阿]?{_SURNAME}[\u4e00-\u9fff]{{0,2}}?(?:{TITLES_ZH}))"
    rf"|(?P<tail>[{SURNAMES}](?:{TITLES_ZH}))"
)
_BARE_ZH = re.compile(
    rf"(?:联系人[:：]?|采购|业务|我叫|叫)?({_SURNAME}[\u4e00-\u9fff]{{1,2}}|(?!小米|老板)[小老阿][{SURNAMES}])"
)
_NICKNAME = re.compile(rf"(?:采购|业务)?((?!小米|老板)[小老阿][{SURNAMES}])")
# Goods, places and moments also begin with characters that are surnames.
_NO_NAME_ZH = re.compile(
    r".*[灯具品材机杯巾盒箱布料管板线器鞋包服衣会展天后月周年日上下里外中区市省县路号楼厂店货单价款期样色类种套件"
    r"个只台条批柜型款油水粉膜贴纸笔本书车船电网站询盘吧呢吗啊了的]$"
)
_CAPITAL = r"[A-ZÀ-ÖØ-ÞŁŚŽČŠŘĐĞİŞ]"
_NAME_WORD = rf"(?:{_CAPITAL}[\w'’-]*[a-zß-ÿłśžčšřđğış]|{_CAPITAL}\.|{_CAPITAL}{{2,}})"
_PARTICLE = r"(?:de|del|de la|da|dos|di|van|van der|van den|von|vom|zu|al|el|bin|ibn|ben|le|la|ter|y|e)"
FULL_NAME = re.compile(rf"(?:{TITLES_EN}\s+)?{_NAME_WORD}(?:\s+(?:{_PARTICLE}\s+)?{_NAME_WORD}){{0,3}}")
TITLED = re.compile(rf"\b{TITLES_EN}\s+{_NAME_WORD}(?:\s+(?:{_PARTICLE}\s+)?{_NAME_WORD}){{0,3}}")
TITLED_ZH = re.compile(rf"(?P<name>{FULL_NAME.pattern})\s*(?:先生|女士|小姐|经理|总(?![a-z]))")
JOB = re.compile(
    r"(?i:\b(?:(?:senior|junior|chief|general|head|vice|deputy|assistant|regional|global|managing|executive|"
    r"purchasing|purchase|procurement|"
    r"sourcing|buying|import|export|sales|product|category|project|marketing|operations|commercial|technical|"
    r"business development|supply chain)"
    r"[\s/&]+)*(?:manager|director|buyer|purchaser|ceo|coo|cto|cfo|owner|co-?founder|founder|president|vp|engineer|"
    r"assistant|executive|"
    r"merchandiser|officer|partner|representative|secretary|leiter|einkäufer|geschäftsführer|gerente|directeur)\b"
    r"|\bhead of [a-z]+(?: [a-z]+)?\b)"
)
_WORK_ZH = re.compile(
    r"(?:采购|销售|市场|业务|技术|产品|项目|总|副总|部门|进出口)?(?:部)?(?:经理|总监|主管|助理|专员|工程师|总经理|"
    r"董事长)"
)


def is_person_zh(text: str) -> bool:
    """A Chinese full name as it stands on a card: two or three characters, the first a surname."""
    match = _BARE_ZH.fullmatch(text)
    return match is not None and not _NO_NAME_ZH.match(match[1])


def nickname(text: str) -> str | None:
    """老周, 采购小刘: what people call one another; nothing else."""
    match = _NICKNAME.fullmatch(text)
    return match[1] if match else None


def bare_name(text: str) -> str:
    match = _BARE_ZH.fullmatch(text)
    return match[1] if match else text


def looks_like_person(text: str) -> bool:
    """Two to four capitalised words, none of them a company's, or one that people are called."""
    words = text.split()
    if FULL_NAME.fullmatch(text) is None or any(word.casefold().strip(".") in COMPANY_WORDS for word in words):
        return False
    return len(words) <= 4


def is_surely_person(text: str) -> bool:
    words = [word.casefold().strip(".") for word in text.split()]
    return looks_like_person(text) and (words[0] in GIVEN_NAMES or TITLED.match(text) is not None)


def is_job(text: str) -> bool:
    return JOB.fullmatch(text.strip()) is not None or _WORK_ZH.fullmatch(text.strip()) is not None
