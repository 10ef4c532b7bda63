"""The app's home: what waits for somebody, kept true by what they do and what happens elsewhere."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update

from bot.cards.home import USUAL, draw_home
from bot.handlers import find_verb
from bot.platforms.slack.renderer import render_home
from bot.wording import wording
from crm.core import copies
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.people.identities import issue_code, tie
from crm.people.people import Person, disable_person
from tests.bot.platforms.slack.running import Tradewind
from tests.bot.platforms.slack.screens import WORST
from tests.conftest import MakePerson
from tests.counterparts.slack import Person as Account
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.slack.blocks import problems_of_view
from tests.crm.orders.trading import Trade

BOTH = pytest.mark.parametrize("mode", ["socket", "http"])
LEAD = {"Company": "Ernst Handel", "Contact": "Anna", "Source": "Exhibition", "Product need": "500 mugs"}


@pytest.fixture
def zhao(slack: SlackCounterpart, tradewind: Tradewind, trade: Trade) -> Account:
    """The supervisor's account."""
    account = slack.user("U5", real_name="Zhao", locale="en-GB")
    with tradewind.database.write() as work:
        tie(work, platform="slack", account_id=account.id, person_id=trade.boss.id, chat_id=None)
    return account


@pytest.fixture
def trade(tradewind: Tradewind, make_person: MakePerson) -> Trade:
    return Trade(tradewind.database, make_person)


def order(trade: Trade) -> int:
    return trade.submit(trade.draft(delivery_on=date(2099, 5, 1)))


@BOTH
def test_it_shows_what_one_can_do_and_opens_a_form(slack: SlackCounterpart, tradewind: Tradewind, li: Account) -> None:
    li.open_home()
    home = li.wait_home("Nothing waits for you today.")
    assert "Log a lead" in home.buttons
    assert "Approvals" not in home.buttons
    li.press_home("Log a lead")
    assert li.open_view().title == "New lead"
    li.close()
    li.press_home("Pipeline")
    li.wait_for("no open deals")


@BOTH
def test_it_follows_what_one_does(slack: SlackCounterpart, tradewind: Tradewind, li: Account) -> None:
    li.open_home()
    li.wait_home("Nothing waits for you today.")
    li.command("/crm", "lead")
    li.open_view()
    li.fill(LEAD | {"Next follow-up": "today"})
    li.submit()
    li.wait_closed()
    assert "Ernst Handel" in li.wait_home("Ernst Handel").buttons
    li.press_home("Ernst Handel")
    li.wait_for("500 mugs")
    li.press("Disqualify")
    li.open_view()


def test_looking_something_up_does_not_draw_it_anew(slack: SlackCounterpart, tradewind: Tradewind, li: Account) -> None:
    li.open_home()
    li.wait_home("Nothing waits for you today.")
    for _ in range(3):
        li.say("help")
        li.wait_for("What I can do for you")
    with tradewind.database.read() as work:
        drawn = work.connection.execute(text("SELECT drawn, wanted FROM card_copies WHERE card = 'home'")).one()
    assert tuple(drawn) == (1, 1)
    assert len(slack.calls_of("views.publish")) == 1


def test_a_page_nobody_looks_at_is_let_be_until_it_is_opened_again(
    slack: SlackCounterpart, tradewind: Tradewind, trade: Trade, zhao: Account
) -> None:
    zhao.open_home()
    zhao.wait_home("Nothing waits for you today.")
    _wait_marked(tradewind)
    with tradewind.database.write() as work:
        assert copies.let_rest(work, card="home", older_than=timedelta(days=7)) == 0
        assert copies.let_rest(work, card="home", older_than=timedelta(seconds=-60)) == 1
    order(trade)
    zhao.wait_for("SO-2026-0001")
    assert len(slack.calls_of("views.publish")) == 1
    zhao.open_home()
    zhao.wait_home("SO-2026-0001")


def _wait_marked(tradewind: Tradewind) -> None:
    """Until it is written down, too, that all that is to be shown is shown."""
    behind = text("SELECT count(*) FROM card_copies WHERE drawn < wanted")
    until = time.monotonic() + 60
    while True:
        with tradewind.database.read() as work:
            if not work.connection.execute(behind).scalar_one():
                return
        assert time.monotonic() < until, "a copy is not marked as drawn"
        time.sleep(0.01)


def test_what_waits_for_a_decision_comes_and_goes(
    slack: SlackCounterpart, tradewind: Tradewind, trade: Trade, zhao: Account
) -> None:
    zhao.open_home()
    zhao.wait_home("Nothing waits for you today.")
    order(trade)
    home = zhao.wait_home("SO-2026-0001")
    assert "Waiting for my decision" in home.shown
    zhao.press_home("SO-2026-0001")
    zhao.wait_for(lambda message: "✅ Approve" in message.buttons)
    zhao.press("✅ Approve")
    zhao.wait_home(lambda view: "SO-2026-0001" not in view.buttons)


