"""`tradewind import`: customers or products out of a spreadsheet saved as CSV."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.opened import opened
from bot.wording import wording
from crm.core.history import COMMAND_LINE
from crm.exchange.importing import Kind, plan_import, run_import
from crm.exchange.plan import ImportPlan


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header line; UTF-8 or GBK.")],
    kind: Annotated[Kind, typer.Option(help="What the file holds.")],
    currency: Annotated[
        str | None, typer.Option(help="Of rows that tell none, such as USD; else prices are in the base currency.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Import customers or products: new ones are added, known ones brought up to date.

    Asks before it writes when started at a terminal. Faulty and duplicate rows are listed and left out.
    """
    data = file.read_bytes()
    code = currency.upper() if currency is not None else None
    with opened() as database:
        with database.read() as work:
            plan = plan_import(work, kind=kind, data=data, currency=code)
        _say(file, plan)
        if dry_run:
            print("This was a dry run: nothing was written.")
            return
        if not plan.writes():
            print("There is nothing to write.")
            return
        if not yes and sys.stdin.isatty() and not typer.confirm(f"Write {plan.writes()} {kind.value}?"):
            raise typer.Exit(1)
        with database.write() as work:
            done = run_import(work, actor=COMMAND_LINE, kind=kind, data=data, currency=code)
    print(f"Written: {done.counts()['new']} new, {done.counts()['changed']} changed.")


def _say(file: Path, plan: ImportPlan) -> None:
    draw = wording("en", "UTC")
    print(f"{file.name}: {len(plan.rows)} rows: " + ", ".join(f"{n} {state}" for state, n in plan.counts().items()))
    if plan.unread:
        print(f"Not read: {', '.join(plan.unread)}")
    _list([f"line {row.line}: {row.state}: {draw(row.reason)}" for row in plan.rows if row.reason is not None], 50)
    _list([f"line {row.line}: {draw(remark)}" for row in plan.rows if row.save for remark in row.remarks], 5)


def _list(lines: list[str], most: int) -> None:
    for line in lines[:most]:
        print(f"  {line}")
    if len(lines) > most:
        print(f"  and {len(lines) - most} more")
