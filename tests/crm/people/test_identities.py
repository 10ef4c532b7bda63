"""Accounts and codes: one code, one use, one day, five tries an hour, and no code kept in the clear."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from bot.tables import metadata
from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict
from crm.core.history import COMMAND_LINE
from crm.people.identities import (
    ChatIdentity,
    CodeRefused,
    LinkCode,
    issue_code,
    link_account,
    linked_platforms,
    looks_like_code,
    tie,
)
from crm.people.people import Member, disable_person
from tests.conftest import Clock, MakePerson


@pytest.fixture
def li(make_person: MakePerson) -> Member:
    return make_person("Li")


def _issue(database: Database, person: Member) -> str:
    with database.write() as work:
        return issue_code(work, actor=COMMAND_LINE, person_id=person.id)


def _link(database: Database, code: str, account: str = "a1", platform: str = "test") -> Member | None:
    """As the dispatcher does it: what was refused is committed too."""
    with database.write() as work:
        try:
            return link_account(work, platform=platform, account_id=account, code=code, chat_id=None).member
        except CodeRefused:
            return None


def test_a_code_links_once(database: Database, li: Member) -> None:
    code = _issue(database, li)
    assert _link(database, code) == li
    assert _link(database, code, "a2") is None
    assert _link(database, code) is None
    with database.read() as work:
        assert linked_platforms(work) == {li.id: ["test"]}
        acts = [entry.act for entry in history.history_of(work, entity="person", entity_id=li.id)]
    assert acts == ["added", "code issued", "account linked"]


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_is_read_as_people_type_it(database: Database, li: Member, typed: Callable[[str], str]) -> None:
    code = typed(_issue(database, li))
    assert looks_like_code(code)
    assert _link(database, code) == li


def test_words_are_no_codes() -> None:
    assert not any(looks_like_code(text) for text in ("", "hello", "ernst handel gmbh", "ABCD-EFGH-JKL", "A" * 13))


def test_a_code_expires(database: Database, li: Member, clock: Clock) -> None:
    code = _issue(database, li)
    clock.move(hours=24)
    assert _link(database, code) is None
    code = _issue(database, li)
    clock.move(hours=23, minutes=59)
    assert _link(database, code) == li


def test_a_new_code_replaces_the_old(database: Database, li: Member) -> None:
    old = _issue(database, li)
    new = _issue(database, li)
    assert _link(database, old) is None
    assert _link(database, new) == li


def test_codes_of_others_are_left_alone(database: Database, li: Member, make_person: MakePerson) -> None:
    anna = make_person("Anna")
    code = _issue(database, li)
    _issue(database, anna)
    assert _link(database, code) == li


def test_five_tries_an_hour(database: Database, li: Member, clock: Clock) -> None:
    code = _issue(database, li)
    for _ in range(5):
        assert _link(database, "WRNG-WRNG-WRNG") is None
    assert _link(database, code) is None  # the right one comes too late
    assert _link(database, code, "a2") == li  # somebody else's tries are their own


def test_after_an_hour_one_may_try_again(database: Database, li: Member, clock: Clock) -> None:
    code = _issue(database, li)
    for _ in range(5):
        _link(database, "WRNG-WRNG-WRNG")
        clock.move(minutes=12)
    assert _link(database, "WRNG-WRNG-WRNG") is None
    clock.move(seconds=1)
    assert _link(database, code) == li


def test_who_is_disabled_gets_no_code_and_uses_none(database: Database, li: Member) -> None:
    code = _issue(database, li)
    with database.write() as work:
        disable_person(work, actor=COMMAND_LINE, person_id=li.id)
    assert _link(database, code) is None
    with pytest.raises(Conflict, match="disabled"):
        _issue(database, li)


def test_the_code_itself_is_nowhere(database: Database, li: Member) -> None:
    code = _issue(database, li)
    with database.read() as work:
        (kept,) = work.connection.execute(select(LinkCode.code_hash)).scalars()
        everything = [
            repr(tuple(row)).upper()
            for name in metadata.tables
            for row in work.connection.execute(text(f"SELECT * FROM {name}"))
        ]
    assert len(kept) == 64
    assert not any(part in row for row in everything for part in (code, code.replace("-", "")))


def test_codes_are_not_guessable(database: Database, li: Member) -> None:
    codes = {_issue(database, li) for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 14 and looks_like_code(code) for code in codes)


def test_two_at_once_use_a_code_once(
    database: Database, database_url: str, open_database: Callable[..., Database], li: Member
) -> None:
    other = open_database(database_url)
    code = _issue(database, li)
    together = threading.Barrier(2)
    linked: list[Member | None] = []

    def run(at: Database, account: str) -> None:
        together.wait(10)
        linked.append(_link(at, code, account))

    threads = [threading.Thread(target=run, args=pair) for pair in ((database, "a1"), (other, "a2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(linked, key=str) == sorted([li, None], key=str)


def test_an_account_belongs_to_one_person(database: Database, li: Member, make_person: MakePerson) -> None:
    anna = make_person("Anna")
    assert _link(database, _issue(database, li)) == li
    assert _link(database, _issue(database, anna)) == anna
    with database.read() as work:
        assert work.connection.execute(select(ChatIdentity.person_id)).scalars().all() == [anna.id]
    with database.write() as work:
        assert not tie(work, platform="test", account_id="a1", person_id=li.id, chat_id=None)
        assert tie(work, platform="web", account_id="a1", person_id=li.id, chat_id=None)


def test_odd_codes_are_only_wrong(database: Database) -> None:
    for odd in ("", "🏮" * 12, "ſ" * 12, "' OR 1=1; --", "x" * 4000, "\ufffd" * 12):
        assert _link(database, odd, odd[:50] or "a") is None
