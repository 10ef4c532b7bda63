"""Who makes what the sample company sells, and how its orders are made: reported by production, now and then late."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.core.rules import company_today
from crm.fulfilment.makers import MakerDetails, save_maker
from crm.fulfilment.making import report_done, report_late
from crm.fulfilment.milestones import milestones_of
from crm.fulfilment.plans import read_pace
from crm.people.people import Role
from crm.sample.diary import Story
from crm.sample.setting import Setting, door

_MAKERS = (
    ("余姚晨光灯具厂", "Lighting", 4_000, False, "12345"),
    ("永康鼎盛厨具厂", "Kitchenware", 900, False, "12345"),
    ("永康力达五金厂", "Tools", 700, False, "123456"),
    ("绍兴锦织家纺厂", "Textiles", 1_500, False, "12345"),
    ("远帆户外用品厂", "Outdoor", 600, True, "12345"),
)
_REPORTED = ("started", "ready")
_LATE = 6
"""Every so many orders are late by a few days when their goods should be ready."""


def build_makers(setting: Setting) -> None:
    """Four suppliers and the company's own factory, each looked after by somebody in production."""
    admin, production = setting.first(Role.ADMIN), setting.all_of(Role.PRODUCTION)
    for number, (name, category, per_day, is_own, days) in enumerate(_MAKERS):
        details = MakerDetails(
            name=name,
            category=category,
            per_day=Decimal(per_day),
            is_own=is_own,
            days=days,
            holidays="CN",
            person_id=production[number % len(production)].id,
        )
        save_maker(setting.work, actor=admin, platform=door(admin), details=details)


def made(setting: Setting, order_id: int) -> Story:
    """What is not in stock is begun and finished, each on its day; nothing where all lay there."""
    rows = _milestones(setting, order_id)
    if not rows:
        return
    people = {one.id: one for one in setting.all_of(Role.PRODUCTION)}
    owner = people.get(rows[0].person_id or 0, setting.first(Role.PRODUCTION))
    by: dict[str, Any] = {"actor": owner, "platform": door(owner), "order_id": order_id}
    is_late = order_id % _LATE == 0
    for key in _REPORTED:
        while (day := _day_of(setting, order_id, key)) > company_today(setting.work):
            yield setting.on(owner, day)
        if key == "ready" and is_late:
            is_late = False
            until = read_pace(setting.work).after(company_today(setting.work), 3)
            report_late(setting.work, **by, key=key, until=until)
            yield setting.on(owner, until)
        report_done(setting.work, **by, key=key)


def _milestones(setting: Setting, order_id: int) -> Sequence[Any]:
    return milestones_of(setting.work, [order_id]).get(order_id, [])


def _day_of(setting: Setting, order_id: int, key: str) -> Any:
    return next(row.planned_on for row in _milestones(setting, order_id) if row.key == key)
