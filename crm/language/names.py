"""Finds names of companies and people by what one types of them: part of it, pinyin, initials."""

import re
import unicodedata
from functools import lru_cache
from itertools import product

_LONGEST_NAME = 120  # what lies beyond takes no part in the search
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}")
_COMPOUND = "欧阳司马诸葛上官司徒东方南宫夏侯慕容令狐皇甫尉迟公孙"
_TWO_CHARACTERS = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"[^\W_]+")
_MOST_SPELLINGS = 8

# Characters whose reading a dictionary of phrases cannot settle in a name: all initials people may type.
_OTHER_INITIALS = {
    "长": "cz",
    "行": "hx",
    "重": "cz",
    "乐": "ly",
    "厦": "xs",
    "单": "sd",
    "曾": "zc",
    "朝": "cz",
    "贾": "jg",
    "仇": "qc",
    "解": "xj",
    "区": "oq",
    "尉": "wy",
    "朴": "pb",
    "查": "zc",
    "翟": "zd",
    "藏": "zc",
    "传": "cz",
    "车": "cj",
    "种": "cz",
    "弹": "dt",
    "调": "dt",
    "都": "d",
    "石": "sd",
    "会": "hk",
    "省": "sx",
    "盛": "sc",
    "沈": "sc",
    "乘": "cs",
    "参": "cs",
    "秘": "mb",
    "叶": "yx",
    "折": "zs",
    "系": "xj",
    "冯": "fp",
    "黑": "h",
    "卜": "b",
    "缪": "m",
    "员": "y",
    "繁": "fp",
    "洗": "xs",
    "召": "zs",
    "奇": "qj",
    "降": "jx",
    "柏": "b",
    "宓": "mf",
    "郇": "xh",
    "隽": "j",
}


def search_key(name: str) -> str:
    """One string to be stored beside the name and searched with LIKE.

    The words of the name (lower case, no accents, no punctuation), then the whole of it run together, then for
    Chinese the pinyin and the pinyin initials, one space between all of them.
    """
    return " ".join(_forms(name[:_LONGEST_NAME]))


def search_query(query: str) -> str:
    """What one types, in the form of `search_key`: to be escaped and looked for as a part of it."""
    return " ".join(_words(query[:_LONGEST_NAME]))


def matches(query: str, name: str) -> float | None:
    """How well the name fits what was typed: 1.0 is the name itself, None does not fit.

    Above 0.9 the name begins so; above 0.7 its words, pinyin or initials begin so; below, it is inside.
    """
    wanted = _words(query[:_LONGEST_NAME])
    words = _words(name[:_LONGEST_NAME])
    if not wanted or not words:
        return None
    typed, plain = " ".join(wanted), " ".join(words)
    if typed == plain or "".join(wanted) == "".join(words):
        return 1.0
    share = min(1.0, len(typed) / max(len(plain), 1))
    if plain.startswith(typed):
        return 0.9 + 0.09 * share
    if all(any(word.startswith(want) for word in words) for want in wanted):
        return 0.8 + 0.09 * share
    forms = _forms(name[:_LONGEST_NAME])
    run_together = "".join(wanted)
    for form in forms[len(words) :]:
        if form == run_together:
            return 0.79
        if form.startswith(run_together):
            return 0.7 + 0.08 * len(run_together) / len(form)
    if all(any(want in form for form in forms) for want in wanted):
        return 0.5 + 0.1 * share
    return None


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    """Lower case without accents: Müller and MULLER are one."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=4096)
def _forms(name: str) -> tuple[str, ...]:
    words = _words(name)
    forms = dict.fromkeys(words)
    joined = "".join(words)
    forms[joined] = None
    if _HAN_RUN.search(joined):
        spelled, initials = _pinyin(words)
        forms.update(dict.fromkeys([spelled, *initials]))
    forms.pop("", None)
    return tuple(forms)


def romanised(name: str) -> str:
    """`王思琪 (Wang Siqi)`: a Chinese person's name for who cannot read it; any other as it is."""
    if _PERSON.fullmatch(name) is None:
        return name
    from pypinyin import Style, lazy_pinyin

    family = 2 if name[:2] in _TWO_CHARACTERS and len(name) > 2 else 1
    parts = ("".join(lazy_pinyin(part, style=Style.NORMAL)).capitalize() for part in (name[:family], name[family:]))
    return f"{name} ({' '.join(parts)})"


def _pinyin(words: list[str]) -> tuple[str, list[str]]:
    """The whole name spelled out, and its initials in every likely reading; Latin words keep their letters."""
    from pypinyin import Style, lazy_pinyin

    spelled: list[str] = []
    choices: list[str] = []
    for word in words:
        at = 0
        for run in _HAN_RUN.finditer(word):
            if run.start() > at:
                spelled.append(word[at : run.start()])
                choices.append(word[at : run.start()])
            syllables = lazy_pinyin(run[0], style=Style.NORMAL)
            if len(syllables) != len(run[0]):  # rare characters without a reading come back in one piece
                syllables = [lazy_pinyin(character, style=Style.NORMAL)[0] for character in run[0]]
            spelled.extend(syllables)
            choices.extend(map(_initials, run[0], syllables))
            at = run.end()
        if at < len(word):
            spelled.append(word[at:])
            choices.append(word[at:])
    return "".join(spelled), _spellings(choices)


def _initials(character: str, syllable: str) -> str:
    """First letters for one character, marked as alternatives by a leading blank."""
    likely = syllable[:1]
    return " " + "".join(dict.fromkeys(likely + _OTHER_INITIALS.get(character, "")))


def _spellings(choices: list[str]) -> list[str]:
    alternatives = [choice[1:] if choice.startswith(" ") else (choice,) for choice in choices]
    spellings: list[str] = []
    for letters in product(*alternatives):
        spellings.append("".join(letters))
        if len(spellings) == _MOST_SPELLINGS:
            break
    return spellings
