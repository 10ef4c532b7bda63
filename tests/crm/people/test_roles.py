"""Roles that change: with a history, a new leader or none for the team, and never without an administrator."""

import threading
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from bot.cli import app
from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor
from crm.people.people import Member, Role, disable_person, find_member, set_roles
from tests.conftest import MakePerson


def change(database: Database, person: Member, *roles: Role, actor: Actor = SYSTEM) -> Member:
    with database.write() as work:
        return set_roles(work, actor=actor, person_id=person.id, roles=roles)


def superior(database: Database, person: Member) -> int | None:
    with database.read() as work:
        return find_member(work, person_id=person.id).superior_id


def changes(database: Database, person: Member) -> list[object]:
    with database.read() as work:
        rows = history.history_of(work, entity="person", entity_id=person.id)
        return [row.changes for row in rows if row.act == "changed"]


def test_roles_are_changed_with_a_history(database: Database, make_person: MakePerson) -> None:
    li, xu = make_person("Li"), make_person("Xu", Role.ADMIN)
    changed = change(database, li, Role.SUPERVISOR, Role.REP, Role.REP, actor=Actor(xu.id, "test"))
    assert changed.roles == {Role.REP, Role.SUPERVISOR}
    change(database, li, Role.REP, Role.SUPERVISOR)  # what is so already is no change
    assert changes(database, li) == [{"roles": ["rep", "rep,supervisor"]}]


def test_what_cannot_be(database: Database, make_person: MakePerson) -> None:
    li = make_person("Li")
    with pytest.raises(Invalid):
        change(database, li)
    with pytest.raises(NotFound), database.write() as work:
        set_roles(work, actor=SYSTEM, person_id=99, roles=[Role.REP])


def test_the_last_administrator_stays_one(database: Database, make_person: MakePerson) -> None:
    xu, gone = make_person("Xu", Role.ADMIN, Role.REP), make_person("Gone", Role.ADMIN)
    change(database, xu, Role.ADMIN)  # another role may go
    with database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=gone.id)
    with pytest.raises(Conflict, match="only administrator"):
        change(database, xu, Role.REP)
    change(database, make_person("New"), Role.ADMIN)
    assert change(database, xu, Role.REP).roles == {Role.REP}


def test_two_administrators_who_depose_each_other_at_once(database: Database, make_person: MakePerson) -> None:
    both = [make_person("Xu", Role.ADMIN), make_person("Yu", Role.ADMIN)]
    begin = threading.Barrier(2)
    refused: list[str] = []

    def depose(person: Member) -> None:
        begin.wait()
        try:
            change(database, person, Role.REP)
        except Conflict as conflict:
            refused.append(conflict.text.message)

    threads = [threading.Thread(target=depose, args=(person,)) for person in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(refused) == 1


def test_the_second_waits_for_the_first(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    wait_for_lock: Callable[[], None],
) -> None:
    database = open_database(postgres_url)
    xu, yu = (make_person(name, Role.ADMIN, at=database) for name in ("Xu", "Yu"))
    refused: list[str] = []

    def depose() -> None:
        try:
            change(database, yu, Role.REP)
        except Conflict as conflict:
            refused.append(conflict.text.message)

    second = threading.Thread(target=depose)
    with database.write() as work:
        set_roles(work, actor=SYSTEM, person_id=xu.id, roles=[Role.REP])
        second.start()
        wait_for_lock()
    second.join(10)
    assert len(refused) == 1


def test_who_begins_to_supervise_leads_the_team(database: Database, make_person: MakePerson) -> None:
    zhao, li = make_person("Zhao", team="North"), make_person("Li", team="North")
    change(database, zhao, Role.SUPERVISOR)
    assert superior(database, li) == zhao.id
    assert superior(database, zhao) is None
    change(database, li, Role.SUPERVISOR)  # a second one leads nobody yet, and is led by nobody
    assert superior(database, li) is None
    assert superior(database, zhao) is None


def test_who_stops_to_supervise_hands_the_team_over(database: Database, make_person: MakePerson) -> None:
    zhao, li = make_person("Zhao", Role.SUPERVISOR, team="North"), make_person("Li", team="North")
    wang = make_person("Wang", Role.SUPERVISOR, team="North")
    change(database, zhao, Role.REP)
    assert [superior(database, one) for one in (li, zhao, wang)] == [wang.id, wang.id, None]
    change(database, wang, Role.REP)
    assert [superior(database, one) for one in (li, zhao, wang)] == [None, None, None]


def test_at_the_command_line(sqlite: Database, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person("Li Na", at=sqlite)
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", sqlite.url)
    done = CliRunner().invoke(app, ["people", "roles", "li na", "--role", "rep", "--role", "supervisor"])
    assert (done.exit_code, done.output) == (0, "The roles of Li Na are now: rep, supervisor.\n")
    listed = CliRunner().invoke(app, ["people", "list"])
    assert "rep, supervisor" in listed.output
    assert CliRunner().invoke(app, ["people", "roles", "Li Na", "--role", "boss"]).exit_code == 2
    code = CliRunner().invoke(app, ["people", "code", "Li Na"]).output
    assert len(code.strip().split("-")) == 3
    assert code.count("\n") == 1
