"""Messages as reps write them, and what stands in them. Written before the rules were tuned; every third is held out.

`c` company, `p` person, `t` phone, `e` e-mail, `w` WeChat, `k` country, `s` source, `n` words of the need, `b` budget
(low-high currency), `f` next follow-up (month-day, and the hour where one is meant), `g` tags. What is not named
must stay empty, the notes excepted. Counted from Monday, 23 November 2026, 13:40 in Shanghai.
"""

import json
from pathlib import Path
from typing import Any

_READ = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

LEADS: list[tuple[str, dict[str, Any]]] = [(text, expected) for text, expected in _READ["leads"]]
"""Messages that are leads, with their fields."""
OTHERS: list[tuple[str, tuple[str, ...]]] = [(text, tuple(expected)) for text, expected in _READ["others"]]
"""Messages of other kinds, and such as are none."""

_OF_A_FAIR = json.loads(Path(__file__).with_name("capture_fair_texts.json").read_text("utf-8"))

FAIR: list[tuple[str, dict[str, Any]]] = [(text, expected) for text, expected in _OF_A_FAIR["tuned"]]
"""What reps wrote at a fair and had read badly; the rules were mended by these."""
UNSEEN: list[tuple[str, dict[str, Any]]] = [(text, expected) for text, expected in _OF_A_FAIR["unseen"]]
"""Others of the same kinds, written before they were first read and never tuned on."""
FAIR_OTHERS: list[tuple[str, tuple[str, ...]]] = [(text, tuple(expected)) for text, expected in _OF_A_FAIR["others"]]
