"""The buttons under a message, laid out for the width of a phone and kept inside Telegram's limits."""

import itertools
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.cards.screen import Button
from bot.inbound import clean
from bot.wording import Wording

BUTTONS = 100
DATA_BYTES = 64
KEYBOARD_BYTES = 9_500
"""Telegram refuses a keyboard of more than about 10 kB; it says nowhere how it counts, so some room is left."""
_AROUND = 64
"""Bytes that a button takes besides its words and its key."""
LABEL_CHARACTERS = 60
_PHONE_COLUMNS = 30
"""Latin letters that stand side by side under a message on a narrow phone; a Chinese character takes two."""
_LIST = 4
"""So many buttons, each in a row of its own, are a list of choices."""
_STYLES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True, slots=True)
class Key:
    """One button as it is sent. `style` is Telegram's: `primary`, `danger` or empty; `url`: it opens this instead."""

    text: str
    data: str
    style: str = ""
    url: str = ""

    def to_json(self) -> dict[str, str]:
        packed = {"text": self.text, **({"url": self.url} if self.url else {"callback_data": self.data})}
        return packed | {"style": self.style} if self.style else packed


Rows = tuple[tuple[Key, ...], ...]
Link = Callable[[str], str | None]
"""The address that does what a button with this action does, where there is one."""


def no_link(action: str) -> str | None:
    return None


def lay_out(
    rows: Sequence[Sequence[Button]], wording: Wording, sign: Callable[[str], str], link: Link = no_link
) -> Rows:
    """Draw the buttons: a row too wide for a phone is broken, labels are shortened, what is too much is left out.

    The last row (the way back, and out) stays whatever else has to go. A button with a `link` opens that.
    """
    drawn = [[key for button in row if (key := _draw(button, wording, sign, link))] for row in _gather(rows)]
    fitting = _few_enough([row for row in drawn if row])
    for most in (LABEL_CHARACTERS, 40, 24, 12):
        laid = [line for row in fitting for line in _break([_shortened(key, most) for key in row])]
        if _size(laid) <= KEYBOARD_BYTES:
            break
    while _size(laid) > KEYBOARD_BYTES:
        del laid[-2]
    return tuple(laid)


def shorten(text: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis where something was cut off."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _gather(rows: Sequence[Sequence[Button]]) -> list[Sequence[Button]]:
    """Put a list of choices, which comes as a button a row, into one row; that is broken to what fits abreast.

    Buttons with a role of their own, and the last row, stand apart.
    """
    gathered: list[Sequence[Button]] = []
    for is_list, run in itertools.groupby(rows[:-1], lambda row: len(row) == 1 and not row[0].role):
        single = list(run)
        if is_list and len(single) >= _LIST:
            gathered.append([row[0] for row in single])
        else:
            gathered += single
    return [*gathered, *rows[-1:]]


def _draw(button: Button, wording: Wording, sign: Callable[[str], str], link: Link) -> Key | None:
    """None for a button that cannot be sent: a key too long for Telegram would cost the person the whole message."""
    try:
        data = sign(button.action)
    except ValueError:
        return None
    if not 1 <= len(data.encode()) <= DATA_BYTES:
        return None
    label = " ".join(clean(wording(button.label)).split()) or "…"
    text = f"{button.mark} {label}" if button.mark else label
    return Key(text, data, _STYLES.get(button.role, ""), link(button.action) or "")


def _few_enough(rows: list[list[Key]]) -> list[list[Key]]:
    if sum(map(len, rows)) <= BUTTONS:
        return rows
    last = rows[-1][:BUTTONS]
    room = BUTTONS - len(last)
    kept = []
    for row in rows[:-1]:
        kept.append(row[:room])
        room -= len(kept[-1])
    return [row for row in [*kept, last] if row]


def _shortened(key: Key, most: int) -> Key:
    return key if len(key.text) <= most else replace(key, text=shorten(key.text, most))


def _break(row: list[Key]) -> list[tuple[Key, ...]]:
    """Lines of three, two or one: as many as show their whole label side by side, four as two and two."""
    lines = []
    while row:
        most = 2 if len(row) == 4 else 3
        abreast = next((n for n in range(min(most, len(row)), 1, -1) if _fit(row[:n])), 1)
        lines.append(tuple(row[:abreast]))
        row = row[abreast:]
    return lines


def _fit(keys: list[Key]) -> bool:
    return max(_columns(key.text) for key in keys) <= _PHONE_COLUMNS // len(keys)


@lru_cache(maxsize=4096)
def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _size(rows: Sequence[Sequence[Key]]) -> int:
    """Bytes as it is sent; of one that is far from the limit (nearly every one), a number that is surely no less."""
    at_most = sum(2 * len(key.text.encode()) + len(key.data) + len(key.url) + _AROUND for row in rows for key in row)
    if at_most <= KEYBOARD_BYTES:
        return at_most
    packed = [[key.to_json() for key in row] for row in rows]
    return len(json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode())
