"""Whether two names mean one company: legal forms, word order, places, Chinese short names, pinyin, slips of the pen.

`深圳市万通贸易有限公司`, `万通贸易` and `Shenzhen Wantong Trading Co., Ltd.` are one; `万通物流` is another.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crm.language.company_words import (
    DISTRICT_ZH_PATTERN,
    FILLERS,
    LEGAL_FORMS,
    LEGAL_FORMS_ZH,
    PLACES_ZH_PATTERN,
    TRADES,
    TRADES_ZH,
    TRADES_ZH_ENDING,
    places_spelled,
)

SAME = 0.8
"""From this score on two names are taken for one company's."""

_LONGEST_NAME = 200
_LONGEST_KEY = 60
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_LIGHT = 0.25
"""What a trade or a place weighs in a name beside a word of its own."""
_MISSPELT = ("ltd", "llc", "plc", "inc", "gmbh", "corp", "limited", "company")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A name taken apart. `words`: its own, in their order (for Chinese the pinyin); `han`: its own characters."""

    words: tuple[str, ...]
    han: str
    trades: frozenset[str]
    places: frozenset[str]

    @property
    def run(self) -> str:
        return "".join(self.words)


def company_key(name: str) -> str:
    """What is left of a name without legal form, places and order; equal for most ways of writing one name.

    Never empty for a name with a letter or a digit in it.
    """
    parts = _parts(name)
    return "".join(sorted(parts.words))[:_LONGEST_KEY]


def search_keys(name: str, *, to_find: bool = False) -> tuple[str, ...]:
    """What to keep beside a name so that names like it are found by equality: `same_company` then has the last word.

    The whole of it, its single words, head and tail, Chinese characters and pinyin; each marked with what it is.
    `to_find`: what to look for instead, where one letter more or less must not move head and tail.
    """
    parts = _parts(name)
    if not parts.words:
        return ()
    keys = [f"={company_key(name)}"]
    keys += [f"w{word}"[:_LONGEST_KEY] for word in sorted(parts.words, key=len, reverse=True)[:4] if len(word) > 2]
    run = parts.run[:_LONGEST_KEY]
    keys.append(f"w{run}")
    if parts.han:
        keys.append(f"h{parts.han}"[:_LONGEST_KEY])
    else:
        lengths = (len(run) - 1, len(run), len(run) + 1) if to_find else (len(run),)
        for affix in {_affix(length) for length in lengths}:
            keys += [f"<{run[:affix]}", f">{run[-affix:]}"]
    return tuple(dict.fromkeys(keys))


def _affix(length: int) -> int:
    """How many letters at the head and the tail of a name one slip leaves as they are, at one of the two."""
    return max(2, min(5, length // 2))


def same_company(one: str, other: str) -> float:
    """How likely two names mean one company: 1 is certain, from SAME on likely."""
    a, b = _parts(one), _parts(other)
    if not a.words or not b.words:
        return 0.0
    if a.han and b.han:
        score = _of_characters(a, b)
    elif a.han or b.han:
        score = _of_pinyin(a, b)
    else:
        score = _of_words(a, b)
    return round(max(0.0, score - _conflict(a, b)), 4)


def _conflict(a: _Parts, b: _Parts) -> float:
    """What speaks against it: trades that exclude each other, and places."""
    against = 0.0
    plain = {"trading", "international", "group", "industrial", "enterprise", "holding", "importexport", "company"}
    ours, theirs = a.trades - plain, b.trades - plain
    # Without a word in common but with others: 万通电子 and 万通物流. One that says none may be either.
    if a.trades and b.trades and not a.trades & b.trades and ((ours and theirs) or (a.han and b.han)):
        against += 0.2
    if a.places and b.places and not a.places & b.places:
        against += 0.2
    return against


def _of_characters(a: _Parts, b: _Parts) -> float:
    from rapidfuzz.distance import Levenshtein

    if a.han == b.han:
        return 1.0 if a.trades == b.trades else 0.95
    if a.run == b.run:  # characters that sound alike
        return 0.9 if a.trades == b.trades and len(a.han) > 1 else 0.75
    longest = max(len(a.han), len(b.han))
    shorter, longer = sorted((a.han, b.han), key=len)
    if len(shorter) > 1 and longer.startswith(shorter) and a.trades & b.trades:
        return 0.84
    if longest >= 4 and Levenshtein.distance(a.han, b.han) == 1:
        return 0.86
    return 0.6 * Levenshtein.normalized_similarity(a.han, b.han)


def _of_pinyin(a: _Parts, b: _Parts) -> float:
    from rapidfuzz.distance import Levenshtein

    if a.run == b.run:
        return 0.94 if a.trades & b.trades or not (a.trades and b.trades) else 0.86
    if min(len(a.run), len(b.run)) >= 8:
        close = Levenshtein.normalized_similarity(a.run, b.run)
        return 0.95 * close if close >= 0.88 else 0.6 * close
    return 0.0


def _of_words(a: _Parts, b: _Parts) -> float:
    """Words matched with words, each by how much it says; beside it the names run together."""
    from rapidfuzz.distance import Levenshtein

    if sorted(a.words) == sorted(b.words) or a.run == b.run:
        return 1.0 if a.trades == b.trades else 0.95
    left = list(b.words)
    matched = 0.0
    for word in a.words:
        best = max(left, key=lambda other: Levenshtein.normalized_similarity(word, other), default=None)
        if best is None:
            break
        close = Levenshtein.normalized_similarity(word, best)
        if close >= 0.75:
            matched += close * (_weight(word) + _weight(best)) / 2
            left.remove(best)
    shared, all_trades = len(a.trades & b.trades), len(a.trades) + len(b.trades)
    total = sum(map(_weight, a.words + b.words)) + _LIGHT * all_trades
    by_words = 2 * (matched + _LIGHT * shared) / total
    run = Levenshtein.normalized_similarity(a.run, b.run)
    if min(len(a.run), len(b.run)) < 6:
        run = 0.0  # of short names a letter is the difference: Apex, Apec
    return max(by_words, run * 0.98) if max(by_words, run) < 1 else 0.98


def _weight(word: str) -> float:
    """Longer words say more of who it is."""
    return min(len(word), 6) / 6


@lru_cache(maxsize=8192)
def _parts(name: str) -> _Parts:
    text = unicodedata.normalize("NFKC", name[:_LONGEST_NAME])
    if "".join(_HAN.findall(text)):
        return _parts_of_chinese(text)
    return _parts_of_latin(text)


def _parts_of_latin(text: str) -> _Parts:
    words = _latin_words(text)
    while len(words) > 1 and _is_legal_form(words[-1]):
        words.pop()
    while len(words) > 1 and words[0] in {"pt", "ooo", "oao", "zao", "too", "cv", "ud"}:
        words.pop(0)
    own = [word for word in words if word not in LEGAL_FORMS and word not in FILLERS] or words
    places = frozenset(word for word in own if word in places_spelled())
    trades = frozenset(word for word in own if word in TRADES)
    telling = [word for word in own if word not in places and word not in trades]
    if not telling or len("".join(telling)) < 3:  # Global Trading Ltd is all it is called
        return _Parts(tuple(own), "", frozenset(), frozenset())
    return _Parts(tuple(telling), "", trades, places)


def _is_legal_form(word: str) -> bool:
    """Also with a slip in it: `Lmd`, `Imc`."""
    from rapidfuzz.distance import Levenshtein

    if word in LEGAL_FORMS:
        return True
    return len(word) > 2 and any(Levenshtein.distance(word, form, score_cutoff=1) <= 1 for form in _MISSPELT)


def _latin_words(text: str) -> list[str]:
    """Lower case without accents; initials and hyphens of one word run together, a legal form glued on taken off."""
    words = []
    for typed in text.replace("&", " and ").split():
        pieces = _CAMEL.split(typed)
        if len(pieces) > 1 and _plain(pieces[-1]) in LEGAL_FORMS:
            words += ["".join(pieces[:-1]), pieces[-1]]
        else:
            words.append(typed)
    found: list[str] = []
    for word in words:
        run = _plain(word)
        if run in LEGAL_FORMS or run in FILLERS or ("." in word and len(run) <= 5):
            found.append(run)
        else:
            found += [
                piece for part in _WORD.findall(word.replace("'", "").replace("’", "")) if (piece := _plain(part))
            ]
    return [word for word in found if word]


@lru_cache(maxsize=16_384)
def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(character for character in decomposed if character.isalnum())


def _parts_of_chinese(text: str) -> _Parts:
    run = "".join(_WORD.findall(text.translate(_SIMPLER)))
    for form in LEGAL_FORMS_ZH:
        if run.endswith(form) and len(run) > len(form) + 1:
            run = run.removesuffix(form)
            break
    places = {found.rstrip("省市") for found in PLACES_ZH_PATTERN.findall(run)}
    bare = DISTRICT_ZH_PATTERN.sub("", PLACES_ZH_PATTERN.sub("", run))
    core, trades = _without_trades(bare)
    if len(core) < 2 or core in TRADES_ZH:  # 北京贸易有限公司 is all it is called
        core, trades, places = run, frozenset(), set()
    latin = "".join(_plain(word) for word in _WORD.findall(_HAN.sub(" ", core)))
    han = "".join(_HAN.findall(core))
    spelled = _spelled(han)
    words = tuple(word for word in (latin, spelled) if word)
    return _Parts(words, latin + han, trades, frozenset(_spelled(place) for place in places))


def _without_trades(name: str) -> tuple[str, frozenset[str]]:
    """What stands before the trades at the end: of 宏达电子科技 it is 宏达."""
    trades = set()
    while (found := TRADES_ZH_ENDING.search(name)) is not None and found.start() > 1:
        trades.add(TRADES_ZH[found[0]])
        name = name[: found.start()]
    return name, frozenset(trades)


@lru_cache(maxsize=8192)
def _spelled(han: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(han, style=Style.NORMAL))


_SIMPLER = str.maketrans(
    "萬貿東國際電業進廣華聯達寶龍鳳興發實團責馬來亞機構遠關門開長張陳劉吳黃鄭趙錢孫錦維慶億恆豐順誠匯滙藝紡織產經銷開關鋼鐵銅鋁燈飾傢儲運輸車飛馳騰躍鑫羅盧蘇葉劍鴻鵬麗靈愛樂園環環創網絡訊視",
    "万贸东国际电业进广华联达宝龙凤兴发实团责马来亚机构远关门开长张陈刘吴黄郑赵钱孙锦维庆亿恒丰顺诚汇汇艺纺织产经销开关钢铁铜铝灯饰家储运输车飞驰腾跃鑫罗卢苏叶剑鸿鹏丽灵爱乐园环环创网络讯视",
)
"""Traditional characters that names of companies are full of, as the mainland writes them."""
