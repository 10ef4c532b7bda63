"""Phrases that others published, with the reading that a reminder should choose.

The data are split by a hash of the text: the grammar was tuned on one half, then on a quarter, then on an eighth.
Of the last eighth nothing but the share that is right is ever looked at: no test prints a phrase of it. The floors are
what is reached, a little less.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

SHARED = Path(__file__).parents[4] / "shared" / "data"
DATA = SHARED / "dates"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason="the practice phrases for dates are not here"),
]


def part_of(case):
    first = hashlib.sha256(case["text"].encode()).digest()[0]
    if first % 2 == 0:
        return "tuned first"
    if first // 2 % 2 == 0:
        return "tuned next"
    return "tuned last" if first // 4 % 2 == 0 else "unseen"


def is_right(case):
    """An impossible date (year 1) must give no reading; a case without a preference has one accepted reading."""
    # The zone names in one source are read from a reference two hours west of Greenwich.
    zone = ZoneInfo("Etc/GMT+2" if "duckling" in case["source"] else "UTC")
    now = datetime.fromisoformat(case["reference"][:19]).replace(tzinfo=zone)
    reading = read_date(case["text"], now=now) or read_date(case["text"], now=now, whole=True)
    wanted = [case["future"]] if case["future"] else case["expected_any_of"]
    if reading is None:
        return wanted == ["0001-01-01"]
    return reading.at.strftime("%Y-%m-%d" if case["granularity"] == "day" else "%Y-%m-%d %H:%M") in wanted


@pytest.mark.parametrize(
    ("language", "part", "floor"),
    [
        ("zh", "tuned first", 0.93),
        ("zh", "tuned next", 0.85),
        ("zh", "tuned last", 0.92),
        ("zh", "unseen", 0.66),
        ("en", "tuned first", 0.86),
        ("en", "tuned next", 0.91),
        ("en", "tuned last", 0.89),
        ("en", "unseen", 0.78),
    ],
)
def test_share_of_phrases_read_as_a_reminder_should(language, part, floor):
    cases = json.loads((DATA / f"reminder_points_{language}_dev.json").read_text(encoding="utf-8"))["cases"]
    chosen = [case for case in cases if part_of(case) == part]
    right = sum(is_right(case) for case in chosen)
    assert right / len(chosen) >= floor, f"{right} of {len(chosen)}"


def test_amounts_and_quantities_as_people_write_them_are_no_dates():
    """But for fractions standing alone: 1/5 is a date as well as a fifth."""
    now = datetime(2026, 11, 23, 13, 40, tzinfo=ZoneInfo("Asia/Shanghai"))
    texts = [
        case["text"]
        for file in sorted((SHARED / "texts").glob("duckling_*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]
    ]
    assert len(texts) > 400
    assert [text for text in texts if read_date(text, now=now) is not None and "/" not in text] == []
