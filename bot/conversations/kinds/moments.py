"""Days and times, as people type them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.words import Plain
from crm.core.text import T, Words
from crm.language.dates import Reading, read_date


@dataclass(frozen=True, slots=True)
class When(Plain):
    """A day, or a day and time where `with_time`; kept as `{"at": ISO time, "minute": bool}`.

    `past`: whether days gone by may be given (a date received) or not (a date to come). Where they may, a day without
    its year is the last one of that name, not the next: what has happened is told of. `coming`: it is the next one
    there too, as of what is expected and may have passed already.
    """

    with_time: bool = False
    past: bool = False
    coming: bool = False

    def read(self, text: str, world: World) -> Read:
        found = read_date(text, now=world.now, whole=True)
        if self.past and not self.coming and found is not None:
            found = _gone_by(text, found, world.now)
        if found is None:
            return Refused(T("Please write a date, such as tomorrow, next Tuesday 3pm or 25/12."))
        minute = found.granularity == "minute" and self.with_time
        if not self.past and (found.at < world.now if minute else found.at.date() < world.now.date()):
            return Refused(T("{date} is in the past.", date=found.at if minute else found.at.date()))
        return Taken({"at": found.at.isoformat(), "minute": minute})

    def show(self, value: Any, world: World) -> Words:
        at = datetime.fromisoformat(value["at"])
        return T("{date}", date=at if value["minute"] else at.date())

    def text(self, value: Any, world: World) -> str:
        at = datetime.fromisoformat(value["at"])
        return at.strftime("%Y-%m-%d %H:%M" if value["minute"] else "%Y-%m-%d")

    def holds(self, value: Any, world: World) -> bool:
        at = datetime.fromisoformat(value["at"])
        return self.past or at.astimezone(world.now.tzinfo).date() >= world.now.date()

    def load(self, value: Any, world: World) -> tuple[datetime, bool]:
        return datetime.fromisoformat(value["at"]), bool(value["minute"])


def _gone_by(text: str, found: Reading, now: datetime) -> Reading:
    """The same day a year ago, where the text names a day and a month without a year that are still to come."""
    if found.at.date() <= now.date():
        return found
    before = read_date(text, now=now.replace(day=min(now.day, 28), year=now.year - 1) + timedelta(days=4), whole=True)
    is_same = before is not None and (before.at.month, before.at.day) == (found.at.month, found.at.day)
    return before if before is not None and is_same and before.at.date() <= now.date() else found
