"""What the browser chats keep: in order, on both databases, whoever writes and whoever reads meanwhile."""

import threading

import pytest

from bot.platforms.web import transcript
from bot.platforms.web.entrance import open_chat, people
from crm.core.database import Database
from crm.core.errors import NotFound
from crm.core.history import COMMAND_LINE
from crm.core.outbox import Chat, due_chats, put
from crm.people.people import disable_person


def add(database: Database, chat: str, text: str) -> int:
    with database.write() as work:
        return transcript.add_line(work, chat=chat, author=transcript.BOT, body={"text": text})


def texts(entries: list[transcript.Entry]) -> list[str]:
    return [entry.body["text"] for entry in entries]


@pytest.fixture
def chat(database: Database) -> str:
    with database.write() as work:
        return open_chat(work, person_id=2)["chat"]


def test_a_reader_goes_on_where_it_was(database: Database, chat: str):
    first = add(database, chat, "one")
    add(database, chat, "two")
    with database.read() as work:
        seen = transcript.changes(work, after={chat: 0})
        assert texts(seen) == ["one", "two"]
        assert [entry.seq for entry in seen] == [1, 2]
    with database.write() as work:
        assert transcript.edit_line(work, chat=chat, message_id=first, body={"text": "one, mended"})
    with database.read() as work:
        news = transcript.changes(work, after={chat: 2})
        assert [(entry.id, entry.seq, entry.body["text"]) for entry in news] == [(first, 3, "one, mended")]
        assert news[0].edited_at is not None
        assert transcript.heads(work, chats=[chat])[chat].seq == 3
        assert texts(transcript.last_lines(work, chat=chat)) == ["one, mended", "two"]


def test_lines_above_a_line_are_found_in_pages(database: Database, chat: str):
    ids = [add(database, chat, str(number)) for number in range(7)]
    with database.read() as work:
        assert texts(transcript.last_lines(work, chat=chat, most=3)) == ["4", "5", "6"]
        assert texts(transcript.last_lines(work, chat=chat, before=ids[4], most=3)) == ["1", "2", "3"]
        assert texts(transcript.last_lines(work, chat=chat, before=ids[0], most=3)) == []


def test_chats_are_kept_apart(database: Database, chat: str):
    with database.write() as work:
        other = open_chat(work, person_id=3)["chat"]
    line = add(database, chat, "mine")
    add(database, other, "theirs")
    with database.write() as work:
        assert not transcript.edit_line(work, chat=other, message_id=line, body={"text": "stolen"})
    with database.read() as work:
        assert texts(transcript.last_lines(work, chat=chat)) == ["mine"]
        assert texts(transcript.changes(work, after={chat: 0, other: 0})) == ["mine", "theirs"]
        assert texts(transcript.changes(work, after={chat: 1, other: 0})) == ["theirs"]


def test_a_persons_own_line_is_never_overwritten(database: Database, chat: str):
    with database.write() as work:
        line = transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": "hello"}, client_id="a")
    with database.write() as work:
        assert not transcript.edit_line(work, chat=chat, message_id=line, body={"text": "goodbye"})


def test_a_chat_nobody_has_opened_takes_no_line(database: Database):
    with pytest.raises(transcript.NoSuchChat, match="person-4"):
        add(database, "person-4", "hello")


def test_who_has_seen_a_number_has_seen_all_below_it(database: Database, chat: str):
    """Four writers at once, and a reader that goes on from the last number it has seen: it must get every line."""
    each, writers = 25, 4
    seen: list[transcript.Entry] = []

    def write(name: str) -> None:
        for number in range(each):
            add(database, chat, f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"[:writers]]
    for thread in threads:
        thread.start()
    while len(seen) < each * writers:
        is_over = not any(thread.is_alive() for thread in threads)
        with database.read() as work:
            news = transcript.changes(work, after={chat: seen[-1].seq if seen else 0}, most=7)
        assert news or not is_over, f"{each * writers - len(seen)} lines were missed"
        seen += news
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in seen] == list(range(1, each * writers + 1))
    assert [entry.id for entry in seen] == sorted(entry.id for entry in seen)
    for name in "abcd":
        mine = [text for text in texts(seen) if text.startswith(name)]
        assert mine == [f"{name}{number}" for number in range(each)]


def test_opening_again_changes_nothing_and_leaves_the_chat_free_to_be_sent_to(database: Database, chat: str):
    with database.write() as work:
        row = work.session.query(Chat).one()
        put(work, chat_id=row.id, person_id=2, payload={})
    with database.write() as work:
        assert open_chat(work, person_id=2) == {"chat": chat, "language": "en"}
    with database.read() as work:
        assert work.session.query(Chat).count() == 1
        assert due_chats(work, platforms=["web"]) == [row.id]


def test_two_pages_may_open_a_chat_at_the_same_instant(database: Database):
    failures: list[BaseException] = []

    def enter() -> None:
        try:
            with database.write() as work:
                open_chat(work, person_id=1)
        except BaseException as failure:  # noqa: BLE001 - told below
            failures.append(failure)

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_one_cannot_be_somebody_who_is_disabled_or_not_there(database: Database):
    with database.write() as work:
        disable_person(work, actor=COMMAND_LINE, person_id=4)
    for person in (4, 99):
        with pytest.raises(NotFound), database.write() as work:
            open_chat(work, person_id=person)
    with database.read() as work:
        assert [person["name"] for person in people(work)] == ["李伟", "Anna Berg", "王芳"]
        anna = people(work)[1]
        assert anna == {"id": 2, "name": "Anna Berg", "roles": "Sales rep", "team": "Europe", "language": "en"}
