"""A lead logged in Slack: the loopback Slack, the real application, a real database."""

import sqlite3
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from crm.core.money import Money
from crm.people.people import find_member
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.deals.deals import Deal, DealDetails, open_deal
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

GOOD = {"Company": "Ernst Handel", "Contact": "Anna", "Source": "Exhibition", "Product need": "500 mugs"}

FORGED = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T0TEAM"},
    "team": {"id": "T0TEAM"},
    "channel": {"id": "DU1"},
    "container": {"type": "message", "message_ts": "1.1", "channel_id": "DU1"},
    "trigger_id": "1.2.3",
    "actions": [{"type": "button", "action_id": "x", "block_id": "y", "value": "lead.undo:1~forged"}],
}


def test_a_lead_is_logged_in_a_modal(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    delivery = li.command("/crm", "lead")
    assert delivery.answer is None
    view = li.open_view()
    assert (view.title, view.submit, view.close) == ("New lead", "Confirm", "Cancel")
    assert view.fields[:5] == ("Company", "Contact", "Phone or e-mail", "Country or region", "Source")

    li.fill(GOOD | {"Budget": "plenty"})
    answered = li.submit()
    assert answered is not None
    assert answered.answer["response_action"] == "errors"
    assert list(li.errors()) == ["Budget"]
    assert tradewind.leads() == []

    li.fill({"Budget": "30-50k USD"})
    li.submit()
    li.wait_closed()
    card = li.wait_for("Ernst Handel")
    [lead] = tradewind.leads()
    assert (lead.company, lead.source, lead.budget_currency) == ("Ernst Handel", "exhibition", "USD")
    assert "Undo" in card.buttons

    li.press("Undo")
    taken_back = li.wait_for("taken back")
    assert (taken_back.ts, taken_back.edits) == (card.ts, 1)


def test_a_form_handed_in_twice_saves_once_and_says_so(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill(GOOD)
    first = li.submit()
    again = li.resubmit()
    assert first is not None
    assert first.envelope_id != again.envelope_id
    assert again.answer["response_action"] == "update"
    [told] = again.answer["view"]["blocks"]
    assert "saved already" in told["text"]["text"]
    slack.wait_call("chat.postEphemeral")  # where the form is closed, nobody would see that
    assert len(li.ephemerals()) == 1
    assert len(tradewind.leads()) == 1


def test_an_envelope_that_comes_again_does_nothing_twice(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill(GOOD)
    submitted = li.submit()
    assert submitted is not None
    slack.redeliver(submitted.envelope_id)
    submitted.wait_sent(2)
    card = li.wait_for("Ernst Handel")
    command = li.command("/crm", "help")
    slack.redeliver(command.envelope_id)
    li.command("/crm", "leads")  # answered after the redelivered ones
    li.wait_for("L-0001" if "L-0001" in card.shown else "Ernst", after=card.ts)
    helps = [message for message in li.messages() if "lead" in message.shown and "settings" in message.shown]
    assert len(helps) == 1
    assert len(tradewind.leads()) == 1


def test_a_closed_form_is_offered_again_with_what_is_known(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill(GOOD | {"Next follow-up": "whenever"})
    li.submit()
    assert list(li.errors()) == ["Next follow-up"]
    closed = li.close()
    assert closed is not None
    offered = li.wait_for("closed")
    assert offered.buttons == ("Continue",)

    li.press("Continue")
    view = li.open_view()
    assert view.values["Company"] == "Ernst Handel"
    assert view.values["Source"] == "Exhibition"
    li.submit()
    li.wait_closed()
    li.wait_for("Ernst Handel")
    assert len(tradewind.leads()) == 1


def test_step_by_step_where_no_modal_can_be_opened(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    li.say("lead")
    li.wait_for("Company")
    for answer, asked in (
        ("<b>阳光</b> & *Co* 🌞 <@U1> <!channel>", "Contact"),
        ("Anna a@b.com", "Phone or e-mail"),
    ):
        li.say(answer)
        question = li.wait_for(lambda message, asked=asked: message.shown.splitlines()[-1].startswith(asked))
    assert "<b>阳光</b> & *Co* 🌞 <@U1> <!channel>" in question.shown
    assert "Anna a@b.com" in question.shown
    assert "&lt;!channel&gt;" in question.text  # the fallback is read as markup
    li.press("Skip")
    li.wait_for(lambda message: message.shown.splitlines()[-1].startswith("Country"))


def test_odd_texts_come_out_of_a_modal_as_they_went_in(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    odd = "<b>x</b> *_[ '; -- <@U123> <!channel> ``` שלום 👩‍👧 &amp;"
    li.command("/crm", "lead")
    li.open_view()
    li.fill(GOOD | {"Company": odd, "Contact": "a\x00b", "Notes": "n" * 2900 + "\n```\nend"})
    li.submit()
    li.wait_closed()
    card = li.wait_for("שלום")
    assert odd in card.shown
    [lead] = tradewind.leads()
    assert (lead.company, lead.contact) == (odd, "ab")


def test_a_mention_that_arrives_twice_is_one_message(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    slack.channel("C1")
    both = li.mention("C1", "help")
    assert all(delivery.acked for delivery in both)
    here = li.at("C1")
    here.wait_for(lambda message: message.from_bot)
    li.mention("C1", "leads")
    slack.wait_until(lambda: len(here.ephemerals()) >= 2)
    assert len(here.ephemerals()) == 2


def test_talk_in_a_channel_that_is_not_for_us_is_not_answered(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    room = slack.channel("C1")
    event = {"type": "message", "user": "U1", "ts": "1.1", "text": "help", "channel": "C1", "channel_type": "channel"}
    own = event | {"bot_id": "B0BOT", "user": slack.bot_user, "channel": "DU1", "channel_type": "im"}
    changed = event | {"subtype": "message_changed", "channel": "DU1", "channel_type": "im"}
    for inner in (event, own, changed, {"type": "team_join", "user": {"id": "U1"}}):
        payload = {"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev1", "event": inner}
        slack.deliver("events_api", payload, accepts_answer=False).wait()
    li.say("help")
    li.wait_for(lambda message: message.from_bot)
    assert room.messages() == []
    assert len([message for message in li.messages() if message.from_bot]) == 1


def test_a_stale_press_is_answered_in_passing(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    li.say("lead")
    asked = li.wait_for("Company")
    li.press("Cancel", ts=asked.ts, wait=False)
    li.wait_for("cancelled")
    assert slack.deliver("interactive", FORGED).wait().answer is None
    slack.wait_until(li.ephemerals)
    assert "not one of ours" in li.ephemerals()[0].shown


def test_a_locked_database_is_told_in_time_and_the_lead_is_saved_afterwards(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill(GOOD)
    other = sqlite3.connect(tradewind.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answered = li.submit()
        assert answered is not None
        assert 1.9 < answered.took < 3
        assert answered.answer["response_action"] == "update"
        view = li.open_view()
        assert (view.title, view.shown, view.submit) == ("New lead", "Saving…", None)
        command = li.command("/crm", "leads")
        assert command.took < 3
        assert command.answer["text"] == "Saving…"
    finally:
        other.execute("ROLLBACK")
        other.close()
    card = li.wait_for("Ernst Handel")
    assert len(tradewind.leads()) == 1
    li.wait_for("Ernst Handel", after=card.ts)
    li.close()


def test_a_command_is_acknowledged_quickly(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    li.command("/crm", "lead")
    took = sorted(li.command("/crm", "lead").took for _ in range(9))
    assert took[4] < 0.2


def test_a_stranger_is_answered_in_the_language_they_have_in_slack(
    slack: SlackCounterpart, make_tradewind: Callable[..., Tradewind], li: Person
) -> None:
    running = make_tradewind(language="zh_CN")
    running.add(li, "Li Na", language="en")
    running.start()
    tom = slack.user("U2", real_name="Tom", locale="en-US")
    wang = slack.user("U3", real_name="Wang", locale="zh-CN")
    for person, said in ((tom, "not linked"), (wang, "绑定")):
        person.say("hello")
        assert said in person.wait_for(lambda message: message.from_bot).shown
    li.say("help")
    li.wait_for("settings")
    assert [call.arguments["user"] for call in slack.calls_of("users.info")] == ["U2", "U3"]  # strangers alone
    payload = FORGED | {"user": {"id": "U2", "team_id": "T0TEAM"}, "channel": {"id": tom.channel_id}}
    slack.deliver("interactive", payload).wait()
    slack.wait_until(tom.ephemerals)
    assert "not linked" in tom.ephemerals()[0].shown


def test_a_lookup_that_fails_costs_nobody_a_word(
    slack: SlackCounterpart, make_tradewind: Callable[..., Tradewind]
) -> None:
    make_tradewind().start()
    tom = slack.user("U2", real_name="Tom", locale="zh-CN")
    slack.channel("C1")
    slack.fail_next("users.info", error="missing_scope")
    slack.fail_next("conversations.open", status=503)
    delivery = tom.command("/crm", "help", channel="C1")
    assert "Nothing was saved" in delivery.answer["text"]
    tom.command("/crm", "help", channel="C1")
    tom.at("C1").wait_for("not linked")


def test_a_lookup_that_hangs_is_not_waited_for(
    slack: SlackCounterpart, make_tradewind: Callable[..., Tradewind]
) -> None:
    make_tradewind().start()
    tom = slack.user("U2", real_name="Tom", locale="zh-CN")
    hold = slack.hold_next("users.info", after_effect=False)
    started = time.perf_counter()
    tom.say("help")
    tom.wait_for("not linked")
    assert time.perf_counter() - started < 2.5
    hold.release()


def test_a_direct_conversation_that_is_not_told_is_not_waited_for(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.channel("C1")
    hold = slack.hold_next("conversations.open", after_effect=False)
    delivery = li.command("/crm", "help", channel="C1")
    assert "Nothing was saved" in delivery.answer["text"]
    hold.release()
    slack.wait_call("conversations.open")
    li.command("/crm", "help", channel="C1")
    li.at("C1").wait_for("settings")


def test_answers_typed_faster_than_they_are_taken_keep_their_order(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    typed = ["lead", "Ernst Handel", "Anna", "skip", "skip", "Exhibition", "500 mugs"]
    sent = [li.say(text, wait=False) for text in typed]
    assert all(delivery.wait(10).acked for delivery in sent)
    answers = ("Company: Ernst Handel", "Contact: Anna", "Source: Exhibition", "Product need: 500 mugs")
    li.wait_for(lambda message: all(answer in message.shown for answer in answers))


def test_a_searched_list_is_answered(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    with tradewind.database.write() as work:
        li_na = find_member(work, person_id=1)
        for name in ("Ernst Handel", "x" * 200, *(f"Customer {number}" for number in range(99))):
            details = CustomerDetails(name=name, contact="Roland", country="AT")
            create_customer(work, actor=li_na, platform="slack", details=details)
    li.command("/crm", "deal")
    li.open_view()
    assert [option["text"]["text"] for option in li.suggestions("Customer", "ernst")] == ["Ernst Handel"]
    assert len(li.suggestions("Customer", "")) > 8
    assert li.suggestions("Customer", "nobody") == []
    li.fill(
        {"Customer": ("Ern", "Ernst Handel"), "Title": "500 lamps", "Amount": "plenty", "Expected close": "31/12/2098"}
    )
    li.submit()
    assert list(li.errors()) == ["Amount"]
    li.fill({"Amount": "12,500 CNY"})
    li.submit()
    li.wait_closed()
    li.wait_for("500 lamps")
    li.command("/crm", "deal Ernst Handel")
    assert li.open_view().values["Customer"] == "Ernst Handel"


def test_an_answer_that_makes_others_necessary_brings_a_fuller_modal(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    with tradewind.database.write() as work:
        li_na = find_member(work, person_id=1)
        details = CustomerDetails(name="Ernst Handel", contact="Roland", country="AT")
        customer = create_customer(work, actor=li_na, platform="slack", details=details)
        deal = DealDetails(
            customer_id=customer,
            title="500 lamps",
            amount=Money(Decimal(12500), "CNY"),
            expected_close=date(2099, 1, 31),
        )
        open_deal(work, actor=li_na, platform="slack", details=deal)
    li.command("/crm", "move")
    view = li.open_view()
    assert view.fields == ("Deal", "New stage")
    li.fill({"Deal": "D-1 500 lamps", "New stage": "Lost"})
    answered = li.submit()
    assert answered is not None
    assert answered.answer["response_action"] == "update"
    slack.redeliver(answered.envelope_id)
    answered.wait_sent(2)
    view = li.open_view()
    assert view.fields == ("Deal", "New stage", "Reason", "Reason, in your own words")
    assert view.values["New stage"] == "Lost"
    assert "needed" in view.shown
    li.fill({"Reason": "Price"})
    li.submit()
    li.wait_closed()
    li.wait_for("is now in")
    with tradewind.database.read() as work:
        [row] = work.connection.execute(select(Deal.table().c.stage, Deal.table().c.lost_reason))
    assert row.stage == "lost"
