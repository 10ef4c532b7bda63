"""Weekdays, months and tomorrow as they come out in haste: one letter more, less or other, or two swapped."""

from functools import lru_cache

_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday tomorrow yesterday "
    "january february august september october november december"
)
_WORDS = tuple(_NAMES.split())
_SHORTEST = 6
# English words and names that are one step away from one of these.
_RIGHT_AS_THEY_ARE = frozenset({"sundry", "sundae", "augusta", "augustus"})


@lru_cache(maxsize=4096)
def meant(word: str) -> str:
    """The word that was meant, or an empty string."""
    if len(word) < _SHORTEST or word in _RIGHT_AS_THEY_ARE:
        return ""
    for right in _WORDS:
        if word[0] == right[0] and abs(len(word) - len(right)) <= 1 and _one_step(word, right):
            return right
    return ""


def _one_step(typed: str, right: str) -> bool:
    at = 0
    while at < min(len(typed), len(right)) and typed[at] == right[at]:
        at += 1
    if len(typed) == len(right):
        swapped = typed[at : at + 2] == right[at : at + 2][::-1] and typed[at + 2 :] == right[at + 2 :]
        return swapped or typed[at + 1 :] == right[at + 1 :]
    longer, shorter = (typed, right) if len(typed) > len(right) else (right, typed)
    return longer[at + 1 :] == shorter[at:]
