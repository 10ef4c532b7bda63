"""Somebody in the Slack that somebody else wrote, as a seat of the stories."""

from collections.abc import Mapping

from tests.counterparts.local_slack import LocalPerson, LocalSlack
from tests.scenarios.seats import CONFIRM, SUBMIT, on_the_form


class LocalSlackSeat:
    """`guide` fills in modals, like in Slack."""

    def __init__(self, slack: LocalSlack, account: str, code: str, records: Mapping[str, str]) -> None:
        self.user = LocalPerson(slack, account, records)
        self.user.command(f"start {code}")

    def say(self, text: str) -> None:
        self.user.say(text)

    def press(self, label: str) -> None:
        self.user.press(label)

    def see(self, text: str) -> None:
        self.user.wait_for(text)

    def ask(self, words: str, text: str) -> None:
        self.user.say(words)
        self.user.wait_for(text)

    def guide(
        self,
        verb: str,
        answers: Mapping[str, str],
        *,
        by_button: bool = False,
        ends: str = CONFIRM,
        pauses: bool = False,
    ) -> None:
        assert not pauses, "its own page alone can close a modal"
        self.user.press(verb) if by_button else self.user.command(verb)
        self.user.submit(on_the_form(answers, ends=ends))
        if ends == SUBMIT:
            self.user.submit()  # the last page is the review
        self.user.wait_closed()
