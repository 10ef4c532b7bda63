"""Rules for zones behind or before a time: 4pm CET, 10am UTC-3, 北京时间, 08:00+02:00."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

from crm.language.dating.clock import make_clock
from crm.language.dating.grammar import Clock, Context, Found, Pieces, Rule, Zone, rules
from crm.language.dating.vocabulary import ZONES


def _zone(found: Found, _: Context) -> Pieces | None:
    """GMT, ET, GMT+8, UTC-03:30"""
    if found["zone"].value == "utc":
        place: float | str = 0
    else:
        place = ZONES[found["zone"].text]
    if isinstance(place, str):
        return Zone(ZoneInfo(place), leading=not found["zone"].text.isascii())
    if "sign" in found and found["sign"].end != found["oh"].start:
        return None
    return _east(place, found)


def _offset(found: Found, _: Context) -> Pieces | None:
    """08:00+02:00"""
    if found["sign"].end != found["oh"].start or len(found["oh"].text) not in {2, 4}:
        return None
    clock = make_clock(found["h"].number, found["m"].number)
    zone = _east(0, found)
    return None if clock is None or zone is None else (Clock(clock.hour, clock.minute, sure=True), zone)


def _east(base: float, found: Found) -> Zone | None:
    minutes = 0
    if "sign" in found:
        hours, rest = found["oh"].number, found["om"].number if "om" in found else 0
        if len(found["oh"].text) == 4:
            hours, rest = divmod(hours, 100)
        if hours > 14 or rest > 59:
            return None
        minutes = (hours * 60 + rest) * (-1 if found["sign"].kind == "-" else 1)
    return Zone(timezone(timedelta(hours=base, minutes=minutes)))


ZONE_RULES: tuple[Rule, ...] = (
    *rules(
        _offset,
        "num=h : num=m +=sign num=oh",
        "num=h : num=m +=sign num=oh : num=om",
        "num=h : num=m : num=s +|-=sign num=oh",
        "num=h : num=m : num=s +|-=sign num=oh : num=om",
        "num=h : num=m : num=s . num=f +|-=sign num=oh : num=om",
    ),
    *rules(_zone, "zone", "( zone )", "zone +|-=sign num=oh", "zone +|-=sign num=oh : num=om"),
)
