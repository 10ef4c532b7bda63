"""People: added with roles and teams, led by their team's first supervisor, disabled at once."""

from typing import Any

import pytest

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import COMMAND_LINE, SYSTEM, Actor
from crm.people.people import (
    Role,
    disable_person,
    find_by_name,
    find_member,
    list_members,
    set_language,
    set_timezone,
    team_names,
)
from tests.conftest import MakePerson


def _acts(database: Database, person_id: int) -> list[tuple[str, dict[str, Any]]]:
    with database.read() as work:
        entries = history.history_of(work, entity="person", entity_id=person_id)
        return [(entry.act, entry.changes) for entry in entries]


def test_a_person_is_added_with_a_history(database: Database, make_person: MakePerson) -> None:
    li = make_person("  Li   Wei ", Role.REP, Role.ADMIN, team="North", language="zh_CN")
    assert (li.name, li.roles, li.language, li.is_active) == ("Li Wei", {Role.REP, Role.ADMIN}, "zh_CN", True)
    assert li.has(Role.ADMIN, Role.GM)
    assert not li.has(Role.GM)
    assert _acts(database, li.id) == [
        ("added", {"name": [None, "Li Wei"], "roles": [None, "admin,rep"], "team": [None, "North"]})
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "1 to 100"),
        ({"name": "x" * 101}, "1 to 100"),
        ({"language": "fr"}, "zh_CN and en"),
        ({"timezone": "Mars/Olympus"}, "not a time zone"),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, make_person: MakePerson, wrong: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        make_person(**{"name": "Li", **wrong})
    with database.read() as work:
        assert list_members(work) == []


def test_nobody_is_without_a_role(database: Database) -> None:
    from crm.people.people import add_person

    with pytest.raises(Invalid, match="at least one role"), database.write() as work:
        add_person(work, actor=SYSTEM, name="Li", roles=(), language="en", timezone="UTC")


def test_a_name_is_one_persons(database: Database, make_person: MakePerson) -> None:
    make_person("Anna Keller")
    with pytest.raises(Conflict, match="There is somebody named"):
        make_person("anna  keller")


def test_teams_are_made_when_first_named(database: Database, make_person: MakePerson) -> None:
    one, two, three = (make_person(team=team) for team in ("North", " north ", "South"))
    assert one.team_id == two.team_id
    assert one.team_id != three.team_id
    assert make_person(team="  ").team_id is None
    with database.read() as work:
        assert sorted(team_names(work).values()) == ["North", "South"]


def test_the_first_supervisor_leads_those_before_and_after(database: Database, make_person: MakePerson) -> None:
    before = make_person(team="North")
    elsewhere = make_person(team="South")
    first = make_person("", Role.SUPERVISOR, team="North")
    after = make_person(team="North")
    second = make_person("", Role.SUPERVISOR, team="North")
    later = make_person(team="North")
    with database.read() as work:
        superiors = [
            find_member(work, person_id=person.id).superior_id
            for person in (before, after, later, first, second, elsewhere)
        ]
    assert superiors == [first.id, first.id, first.id, None, None, None]


def test_who_is_disabled_stays_on_record(database: Database, make_person: MakePerson) -> None:
    li = make_person("Li")
    with database.write() as work:
        disable_person(work, actor=COMMAND_LINE, person_id=li.id)
    with database.read() as work:
        assert not find_by_name(work, name=" LI ").is_active
        assert list_members(work, active_only=True) == []
        assert len(list_members(work)) == 1
    assert _acts(database, li.id)[-1] == ("disabled", {"is_active": [True, False]})
    with pytest.raises(Conflict, match="disabled already"), database.write() as work:
        disable_person(work, actor=COMMAND_LINE, person_id=li.id)


def test_who_is_not_there_is_not_found(database: Database) -> None:
    with database.write() as work:
        with pytest.raises(NotFound):
            find_member(work, person_id=1)
        with pytest.raises(NotFound, match="There is nobody named"):
            find_by_name(work, name="Li")
        with pytest.raises(NotFound):
            disable_person(work, actor=SYSTEM, person_id=1)


def test_people_are_listed_by_role(database: Database, make_person: MakePerson) -> None:
    both = make_person("", Role.FINANCE, Role.GM)
    make_person("", Role.REP)
    with database.read() as work:
        assert [person.id for person in list_members(work, role=Role.GM)] == [both.id]


def test_ones_own_settings(database: Database, make_person: MakePerson) -> None:
    li = make_person()
    with database.write() as work:
        me = Actor(li.id, "web")
        set_language(work, actor=me, person_id=li.id, language="zh_CN")
        set_timezone(work, actor=me, person_id=li.id, timezone="Europe/Berlin")
        changed = find_member(work, person_id=li.id)
        with pytest.raises(Invalid):
            set_language(work, actor=me, person_id=li.id, language="de")
        with pytest.raises(Invalid):
            set_timezone(work, actor=me, person_id=li.id, timezone="Berlin")
    assert (changed.language, str(changed.zone)) == ("zh_CN", "Europe/Berlin")
    assert _acts(database, li.id)[1:] == [
        ("changed", {"language": ["en", "zh_CN"]}),
        ("changed", {"timezone": ["Asia/Shanghai", "Europe/Berlin"]}),
    ]
