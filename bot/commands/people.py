"""`tradewind people`: who may use it, and the one-time codes that tie their chat accounts."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cards.working_time import working_time_lines
from bot.commands.opened import opened
from bot.config import read_settings
from bot.wording import wording
from crm.core.history import COMMAND_LINE
from crm.people.identities import issue_code, linked_platforms
from crm.people.people import Role, add_person, disable_person, find_by_name, list_members, set_roles, team_names
from crm.people.typed_settings import change_for

people_commands = typer.Typer(help="People, their roles and one-time codes.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's full name.")]


@people_commands.command("list")
def list_people() -> None:
    """List everybody, with roles, team and linked accounts."""
    with opened() as database, database.read() as work:
        teams = team_names(work)
        linked = linked_platforms(work)
        table = Table("Name", "Roles", "Team", "Superior", "Language", "Zone", "Linked", box=None)
        members = list_members(work)
        names = {member.id: member.name for member in members}
        for member in members:
            table.add_row(
                member.name if member.is_active else f"{member.name} (disabled)",
                ", ".join(sorted(member.roles)),
                teams.get(member.team_id or 0, ""),
                names.get(member.superior_id or 0, ""),
                member.language,
                member.timezone,
                ", ".join(linked.get(member.id, ())),
            )
    if members:
        Console().print(table)
    else:
        print("Nobody yet. Add somebody with: tradewind people add NAME --role rep")


@people_commands.command("add")
def add(
    name: Name,
    role: Annotated[list[Role], typer.Option(help="What they do; may be given several times.")],
    team: Annotated[str | None, typer.Option(help="Their team, made when first named.")] = None,
    language: Annotated[str | None, typer.Option(help="en or zh_CN.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
) -> None:
    """Add somebody."""
    settings = read_settings()
    with opened() as database, database.write() as work:
        member = add_person(
            work,
            actor=COMMAND_LINE,
            name=name,
            roles=role,
            team=team,
            language=language or settings.language,
            timezone=timezone or settings.timezone,
        )
    print(f"Added {member.name}. A code to link their chat account: tradewind people code {member.name!r}")


@people_commands.command("roles")
def roles(
    name: Name,
    role: Annotated[list[Role], typer.Option(help="What they do from now on; may be given several times.")],
) -> None:
    """Give somebody these roles in place of those they have."""
    with opened() as database, database.write() as work:
        member = find_by_name(work, name=name)
        member = set_roles(work, actor=COMMAND_LINE, person_id=member.id, roles=role)
    print(f"The roles of {member.name} are now: {', '.join(sorted(member.roles))}.")


@people_commands.command("hours")
def hours(name: Name, value: Annotated[str, typer.Argument(metavar="FROM-TO", help="Such as 9:00-18:00.")]) -> None:
    """Set when somebody works."""
    _change_working_time("hours", name, value)


@people_commands.command("days")
def days(name: Name, value: Annotated[str, typer.Argument(metavar="DAYS", help="Such as Mon-Fri.")]) -> None:
    """Set on which days of the week somebody works."""
    _change_working_time("days", name, value)


@people_commands.command("holidays")
def holidays(name: Name, value: Annotated[str, typer.Argument(metavar="PLACE", help="China, DE-BY, none.")]) -> None:
    """Set whose holidays somebody has."""
    _change_working_time("holidays", name, value)


@people_commands.command("quiet")
def quiet(
    name: Name, value: Annotated[str, typer.Argument(metavar="FROM-TO", help="Such as 22:00-7:00, or off.")]
) -> None:
    """Set when somebody is left in peace."""
    _change_working_time("quiet", name, value)


@people_commands.command("digest")
def digest(name: Name, value: Annotated[str, typer.Argument(metavar="TIME", help="Such as 8:30, on or off.")]) -> None:
    """Set when somebody's digest comes."""
    _change_working_time("digest", name, value)


def _change_working_time(word: str, name: str, value: str) -> None:
    change = change_for(word)
    assert change is not None
    with opened() as database, database.write() as work:
        member = find_by_name(work, name=name)
        change(work, COMMAND_LINE, member.id, value)
        lines = working_time_lines(work, member.id, "en")
    drawn = wording("en", member.timezone)
    told = (f"{drawn(line.label or '')}: {drawn(line.words)}" for line in lines)
    print(f"{member.name}: {' · '.join(told)}")


@people_commands.command("code")
def code(name: Name) -> None:
    """Print a one-time code for somebody, alone; earlier unused ones stop working."""
    with opened() as database, database.write() as work:
        member = find_by_name(work, name=name)
        print(issue_code(work, actor=COMMAND_LINE, person_id=member.id))


@people_commands.command("disable")
def disable(name: Name) -> None:
    """Take somebody's access away at once; records and history stay."""
    with opened() as database, database.write() as work:
        member = find_by_name(work, name=name)
        disable_person(work, actor=COMMAND_LINE, person_id=member.id)
    print(f"{member.name} is disabled.")
