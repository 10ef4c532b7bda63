"""Shortcuts: a lead from anywhere, somebody's message into a customer's history, a reminder of it."""

import pytest

from crm.people.people import find_member
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"])


def test_log_a_lead(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    assert li.shortcut("log_lead").answer is None
    assert li.open_view().title == "New lead"
    li.fill({"Company": "Ernst", "Contact": "Anna", "Source": "Exhibition", "Product need": "mugs"})
    li.submit()
    li.wait_for("Ernst")
    assert len(tradewind.leads()) == 1


def test_a_message_goes_into_a_customers_history(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    with tradewind.database.write() as work:
        details = CustomerDetails(name="Ernst Handel", contact="Roland", country="AT")
        create_customer(work, actor=find_member(work, person_id=1), platform="slack", details=details)
    wang = slack.user("U9", real_name="Wang Wei")
    slack.channel("C1")
    ts = wang.post("C1", "Ernst Handel <asks> for & gets a 3% discount")
    li.message_shortcut("add_to_history", "C1", ts)
    view = li.open_view()
    assert "Ernst Handel <asks> for & gets a 3% discount" in str(view.values)
    assert "Wang Wei" in str(view.values)
    if "Customer" not in {label for label, value in view.values.items() if value}:
        li.fill({"Customer": "Ernst Handel"})
    li.submit()
    li.wait_closed()
    li.command("/crm", "customer Ernst")
    assert "3% discount" in li.wait_for("3% discount").shown


def test_a_reminder_of_a_message(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    wang = slack.user("U9", real_name="Wang Wei")
    slack.channel("C1")
    ts = wang.post("C1", "call Anna tomorrow at 10\nand bring the samples")
    li.message_shortcut("remind_me", "C1", ts)
    view = li.open_view()
    assert "call Anna" in str(view.blocks)
    assert "samples" not in str(view.blocks)
    li.submit()
    li.wait_for("call Anna")


def test_it_is_answered_where_the_message_is_or_without_us_there_in_the_direct_conversation(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    wang = slack.user("U9", real_name="Wang Wei")
    slack.channel("C2", has_bot=False)
    slack.channel("C1")
    for channel, answered in (("C2", li), ("C1", li.at("C1"))):
        li.message_shortcut("add_to_history", channel, wang.post(channel, " "))
        answered.wait_for("There is no text in this")


def test_a_shortcut_that_comes_again_does_nothing_twice(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, mode: str
) -> None:
    slack.channel("C1")
    ts = li.post("C1", "call Anna tomorrow at 10")
    chosen = li.message_shortcut("remind_me", "C1", ts)
    li.open_view()
    if mode == "socket":
        slack.redeliver(chosen.envelope_id)
        chosen.wait_sent(2)
    else:
        again = slack.deliver_http(
            f"{tradewind.address}/slack/events", slack.signing_secret, chosen.payload, "interactive"
        )
        assert again.status == 200
    li.command("/crm", "help")  # answered after it
    li.wait_for("settings")
    assert len(slack.calls_of("views.open")) == 1


def test_a_shortcut_of_another_app_is_left_alone(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    assert li.shortcut("something_else").answer is None
    assert li.messages() == []


def test_a_stranger_is_told_in_passing(slack: SlackCounterpart, tradewind: Tradewind) -> None:
    tom = slack.user("U7", real_name="Tom", locale="en-US")
    tom.shortcut("log_lead")
    assert "not linked" in tom.wait_for("not linked").shown
