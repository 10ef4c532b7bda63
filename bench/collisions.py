"""(l) The collision guard: one lead looked up among 100,000 customers and 100,000 open leads."""

import functools
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from crm.core.database import Database
from crm.core.work import UnitOfWork
from crm.language.company_names import search_keys
from crm.language.names import search_key
from crm.people.people import find_by_name
from crm.sales.collisions.collisions import collisions
from crm.sales.company_keys import CompanyKey
from crm.sales.customers.contacts import Contact
from crm.sales.customers.customers import Customer
from crm.sales.leads.leads import Lead, LeadDetails
from crm.sales.searching import name_key

from .harness import Bench, Sides, Within
from .house import REP, open_house, sample_company

MANY, LOOKED_UP = 100_000, 200
_AT_ONCE = 5_000
_NOW = datetime(2026, 3, 2, tzinfo=UTC)
_SYLLABLES = "al an ar bel bor can cor dan del dor el en far fen gal gor han hel in jan kar kel lan lor mar mel nor os "
_SYLLABLES += (
    "pal per qui ran rol san sel tan tor ul van vel wal win yor zan zel bach berg feld haus stein mann wood ton"
)
_TRADES = ("Trading", "International", "Electronics", "Group", "Lighting", "Handel", "Import Export", "Technology", "")
_FORMS = ("Ltd", "GmbH", "LLC", "Inc", "S.A.", "Co., Ltd.", "B.V.", "")
_CHINESE = "万通达华宏信德远东方瑞嘉恒泰盛隆兴昌利金星辰海天龙凤云飞鹏程正大明光新中联创佳美福安康乐和祥永顺吉庆丰裕益"
_CITIES = ("深圳市", "广州", "宁波", "义乌市", "东莞市", "上海", "")
_TRADES_ZH = ("贸易", "电子", "科技", "进出口", "照明", "实业", "国际贸易")


def company_names(count: int, seed: int) -> Iterator[str]:
    """Names such as people have: a third Chinese, of one or two words of their own, many of them alike."""
    draw = random.Random(seed)
    syllables = _SYLLABLES.split()
    for _ in range(count):
        if draw.random() < 1 / 3:
            own = "".join(draw.choices(_CHINESE, k=draw.choice((2, 2, 3))))
            yield f"{draw.choice(_CITIES)}{own}{draw.choice(_TRADES_ZH)}{draw.choice(('有限公司', ''))}"
            continue
        words = [
            "".join(draw.choices(syllables, k=draw.choice((2, 2, 3)))).title() for _ in range(draw.choice((1, 1, 2)))
        ]
        yield " ".join(part for part in (*words, draw.choice(_TRADES), draw.choice(_FORMS)) if part)


@contextmanager
def _sides(kind: str) -> Iterator[Sides]:
    with open_house(kind, _fill) as house, closing(Database(house.copy())) as database:
        with database.write() as work:
            if kind == "postgresql":
                work.connection.exec_driver_sql("ANALYZE")
        all_times: list[float] = []
        found: list[int] = []

        def run() -> float:
            with database.read() as work:
                times = [_timed(work, one, found) for one in _wanted()]
            all_times.extend(times)
            return statistics.median(times)

        def notes() -> Iterator[str]:
            worst = statistics.quantiles(all_times, n=100)[98]
            yield f"{kind}: of 100 leads the slowest: {worst * 1e3:.1f} ms; {statistics.mean(found):.1f} found for one"

        yield Sides(run, notes=notes)


def _timed(work: UnitOfWork, details: LeadDetails, found: list[int]) -> float:
    began = time.perf_counter()
    found.append(len(collisions(work, details=details)))
    return time.perf_counter() - began


@functools.cache
def _wanted() -> tuple[LeadDetails, ...]:
    """Half of them customers by another name, half new."""
    known = [name.removesuffix(" Ltd").removesuffix("有限公司") for name in company_names(LOOKED_UP // 2, seed=1)]
    new = list(company_names(LOOKED_UP // 2, seed=3))
    return tuple(
        LeadDetails(company=name, contact="x", source="other", product_need="lamps", **_reach(at + MANY * 3))
        for at, name in enumerate([*known, *new])
    )


def _reach(at: int) -> dict[str, Any]:
    return {"phone": f"+4930{at:08}", "email": f"sales@firm{at}.example"}


def _fill(database: Database) -> None:
    sample_company(database)
    with database.write() as work:
        owner = find_by_name(work, name=REP).id
        _add(work, "customer", Customer, owner, company_names(MANY, seed=1), 0)
        _add(work, "lead", Lead, owner, company_names(MANY, seed=2), MANY)


def _add(work: UnitOfWork, kind: str, table: Any, owner: int, names: Iterator[str], first: int) -> None:
    make = _customer if kind == "customer" else _lead
    rows, contacts, keys = [], [], []
    for at, name in enumerate(names, 1):
        rows.append(make(at, name, owner, first))
        keys += [{"key": key, "kind": kind, "record_id": at} for key in search_keys(name)]
        if kind == "customer":
            domain = {"email_domain": f"firm{first + at}.example"}
            person = {"customer_id": at, "name": "x", "search_key": "x", "is_main": True}
            contacts.append(person | domain | _reach(first + at))
        if at % _AT_ONCE == 0:
            for to, what in ((table, rows), (Contact, contacts), (CompanyKey, keys)):
                if what:
                    work.connection.execute(insert(to), what)
            rows, contacts, keys = [], [], []


def _customer(at: int, name: str, owner: int, first: int) -> dict[str, Any]:
    keys = {"name_key": name_key(name), "search_key": search_key(name)}
    rest = {"grade": "C", "status": "active", "tags": [], "created_at": _NOW, "changed_at": _NOW}
    return {"id": at, "name": name, "owner_id": owner} | keys | rest


def _lead(at: int, name: str, owner: int, first: int) -> dict[str, Any]:
    stamps = {"created_at": _NOW, "changed_at": _NOW, "touched_at": _NOW}
    rest = {"source": "other", "product_need": "x", "status": "new", "tags": [], "next_follow_up_has_time": False}
    reach = _reach(first + at) | {"email_domain": f"firm{first + at}.example"}
    return {"id": at, "company": name, "contact": "x", "owner_id": owner} | stamps | rest | reach


COLLISIONS_BENCHES = tuple(
    Bench(
        name=f"collision search among 200,000, {label}",
        open=functools.partial(_sides, kind),
        aim=Within(0.020),
        runs=3,
    )
    for kind, label in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
)
