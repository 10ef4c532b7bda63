"""The browser chat through its front door: real requests, the real reception, what the page hears in return."""

import asyncio
import json
import re
import sqlite3
import time
from pathlib import Path

from sqlalchemy import event

from bot.config import Settings
from bot.platforms.web import transcript
from bot.platforms.web.feed import HEARTBEAT_S
from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.people.people import disable_person, set_language

from .serving import Served, listen, serve


def text_of(message: dict) -> str:
    body = message["body"]
    return body["text"] if "text" in body else "\n".join(line["text"] for line in body["lines"])


def button(message: dict, label: str) -> str:
    return next(one["key"] for row in message["body"]["rows"] for one in row if one["label"] == label)


async def test_everybody_who_is_not_disabled_can_be_picked(served: Served):
    known = (await served.client.get("/api/people")).json()
    assert [person["name"] for person in known["people"]] == ["李伟", "Anna Berg", "王芳", "Chen Hao"]
    assert known["words"]["en"]["message"] == "Message"
    assert set(known["words"]) == {"en", "zh_CN"}
    with served.app.database.write() as work:
        disable_person(work, actor=COMMAND_LINE, person_id=4)
    known = (await served.client.get("/api/people")).json()
    assert "Chen Hao" not in [person["name"] for person in known["people"]]
    assert (await served.client.post("/api/chats", json={"person": 4})).status_code == 404
    assert (await served.client.post("/api/chats", json={"person": 99})).status_code == 404
    for person in ("2", True, None, 2.0, [2]):
        assert (await served.client.post("/api/chats", json={"person": person})).status_code == 400


