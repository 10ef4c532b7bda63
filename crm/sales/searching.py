"""Looking for records by what people type of their names, in SQL: which fit, and how closely."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_

from crm.language.folding import fold
from crm.language.names import search_key, search_query

_MOST_WORDS = 8  # more narrow nothing down, and each costs a look at every row


def name_key(name: str) -> str:
    """A name as it is compared with another: the same whatever the width, the letter case and the spaces."""
    return " ".join(fold(name).text.split())[:400]


def fits(key: ColumnElement[Any], query: str) -> ColumnElement[bool]:
    """A condition on a column of `search_key`s: all words of the query are in it, anywhere, in any order."""
    return and_(*(key.contains(word, autoescape=True) for word in _words(query)))


def fitting(keys: Mapping[int, str], query: str) -> list[int]:
    """Of these `search_key`s by id those that `fits` would find, where many queries go through the same ones."""
    words = _words(query)
    return [one for one, key in keys.items() if all(word in key for word in words)] if words else []


def closeness(key: ColumnElement[Any], query: str) -> ColumnElement[int]:
    """To order by: 0 the name itself, 1 it begins so, 2 its words, pinyin or initials begin so, 3 it is inside."""
    words = _words(query)
    typed = " ".join(words)
    return case(
        (key == search_key(query), 0),
        (key.startswith(typed, autoescape=True), 1),
        (and_(*(_a_word_begins(key, word) for word in words)), 2),
        else_=3,
    )


def has_words(query: str) -> bool:
    """Whether there is anything to look for: a letter or a digit."""
    return bool(_words(query))


def _a_word_begins(key: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return or_(key.startswith(word, autoescape=True), key.contains(f" {word}", autoescape=True))


def _words(query: str) -> list[str]:
    return search_query(query).split()[:_MOST_WORDS]
