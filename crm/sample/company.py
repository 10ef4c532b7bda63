"""Builds the sample company: 18 months of its life, told through the services, up to the last working day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.core.work import UnitOfWork
from crm.people.people import list_members
from crm.sample.buying import established, in_the_pool
from crm.sample.catalogue import build_catalogue, build_rates, count_stock
from crm.sample.diary import Story, workday, workdays_before
from crm.sample.firms import CUSTOMERS_A_COUNTRY, read_firms
from crm.sample.letterhead import build_letterhead
from crm.sample.making import build_makers
from crm.sample.news import forget_what_is_past
from crm.sample.people import build_people
from crm.sample.present import present
from crm.sample.prospecting import converted_lead, fruitless_lead, open_lead, pooled_lead
from crm.sample.setting import Firm, Setting

ZONE = ZoneInfo("Asia/Shanghai")

_LENGTH = timedelta(days=548)
RECENT = timedelta(days=70)
"""So long ago the store was counted, and little was found in it: since then most of what is sold is made."""
_FOLLOW_UPS = (-5, -1, 0, 2, 0, -2, 1, 7)
_STATUSES = ("new", "contacted", "qualified")


def build_company(work: UnitOfWork) -> None:
    """Tell the company's history into an empty database; nothing where somebody is.

    All of it is one transaction, so it is there whole or not at all; the time of `work` goes through the history and
    back to what it was. The same day gives the same company.
    """
    if list_members(work):
        return
    now = work.now
    today = now.astimezone(ZONE).date()
    begin, last = workday(today - _LENGTH), workdays_before(today, 1)
    work.now = datetime.combine(begin, time(8, 30), ZONE)
    build_people(work)
    build_letterhead(work)
    setting = Setting(work)
    build_rates(setting, begin=begin)
    build_catalogue(setting)
    build_makers(setting)
    setting.diary.begin(count_stock(setting, day=last - RECENT))
    for story in (*_customers(setting, begin, last), *_leads(setting, begin, today), *present(setting, last=last)):
        setting.diary.begin(story)
    setting.diary.tell(until=datetime.combine(last, time(18, 30), ZONE))
    work.now = now
    forget_what_is_past(work)


def _customers(setting: Setting, begin: date, last: date) -> Iterator[Story]:
    """Those that were there from the start, some in the pool, and those that came as leads."""
    firms = [firm for firm in read_firms() if firm.place < CUSTOMERS_A_COUNTRY]
    for number, firm in enumerate(firms):
        country = number // CUSTOMERS_A_COUNTRY
        if firm.place == 0 or (firm.place == 1 and country % 5 < 3):
            yield established(setting, firm, begin=begin + timedelta(days=1 + number // 6))
        elif firm.place == 3 and country % 3 == 0:
            yield in_the_pool(setting, firm, begin=begin + timedelta(days=2))
        else:
            came = setting.chance.randint(15, (last - begin).days - 45)
            yield converted_lead(setting, firm, begin=begin + timedelta(days=came))


def _leads(setting: Setting, begin: date, today: date) -> Iterator[Story]:
    """Those that came to nothing, those in the pool, and those that somebody is at."""
    prospects = [firm for firm in read_firms() if firm.place >= CUSTOMERS_A_COUNTRY]
    for number, firm in enumerate(prospects):
        yield _lead(setting, firm, number, begin, today)


def _lead(setting: Setting, firm: Firm, number: int, begin: date, today: date) -> Story:
    chance = setting.chance
    match number % 5:
        case 0 | 1 if number % 15 != 11:
            return open_lead(
                setting,
                firm,
                begin=workdays_before(today, chance.randint(5, 20)),
                status=_STATUSES[number % len(_STATUSES)],
                follow_up=today + timedelta(days=_FOLLOW_UPS[number % len(_FOLLOW_UPS)]),
            )
        case 2:
            return pooled_lead(
                setting, firm, begin=today - timedelta(days=chance.randint(28, 120)), claimed=number % 15 == 2
            )
    came = chance.randint(10, (today - begin).days - 40)
    return fruitless_lead(setting, firm, begin=begin + timedelta(days=came), withdrawn=number % 15 == 3)
