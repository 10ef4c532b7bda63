"""The rules written back as a `tradewind.toml`: what is seeded from it is the same, and its comments are kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.rule_files import filled, mistakes, rules_as_toml
from crm.core.rules import SHIPPED, read_file, read_rules, seed_rules, set_rule, shipped
from crm.core.text import Text
from crm.people.people import Role
from crm.sales.leads.assignment_rules import (
    NewRule,
    add_assignment_rule,
    assignment_as_toml,
    assignment_mistakes,
    assignment_rules,
    seed_assignment,
)
from tests.conftest import MakePerson

CHANGED = {
    "leads.claims_per_person": "7",
    "tasks.morning_at": "07:45",
    "leads.cadence_exhibition": "0,2,5,14",
    "leads.cadence_other": "",
    "letterhead.address": 'No. 8 "Harbour" Road\n\\ 315000 宁波 # not a comment',
}


def _seeded(database: Database, text: str, file: Path) -> None:
    file.write_text(text, "utf-8")
    with database.write() as work:
        seed_rules(work, file, base_currency="EUR", timezone="Europe/Berlin")
        seed_assignment(work, file)


def test_a_new_database_seeded_with_it_has_the_same_rules(
    database: Database,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    migrated_file: Path,
    tmp_path: Path,
) -> None:
    other_file = tmp_path / "other.db"
    other_file.write_bytes(migrated_file.read_bytes())
    other = open_database(f"sqlite:///{other_file}")
    for at in (database, other):
        admin = make_person("Xu", Role.ADMIN, at=at)
        make_person('Qian "Q"', team="North", at=at)
    with database.write() as work:
        for key, value in CHANGED.items():
            set_rule(work, actor=SYSTEM, key=key, value=value)
        for rule in (
            NewRule(to="North", category="LED panels", region="Europe", source="website"),
            NewRule(to='Qian "Q"', region="DE"),
        ):
            add_assignment_rule(work, actor=admin, platform="test", rule=rule)
        text = f"{rules_as_toml(work)}\n{assignment_as_toml(work)}"
        wanted, order = read_rules(work), [_plain(rule) for rule in assignment_rules(work)]
    assert mistakes(text) == []
    assert assignment_mistakes(text) == []
    _seeded(other, text, tmp_path / "tradewind.toml")
    with other.read() as work:
        assert read_rules(work) == wanted
        assert [_plain(rule) for rule in assignment_rules(work)] == order
        assert len(order) == 2


def _plain(rule: object) -> tuple[object, ...]:
    names = ("position", "category", "region", "source", "team_name", "person_name")
    return tuple(getattr(rule, name) for name in names)


def test_unchanged_it_is_the_file_that_comes_with_the_program(database: Database) -> None:
    with database.read() as work:
        assert rules_as_toml(work) == SHIPPED.read_text("utf-8")
        assert assignment_as_toml(work) == ""


def test_comments_stay_and_in_their_column(database: Database) -> None:
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key="digests.lines", value="8")
        text = rules_as_toml(work)
    before, after = SHIPPED.read_text("utf-8").splitlines(), text.splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new for _, new in changed] == ['lines = "8"                     # a section shows at most so many']
    assert changed[0][0].index("#") == changed[0][1].index("#")


def _words(text: Text) -> str:
    return text.message.format(**text.facts)


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)


@given(st.dictionaries(st.sampled_from(sorted(key for key in shipped() if key.startswith("letterhead."))), _TEXTS))
def test_whatever_stands_in_a_rule_is_read_as_it_was(values: dict[str, str]) -> None:
    assert read_file(filled(SHIPPED.read_text("utf-8"), shipped() | values)) == shipped() | values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[leads]\nclaims_per_person = 'many'",
            "“leads.claims_per_person” takes a whole number from 0 to 1000000, such as 30.",
        ),
        ("[tasks]\nmorning_at = '9'", "“tasks.morning_at” takes a time of day, such as 09:00."),
        ("[leads]\nclaims = 3", "There is no rule leads.claims."),
        ("[leads", "This is no TOML"),
    ],
)
def test_mistakes_of_a_file_are_said(text: str, said: str) -> None:
    (found,) = mistakes(text)
    assert _words(found).startswith(said)


def test_mistakes_of_assignment_are_said() -> None:
    tables = "[[assignment]]\nregion = 'Mars'\nto = 'North'\n[[assignment]]\nsource = 'gossip'\n"
    found = [_words(one) for one in assignment_mistakes(tables)]
    assert found[0].startswith("Mars is no region")
    assert found[1:] == ["gossip is none of the sources.", 'An assignment rule says to whom: to = "North".']
