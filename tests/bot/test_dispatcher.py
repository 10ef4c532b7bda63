"""What the one way in withstands: deliveries twice, double taps, forged and stale buttons, strangers, incidents."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from structlog.testing import capture_logs

from bot.cards.keys import MOST_BYTES, Keys
from bot.inbound import PRESS, TEXT
from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict
from crm.core.events import Events
from crm.core.history import COMMAND_LINE, SYSTEM
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.identities import issue_code
from crm.people.people import Member, disable_person
from tests.bot.front_desk import KEY, Desk
from tests.conftest import Clock, MakePerson

ODD = {
    "long": "长" * 4000,
    "emoji": "🏮👨‍👩‍👧‍👦🇩🇪",
    "right to left": "שלום \u202eمرحبا\u202c",
    "html": "<b>bold</b> &amp; <script>alert(1)</script>",
    "markdown": "*_[link](http://x)`~",
    "sql": "'; DROP TABLE leads; --",
    "slack": "<@U123> <!channel> :smile:",
    "format": "{company} {0} %s %(x)s \\n",
    "nul": "a\x00b",
    "surrogates": "a\ud800b\udfff",
}


def _as_kept(words: str) -> str:
    return words.replace("\x00", "").replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")


# — twice —


async def test_a_delivery_twice_is_done_once(desk: Desk, li: str) -> None:
    for _ in range(2):
        receipts = [await desk.say(li, "/lead Ernst", delivery_id="d1") for _ in range(2)]
    assert [receipt.status for receipt in receipts] == ["again", "again"]
    assert len(desk.room.chat(li)) == 1
    assert len(desk.rows("SELECT 1 FROM conversation_sessions")) == 1


async def test_the_delivery_that_confirms_twice_logs_one_lead(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    for words in ("Roland", "skip", "skip", "other", "lamps"):
        await desk.say(li, words)
    await desk.press(li, "To the review")
    review = desk.room.last(li)
    first = await desk.press(li, "Confirm", on=review, delivery_id="d1")
    second = await desk.press(li, "Confirm", on=review, delivery_id="d1")
    assert (first.status, second.status) == ("handled", "again")
    assert desk.leads() == ["Ernst"]


async def test_a_redelivered_press_gets_the_same_toast(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    shown = desk.room.last(li)
    await desk.say(li, "Roland")
    receipts = [await desk.press(li, "Cancel", on=shown, delivery_id="d9") for _ in range(2)]
    assert [(receipt.status, receipt.toast) for receipt in receipts] == [
        ("handled", "This was answered already."),
        ("again", "This was answered already."),
    ]


async def test_a_redelivered_form_gets_the_same_problems(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t")
    form = desk.room.last(li).form
    assert form is not None
    first, second = [await desk.fill(li, {"company": "E"}, token=form.token, delivery_id="d1") for _ in range(2)]
    assert set(first.problems) == {"contact", "source", "product_need"}
    assert (second.status, second.problems) == ("again", first.problems)


async def test_deliveries_are_told_apart_by_platform(desk: Desk, li: str, make_person: MakePerson) -> None:
    desk.link(make_person("Anna"), "Anna", platform="other")
    await desk.say(li, "/help", delivery_id="d1")
    other = replace(desk.inbound("Anna", TEXT, text="/help", delivery_id="d1"), platform="other")
    assert (await desk.take(other)).status == "handled"


async def test_a_double_tap_logs_one_lead(desk: Desk, li: str) -> None:
    """Two deliveries with ids of their own, of one button."""
    await desk.say(li, "/lead Ernst")
    for words in ("Roland", "skip", "skip", "other", "lamps"):
        await desk.say(li, words)
    await desk.press(li, "To the review")
    review = desk.room.last(li)
    first = await desk.press(li, "Confirm", on=review)
    second = await desk.press(li, "Confirm", on=review)
    assert (first.toast, second.toast) == ("", "This is saved already.")
    assert desk.leads() == ["Ernst"]


async def test_a_double_tap_on_a_choice_answers_one_question(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    for words in ("Roland", "skip"):
        await desk.say(li, words)
    shown = desk.room.last(li)
    await desk.press(li, "Germany", on=shown)
    late = await desk.press(li, "Germany", on=shown)
    assert late.toast == "This was answered already."
    assert desk.room.last(li).lines[-1] == "Source: how did you meet?"


async def test_a_button_of_a_question_typed_past_is_stale(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    for words in ("Roland", "skip"):
        await desk.say(li, words)
    shown = desk.room.last(li)
    await desk.say(li, "France")
    assert (await desk.press(li, "Germany", on=shown)).toast == "This was answered already."
    assert "Country or region: France" in desk.room.last(li).lines


async def test_a_button_of_a_draft_put_aside_says_so_and_offers_it(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    shown = desk.room.last(li)
    await desk.say(li, "/help")
    receipt = await desk.press(li, "Cancel", on=shown)
    assert receipt.toast == "“New lead” was put aside."
    assert desk.room.last(li).labels == ["Continue"]


# — whose —


async def test_a_forged_button_does_nothing(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    for button in ("lead.undo:1", "lead.undo:1~AAAAAAAA", "~", "", "\ud800", "x" * 5000, "lead.undo:1~é"):
        receipt = await desk.take(desk.inbound(li, PRESS, button=button))
        assert receipt.toast == "That button is not one of ours, or it is for another chat."
    other_house = Keys("x" * 32).seal("lead.undo:1", platform="test", chat_id=li)
    assert (await desk.take(desk.inbound(li, PRESS, button=other_house))).toast.startswith("That button is not")
    assert [row.status for row in desk.rows("SELECT status FROM leads")] == ["new"]


async def test_a_button_counts_in_its_chat_and_on_its_platform_only(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    undo = desk.room.last(li).key("Undo")
    elsewhere = await desk.take(desk.inbound(li, PRESS, button=undo, chat_id="group"))
    assert elsewhere.toast.startswith("That button is not")
    desk.link(_member(desk, "Li"), li, platform="other")
    other = replace(desk.inbound(li, PRESS, button=undo), platform="other")
    assert (await desk.take(other)).toast.startswith("That button is not")
    assert [row.status for row in desk.rows("SELECT status FROM leads")] == ["new"]


async def test_who_asks_in_a_group_is_answered_privately(desk: Desk, li: str) -> None:
    group = {"chat_id": "group", "is_private": False}
    await desk.say(li, "/leads", **group)
    assert desk.room.last("group").text == "Please write to me in a private chat first."
    await desk.say(li, "/settings")
    await desk.say(li, "/lead Ernst", **group)
    assert desk.room.last("group").text == "Li, I have answered you in our own chat."
    assert desk.room.last(li).lines[-1].startswith("Contact")
    await desk.say(li, "Roland", **group)
    assert desk.room.last("group").text.startswith("I did not understand that.")
    await desk.say(li, "Roland")
    assert desk.room.last(li).lines[-1].startswith("Phone or e-mail")
    assert len(desk.room.chat("group")) == 3


async def test_in_a_group_what_may_be_said_to_somebody_else_is_passed_over(desk: Desk, li: str) -> None:
    group = {"chat_id": "group", "is_private": False, "addressed": False}
    for account in (li, "Mallory"):  # who has no chat of their own with us yet, and who is a stranger
        await desk.say(account, "/poll lunch", **group)
    assert desk.room.chat("group") == []
    await desk.say(li, "/settings")
    await desk.say(li, "/poll lunch", **group)
    await desk.say(li, "well done", replies_to="m1", **group)  # a message of ours that is no card
    assert desk.room.chat("group") == []
    assert len(desk.room.chat(li)) == 1
    await desk.say(li, "/leads", **group)
    assert desk.room.last("group").text == "Li, I have answered you in our own chat."
    await desk.say(li, "well done", **group | {"addressed": True})
    assert desk.room.last("group").text.startswith("I did not understand that.")


async def test_an_answered_question_is_taken_away(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead")
    await desk.say(li, "Ernst Handel")
    await desk.say(li, "Roland")
    [shown] = desk.room.chat(li)
    assert shown.lines[-1].startswith("Phone or e-mail")
    await desk.press(li, "Skip")
    assert [one.ref for one in desk.room.chat(li)] == [shown.ref]
    await desk.say(li, "/lead Karl")
    await desk.say(li, "/leads")
    # The question put aside is gone too: what is left is how to go on with it.
    assert all("Contact" not in shown.lines[-1] for shown in desk.room.chat(li))
    assert "Continue" in desk.room.last(li).labels
    await desk.press(li, "Continue")
    assert desk.room.last(li).lines[-1].startswith("Contact")


async def test_permission_is_asked_again_when_a_button_is_pressed(desk: Desk, li: str, make_person: MakePerson) -> None:
    """The button was drawn for its owner; somebody else's account presses it in the same chat."""
    anna = desk.link(make_person("Anna"))
    await desk.log_lead(li)
    undo = desk.room.last(li).key("Undo")
    pressed = await desk.take(desk.inbound(anna, PRESS, button=undo, chat_id=li))
    assert pressed.toast == "There is no lead L-1."
    assert [row.status for row in desk.rows("SELECT status FROM leads")] == ["new"]


