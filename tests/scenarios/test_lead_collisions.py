"""Two reps meet one company, one in Telegram, the other in Slack: the guard asks, the hand-over goes between them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm.people.people import Role
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import SlackSeat, TelegramSeat

HUIS = {"Company": "Huis & Haard BV", "Contact": "Jan", "Source": "Website inquiry", "Product need": "500 lamps"}
AGAIN = {"Company": "Haard en Huis", "Contact": "Piet", "Source": "Exhibition", "Product need": "chairs"}


class TwoReps:
    """Anna in Telegram, Lars in Slack, both of one team; all in English."""

    def __init__(self, house: House, telegram: TelegramCounterpart, slack: SlackCounterpart) -> None:
        self.house = house
        house.stock()
        told = {"language": "en", "team": "North"}
        self.anna = TelegramSeat(telegram, 1001, house.hire("Anna", Role.REP, **told), language="en")
        self.lars = SlackSeat(slack, "U1", house.hire("Lars", Role.REP, **told), language="en")

    def leads(self) -> list[tuple[str, str]]:
        return [(str(lead["company"]), str(lead["status"])) for lead in self.house.rows()["leads"]]


@pytest.fixture
def reps(tmp_path: Path) -> Iterator[TwoReps]:
    with ExitStack() as stack:
        telegram, slack = stack.enter_context(TelegramCounterpart()), stack.enter_context(SlackCounterpart())
        url = f"sqlite:///{tmp_path / 'tradewind.db'}"
        house = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack))
        yield TwoReps(house, telegram, slack)
        assert telegram.violations == []
        assert slack.violations == []


def test_the_hand_over_of_a_lead_between_the_platforms(reps: TwoReps) -> None:
    reps.anna.guide("lead", HUIS)
    reps.anna.see("L-1")
    reps.lars.guide("lead", AGAIN)
    reps.lars.see("Haard en Huis may be known already")
    reps.lars.see("Lead Huis & Haard BV · Anna · a name like it")
    reps.lars.press("Ask for hand-over")
    reps.anna.see("Lars asks for Huis & Haard BV")
    reps.anna.press("Hand over")
    reps.anna.see("Handed over to Lars by Anna.")
    reps.lars.see("Anna has handed Huis & Haard BV over to you.")
    assert reps.leads() == [("Huis & Haard BV", "new"), ("Haard en Huis", "noted")]
    reps.lars.ask("leads", "L-1 Huis & Haard BV")


def test_logged_anyway_from_telegram_the_owner_hears_in_slack(reps: TwoReps) -> None:
    reps.lars.guide("lead", AGAIN)
    reps.lars.see("L-1")
    reps.anna.guide("lead", HUIS)
    reps.anna.see("Lead Haard en Huis · Lars · a name like it")
    reps.anna.press("Log anyway")
    reps.anna.see("Saved lead L-2: Huis & Haard BV")
    reps.lars.see("Anna has logged L-2 Huis & Haard BV. It looks like your Haard en Huis: a name like it.")
    assert reps.leads() == [("Haard en Huis", "new"), ("Huis & Haard BV", "new")]
