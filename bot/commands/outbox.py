"""`tradewind outbox`: what could not be sent, to be seen, tried again or dropped."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.commands.opened import opened
from crm.core.unsent import drop_rows, retry_rows, unsent_rows

outbox_commands = typer.Typer(help="Messages that wait or could not be sent.", no_args_is_help=True)
Rows = Annotated[list[int], typer.Argument(help="Numbers from the list; none: all that were given up.")]


@outbox_commands.command("list")
def list_rows(
    everything: Annotated[bool, typer.Option("--all", help="Also those that only wait.")] = False,
) -> None:
    """List messages given up, and with --all those still waiting."""
    with opened() as database, database.read() as work:
        rows = unsent_rows(work, with_pending=everything)
    table = Table("Number", "State", "Platform", "Chat", "Written", "Held until", "Tries", "Last error", box=None)
    for row in rows:
        table.add_row(
            str(row.id),
            row.status,
            row.platform or "",
            row.external_id or "",
            f"{row.created_at:%Y-%m-%d %H:%M} UTC",
            "" if row.not_before is None else f"{row.not_before:%Y-%m-%d %H:%M} UTC",
            str(row.attempts),
            row.last_error or "",
        )
    if rows:
        Console().print(table)
    else:
        print("Nothing waits, nothing was given up." if everything else "Nothing was given up.")


@outbox_commands.command("retry")
def retry(rows: Rows = []) -> None:  # noqa: B006 - typer reads the default, nobody changes it
    """Try given-up messages again."""
    with opened() as database, database.write() as work:
        print(f"{retry_rows(work, row_ids=rows)} to be tried again.")


@outbox_commands.command("drop")
def drop(rows: Rows = []) -> None:  # noqa: B006
    """Give given-up messages up for good; one that only waits, where its number is named."""
    with opened() as database, database.write() as work:
        print(f"{drop_rows(work, row_ids=rows)} dropped.")
