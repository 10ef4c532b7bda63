"""What every platform says of itself, and since when; told to a person in one line each, when it changes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.logs import Redact
from bot.standing import AWAY, UP, Described, Standing
from crm.core.database import Clock

log = structlog.get_logger()

Say = Callable[[str], None]

LOOK_S = 0.2
"""How often the platforms are asked. Asking costs microseconds, and no platform need know who wants to hear."""

_TITLES = {"telegram": "Telegram", "slack": "Slack", "web": "Browser chat"}


@dataclass(frozen=True, slots=True)
class Stand:
    """How a platform has been doing since `since`."""

    standing: Standing
    since: datetime


class Standings:
    """Asks the platforms of this process. Sentences are free of secrets when they leave here."""

    def __init__(self, platforms: Sequence[Described], *, clock: Clock, redact: Redact) -> None:
        self._platforms = platforms
        self._clock = clock
        self._redact = redact
        self._stands: dict[str, Stand] = {}
        self._crashes: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._address = ""

    def look(self) -> dict[str, Stand]:
        """How everybody is doing now, by name."""
        for platform in self._platforms:
            standing = self._ask(platform)
            before = self._stands.get(platform.name)
            since = self._clock() if before is None or before.standing.state != standing.state else before.since
            self._stands[platform.name] = Stand(standing, since)
        return dict(self._stands)

    def note_crash(self, name: str, reason: str | None) -> None:
        """This platform has ended by a fault of ours and is started again after a pause; None: it has been."""
        if reason is None:
            self._crashes.pop(name, None)
        else:
            self._crashes[name] = reason

    async def announce(self, say: Say, address: str) -> None:
        """Tell `say` how each platform is doing, now and whenever that changes, until cancelled."""
        self._address = address
        while True:
            for name, stand in self.look().items():
                sentence = stand.standing.sentence
                # The same trouble again, with another detail of the last try, is no news.
                gist = f"{stand.standing.state} {sentence.partition(' (')[0]}"
                if self._told.get(name) != gist:
                    self._told[name] = gist
                    say(f"{_TITLES.get(name, name)}: {sentence}")
            await asyncio.sleep(LOOK_S)

    def _ask(self, platform: Described) -> Standing:
        crash = self._crashes.get(platform.name)
        if crash is not None:
            return Standing(AWAY, self._redact(f"stopped by a fault of ours, starting again ({crash})"))
        try:
            standing = describe(platform)
        except Exception:
            log.exception("platform does not say how it is", platform=platform.name)
            return Standing(AWAY, "does not say how it is doing; see the log")
        sentence = standing.sentence.replace("{address}", self._address)
        return Standing(standing.state, self._redact(" ".join(sentence.split())))


def describe(platform: Described) -> Standing:
    """What the platform says; up, where it is none that tells."""
    tell = getattr(platform, "describe", None)
    return Standing(UP, "up") if tell is None else tell()
