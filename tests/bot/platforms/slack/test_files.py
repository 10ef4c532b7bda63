"""Files sent to us: fetched once, kept where a handler finds them, told plainly where that cannot be."""

import pytest

from bot.inbound import FILE, Inbound
from crm.core.files import MOST_BYTES
from crm.people.people import find_member
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"])


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tradewind: Tradewind) -> list[Inbound]:
    """The files as they come in, on their way to the real dispatcher."""
    seen: list[Inbound] = []
    dispatcher = tradewind.application.reception._dispatcher
    handle = dispatcher.handle

    def watched(inbound: Inbound, record=None):
        outcome = handle(inbound, record)
        if inbound.kind == FILE and outcome.status == "handled":
            seen.append(inbound)
        return outcome

    monkeypatch.setattr(dispatcher, "handle", watched)
    return seen


def test_a_file_is_fetched_with_our_token(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    li.send_file("contract.pdf", b"%PDF-1.7 signed", text="the signed one")
    li.wait_for(lambda message: message.from_bot)
    [file] = taken
    assert (file.text, file.chat_id, file.values["name"]) == ("the signed one", li.channel_id, "contract.pdf")
    assert (file.values["mime"], file.values["size"]) == ("application/pdf", 15)
    assert "problem" not in file.values
    assert list((tradewind.settings.spool_dir / "incoming").iterdir()) == []  # it is in the database


def test_strangers_fill_no_disk(slack: SlackCounterpart, tradewind: Tradewind, taken: list[Inbound]) -> None:
    stranger = slack.user("U9", real_name="Nobody", locale="en-GB")
    stranger.send_file("film.mp4", b"x" * 1000)
    stranger.wait_for("not linked yet")
    assert slack.calls_of("file") == []
    assert "path" not in taken[0].values


def test_one_that_is_too_large_is_not_fetched(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    li.send_file("film.mp4", b"x", mime="video/mp4", size=MOST_BYTES + 1)
    assert "20 MB" in li.wait_for(lambda message: message.from_bot).shown
    assert taken[0].values["problem"] == "too_large"
    assert slack.calls_of("file") == []


def test_one_larger_than_slack_says_is_left_where_it_is(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    li.send_file("film.mp4", b"x" * (MOST_BYTES + 1), mime="video/mp4", size=5, timeout=10)
    li.wait_for(lambda message: message.from_bot)
    assert taken[0].values["problem"] == "too_large"
    assert list((tradewind.settings.spool_dir / "incoming").glob("*")) == []


def test_trouble_on_the_way_is_tried_again(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    slack.fail_next("file", status=503)
    slack.drop_next("file", after_effect=False)
    li.send_file("contract.pdf", b"%PDF-1.7")
    li.wait_for(lambda message: message.from_bot)
    assert "problem" not in taken[0].values
    assert len(slack.calls_of("file")) == 3


def test_one_that_cannot_be_had_is_told(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    hold = slack.hold_next("file", after_effect=False)
    delivery = li.send_file("contract.pdf", b"%PDF-1.7", wait=False)
    hold.reached()
    slack.bot_token = "xoxb-another"  # what comes instead is a page to sign in on
    hold.release()
    delivery.wait(10)
    slack.bot_token = "xoxb-loopback"
    li.wait_for(lambda message: message.from_bot)
    assert taken[0].values["problem"] == "unavailable"


def test_a_file_elsewhere_never_sees_our_token(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    elsewhere = SlackCounterpart()
    with elsewhere:
        file = elsewhere.workspace.new_file("x.pdf", b"%PDF", "application/pdf", size=None)
        event = {
            "type": "message",
            "subtype": "file_share",
            "user": li.id,
            "channel": li.channel_id,
            "channel_type": "im",
            "ts": "9.9",
            "text": "",
            "files": [file.wire(elsewhere.base)],
        }
        payload = {"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev9", "event": event}
        slack.deliver("events_api", payload, accepts_answer=False).wait()
        li.wait_for(lambda message: message.from_bot)
        assert elsewhere.calls_of("file") == []
    assert taken[0].values["problem"] == "unavailable"


def test_a_slow_file_is_fetched_once_however_often_slack_asks(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, taken: list[Inbound]
) -> None:
    hold = slack.hold_next("file", after_effect=False)
    delivery = li.send_file("contract.pdf", b"%PDF-1.7", wait=False)
    hold.reached()
    delivery.wait_sent(2, timeout=10)
    hold.release()
    delivery.wait(10)
    li.wait_for(lambda message: message.from_bot)
    assert len(taken) == 1
    assert len(slack.calls_of("file")) == 1
    assert len([message for message in li.messages() if message.from_bot]) == 1


def test_a_reply_in_a_thread_is_a_reply_to_our_message(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    with tradewind.database.write() as work:
        details = CustomerDetails(name="Ernst Handel", contact="Roland", country="AT")
        create_customer(work, actor=find_member(work, person_id=1), platform="slack", details=details)
    li.say("customer Ernst")
    card = li.wait_for("Ernst Handel")
    li.say("calls back on Monday", thread_ts=card.ts)
    noted = li.wait_for(lambda message: message.from_bot and message.ts > card.ts)
    assert "Ernst Handel" in noted.shown
    with tradewind.database.write() as work:
        create_customer(
            work, actor=find_member(work, person_id=1), platform="slack", details=CustomerDetails(name="Wolza")
        )
    li.say("customer Wolza")
    li.wait_for("Wolza")
    li.send_file("contract.pdf", b"%PDF-1.7", thread_ts=card.ts)
    li.wait_for("Attach contract.pdf to Ernst Handel?")
    aside = li.say("calls back on Tuesday", thread_ts=li.messages()[0].ts)  # a thread under one's own words
    assert aside.acked
    li.wait_for("did not understand")
