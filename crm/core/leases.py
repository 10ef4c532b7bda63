"""Named leases: which of several processes does a thing that only one may do (polling a Telegram token)."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork


class Lease(Base):
    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime] = mapped_column(UTCDateTime)


_LEASES = Lease.table()


def hold(work: UnitOfWork, *, name: str, holder: str, seconds: float) -> bool:
    """Take or renew the lease; False while somebody else holds it."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[work.connection.dialect.name]
    row = dialect.insert(_LEASES).values(name=name, holder=holder, until=work.now + timedelta(seconds=seconds))
    taken = row.on_conflict_do_update(
        index_elements=[_LEASES.c.name],
        set_={"holder": row.excluded.holder, "until": row.excluded.until},
        where=or_(
            _LEASES.c.holder == holder,
            _LEASES.c.until < work.now,
            _LEASES.c.until > work.now + timedelta(seconds=2 * seconds),  # by a clock that was set back since
        ),
    )
    # An insert's count of rows is only told when asked for.
    return work.connection.execute(taken.execution_options(preserve_rowcount=True)).rowcount == 1


def let_go(work: UnitOfWork, *, name: str, holder: str) -> None:
    """Give the lease back at once, so that a stand-by need not wait for its end."""
    work.connection.execute(delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder))
