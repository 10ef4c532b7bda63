"""`tradewind rules`: the numbers of the trade and who gets a lead, written to a file or looked over in one."""

import contextlib
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.opened import opened
from bot.wording import wording
from crm.core.rule_files import mistakes, rules_as_toml
from crm.sales.leads.assignment_rules import assignment_as_toml, assignment_mistakes
from crm.sales.leads.lead_form import lead_form_as_toml, lead_form_mistakes

rules_commands = typer.Typer(help="The numbers of the trade.", no_args_is_help=True)


@rules_commands.command("export")
def export_rules(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it; else it is printed.")] = None,
) -> None:
    """Write the rules as they stand, as a tradewind.toml that seeds another database with the same."""
    with opened() as database, database.read() as work:
        parts = (rules_as_toml(work), assignment_as_toml(work), lead_form_as_toml(work))
    text = "\n".join(part for part in parts if part)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, "utf-8")
    print(f"The rules are in {out}.")


@rules_commands.command("check")
def check_rules(file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as tradewind.toml.")]) -> None:
    """Say what of such a file could not be read; exit 1 if anything could not."""
    text = file.read_text("utf-8")
    found = mistakes(text)
    with contextlib.suppress(tomllib.TOMLDecodeError):  # said already
        found += [*assignment_mistakes(text), *lead_form_mistakes(text)]
    say = wording("en", "UTC")
    for one in found:
        print(say(one), file=sys.stderr)
    if found:
        raise typer.Exit(1)
    print(f"All of {file} can be read.")