async def test_what_one_says_and_the_answer_are_heard_in_order(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream:
        answer = await served.post(chat, id="first", text="lead")
        assert answer.status_code == 200
        assert answer.json() == {"status": "handled", "toast": "", "problems": {}}
        mine = await stream.message()
        assert (mine["author"], mine["body"], mine["client"], mine["seq"]) == ("person", {"text": "lead"}, "first", 1)
        assert re.fullmatch(r"\d\d:\d\d", mine["time"])
        asked = await stream.message()
        assert asked["author"] == "bot"
        assert asked["body"]["lines"][-1]["text"].startswith("Company")
    assert [line["id"] for line in await served.lines(chat)] == [mine["id"], asked["id"]]


async def test_times_are_drawn_in_the_persons_zone_and_language(served: Served):
    chat = await served.open(2)
    at = "2026-01-31T20:30:00+00:00"
    with served.app.database.write() as work:
        line = transcript.add_line(work, chat=chat, author=transcript.BOT, body={"lines": []})
        work.connection.exec_driver_sql(
            "UPDATE web_messages SET created_at = '2026-01-31 20:30:00.000000' WHERE id = ?", (line,)
        )
    (shown,) = await served.lines(chat)
    assert (shown["at"], shown["time"], shown["day"]) == (at, "04:30", "Sun 1 Feb 2026")
    with served.app.database.write() as work:
        set_language(work, actor=COMMAND_LINE, person_id=2, language="zh_CN")
    (shown,) = await served.lines(chat)
    assert (shown["day"], shown["language"]) == ("2026年2月1日 周日", "zh_CN")


async def test_a_post_that_comes_twice_is_done_once(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(chat, id="first", text="lead")
        again = await served.post(chat, id="first", text="lead")
        assert again.json()["status"] == "again"
        await served.post(chat, id="second", text="Acme")
        said = [text_of(await stream.message()) for _ in range(4)]
    assert said[0] == "lead"
    assert "Acme" in said[2:]
    assert [line["client"] for line in await served.lines(chat) if line["author"] == "person"] == ["first", "second"]


async def test_the_same_two_posts_at_the_same_instant_are_done_once(served: Served):
    chat = await served.open(2)
    answers = await asyncio.gather(*(served.post(chat, id="first", text="help") for _ in range(5)))
    assert sorted(answer.json()["status"] for answer in answers) == ["again"] * 4 + ["handled"]
    assert [line["client"] for line in await served.lines(chat) if line["author"] == "person"] == ["first"]


async def test_a_press_adds_no_line_of_its_own(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(chat, id="a", text="lead")
        await stream.message()
        asked = await stream.message()
        pressed = await served.post(chat, id="b", press=button(asked, "Cancel"), message=asked["id"])
        assert pressed.status_code == 200
        heard = await stream.message()
    assert heard["author"] == "bot"
    assert [line["client"] for line in await served.lines(chat) if line["author"] == "person"] == ["a"]


async def test_a_stale_and_a_forged_press_are_answered_in_passing(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(chat, id="a", text="lead")
        await stream.message()
        asked = await stream.message()
    key = button(asked, "Cancel")
    await served.post(chat, id="b", press=key, message=asked["id"])
    stale = await served.post(chat, id="c", press=key, message=asked["id"])
    assert stale.json()["toast"]
    forged = await served.post(chat, id="d", press="cancel:1~AAAAAAAA", message=asked["id"])
    assert "not one of ours" in forged.json()["toast"]
    other = await served.open(3)
    stolen = await served.post(other, id="e", press=key, message=asked["id"])
    assert stolen.json()["toast"]


async def test_what_no_database_keeps_is_dropped_from_what_was_typed(served: Served):
    chat = await served.open(2)
    headers = {"Content-Type": "application/json"}
    body = b'{"id": "a", "text": "he\\u0000llo \\ud800 <b>"}'
    answer = await served.client.post(f"/api/chats/{chat}/messages", content=body, headers=headers)
    assert answer.status_code == 200
    assert re.fullmatch("hello �+ <b>", (await served.lines(chat))[0]["body"]["text"])


async def test_a_chat_that_nobody_has_opened_is_not_there(served: Served):
    assert (await served.post("person-2", id="a", text="lead")).status_code == 404
    assert (await served.client.get("/api/chats/person-2/messages")).status_code == 404
    assert (await served.post("telegram-5", id="a", text="lead")).status_code == 404
    chat = await served.open(2)
    assert (await served.post(chat, id="a", text="lead")).json()["status"] == "handled"


async def test_a_page_that_lost_its_stream_goes_on_where_it_was(served: Served):
    chat, other = await served.open(2), await served.open(3)
    gateway_lines = [f"line {number}" for number in range(450)]
    with served.app.database.write() as work:
        for text in gateway_lines:
            transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": text})
            transcript.add_line(work, chat=other, author=transcript.PERSON, body={"text": f"other {text}"})
    heard = []
    cursor = ""
    for stop in (3, 399, 700, 900):  # each time the connection breaks after so many
        headers = {"last_event_id": cursor} if cursor else {}
        async with listen(served, f"{chat}:0,{other}:0", **headers) as stream:
            while len(heard) < stop:
                name, cursor, message = await stream.event()
                assert name == "message"
                heard.append((message["chat"], message["body"]["text"]))
    assert len(set(heard)) == len(heard) == 900
    assert [text for name, text in heard if name == chat] == gateway_lines
    assert [text for name, text in heard if name == other] == [f"other {text}" for text in gateway_lines]
    assert cursor == f"{chat}:450,{other}:450"


async def test_one_stream_brings_only_the_chats_asked_for(served: Served):
    chat, other = await served.open(2), await served.open(3)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(other, id="a", text="help")
        await served.post(chat, id="b", text="help")
        assert (await stream.message())["chat"] == chat


async def test_the_page_is_told_that_an_answer_is_being_made(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(chat, id="a", text="help")
        name, _, data = await stream.event()
        assert (name, data) == ("typing", {"chat": chat})


async def test_a_page_that_has_seen_more_than_there_is_begins_afresh(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:17") as stream:
        name, _, data = await stream.event()
        assert (name, data) == ("reset", {"chat": chat})
    async with listen(served, "person-4:0") as stream:
        name, _, data = await stream.event()
        assert (name, data) == ("reset", {"chat": "person-4"})


async def test_what_another_process_writes_is_heard_too(served: Served, settings: Settings):
    chat = await served.open(2)
    elsewhere = Database(settings.database_url)
    async with listen(served, f"{chat}:0") as stream:
        await served.post(chat, id="a", text="help")
        await stream.message()
        await stream.message()
        with elsewhere.write() as work:
            transcript.add_line(work, chat=chat, author=transcript.BOT, body={"lines": []})
        async with asyncio.timeout(HEARTBEAT_S / 3):  # the heartbeat looks too, but that would be too late
            assert (await stream.message())["body"] == {"lines": []}
    elsewhere.close()


async def test_closing_ends_every_stream_at_once(served: Served):
    chat = await served.open(2)
    async with listen(served, f"{chat}:0") as stream, listen(served, f"{chat}:0") as other:
        started = time.monotonic()
        for platform in served.app.platforms:
            await platform.close()
        assert await stream.ends()
        assert await other.ends()
        assert time.monotonic() - started < 1
    async with listen(served, f"{chat}:0") as late:
        assert await late.ends()


async def test_a_locked_database_is_told_and_nothing_is_lost(settings: Settings, tmp_path: Path):
    async with serve(settings) as served:
        chat = await served.open(2)

        @event.listens_for(served.app.database.engine, "connect")
        def _hurry(connection, record):
            connection.execute("PRAGMA busy_timeout=50")

        served.app.database.engine.dispose()
        other = sqlite3.connect(tmp_path / "tradewind.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waits = await served.post(chat, id="a", text="lead")
        assert waits.status_code == 503
        assert waits.json()["status"] == "unavailable"
        assert waits.json()["toast"]
        assert (await served.client.post("/api/chats", json={"person": 3})).status_code == 503
        assert await served.lines(chat) == []
        other.execute("ROLLBACK")
        other.close()
        assert (await served.post(chat, id="a", text="lead")).json()["status"] == "handled"
        assert (await served.lines(chat))[0]["client"] == "a"


async def test_a_chat_and_what_was_said_outlive_the_process(settings: Settings):
    async with serve(settings) as served:
        chat = await served.open(2)
        async with listen(served, f"{chat}:0") as stream:
            await served.post(chat, id="a", text="lead")
            before = [await stream.message(), await stream.message()]
    async with serve(settings) as served:
        assert await served.lines(chat) == before
        assert (await served.post(chat, id="a", text="lead")).json()["status"] == "again"
        async with listen(served, f"{chat}:{before[-1]['seq']}") as stream:
            await served.post(chat, id="b", text="Acme")
            assert text_of(await stream.message()) == "Acme"
            assert "Acme" in text_of(await stream.message())


async def test_older_lines_come_page_by_page(served: Served):
    chat = await served.open(2)
    with served.app.database.write() as work:
        for number in range(450):
            transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": str(number)})
    path = f"/api/chats/{chat}/messages"
    newest = (await served.client.get(path)).json()
    assert (len(newest["messages"]), newest["more"], newest["seq"]) == (200, True, 450)
    middle = (await served.client.get(path, params={"before": newest["messages"][0]["id"]})).json()
    oldest = (await served.client.get(path, params={"before": middle["messages"][0]["id"]})).json()
    assert (len(oldest["messages"]), oldest["more"]) == (50, False)
    shown = [text_of(line) for page in (oldest, middle, newest) for line in page["messages"]]
    assert shown == [str(number) for number in range(450)]
    changed = (await served.client.get(path, params={"after": 447})).json()
    assert [text_of(line) for line in changed["messages"]] == ["447", "448", "449"]
    for wrong in ("x", "-1", "１", "9" * 30):
        assert (await served.client.get(path, params={"after": wrong})).status_code == 400


async def test_parts_of_the_page_are_kept_for_ever_and_the_page_never(served: Served):
    page = await served.client.get("/")
    assert page.headers["cache-control"] == "no-store"
    parts = re.findall(r'"(/assets/[^"]+)"', page.text)
    assert len(parts) >= 3
    folder = parts[0].rpartition("/")[0]
    wanted, seen = list(parts), set()
    while wanted:
        path = wanted.pop()
        part = await served.client.get(path)
        assert part.status_code == 200, path
        assert part.headers["cache-control"] == "public, max-age=31536000, immutable"
        seen.add(path)
        if path.endswith(".js"):
            assert part.headers["content-type"].startswith("text/javascript")
            found = {f"{folder}/{name}" for name in re.findall(r'from "\./([^"]+)"', part.text)}
            wanted += [name for name in found if name not in seen]
    for wrong in ("/assets/0000/chat.js", f"{folder}/index.html", f"{folder}/none.js", f"{folder}/..%2flistener.py"):
        assert (await served.client.get(wrong)).status_code == 404


def test_the_page_names_no_other_host_and_makes_no_markup_of_words():
    folder = Path(transcript.__file__).parent / "page"
    for path in folder.iterdir():
        text = path.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), path.name


def test_the_words_of_the_page_are_all_used():
    from bot.platforms.web.chrome import page_words

    scripts = "".join(path.read_text() for path in (Path(transcript.__file__).parent / "page").glob("*.js"))
    words = page_words()
    assert json.dumps(words)
    for name in words["en"]:
        assert re.search(rf"ords(?:\(this\.language\))?\.{name}\b", scripts), name


async def test_stopping_does_not_wait_for_the_pages_that_listen(settings: Settings):
    async with serve(settings) as served:
        chat = await served.open(2)
        async with listen(served, f"{chat}:0") as stream:
            await served.post(chat, id="a", text="help")
            await stream.message()
            started = time.monotonic()
            await served.stop()
            assert time.monotonic() - started < 1.5
            assert await stream.ends()
