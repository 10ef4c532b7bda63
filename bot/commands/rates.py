"""`tradewind rates`: what foreign currencies are worth in the company's own."""

from typing import Annotated

import typer

from bot.commands.opened import opened
from bot.handlers.company.rates import read_rate
from crm.core.history import COMMAND_LINE
from crm.core.rules import text_rule
from crm.ledger.exchange_rates import change_rate, rates_on

rates_commands = typer.Typer(help="Exchange rates.", no_args_is_help=True)


@rates_commands.command("list")
def list_rates() -> None:
    """List the rates that hold today."""
    with opened() as database, database.read() as work:
        base = text_rule(work, "company.base_currency")
        found = rates_on(work, day=work.now.date())
        for row in found:
            print(f"1 {row.currency} = {row.rate.normalize():f} {base}, since {row.valid_from}")
    if not found:
        print("None is set yet. Set one with: tradewind rates set USD 7.1")


@rates_commands.command("set")
def set_one(
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="Such as USD.")],
    rate: Annotated[str, typer.Argument(metavar="RATE", help="What one of it is worth in the company's own currency.")],
) -> None:
    """Set a rate from today on; orders keep the one they were submitted at."""
    with opened() as database, database.write() as work:
        change_rate(
            work, actor=COMMAND_LINE, currency=currency.upper(), rate=read_rate(rate), valid_from=work.now.date()
        )
    print(f"1 {currency.upper()} is now {rate}.")
