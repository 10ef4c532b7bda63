"""(c) Slack: a command → its acknowledgement, over Socket Mode, beside a bare app of Bolt's that only says yes."""

import functools
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from crm.core.database import Database
from crm.people.identities import tie
from crm.people.people import find_by_name
from tests.counterparts.slack import Person, SlackCounterpart

from .harness import Bench, Sides, Within
from .house import REP, bench_folder, open_house, sample_company
from .processes import bot

USER = "U0ANNA"
COMMANDS = 20


@contextmanager
def command_sides() -> Iterator[Sides]:
    """Both apps up, each at a workspace of its own (the strict counterpart of the tests); ours on SQLite, FULL."""
    with ExitStack() as closes:
        house = closes.enter_context(open_house("sqlite", _company))
        folder = closes.enter_context(bench_folder())
        ours, bare = (closes.enter_context(SlackCounterpart()) for _ in range(2))
        people = [slack.user(USER, real_name=REP, locale="en-US") for slack in (ours, bare)]
        tokens = (ours.bot_token, ours.app_token)
        closes.enter_context(bot("tradewind-slack", ours.api_url, *tokens, house.copy(), str(folder)))
        closes.enter_context(bot("bolt", bare.api_url, *tokens))
        ours.wait_connected(timeout=30)
        bare.wait_connected(timeout=30)
        yield Sides(functools.partial(_run, people[0]), functools.partial(_run, people[1]))


def _company(database: Database) -> None:
    sample_company(database)
    with database.write() as work:
        person_id = find_by_name(work, name=REP).id
        tie(work, platform="slack", account_id=USER, person_id=person_id, chat_id=None)


def _run(person: Person) -> float:
    """The median: the acknowledgement of a command that begins a lead; the one that drops it is not measured."""
    times = []
    for _ in range(COMMANDS):
        times.append(person.command("/crm", "lead").took)
        person.command("/crm", "cancel")
    return statistics.median(times)


SLACK_COMMAND = Bench(name="Slack, command → acknowledgement", aim=Within(0.005), open=command_sides)
