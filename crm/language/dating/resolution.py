"""What the pieces of a moment amount to: the day, the hour among those it may be, in now's zone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Clock, Context, Day, Moment, Offset, Part, Piece, Weekday, Zone
from crm.language.dating.vocabulary import PART_HOURS

# An hour of a named day without am or pm lies in these hours: a follow-up at 3 is not meant for the night.
OFFICE_MINUTES = range(6 * 60 + 30, 19 * 60)


# tonight at midnight, 今晚凌晨2点
_LATE = (("night", "midnight"), ("midnight", "night"), ("night", "dawn"))


@dataclass(slots=True)
class Pieces:
    """At most one of each kind; a moment stands alone."""

    day: Day | None = None
    weekday: Weekday | None = None
    part: Part | None = None
    clock: Clock | None = None
    moment: Moment | None = None
    zone: Zone | None = None
    offset: Offset | None = None
    all: list[Piece] = field(default_factory=list)

    def accepts(self, piece: Piece) -> bool:
        if self.moment is not None:
            return isinstance(piece, Offset) and self.offset is None
        if isinstance(piece, Part):
            return self.part is None or piece.name == self.part.name or (self.part.name, piece.name) in _LATE
        if isinstance(piece, Zone):
            return self.zone is None and (
                self.clock is not None or self.part is not None or piece.leading or not self.all
            )
        if isinstance(piece, Moment):
            return not self.all
        if isinstance(piece, Day) and self.day is not None and self.clock is None and piece.date == self.day.date:
            return True  # 明天(24号)
        if isinstance(piece, Day) and self.weekday is not None and piece.weekday is not None:
            return self.day is None and piece.weekday == self.weekday.number  # Mon-Wed next week
        if isinstance(piece, Day) and self.day is not None and self.day.weekday is not None:
            return self.weekday is None and piece.weekday is None and piece.fits(self.day.weekday)
        return getattr(self, _slot(piece)) is None

    def accept(self, pieces: Sequence[Piece]) -> bool:
        """All of them; a zone may come with its time."""
        timed = any(isinstance(piece, Clock) for piece in pieces) and self.clock is None and self.zone is None
        return all(self.accepts(piece) or (timed and isinstance(piece, Zone)) for piece in pieces)

    def add(self, piece: Piece) -> None:
        self.all.append(piece)
        if isinstance(piece, Part) and self.part is not None and (self.part.name, piece.name) in _LATE:
            piece = Part("midnight")
        if isinstance(piece, Day) and self.day is not None and self.day.weekday is not None:
            self.weekday = Weekday(self.day.weekday)
        setattr(self, _slot(piece), piece)


def _slot(piece: Piece) -> str:
    return type(piece).__name__.lower()


def resolve(found: Pieces, context: Context) -> tuple[datetime, bool] | None:
    """The moment in now's zone, and whether its minute was meant."""
    if found.offset is not None:
        return _moved(found, found.offset, context)
    if found.moment is not None:
        return found.moment.at, True
    clock, part = found.clock, found.part
    if clock is None and part is None:
        day = _chosen_day(found, context, None)
        return None if day is None else (cal.local_moment(day, time(0), context.now), False)
    if found.zone is not None:
        return _in_zone(found, found.zone, context)
    named = found.day is not None or found.weekday is not None
    hours = _clock_choices(clock, part)
    at = _on_named_day(found, context, hours) if named else _coming_time(context, hours)
    return None if at is None else (at, True)


def _moved(found: Pieces, offset: Offset, context: Context) -> tuple[datetime, bool] | None:
    """Two days before what the other pieces say; before or after now where they say nothing."""
    both = found.day is not None and found.weekday is not None  # two months from today on a Tuesday
    rest = Pieces(found.day, None if both else found.weekday, found.part, found.clock, found.moment, found.zone)
    last = None if found.day is None or not offset.forward else found.day.earlier
    if last is not None and not both:
        from_last = _moved(replace(found, day=Day(last)), offset, context)
        if from_last is not None and from_last[0] >= context.now:
            return from_last
    if len(found.all) == 1:
        base: tuple[datetime, bool] | None = (context.now, False)
    elif found.day is None or offset.to_minute:
        base = resolve(rest, context)
    else:  # an hour that is over today is not over in two weeks from today
        base = resolve(rest, replace(context, now=cal.local_moment(context.today, time(0), context.now)))
    if base is None:
        return None
    at, to_minute = base[0], base[1] or offset.to_minute
    if not to_minute:
        at = cal.local_moment(at.date(), time(0), context.now)
    moved = offset.move(at)
    if moved is not None and both and found.weekday is not None:
        ahead = (found.weekday.number - moved.weekday()) % 7
        if offset.by_weeks:  # 3 weeks after Christmas on Friday is that of the week
            ahead = found.weekday.number - moved.weekday()
        moved = cal.local_moment(moved.date() + timedelta(days=ahead), moved.time(), context.now)
    return None if moved is None else (moved.replace(second=0, microsecond=0), to_minute)


