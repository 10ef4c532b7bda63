"""Numbers of the trade that an administrator may change: seeded from `tradewind.toml`, then rows."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.rule_forms import form_of, problem, read_whole
from crm.core.tables import Base
from crm.core.text import T, Words
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork

_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
SHIPPED = Path(__file__).with_name("tradewind.toml")


class Rule(Base):
    """One number, under a key such as `orders.floor_margin`; kept as text."""

    __tablename__ = "rules"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@lru_cache(maxsize=1)
def shipped() -> dict[str, str]:
    """The defaults that come with the program, by key."""
    return _flat(tomllib.loads(SHIPPED.read_text("utf-8")))


def read_rules(work: UnitOfWork) -> dict[str, str]:
    """Every rule as it stands: the database's where it has one, else the default."""
    return shipped() | {row.key: row.value for row in work.connection.execute(select(Rule.key, Rule.value))}


def decimal_rule(work: UnitOfWork, key: str) -> Decimal:
    """One rule as a number. Raises KeyError for a key there is no default for."""
    return Decimal(text_rule(work, key))


def whole_rule(work: UnitOfWork, key: str) -> int:
    """One rule that counts something. Raises KeyError for a key there is no default for."""
    return whole_of({key: text_rule(work, key)}, key)


def whole_of(rules: Mapping[str, str], key: str) -> int:
    """The same of rules that were read already. Raises KeyError."""
    return read_whole(form_of(key, shipped()[key]), rules[key], shipped()[key])


def text_rule(work: UnitOfWork, key: str) -> str:
    found = work.connection.execute(select(Rule.value).where(Rule.key == key)).scalar()
    return shipped()[key] if found is None else found


def company_today(work: UnitOfWork) -> date:
    """The day it is by the company's clock, whose days plans and due dates are counted by."""
    return work.now.astimezone(ZoneInfo(text_rule(work, "company.timezone"))).date()


def set_rule(work: UnitOfWork, *, actor: Actor, key: str, value: str, called: Words | None = None) -> None:
    """Change a rule. Raises NotFound for an unknown key, Invalid where a number is no number, a time no time.

    `called`: its name as people read it, for what is wrong; else its key.
    """
    if key not in shipped():
        raise NotFound(T("There is no rule {key}.", key=key))
    before = text_rule(work, key)
    value = value.strip()
    check_value(key, value, called=called)
    if key == "company.base_currency":
        # Every amount kept in the base currency would silently mean something else.
        raise Invalid(T("The base currency is chosen once, before the first start, and stays."))
    if key == "company.timezone":
        raise Invalid(T("The company's time zone is chosen once, before the first start, and stays."))
    work.connection.execute(delete(Rule).where(Rule.key == key))
    work.connection.execute(insert(Rule), {"key": key, "value": value, "changed_at": work.now})
    history.record(work, actor=actor, entity="rule", entity_id=0, act=key, changes={key: (before, value)})


def check_value(key: str, value: str, *, called: Words | None = None) -> None:
    """Raise Invalid where the value is not of the form this rule takes; `called` as `set_rule` has it."""
    example = shipped()[key]
    wrong = problem(form_of(key, example), value, called=called or key, example=example)
    if wrong is not None:
        raise Invalid(wrong)


def seed_rules(work: UnitOfWork, file: Path | None, *, base_currency: str, timezone: str = "") -> int:
    """Write a company's own `tradewind.toml`, its currency and zone into a database without rules; returns how many."""
    if work.connection.execute(select(Rule.key).limit(1)).first() is not None:
        return 0
    told = {} if file is None else _flat(tomllib.loads(file.read_text("utf-8")))
    own = {key: value for key, value in told.items() if key in shipped()}
    own.setdefault("company.base_currency", base_currency)
    own.setdefault("company.timezone", timezone or shipped()["company.timezone"])
    rows = [{"key": key, "value": value, "changed_at": work.now} for key, value in own.items()]
    # Several processes may start on a new database at once.
    row = _DIALECTS[work.connection.dialect.name].insert(Rule)
    work.connection.execute(row.on_conflict_do_nothing(), rows)
    return len(own)


def keep_timezone(work: UnitOfWork, timezone: str) -> None:
    """Write the company's zone into a database from before there was one; nothing where it has its own, or no rules."""
    known = set(work.connection.execute(select(Rule.key)).scalars())
    if known and "company.timezone" not in known:
        row = {"key": "company.timezone", "value": timezone, "changed_at": work.now}
        work.connection.execute(insert(Rule), row)


def read_file(text: str) -> dict[str, str]:
    """What the sections of a `tradewind.toml` say, by key, known to the program or not.

    Raises tomllib.TOMLDecodeError.
    """
    return _flat(tomllib.loads(text))


def _flat(tables: dict[str, object]) -> dict[str, str]:
    return {
        f"{section}.{key}": str(value)
        for section, table in tables.items()
        if isinstance(table, dict)
        for key, value in table.items()
    }
