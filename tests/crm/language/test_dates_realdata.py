"""Phrases that others published, with the reading that a reminder should choose.

The data are split by a hash of the text: the grammar was tuned on one half only, the other stays unseen. The
floors are what it reaches, a little less.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

DATA = Path(__file__).parents[4] / "shared" / "data" / "dates"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason="the practice phrases for dates are not here"),
]


def is_tuned(case):
    return hashlib.sha256(case["text"].encode()).digest()[0] % 2 == 0


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
    ("language", "tuned", "floor"), [("zh", True, 0.90), ("zh", False, 0.74), ("en", True, 0.80), ("en", False, 0.65)]
)
def test_share_of_phrases_read_as_a_reminder_should(language, tuned, floor):
    cases = json.loads((DATA / f"reminder_points_{language}_dev.json").read_text(encoding="utf-8"))["cases"]
    half = [case for case in cases if is_tuned(case) is tuned]
    right = sum(is_right(case) for case in half)
    assert right / len(half) >= floor, f"{right} of {len(half)}"