def test_an_order_sent_back_stands_in_the_home_of_who_submitted_it(
    slack: SlackCounterpart, tradewind: Tradewind, trade: Trade
) -> None:
    rep = slack.user("U6", real_name="Li", locale="en-GB")
    with tradewind.database.write() as work:
        tie(work, platform="slack", account_id=rep.id, person_id=trade.rep.id, chat_id=None)
    number = order(trade)
    rep.open_home()
    rep.wait_home("Nothing waits for you today.")
    trade.press_step(trade.step(number).id, trade.boss, "send_back", reason="price")
    assert "sent back, to be changed" in rep.wait_home("SO-2026-0001").shown


def test_a_stranger_learns_how_to_be_linked_and_nothing_else(slack: SlackCounterpart, tradewind: Tradewind) -> None:
    tom = slack.user("U7", real_name="Tom", locale="en-US")
    tom.open_home()
    home = tom.wait_home("not linked")
    assert home.buttons == ()
    with tradewind.database.write() as work:
        code = issue_code(work, actor=SYSTEM, person_id=1)
    tom.say(f"start {code}")
    tom.wait_for("You are linked as Li Na")
    tom.open_home()
    assert "Log a lead" in tom.wait_home("Nothing waits").buttons


def test_an_account_that_became_somebody_elses_shows_nothing_of_the_one_before(
    slack: SlackCounterpart, tradewind: Tradewind, trade: Trade, zhao: Account
) -> None:
    zhao.open_home()
    zhao.wait_home("Nothing waits")
    with tradewind.database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=trade.boss.id)
        code = issue_code(work, actor=SYSTEM, person_id=trade.rep.id)
    zhao.say(f"start {code}")
    zhao.wait_for("You are linked as Li")
    published = len(slack.calls_of("views.publish"))
    with tradewind.database.write() as work:
        work.connection.execute(update(Person).where(Person.id == trade.boss.id).values(is_active=True))
    order(trade)  # for Zhao, who has no account any more
    with tradewind.database.write() as work:
        copies.touch_card(work, card="home", subject_id=trade.boss.id)
    assert work.wakes
    for said, answered in (("help", "settings"), ("deals", "no open deals")):  # what is due before an answer is sent
        zhao.say(said)
        zhao.wait_for(answered)
    assert len(slack.calls_of("views.publish")) == published


def test_a_home_that_slack_does_not_take_ends_nothing(
    slack: SlackCounterpart, tradewind: Tradewind, li: Account
) -> None:
    slack.fail_next("views.publish", error="not_enabled")
    li.open_home()
    slack.wait_call("views.publish")
    li.say("help")
    li.wait_for("settings")
    slack.fail_next("views.publish", status=503)
    li.open_home()
    li.wait_home("Nothing waits", timeout=10)


def test_the_home_of_somebody_disabled_is_taken_away(
    slack: SlackCounterpart, tradewind: Tradewind, li: Account
) -> None:
    li.open_home()
    li.wait_home("Nothing waits")
    with tradewind.database.write() as work:
        work.connection.execute(update(Person).values(is_active=False))
        copies.touch_card(work, card="home", subject_id=1)
    assert li.wait_home("not for you any more").buttons == ()
    li.open_home()
    assert "not linked" in li.wait_home("not linked").shown


def test_every_verb_with_a_button_is_one_its_people_may_use() -> None:
    for name, _, roles in USUAL:
        found = find_verb(name)
        assert found is not None
        assert not found[0].roles or roles <= found[0].roles, name


def test_it_is_short_and_costs_few_statements(database: Database, make_person: MakePerson) -> None:
    trade = Trade(database, make_person)
    for _ in range(9):
        order(trade)
    with database.read() as work:
        statements: list[str] = []
        event.listen(work.connection, "before_cursor_execute", lambda *a: statements.append(a[2]))
        screen = draw_home(work, trade.boss.id, trade.boss)
    assert len(statements) <= 15
    view = render_home(screen, wording("en", "UTC"), lambda action: action)
    assert len(view["blocks"]) <= 12
    assert "All 9 decisions" in str(view)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_slack_takes_it_whatever_is_in_it(language: str) -> None:
    view = render_home(WORST, wording(language, "UTC"), lambda action: action)
    assert problems_of_view(view) == []


def test_a_touch_is_one_statement_by_an_index(database: Database, make_person: MakePerson) -> None:
    """Every message that comes in pays for it."""
    person = make_person(at=database)
    ran: list[Any] = []
    with database.write() as work:
        event.listen(work.connection, "before_cursor_execute", lambda *a: ran.append(a[2:4]))
        copies.touch_card(work, card="home", subject_id=person.id)
    [(statement, values)] = ran
    if database.is_sqlite:
        with database.read() as work:
            plan = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        assert "INDEX ix_card_copies_card_subject_id (card=? AND subject_id=?)" in str(plan)
        assert "SCAN card_copies" not in str(plan)
