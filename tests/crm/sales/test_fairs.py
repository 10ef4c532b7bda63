"""Cards of a fair: numbered in turn, each made one lead only, shown in the evening or as soon as somebody looks."""

from functools import partial
from threading import Thread
from typing import Any

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, NotFound
from crm.people.people import Member
from crm.sales.fairs.cards import grouped
from crm.sales.fairs.fairs import (
    begin_fair,
    fair_now,
    fairs_to_clean_up,
    get_fair,
    has_open_cards,
    keep_card,
    open_cards,
    reopen_of_lead,
    settle_cards,
    take_up_again,
)
from tests.between import Between
from tests.conftest import Clock, MakePerson


def at_fair(database: Database, rep: Member) -> Any:
    with database.write() as work:
        begin_fair(work, actor=rep, name="Canton Fair")
        return fair_now(work, actor=rep)


def kept(database: Database, fair: Any, text: str = "x") -> int:
    with database.write() as work:
        return int(keep_card(work, fair=fair, text=text, answers={}, photo=None).id)


def settled(database: Database, rep: Member, card: int, status: str = "saved", lead: int | None = None) -> None:
    with database.write() as work:
        settle_cards(work, actor=rep, card_ids=[card], status=status, lead_id=lead)


def waiting(database: Database, fair: Any) -> list[int]:
    with database.read() as work:
        assert has_open_cards(work, fair_id=fair.id) == bool(open_cards(work, fair_id=fair.id))
        return [int(card.number) for card in open_cards(work, fair_id=fair.id)]


def test_cards_from_two_chats_are_numbered_in_turn(
    postgres_url: str, open_database: Any, make_person: MakePerson
) -> None:
    database = open_database(postgres_url)
    fair = at_fair(database, make_person("Li", at=database))
    elsewhere = Thread(target=kept, args=(database, fair))

    def meanwhile() -> None:
        elsewhere.start()
        elsewhere.join(0.5)  # it waits for this one's commit, or would be through by now

    with Between(database.engine, "INSERT INTO fair_cards", meanwhile):
        kept(database, fair)
    elsewhere.join()
    assert waiting(database, fair) == [1, 2]


def test_a_card_becomes_one_lead(
    postgres_url: str, open_database: Any, make_person: MakePerson, make_lead: Any
) -> None:
    database = open_database(postgres_url)
    rep = make_person("Li", at=database)
    fair = at_fair(database, rep)
    card = kept(database, fair)
    one, other = make_lead(rep, at=database), make_lead(rep, at=database)
    elsewhere = partial(settled, database, rep, card, lead=other)
    with pytest.raises(Conflict), Between(database.engine, "UPDATE fair_cards", elsewhere):
        settled(database, rep, card, lead=one)
    assert waiting(database, fair) == []


def test_dropped_cards_are_taken_up_again_once(database: Database, make_person: MakePerson) -> None:
    rep, other = make_person("Li"), make_person("Wang")
    fair = at_fair(database, rep)
    card = kept(database, fair)
    settled(database, rep, card, "dropped")
    with pytest.raises(NotFound), database.write() as work:
        take_up_again(work, actor=other, card_ids=[card])
    with database.write() as work:
        assert take_up_again(work, actor=rep, card_ids=[card]) == fair.id
    assert waiting(database, fair) == [1]
    with pytest.raises(Conflict), database.write() as work:
        take_up_again(work, actor=rep, card_ids=[card])


def test_cards_of_a_lead_that_came_to_nothing_wait_again(
    database: Database, make_person: MakePerson, make_lead: Any
) -> None:
    rep = make_person("Li")
    fair = at_fair(database, rep)
    lead = make_lead(rep)
    settled(database, rep, kept(database, fair), lead=lead)
    with database.write() as work:
        reopen_of_lead(work, lead_id=lead)
    assert waiting(database, fair) == [1]


def test_an_evening_that_nobody_looked_is_made_up_for(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    fair = at_fair(database, make_person("Li"))
    kept(database, fair)
    clock.move(days=3)
    with database.read() as work:
        assert [due.subject_id for due in fairs_to_clean_up(work)] == [fair.id]


def test_another_persons_fair_is_none(database: Database, make_person: MakePerson) -> None:
    fair = at_fair(database, make_person("Li"))
    with pytest.raises(NotFound), database.read() as work:
        get_fair(work, viewer=make_person("Wang"), fair_id=fair.id)


def test_putting_cards_together_reads_them_once(database: Database, make_person: MakePerson) -> None:
    fair = at_fair(database, make_person("Li"))
    with database.write() as work:
        for number in range(30):
            answers = {"company": f"Firm {number} GmbH", "contact": "H", "reach": {"email": f"a@firm{number}.example"}}
            keep_card(work, fair=fair, text="x", answers=answers, photo=None)
    with database.read() as work:
        said: list[str] = []
        with Between(database.engine, "SELECT fair_cards", lambda: said.append("")):
            assert len(grouped(work, fair_id=fair.id)) == 30
    assert len(said) == 1
