"""The collision guard: whether somebody looks after this company already. Guide 2.1.

Exact: the same phone, e-mail, WeChat or WhatsApp, or a mail domain of its own. Otherwise names that are alike. Open
leads and customers, whoever owns them: of a colleague's no more is told than the name and whose it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, literal_column, select, text, union_all

from crm.core.text import T, Text
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.language.company_names import SAME, same_company, search_keys
from crm.language.contacts import email_domain
from crm.people.people import Person
from crm.sales.company_keys import CUSTOMER, LEAD, named_alike
from crm.sales.customers.contacts import WAYS, Contact
from crm.sales.customers.customers import Customer
from crm.sales.leads.leads import OPEN_STATUSES, Lead, LeadDetails

MOST = 5
_LOOKED_AT = 60
"""Names looked at closely: the best of those found by their keys."""
_OF_A_WAY = 20

_LEADS, _CUSTOMERS, _CONTACTS = Lead.table(), Customer.table(), Contact.table()
_OWNERS = Person.table().alias("owners")


@dataclass(frozen=True, slots=True)
class Collision:
    """An open lead or a customer that may be the same company. `owner_id` None: in the pool."""

    kind: Literal["lead", "customer"]
    record_id: int
    name: str
    owner_id: int | None
    owner_name: str | None
    why: Text
    is_exact: bool


_WHY = {
    "phone": T("the same phone number"),
    "email": T("the same e-mail address"),
    "wechat": T("the same WeChat"),
    "whatsapp": T("the same WhatsApp number"),
}
_ORDER = (*_WHY, "domain", "name")


def collisions(work: UnitOfWork, *, details: LeadDetails, besides: int | None = None) -> list[Collision]:
    """Who else may be this company, best first, at most MOST; `besides`: a lead that is not looked at, being this one.

    What is exact comes first, by phone before e-mail before domain; then the names most alike.
    """
    reasons: dict[tuple[str, int], tuple[str, float]] = {}
    for way, kind, record_id in _reached(work, details):
        known = reasons.get((kind, record_id))
        if known is None or _ORDER.index(way) < _ORDER.index(known[0]):
            reasons[kind, record_id] = way, 1.0
    alike = [one for one in named_alike(work, details.company, most=_LOOKED_AT) if one not in reasons]
    rows = _rows(work, [*reasons, *alike])
    for record in alike:
        if record in rows and (score := same_company(details.company, rows[record].name)) >= SAME:
            reasons[record] = "name", score
    found = [(one, *reasons[one]) for one in reasons if one in rows and one != (LEAD, besides)]
    found.sort(key=lambda hit: (_ORDER.index(hit[1]), -hit[2], hit[0][0] == LEAD, hit[0][1]))
    return [_collision(record, rows[record], way, details) for record, way, _ in found[:MOST]]


def collisions_at_logging(work: UnitOfWork, *, details: LeadDetails, besides: int | None = None) -> list[Collision]:
    """`collisions` for who is about to log it: of two who log one new company in the same instant, the second waits
    here until the first has committed, and then hears of it.
    """
    _wait_for_turn(work, details)
    return collisions(work, details=details, besides=besides)


_TURNS = text("SELECT pg_advisory_xact_lock(one) FROM unnest(CAST(:turns AS bigint[])) AS one")


def _wait_for_turn(work: UnitOfWork, details: LeadDetails) -> None:
    """Until the end of the transaction nobody else looks for, to log it, what is found by one of the same keys.

    In one order, so that two never wait for each other. SQLite has one writer at a time anyway.
    """
    if work.connection.dialect.name != "postgresql":
        return
    name = details.company
    keys = {f"name:{key}" for key in (*search_keys(name), *search_keys(name, to_find=True))}
    # A number may stand as phone here and as WhatsApp there.
    said = {"phone": "number", "whatsapp": "number"}
    keys |= {f"{said.get(way, way)}:{value}" for way in WAYS if (value := getattr(details, way))}
    keys |= {f"domain:{domain}" for domain in (email_domain(details.email or ""),) if domain}
    turns = sorted(int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True) for key in keys)
    work.connection.execute(_TURNS, {"turns": turns})


def _collision(record: tuple[str, int], row: Any, way: str, details: LeadDetails) -> Collision:
    kind: Any = record[0]
    if way == "domain":
        why = T("the same mail domain, {domain}", domain=email_domain(details.email or "") or "")
    else:
        why = _WHY.get(way) or (T("the same name") if _is_named_so(details, row) else T("a name like it"))
    return Collision(kind, record[1], row.name, row.owner_id, row.owner_name, why, way != "name")


def _is_named_so(details: LeadDetails, row: Any) -> bool:
    name: str = row.name
    return details.company.casefold().split() == name.casefold().split()


def _reached(work: UnitOfWork, details: LeadDetails) -> Iterable[tuple[str, str, int]]:
    """How, kind and id of the records that are reached in the same way, a bounded number of each."""
    values: dict[str, str] = {way: value for way in WAYS if (value := getattr(details, way))}
    domain = email_domain(details.email) if details.email else None
    if domain is not None:
        values["domain"] = domain
    if not values:
        return []
    # A number may stand as phone here and as WhatsApp there.
    for one, other in (("phone", "whatsapp"), ("whatsapp", "phone")):
        if one in values and other not in values:
            values[f"{one}:{other}"] = values[one]
    parts = [part for way in values for part in _of_way(way)]
    parameters = {_bound(way): value for way, value in values.items()}
    return [tuple(row) for row in work.connection.execute(union_all(*parts), parameters)]


def _of_way(way: str) -> list[Any]:
    """The selects of leads and contacts reached so: `phone:whatsapp` has the phone number for its WhatsApp."""
    said, _, stored = way.partition(":")
    name = {"domain": "email_domain"}.get(stored or said, stored or said)
    told: ColumnElement[str] = literal_column(f"'{said}'")
    lead = select(told.label("way"), literal_column("'lead'").label("kind"), _LEADS.c.id.label("record_id")).where(
        _LEADS.c[name] == bindparam(_bound(way)), text("leads.status IN ('new', 'contacted', 'qualified')")
    )
    customer = select(told.label("way"), literal_column("'customer'").label("kind"), _CONTACTS.c.customer_id).where(
        _CONTACTS.c[name] == bindparam(_bound(way))
    )
    limited = [query.limit(literal_column(str(_OF_A_WAY))).subquery() for query in (lead, customer)]
    return [select(query) for query in limited]


def _bound(way: str) -> str:
    return way.replace(":", "_as_")


_OWNER = (_OWNERS.c.name.label("owner_name"),)
_NAMED_LEADS = (
    select(_LEADS.c.id, _LEADS.c.company.label("name"), _LEADS.c.owner_id, *_OWNER)
    .outerjoin(_OWNERS, _OWNERS.c.id == _LEADS.c.owner_id)
    .where(_LEADS.c.id.in_(bindparam("ids", expanding=True, type_=Id)), _LEADS.c.status.in_(OPEN_STATUSES))
)
_NAMED_CUSTOMERS = (
    select(_CUSTOMERS.c.id, _CUSTOMERS.c.name, _CUSTOMERS.c.owner_id, *_OWNER)
    .outerjoin(_OWNERS, _OWNERS.c.id == _CUSTOMERS.c.owner_id)
    .where(_CUSTOMERS.c.id.in_(bindparam("ids", expanding=True, type_=Id)), _CUSTOMERS.c.status == "active")
)


def _rows(work: UnitOfWork, records: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """Those of the records that are open leads or active customers, with their owners."""
    wanted = list(records)
    found: dict[tuple[str, int], Any] = {}
    for kind, query in ((LEAD, _NAMED_LEADS), (CUSTOMER, _NAMED_CUSTOMERS)):
        ids = [record_id for of_kind, record_id in wanted if of_kind == kind]
        if ids:
            found |= {(kind, row.id): row for row in work.connection.execute(query, {"ids": ids})}
    return found