async def test_a_forged_form_does_nothing(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t")
    for token in ("1.1", "1.1~AAAAAAAA", ""):
        receipt = await desk.fill(li, {"company": "Evil"}, token=token)
        assert receipt.toast.startswith("That button is not")
    assert desk.leads() == []


def test_every_key_fits_and_says_no_more_than_it_must() -> None:
    keys = Keys(KEY)
    key = keys.seal("c:123456789012.9999:choose:999", platform="telegram", chat_id="-1001234567890")
    assert len(key.encode()) <= MOST_BYTES
    with pytest.raises(ValueError, match="too long"):
        keys.seal("x" * 60, platform="test", chat_id="c")
    assert keys.open(key[:-1] + ("A" if key[-1] != "A" else "B"), platform="telegram", chat_id="-1001234567890") is None


# — who —


async def test_a_stranger_learns_how_to_get_linked_and_nothing_else(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    for words in ("hello", "/leads", "help", "/lead Evil", "cancel", "start"):
        await desk.say("stranger", words)
        assert "Ask your administrator for a one-time code" in desk.room.last("stranger").text
    undo = desk.keys.seal("lead.undo:1", platform="test", chat_id="stranger")
    receipt = await desk.take(desk.inbound("stranger", PRESS, button=undo))
    assert "Ask your administrator" in receipt.toast
    assert desk.leads() == ["Ernst Handel"]
    assert [row.status for row in desk.rows("SELECT status FROM leads")] == ["new"]


async def test_a_stranger_is_answered_in_the_language_of_their_client(desk: Desk) -> None:
    await desk.take(replace(desk.inbound("s", PRESS, button="x"), language="zh_CN"))
    receipt = await desk.take(replace(desk.inbound("s", PRESS, button="x"), language="zh_CN"))
    assert "绑定" in receipt.toast


def _code(desk: Desk, person: Member) -> str:
    return str(desk.write(lambda work: issue_code(work, actor=COMMAND_LINE, person_id=person.id)))


@pytest.mark.parametrize("typed", ["{}", "start {}", "/start {}", "绑定 {}", "START {}"])
async def test_a_code_links_and_greets_with_the_full_name(desk: Desk, make_person: MakePerson, typed: str) -> None:
    anna = make_person("Anna Keller")
    code = _code(desk, anna)
    await desk.say("a1", typed.format(code))
    assert desk.room.last("a1").text == "Welcome. You are linked as Anna Keller."
    await desk.say("a1", "/help")
    assert desk.room.last("a1").lines[0] == "What I can do for you"
    await desk.say("a2", code)
    assert desk.room.last("a2").text.startswith("This code does not work.")


async def test_a_code_in_a_group_is_not_used(desk: Desk, make_person: MakePerson) -> None:
    code = _code(desk, make_person("Anna"))
    await desk.say("a1", code, chat_id="group", is_private=False)
    assert desk.room.last("group").text == "Please send the code in a private chat with me."
    await desk.say("a1", code)
    assert "Anna" in desk.room.last("a1").text


async def test_who_guesses_codes_is_stopped_after_five(desk: Desk, make_person: MakePerson, clock: Clock) -> None:
    code = _code(desk, make_person("Anna"))
    for number in range(5):
        await desk.say("a1", f"start WRNG-WRNG-WRN{number + 2}")
        assert desk.room.last("a1").text.startswith("This code does not work.")
    await desk.say("a1", code)
    assert desk.room.last("a1").text.startswith("Too many tries.")
    await desk.say("a2", code)
    assert "Anna" in desk.room.last("a2").text
    clock.move(hours=1, seconds=1)
    await desk.say("a1", _code(desk, make_person("Boris")))
    assert "Boris" in desk.room.last("a1").text


async def test_a_disabled_person_is_a_stranger_at_once(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    shown = desk.room.last(li)
    person = _member(desk, "Li")
    desk.write(lambda work: disable_person(work, actor=COMMAND_LINE, person_id=person.id))
    await desk.say(li, "Roland")
    assert "not linked" in desk.room.last(li).text
    receipt = await desk.press(li, "Cancel", on=shown)
    assert "Ask your administrator" in receipt.toast
    assert [row.status for row in desk.rows("SELECT status FROM conversation_sessions")] == ["active"]


def _member(desk: Desk, name: str) -> Member:
    from crm.people.people import find_by_name

    with desk.database.read() as work:
        return find_by_name(work, name=name)


# — what goes wrong —


@dataclass(frozen=True)
class Logged:
    lead_id: int


@contextmanager
def _hidden(desk: Desk, table: str) -> Iterator[None]:
    """For a while the database refuses everything that has to do with a table."""
    desk.write(lambda work: work.connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO hidden"))
    try:
        yield
    finally:
        desk.write(lambda work: work.connection.exec_driver_sql(f"ALTER TABLE hidden RENAME TO {table}"))


async def test_an_unexpected_error_is_an_incident_with_a_number_and_nothing_is_written(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    for words in ("Roland", "skip", "skip", "other", "lamps"):
        await desk.say(li, words)
    await desk.press(li, "To the review")
    before = desk.rows("SELECT * FROM conversation_sessions")
    with _hidden(desk, "leads"):
        with capture_logs() as logs:
            receipt = await desk.press(li, "Confirm")
        found = re.search(r"Incident ([0-9a-f]{8})\.", receipt.toast)
        assert found
        assert [line["incident"] for line in logs if line["event"] == "incident"] == [found[1]]
        assert desk.rows("SELECT * FROM conversation_sessions") == before
        with capture_logs() as logs:
            await desk.say(li, "/leads")  # typed: the answer is a message
        assert "Incident" in desk.room.last(li).text
        assert any(line["event"] == "incident" for line in logs)
    assert desk.leads() == []
    await desk.say(li, "/continue")
    await desk.press(li, "Confirm")
    assert desk.leads() == ["Ernst"]


async def test_an_incident_is_not_done_again_when_delivered_again(desk: Desk, li: str) -> None:
    with _hidden(desk, "leads"), capture_logs() as logs:
        first = await desk.say(li, "/leads", delivery_id="d1")
        second = await desk.say(li, "/leads", delivery_id="d1")
    assert (first.status, second.status) == ("handled", "again")
    assert len([line for line in logs if line["event"] == "incident"]) == 1


async def test_an_incident_with_a_stranger_is_told_and_done_with(desk: Desk) -> None:
    """Answering a stranger goes wrong too: the delivery must not come back for ever."""
    with _hidden(desk, "link_attempts"), capture_logs() as logs:
        receipt = await desk.say("a1", "start WRNG-WRNG-WRNG")
    assert receipt.status == "handled"
    assert "Incident" in desk.room.last("a1").text
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["incident"]


async def test_what_a_subscriber_refuses_is_undone_and_said(
    database_url: str,
    open_database: Callable[..., Database],
    open_desk: Callable[..., Desk],
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bot import handlers
    from bot.handlers.verbs import Verb
    from bot.request import Reply, Request

    def emit(request: Request) -> Reply:
        history.record(request.work, actor=SYSTEM, entity="thing", entity_id=1, act="begun")
        request.work.emit(Logged(1))
        return Reply()

    def refuse(work: UnitOfWork, event: Logged) -> None:
        history.record(work, actor=SYSTEM, entity="thing", entity_id=event.lead_id, act="heard")
        raise Conflict(T("{name} is disabled.", name="Somebody"))

    events = Events()
    events.subscribe(Logged, refuse)
    database = open_database(database_url, events=events)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    monkeypatch.setitem(handlers._WORDS, "emit", Verb("emit", (), T("Help"), emit))
    await desk.say(li, "emit")
    assert desk.room.last(li).text == "Somebody is disabled."
    assert desk.rows("SELECT 1 FROM history WHERE entity = 'thing'") == []


async def test_what_is_recorded_with_a_delivery_is_recorded_once_also_with_an_error(desk: Desk, li: str) -> None:
    def record(work: UnitOfWork) -> None:
        history.record(work, actor=SYSTEM, entity="record", entity_id=1, act="recorded")

    for words in ("/help", "/settings timezone Nowhere"):
        await desk.reception.receive(desk.inbound(li, TEXT, text=words, delivery_id=words), record=record)
        await desk.reception.receive(desk.inbound(li, TEXT, text=words, delivery_id=words), record=record)
    await desk.delivery.settle()
    assert len(desk.rows("SELECT 1 FROM history WHERE entity = 'record'")) == 2


# — odd texts —

FIELDS = ("company", "contact", "product_need", "product_category", "tags", "notes")


@pytest.mark.parametrize("words", ODD.values(), ids=ODD)
async def test_odd_texts_end_up_as_typed(desk: Desk, li: str, words: str) -> None:
    """In every field that takes free text; where a field has a most, what is longer is said to be."""
    wanted: dict[str, str | None] = {}
    await desk.say(li, "/lead")
    for _ in range(14):
        row = desk.rows("SELECT state FROM conversation_sessions")[0]
        state = _state(row.state)
        if state["place"] == "review":
            break
        (key,) = state["path"]
        await desk.say(li, words)
        after = _state(desk.rows("SELECT state FROM conversation_sessions")[0].state)
        if after["path"] != [key]:
            wanted[key] = after["answers"][key]
            continue
        assert key in {"reach", "country", "source", "budget", "next_follow_up", "tags", "company", "contact"}
        await desk.say(li, {"company": "E", "contact": "R", "source": "other"}.get(key, "skip"))
    await desk.press(li, "Confirm")
    (lead,) = desk.rows("SELECT * FROM leads")
    kept = _as_kept(words)
    assert lead.product_need == lead.notes == kept
    assert desk.room.last(li).text == f"Saved lead L-1: {lead.company}"
    if len(words) <= 200:
        assert lead.company == lead.contact == kept
        assert lead.product_category == kept
    await desk.press(li, "Open")
    assert f"Product need: {kept}" in desk.room.last(li).lines


def _state(packed: object) -> dict[str, object]:
    import json

    return json.loads(packed) if isinstance(packed, str) else packed  # type: ignore[return-value]


@pytest.mark.parametrize("words", ODD.values(), ids=ODD)
async def test_odd_texts_in_every_part_of_a_form(desk: Desk, li: str, words: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t")
    form = desk.room.last(li).form
    assert form is not None
    values = {field.key: words for field in form.inputs} | {words: words}
    receipt = await desk.fill(li, values, token=form.token)
    assert receipt.problems or desk.leads()
    fitting = {"company": "E", "contact": "R", "source": "other", "product_need": words, "notes": words}
    cleared = dict.fromkeys(("reach", "country", "product_category", "budget", "next_follow_up", "tags"), "")
    await desk.fill(li, fitting | cleared, token=form.token)
    (lead,) = desk.rows("SELECT * FROM leads")
    assert lead.product_need == lead.notes == _as_kept(words)


async def test_absurd_form_paths_are_left_aside(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t")
    form = desk.room.last(li).form
    assert form is not None
    values = {"lines." + "9" * 5000 + ".x": "y", "company.0.x": "z", "": "", ".": "."}
    with capture_logs() as logs:
        receipt = await desk.fill(li, values, token=form.token)
    assert set(receipt.problems) == {"company", "contact", "source", "product_need"}
    assert logs == []