def _in_zone(found: Pieces, zone: Zone, context: Context) -> tuple[datetime, bool] | None:
    """A day that was said is the reader's; a time alone is the coming one there."""
    hours = _clock_choices(found.clock, found.part)
    if found.day is not None or found.weekday is not None:
        at = _on_named_day(found, context, hours)
        at = None if at is None else at.replace(tzinfo=zone.tz)
    else:
        at = _coming_time(replace(context, now=context.now.astimezone(zone.tz)), hours)
    return None if at is None else (at.astimezone(UTC).astimezone(context.now.tzinfo), True)


def _chosen_day(found: Pieces, context: Context, minutes: int | None) -> date | None:
    """The day said; a weekday beside it chooses among what it may mean; alone it is the coming one.

    A weekday that is today's means today only with a time still to come.
    """
    if found.day is not None:
        if found.weekday is None or found.day.on is None:
            return found.day.date
        return found.day.on(found.weekday.number)
    if found.weekday is None:
        return context.today
    ahead = (found.weekday.number - context.today.weekday()) % 7
    now_minutes = context.now.hour * 60 + context.now.minute
    if ahead == 0 and (minutes is None or minutes <= now_minutes):
        ahead = 7
    return cal.add_days(context.today, ahead)


def _on_named_day(found: Pieces, context: Context, choices: Sequence[int]) -> datetime | None:
    """The likeliest reading; today the one that is still to come (今天9点 at noon is tonight)."""
    day = _chosen_day(found, context, choices[0])
    if day is None:
        return None
    now = context.now.hour * 60 + context.now.minute
    ahead = [minutes for minutes in choices if minutes >= now] if day == context.today else []
    return _at_minutes(day, (ahead or choices)[0], context)


def _coming_time(context: Context, choices: Sequence[int]) -> datetime | None:
    """The first of the readings that is still ahead today, else tomorrow's."""
    for minutes in sorted(choices):
        at = _at_minutes(context.today, minutes, context)
        if at is not None and at >= context.now.replace(second=0, microsecond=0):
            return at
    tomorrow = cal.add_days(context.today, 1)
    return None if tomorrow is None else _at_minutes(tomorrow, choices[0], context)


def _at_minutes(day: date, minutes: int, context: Context) -> datetime | None:
    later = cal.add_days(day, minutes // 1440)
    if later is None:
        return None
    return cal.local_moment(later, time(minutes % 1440 // 60, minutes % 60), context.now)


def _clock_choices(clock: Clock | None, part: Part | None) -> list[int]:
    """Minutes after the day's midnight, the likeliest reading first."""
    if part is not None and part.name == "end":
        return [23 * 60 + 59] if clock is None else [clock.hour * 60 + clock.minute]
    if clock is None:
        return [_part_hour(part) * 60]
    said = clock.hour * 60 + clock.minute
    if clock.hour == 0 and part is not None and part.name in {"night", "midnight"}:
        return [said + 1440]  # 今晚零点
    if clock.sure:
        return [said]
    if part is not None:
        return [_in_part(clock, part.name)]
    if clock.hour == 12:
        return [said]
    later = said + 720
    return [said, later] if said in OFFICE_MINUTES else [later, said]


def _part_hour(part: Part | None) -> int:
    if part is None:
        return 0
    return 24 if part.name == "midnight" else PART_HOURS[part.name]


def _in_part(clock: Clock, name: str) -> int:
    hour, minutes = clock.hour, clock.minute
    if name in {"afternoon", "evening", "closing", "pm", "afterlunch"}:
        hour = hour + 12 if hour < 12 else hour
    elif name in {"night", "midnight"}:
        hour = 24 if hour == 12 else hour + (12 if 5 <= hour < 12 else 24)
    elif name == "noon":
        hour = hour + 12 if hour < 3 else hour
    elif hour == 12:  # 12 in the morning
        hour = 0 if name in {"dawn", "am"} else 12
    return hour * 60 + minutes
