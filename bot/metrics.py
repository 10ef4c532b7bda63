"""What Prometheus is told, from a registry of the application's own. docs/operating.md lists the names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.standing import UP
from bot.standings import Stand
from crm.core.backlog import Backlog, age_seconds
from crm.core.outbox import Lane

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Seconds. Slack waits three for an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How things stand at the moment of being asked. `backlog`: None where the database does not answer."""

    stands: Mapping[str, Stand] = field(default_factory=dict)
    backlog: Backlog | None = None
    spooled: int = 0
    last_tick: datetime | None = None


class Metrics:
    """Counts while things happen; what merely is, is asked for at each reading."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._snapshot = Snapshot()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Now(self))
        self._deliveries = Counter(
            "tradewind_deliveries",
            "What came in, by how it ended: handled, again, kept, unavailable, incident or failed.",
            ("platform", "kind", "outcome"),
            registry=self.registry,
        )
        self._handling = Histogram(
            "tradewind_handling_seconds",
            "From taking up what came in to its commit.",
            ("platform", "kind"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._messages = Counter(
            "tradewind_messages",
            "Tries to send, edit or retire a message, by what became of them: sent, later, away, unreachable, refused, "
            "vanished or error.",
            ("platform", "act", "result"),
            registry=self.registry,
        )
        self._sending = Histogram(
            "tradewind_sending_seconds",
            "One try to send, edit or retire a message, with the wait for the platform's limits.",
            ("platform", "act"),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def count_delivery(self, platform: str, kind: str, outcome: str, seconds: float) -> None:
        self._deliveries.labels(platform, kind, outcome).inc()
        if outcome != "kept":  # it is timed when it is carried out
            self._handling.labels(platform, kind).observe(seconds)

    def count_message(self, platform: str, act: str, result: str, seconds: float) -> None:
        self._messages.labels(platform, act, result).inc()
        self._sending.labels(platform, act).observe(seconds)

    def render(self, snapshot: Snapshot) -> bytes:
        """Everything, in Prometheus's text format. Called on the event loop: a reading is one snapshot's."""
        self._snapshot = snapshot
        return generate_latest(self.registry)

    @property
    def snapshot(self) -> Snapshot:
        """What the reading that goes on is of."""
        return self._snapshot


class _Now:
    """Draws the snapshot's gauges."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        now = self._metrics.snapshot
        up = GaugeMetricFamily("tradewind_platform_up", "1 where the platform is up.", labels=("platform",))
        for name, stand in now.stands.items():
            up.add_metric((name,), float(stand.standing.state == UP))
        yield up
        answers = float(now.backlog is not None)
        yield GaugeMetricFamily("tradewind_database_up", "1 where the database answers.", value=answers)
        yield GaugeMetricFamily(
            "tradewind_spool_deliveries", "Deliveries on disk, waiting for the database.", value=now.spooled
        )
        if now.last_tick is not None:
            name, told = "tradewind_scheduler_last_tick_timestamp_seconds", "When the scheduler last ticked."
            yield GaugeMetricFamily(name, told, value=now.last_tick.timestamp())
        if now.backlog is not None:
            yield from _queues(now.backlog)


def _queues(backlog: Backlog) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "tradewind_outbox_messages",
        "Messages that wait (pending) or were given up (dead).",
        labels=("platform", "lane", "status"),
    )
    oldest = GaugeMetricFamily(
        "tradewind_outbox_oldest_seconds",
        "For how long the oldest due message has been due.",
        labels=("platform", "lane"),
    )
    for queue in backlog.queues:
        lane = lane_name(queue.lane)
        depth.add_metric((queue.platform, lane, queue.status), queue.count)
        if queue.status == "pending":
            oldest.add_metric((queue.platform, lane), age_seconds(queue, backlog.at))
    yield depth
    yield oldest
    told = "Copies of cards that do not show what is, yet."
    yield GaugeMetricFamily("tradewind_cards_behind", told, value=backlog.cards_behind)


def lane_name(lane: int) -> str:
    """`reply`, `decision`, `notice` or `digest`."""
    try:
        return Lane(lane).name.lower()
    except ValueError:
        return str(lane)
