"""Numbers of the trade that an administrator may change: seeded from `tradewind.toml`, then rows."""

import tomllib
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from sqlalchemy import String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork

_SHIPPED = Path(__file__).with_name("tradewind.toml")


class Rule(Base):
    """One number, under a key such as `orders.floor_margin`; kept as text."""

    __tablename__ = "rules"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


_MOST = Decimal(10) ** 15
"""No number of the trade is larger; `1e400` is a slip."""


@lru_cache(maxsize=1)
def shipped() -> dict[str, str]:
    """The defaults that come with the program, by key."""
    return _flat(tomllib.loads(_SHIPPED.read_text("utf-8")))


def read_rules(work: UnitOfWork) -> dict[str, str]:
    """Every rule as it stands: the database's where it has one, else the default."""
    return shipped() | {row.key: row.value for row in work.connection.execute(select(Rule.key, Rule.value))}


def decimal_rule(work: UnitOfWork, key: str) -> Decimal:
    """One rule as a number. Raises KeyError for a key there is no default for."""
    return Decimal(text_rule(work, key))


def text_rule(work: UnitOfWork, key: str) -> str:
    found = work.connection.execute(select(Rule.value).where(Rule.key == key)).scalar()
    return shipped()[key] if found is None else found


def set_rule(work: UnitOfWork, *, actor: Actor, key: str, value: str) -> None:
    """Change a rule. Raises NotFound for an unknown key, Invalid where a number is no number."""
    if key not in shipped():
        raise NotFound(T("There is no rule {key}.", key=key))
    before = text_rule(work, key)
    value = value.strip()
    if _is_number(shipped()[key]) and not (_is_number(value) and 0 <= Decimal(value) <= _MOST):
        raise Invalid(T("{key} takes a number, such as {example}.", key=key, example=shipped()[key]))
    if key == "company.base_currency":
        # Every amount kept in the base currency would silently mean something else.
        raise Invalid(T("The base currency is chosen once, before the first start, and stays."))
    work.connection.execute(delete(Rule).where(Rule.key == key))
    work.connection.execute(insert(Rule), {"key": key, "value": value, "changed_at": work.now})
    history.record(work, actor=actor, entity="rule", entity_id=0, act=key, changes={key: (before, value)})


def seed_rules(work: UnitOfWork, file: Path | None, *, base_currency: str) -> int:
    """Write a company's own `tradewind.toml` and its currency into a database without rules; returns how many."""
    if work.connection.execute(select(Rule.key).limit(1)).first() is not None:
        return 0
    told = {} if file is None else _flat(tomllib.loads(file.read_text("utf-8")))
    own = {key: value for key, value in told.items() if key in shipped()}
    own.setdefault("company.base_currency", base_currency)
    rows = [{"key": key, "value": value, "changed_at": work.now} for key, value in own.items()]
    work.connection.execute(insert(Rule), rows)
    return len(own)


def _flat(tables: dict[str, object]) -> dict[str, str]:
    return {
        f"{section}.{key}": str(value)
        for section, table in tables.items()
        if isinstance(table, dict)
        for key, value in table.items()
    }


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False
