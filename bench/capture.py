"""One-message capture: a whole message taken apart, per text."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.language.capture.rules import Rules
from crm.language.capture.understanding import Named

from .harness import Bench, Sides, Within

NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=ZoneInfo("Asia/Shanghai"))
TEXTS = (
    "万通贸易 王经理 13800138000 要2000套LED面板 预算30-50万 广交会认识的 下周二下午3点回访",
    "Met Hans Müller of Ernst Handel GmbH at Canton Fair, wants 2,000 LED panels, 30-50k USD, call back on Tuesday",
    "新客户：上海宏远国际贸易有限公司，联系人张丽，手机13611112222，需要不锈钢水杯3000个，预算8万左右，周五跟进",
    "New lead: John Smith, Acme Lighting Inc., john@acmelighting.com, needs 1200 floodlights, came in via website",
    "Hans Müller\nPurchasing Manager\nErnst Handel GmbH\nKirchgasse 6\n8010 Graz, Austria\nTel: +43 316 7675-3425",
    "Ernst: 样品收到了，很满意",
    "把17号推进到谈判",
    "remind me to call Hans on Friday",
    "SO-2026-0031 到哪了",
    "he is on holiday",
    "今天天气不错",
)


class _Nobody:
    """A company that knows nobody: what is measured is the reading, not the search."""

    region: str | None = "CN"
    currency = "CNY"

    def customers(self, name: str) -> Sequence[Named]:
        return ()

    def leads(self, name: str) -> Sequence[Named]:
        return []

    def deals(self, query: str) -> Sequence[Named]:
        return ()

    def category(self, need: str) -> str | None:
        return None


@contextmanager
def _each() -> Iterator[Sides]:
    slowest: list[tuple[float, str]] = []

    def run() -> float:
        times = [(_timed(text), text) for text in TEXTS]
        slowest.append(max(times))
        return statistics.median(seconds for seconds, _ in times)

    def notes() -> Iterator[str]:
        seconds, text = min(slowest)
        yield f"the slowest of {len(TEXTS)} messages: {seconds * 1e3:.2f} ms ({text[:40]}…)"

    yield Sides(run, notes=notes)


def _timed(text: str) -> float:
    began = time.perf_counter()
    Rules().understand(text, now=NOW, knowledge=_Nobody())
    return time.perf_counter() - began


CAPTURE_BENCHES = (Bench(name="one-message capture, per text", aim=Within(0.005), open=_each),)
