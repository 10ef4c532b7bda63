"""Days of the sample company, lived through with a moved clock: what came to whom, and when."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from tests.conftest import Clock
from tests.counterparts.slack import Room
from tests.scenarios.house import House
from tests.scenarios.seats import Seat, SlackSeat, TelegramSeat, WebSeat

Shown = Callable[[], Iterable[tuple[object, str, tuple[str, ...]]]]

STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that came to somebody: `at` in their own zone, `text` as they read it, `labels` of its buttons."""

    at: datetime
    name: str
    text: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        head = f"— {self.at:%a %d %b %H:%M} {self.name}"
        buttons = f"\n   [{'] ['.join(self.labels)}]" if self.labels else ""
        return f"{head}\n{self.text}{buttons}"


class Days:
    """A house whose time is moved. `jobs`: what the scheduler does again and again, done here at every step."""

    def __init__(self, house: House, clock: Clock, jobs: tuple[Callable[..., object], ...]) -> None:
        self.house, self.clock, self._jobs = house, clock, jobs
        self.seats: dict[str, Any] = {}
        self._places: dict[str, tuple[Shown, ZoneInfo]] = {}
        self._seen: dict[str, set[object]] = {}
        self.heard: list[Heard] = []

    def seat(self, name: str, seat: Seat, zone: str) -> None:
        """Somebody at a door: what comes to them from now on is kept."""
        self.seats[name] = seat
        self._listen(name, partial(_messages, seat), zone)

    def listen(self, name: str, room: Room, zone: str) -> None:
        """A channel: what is said there from now on is kept."""
        self._listen(name, lambda: ((one.ts, one.shown, tuple(one.buttons)) for one in room.messages()), zone)

    def _listen(self, name: str, shown: Shown, zone: str) -> None:
        self._places[name] = shown, ZoneInfo(zone)
        self._seen[name] = {key for key, _, _ in shown()}

    def live_until(self, at: datetime) -> None:
        """Let the time pass in steps, everything done that is due at each."""
        at = at.astimezone(UTC)
        self._listen_in()
        while self.clock.now < at:
            ahead = STEP - (self.clock.now - datetime.min.replace(tzinfo=UTC)) % STEP
            self.clock.now = min(at, self.clock.now + ahead)
            self.pass_by()

    def pass_by(self) -> None:
        """Do what is due now, and keep what came of it."""
        for job in self._jobs:
            job(self.house.database)
        self.house.send_what_is_due()
        self._listen_in()

    def _listen_in(self) -> None:
        """Keep what has come, at the time it is now."""
        for name, (shown, zone) in self._places.items():
            for key, text, labels in shown():
                if key not in self._seen[name]:
                    self._seen[name].add(key)
                    self.heard.append(Heard(self.clock.now.astimezone(zone), name, text, labels))

    def told(self, name: str, part: str) -> list[datetime]:
        """When somebody was sent a message that holds this."""
        return [one.at for one in self.heard if one.name == name and part in one.text]

    def __str__(self) -> str:
        return "\n\n".join(str(one) for one in self.heard)


def _messages(seat: Seat) -> Iterator[tuple[object, str, tuple[str, ...]]]:
    """Everything the bot has said there that still stands, as it reads now."""
    match seat:
        case TelegramSeat():
            for message in seat.user.messages():
                yield message.id, message.text, tuple(message.labels)
        case SlackSeat():
            for shown in seat.user.messages():
                yield shown.ts, shown.shown, tuple(shown.buttons)
        case WebSeat():
            yield from seat.shown()
