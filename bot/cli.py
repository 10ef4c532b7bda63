"""The command line: `tradewind`. Every refusal is one sentence on standard error and exit status 1."""

import importlib.metadata
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.import_ import import_file
from bot.commands.outbox import outbox_commands
from bot.commands.people import people_commands
from bot.commands.rates import rates_commands
from bot.commands.rules import rules_commands
from bot.commands.slack_manifest import print_manifest
from bot.config import read_settings
from bot.stopping import serve_until_stopped
from bot.wording import wording
from crm.core.errors import SettingsError, StoreUnavailable, TradewindError

app = typer.Typer(
    name="tradewind",
    help="A chat assistant for trading companies: leads, deals, orders and approvals in the chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(people_commands, name="people")
app.add_typer(rates_commands, name="rates")
app.add_typer(rules_commands, name="rules")
app.add_typer(outbox_commands, name="outbox")
app.command("import")(import_file)
app.command("slack-manifest")(print_manifest)


def main() -> None:
    """Entry point: what is expected to go wrong is said in a sentence, never a traceback."""
    try:
        app()
    except SettingsError as error:
        _fail(str(error))
    except TradewindError as error:
        _fail(wording("en", "UTC")(error.text))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except StoreUnavailable as error:
        _fail(f"The database cannot be used just now: {str(error).splitlines()[0]}")


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(importlib.metadata.version("tradewind"))
        raise typer.Exit


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8080,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the demo's data and stop.")] = False,
) -> None:
    """Try everything in the browser, with a sample company: no token, nothing to configure."""
    from bot import demo as trial

    if reset:
        print(trial.reset())
        return
    settings = trial.prepare(port=port)
    serve_until_stopped(
        settings, lambda address: print(f"Tradewind is at {address} (Ctrl-C stops it)", flush=True), say=None
    )


@app.command()
def run() -> None:
    """Run every configured platform, the scheduler and the web server, and tell how each is doing when it changes."""
    settings = read_settings()
    settings.key()

    def ready(address: str) -> None:
        print(f"Tradewind is running at {address}", flush=True)
        if not settings.has_door():
            print("No platform is configured, so nobody can reach it: tradewind doctor says how.", file=sys.stderr)

    serve_until_stopped(settings, ready, say=lambda line: print(line, flush=True))


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version, and count the kept figures anew where they differ from the rows."""
    from crm.core.database import Database
    from crm.core.rules import keep_timezone
    from crm.insight.recounting import mend_figures
    from crm.migrations import migrate as upgrade

    settings = read_settings()
    _make_folder(settings.database_url)
    database = Database(settings.database_url)
    before, now = upgrade(database)
    with database.write() as work:
        keep_timezone(work, settings.timezone)
        mend_figures(work)
    print(f"The database is at revision {now}." if before == now else f"Migrated from {before or 'nothing'} to {now}.")


@app.command()
def doctor() -> None:
    """Say what is wrong with the set-up and how to mend it; exit 1 if Tradewind could not run."""
    from bot.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'ok   ' if finding.good else 'WRONG' if finding.fatal else 'note '} {finding.text}")
    if any(finding.fatal and not finding.good for finding in findings):
        raise typer.Exit(1)


@app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must not exist.")]) -> None:
    """Write the whole database to one file, while Tradewind runs."""
    from bot.backups import write_backup

    print(write_backup(read_settings().database_url, file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup has written.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is in the database without asking.")] = False,
) -> None:
    """Put a backup in place of the database. Tradewind must be stopped."""
    from bot.backups import restore_backup

    url = read_settings().database_url
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Replace everything in {url}?"):
        raise typer.Exit(1)
    print(restore_backup(url, file))


def _make_folder(url: str) -> None:
    from crm.core.database import sqlite_file

    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)


def _fail(sentence: str) -> None:
    print(f"tradewind: {sentence}", file=sys.stderr)
    raise SystemExit(1)
