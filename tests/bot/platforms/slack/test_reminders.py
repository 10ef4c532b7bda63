"""A reminder in Slack: made of somebody's message, told by the running program, put off and done by its buttons."""

from sqlalchemy import update

from crm.sales.tasks.tasks import Task
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart


def _let_it_be_due(tradewind: Tradewind) -> None:
    with tradewind.database.write() as work:
        work.connection.execute(update(Task.table()).values(due_at=work.now.replace(microsecond=0)))


def test_from_a_message_to_done(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    slack.channel("C1")
    ts = li.post("C1", "call Anna tomorrow at 10\nand bring the samples")
    li.message_shortcut("remind_me", "C1", ts)
    view = li.open_view()
    assert view.title == "Set a reminder"
    assert view.values["Text"] == "call Anna"
    assert view.values["When"].endswith(" 10:00")
    li.fill({"When": "yesterday"})
    li.submit()
    assert "is in the past" in li.errors()["When"]
    li.fill({"When": "in 2 hours"})
    li.submit()
    li.wait_closed()
    li.wait_for("I will remind you")
    _let_it_be_due(tradewind)
    card = li.wait_for("Reminder: call Anna")
    li.press("Snooze", ts=card.ts)
    li.wait_for("Remind you again when?")
    li.press("1 hour", ts=card.ts)
    li.wait_for(lambda shown: shown.ts == card.ts and "Done" in shown.buttons)
    _let_it_be_due(tradewind)
    again = li.wait_for(lambda shown: shown.ts != card.ts and "Reminder: call Anna" in shown.shown)
    li.press("Done", ts=again.ts)
    for ts in (card.ts, again.ts):
        li.wait_for(lambda shown, ts=ts: shown.ts == ts and not shown.buttons)
