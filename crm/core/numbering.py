"""Numbers of documents: `SO-2026-0031`, counted up per kind and year, without gaps within what is committed."""

from sqlalchemy import String, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.work import UnitOfWork


class Counter(Base):
    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


_COUNTERS = Counter.table()


def next_number(work: UnitOfWork, *, prefix: str, year: int) -> str:
    """The next number of this kind in this year, such as `SO-2026-0031`; holds the counter until the commit."""
    name = f"{prefix}-{year}"
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[work.connection.dialect.name]
    first = dialect.insert(_COUNTERS).values(name=name, value=1)
    counted = first.on_conflict_do_update(
        index_elements=[_COUNTERS.c.name], set_={"value": _COUNTERS.c.value + 1}
    ).returning(_COUNTERS.c.value)
    return f"{name}-{work.connection.execute(counted).scalar_one():04d}"


def start_after(work: UnitOfWork, *, prefix: str, year: int, value: int) -> None:
    """Let this kind's numbers of the year go on after `value`, where they are not further already (an import)."""
    name = f"{prefix}-{year}"
    next_number(work, prefix=prefix, year=year)
    further = update(_COUNTERS).where(_COUNTERS.c.name == name, _COUNTERS.c.value < value)
    work.connection.execute(further.values(value=value))
