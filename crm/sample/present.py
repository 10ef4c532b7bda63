"""What is going on in the sample company just now: somebody waits for everybody who decides, and some of it is late."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from crm.people.people import Member, Role
from crm.sales.customers.customers import set_credit_limit
from crm.sales.deals.stages import OPEN_STAGES
from crm.sample.deciding import Plan
from crm.sample.diary import Story, workdays_before
from crm.sample.ordering import new_draft, order
from crm.sample.pursuing import new_deal, until_stuck
from crm.sample.setting import Buyer, Setting, door

_WAITS = {role: Plan(stops_at=role, first="approve") for role in (Role.SUPERVISOR, Role.FINANCE)}
_WAITS_FOR_GM = Plan(stops_at=Role.GM, first="approve", finance="override")

# Whose order, of which of their customers, submitted how many working days ago, worth what (CNY), how far off the list.
_ORDERS = (
    ("Anna Keller", 0, 4, 86_000, None, _WAITS[Role.SUPERVISOR]),
    ("王思琪", 1, 1, 64_000, 29, _WAITS[Role.SUPERVISOR]),
    ("David Brown", 0, 2, 118_000, None, _WAITS[Role.SUPERVISOR]),
    ("周婷", 0, 1, 52_000, None, _WAITS[Role.SUPERVISOR]),
    ("李伟", 1, 3, 93_000, None, _WAITS[Role.FINANCE]),
    ("李伟", 0, 4, 640_000, 3, _WAITS_FOR_GM),
    ("David Brown", 1, 5, 71_000, 30, _WAITS_FOR_GM),
    ("吴俊杰", 0, 3, 105_000, None, Plan(first="approve", finance="deposit")),
    ("王思琪", 0, 3, 78_000, None, Plan(first="send_back")),
)
_OVER_LIMIT = ("周婷", 1, 3, 210_000)
_SMALL_LIMIT = Decimal(150_000)
_OWN = ("林雅琴", "Anna Keller", 1, 57_000)


def present(setting: Setting, *, last: date) -> Iterator[Story]:
    """The stories that lead up to the evening of `last`, the last working day."""
    for name, which, days, worth, off, plan in _ORDERS:
        yield _waiting_order(setting, setting.people[name], which, workdays_before(last, days), worth, off, plan)
    yield _over_limit(setting, last)
    yield _supervisors_own(setting, last)
    for rep in setting.all_of(Role.REP):
        for stage in OPEN_STAGES:
            yield _open_deal(setting, rep, stage, last - until_stuck(stage))
        stale = OPEN_STAGES[rep.id % 4]
        yield _open_deal(setting, rep, stale, last - until_stuck(stale) - timedelta(days=32 + rep.id))


def _waiting_order(
    setting: Setting, rep: Member, which: int, day: date, worth: float, off: int | None, plan: Plan
) -> Story:
    yield setting.on(rep, day)
    buyer = _buyer_of(setting, rep, which)
    yield from order(setting, buyer, new_draft(setting, buyer, worth=worth, off=off), plan=plan)


def _over_limit(setting: Setting, last: date) -> Story:
    """Finance has cut a customer's limit; now an order goes over it, and waits for finance."""
    name, which, days, worth = _OVER_LIMIT
    rep, finance = setting.people[name], setting.first(Role.FINANCE)
    yield setting.on(finance, last - timedelta(days=30))
    buyer = _buyer_of(setting, rep, which)
    set_credit_limit(
        setting.work, actor=finance, platform=door(finance), customer_id=buyer.customer_id, limit=_SMALL_LIMIT
    )
    yield from _waiting_order(setting, rep, which, workdays_before(last, days), worth, None, _WAITS[Role.FINANCE])


def _supervisors_own(setting: Setting, last: date) -> Story:
    """A supervisor's own order: its first step is the general manager's."""
    supervisor, rep, days, worth = _OWN
    yield setting.on(setting.people[supervisor], workdays_before(last, days))
    buyer = replace(_buyer_of(setting, setting.people[rep], 0), rep=setting.people[supervisor])
    plan = _WAITS[Role.SUPERVISOR]
    yield from order(setting, buyer, new_draft(setting, buyer, worth=worth), plan=plan)


def _open_deal(setting: Setting, rep: Member, stage: str, begin: date) -> Story:
    yield setting.on(rep, begin)
    mine = [buyer for buyer in setting.buyers if buyer.rep == rep]
    yield from new_deal(setting, setting.pick(mine), ends=stage)


def _buyer_of(setting: Setting, rep: Member, which: int) -> Buyer:
    """One of the rep's customers, the first to have become one first."""
    return [buyer for buyer in setting.buyers if buyer.rep == rep][which]
