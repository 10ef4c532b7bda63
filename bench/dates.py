"""(k) Dates as people type them: one phrase, and the first one that a fresh process reads."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.language.dates import read_date

from .harness import Bench, Sides, Within

NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=ZoneInfo("Asia/Shanghai"))
PHRASES = (
    *("tomorrow", "next Tuesday at 3pm", "in 2 weeks", "25/12", "the 3rd", "end of next month", "by EOD Friday"),
    *("half an hour from now", "two weeks before Christmas", "first Monday of next month", "2026-12-03 14:30"),
    *("call Hans on 15 December about the sample", "Ernst wants 200 pcs by mid January, FOB Ningbo"),
    *("MOQ 1000, 2 colours, 12.5 USD each", "tommorow at quarter past 3", "Thu 3 Dec 2026 14:00", "Q1 2027"),
    *("明天", "下周二下午3点", "三天后", "月底前跟进付款", "两个半小时后", "12月20号前要收到货", "春节前一周"),
    *("下个月第一个周一", "提醒我后天上午10点发报价", "晚上8点一刻", "报价12.5美元", "农历八月十五", "3月中旬"),
    *("明天下午3点跟进测试客户的5000盒护发精油报价", "两点要求：包装要牢，交期45天", "下星期五九點半"),
)
FIRST_PHRASES = ("下周二下午3点", "next Tuesday at 3pm", "农历八月十五", "two weeks before Easter", "tomorrow 9am ET")
_FIRST = """
import sys, time
began = time.perf_counter()
from crm.language.dates import read_date
from datetime import datetime, UTC
loaded = time.perf_counter()
found = read_date(sys.argv[1], now=datetime.now(UTC))
print(time.perf_counter() - loaded, loaded - began, found is not None)
"""


@contextmanager
def _each() -> Iterator[Sides]:
    slowest: list[tuple[float, str]] = []

    def run() -> float:
        times = [(_timed(phrase), phrase) for phrase in PHRASES]
        slowest.append(max(times))
        return statistics.median(seconds for seconds, _ in times)

    def notes() -> Iterator[str]:
        seconds, phrase = min(slowest)
        yield f"the slowest of {len(PHRASES)} phrases: {seconds * 1e3:.2f} ms ({phrase})"

    yield Sides(run, notes=notes)


def _timed(phrase: str) -> float:
    began = time.perf_counter()
    read_date(phrase, now=NOW)
    return time.perf_counter() - began


@contextmanager
def _first() -> Iterator[Sides]:
    """The slowest of first calls that need different calendars, each in a process of its own."""
    loading: list[float] = []

    def run() -> float:
        return max(map(_first_call, FIRST_PHRASES))

    def _first_call(phrase: str) -> float:
        printed = subprocess.run([sys.executable, "-c", _FIRST, phrase], capture_output=True, check=True).stdout
        first, load, found = printed.decode().split()
        assert found == "True"
        loading.append(float(load))
        return float(first)

    def notes() -> Iterator[str]:
        yield f"loading the reader, once when the program starts: {statistics.median(loading) * 1e3:.0f} ms"

    yield Sides(run, notes=notes)


DATES_BENCHES = (
    Bench(name="date reading, per phrase", aim=Within(0.001), open=_each),
    Bench(name="date reading, first call", aim=Within(0.05), open=_first, runs=5, warm=False),
)
