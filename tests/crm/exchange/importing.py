"""Short words for importing in tests: rows as lines of text in, counts and reasons out."""

from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.exchange.importing import Kind, plan_import, run_import
from crm.exchange.plan import ImportPlan


def plan(database: Database, kind: str, text: str, *, currency: str | None = None) -> ImportPlan:
    with database.read() as work:
        return plan_import(work, kind=Kind(kind), data=text.encode(), currency=currency)


def run(database: Database, kind: str, text: str, *, currency: str | None = None) -> ImportPlan:
    with database.write() as work:
        return run_import(work, actor=COMMAND_LINE, kind=Kind(kind), data=text.encode(), currency=currency)


def counts(done: ImportPlan) -> dict[str, int]:
    """Only what there is of."""
    return {state: count for state, count in done.counts().items() if count}


def reasons(done: ImportPlan) -> dict[int, str]:
    """Why rows are left out, by line, in the wording's own words."""
    return {row.line: row.reason.message for row in done.rows if row.reason is not None}
