"""What form a rule's value takes: by the value that is shipped, or by its key where that says too little."""

import re
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Literal

from crm.core.text import T, Text, Words

_Kind = Literal["whole", "decimal", "time", "weekdays", "day_list", "text"]
_MOST = 10**15
"""No number of the trade is larger; `1e400` is a slip."""
_DAY_LIST = re.compile(r"\d{1,3}([,，\s]+\d{1,3}){0,9}")


@dataclass(frozen=True, slots=True)
class Form:
    """`least` and `most`: of numbers, both included. `may_be_empty`: no value means there is none of it."""

    kind: _Kind
    least: int = 0
    most: int = _MOST
    may_be_empty: bool = False


_BY_KEY = {
    "people.work_days": Form("weekdays"),
    "people.quiet_from": Form("time", may_be_empty=True),
    "people.quiet_to": Form("time", may_be_empty=True),
    "digests.gm_weekday": Form("whole", 1, 7),
    "digests.lines": Form("whole", 1, 100),
    "digests.late_hours": Form("decimal", most=1000),
    "tasks.late_hours": Form("decimal", most=1000),
    "tasks.late_minutes": Form("decimal", most=1000),
    "tasks.next_days": Form("whole", 1, 3650),
    "tasks.later_days": Form("whole", 1, 3650),
    "grading.day": Form("whole", 1, 28),
    "service.visit_day": Form("whole", 1, 99),  # later than any day of a month: never
    "orders.floor_margin": Form("decimal", most=100),
    "orders.remind_after_hours": Form("decimal", most=1000),
    "orders.escalate_after_hours": Form("decimal", most=1000),
}
_BY_END = (("_days", 3650), ("_hours", 8760), ("", 1_000_000))
"""The largest whole number, by how the key ends: ten years, a year, anything else that is counted."""


def form_of(key: str, shipped: str) -> Form:
    """The form of a rule that comes with this value."""
    section, _, name = key.partition(".")
    if key in _BY_KEY:
        return _BY_KEY[key]
    if name.startswith("cadence_"):
        return Form("day_list", may_be_empty=True)
    if is_time(shipped):
        return Form("time")
    if not is_number(shipped) or section in ("company", "letterhead"):
        return Form("text")
    if "." in shipped or section == "grading":
        return Form("decimal")
    if "days_" in name:
        return Form("whole", most=3650)
    return Form("whole", most=next(most for end, most in _BY_END if name.endswith(end)))


def problem(form: Form, value: str, *, called: Words | str, example: str) -> Text | None:
    """What is wrong with a value of this form; None where it is well."""
    if form.may_be_empty and not value:
        return None
    if form.kind == "time" and not is_time(value):
        return T("“{key}” takes a time of day, such as {example}.", key=called, example=example or "22:00")
    if form.kind == "decimal" and not _between(form, value):
        return T("“{key}” takes a number, such as {example}.", key=called, example=example)
    if form.kind == "whole" and not (_between(form, value) and value.isascii() and value.isdecimal()):
        return T(
            "“{key}” takes a whole number from {least} to {most}, such as {example}.",
            key=called,
            least=form.least,
            most=form.most,
            example=example,
        )
    if form.kind == "weekdays" and not (value and set(value) <= set("1234567") and len(set(value)) == len(value)):
        return T(
            "“{key}” takes the days of a week as digits, 1 is Monday, such as {example}.", key=called, example=example
        )
    if form.kind == "day_list" and not _DAY_LIST.fullmatch(value):
        return T("“{key}” takes days with commas between, such as {example}; or nothing.", key=called, example=example)
    return None


def read_whole(form: Form, value: str, shipped: str) -> int:
    """A whole number as it stands; of one kept before its form was asked for, the nearest that the form allows."""
    told = Decimal(value) if is_number(value) else Decimal(shipped)
    return int(min(max(told, Decimal(form.least)), Decimal(form.most)))


def is_time(value: str) -> bool:
    """`08:30`, as the rules have it."""
    try:
        return len(value) == 5 and time.fromisoformat(value) is not None
    except ValueError:
        return False


def is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _between(form: Form, value: str) -> bool:
    return is_number(value) and form.least <= Decimal(value) <= form.most
