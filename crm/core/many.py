"""Many rows as one value of a statement: the database takes them apart, and no value of theirs goes through a driver
by itself. For inserts of hundreds of rows, which it makes several times as fast.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

NUMBER, WORDS = BigInteger(), Text()
"""What a column may hold; each may be None too."""

DIALECTS = ("sqlite", "postgresql")


class Many:
    """Columns by name. `rows(dialect)` stands for them in a statement, in their order; `values` is what it is given."""

    def __init__(self, **columns: BigInteger | Text) -> None:
        self._columns = columns

    def rows(self, dialect: str) -> Any:
        """A FROM clause with these columns."""
        if dialect == "sqlite":
            each = func.json_each(bindparam("many", type_=Text())).table_valued("value")
            parts = [
                func.json_extract(each.c.value, f"$[{at}]", type_=kind).label(name)
                for at, (name, kind) in enumerate(self._columns.items())
            ]
            return select(*parts).subquery()
        arrays = [bindparam(f"many_{name}", type_=ARRAY(kind)) for name, kind in self._columns.items()]
        return func.unnest(*arrays).table_valued(*self._columns).render_derived()

    def values(self, dialect: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """The parameters that these rows come with; at least one row."""
        if dialect == "sqlite":
            return {"many": json.dumps(rows)}
        return {
            f"many_{name}": list(column) for name, column in zip(self._columns, zip(*rows, strict=True), strict=True)
        }


def as_json(dialect: str, column: Any) -> Any:
    """A column that holds JSON's text, as it is inserted into one of JSON."""
    return column if dialect == "sqlite" else cast(column, JSONB)


def as_date(dialect: str, column: Any) -> Any:
    """A column that holds a day's ISO text, as it is written into one of dates."""
    return column if dialect == "sqlite" else cast(column, Date)
