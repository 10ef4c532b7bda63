"""The base of all tables: names of constraints by one convention, so that migrations can name them."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, MetaData, Table
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declares a table; `table()` gives it to Core statements, which the roads of every message use."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger}

    @classmethod
    def table(cls) -> Table:
        table = cls.__table__
        assert isinstance(table, Table)
        return table
