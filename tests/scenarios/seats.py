"""One person at one door: the same few things to do, each as that door's people do them."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bot.wording import wording
from crm.core.text import T
from tests.counterparts.slack import Person as SlackPerson
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart

PATIENCE = 10.0


class Seat(Protocol):
    """What a story can do. Texts are found by a part of them; labels are given in the person's language."""

    def say(self, text: str) -> None: ...

    def press(self, label: str) -> None: ...

    def see(self, text: str) -> None:
        """Wait until one of the newest messages shows this."""
        ...

    def ask(self, words: str, text: str) -> None:
        """Say it, and wait until a new message shows this."""
        ...

    def guide(
        self, verb: str, answers: Mapping[str, str], *, by_button: bool = False, ends: str = "", pauses: bool = False
    ) -> None:
        """Go through a conversation to its end: answers by field label, everything else skipped.

        `by_button`: the verb is a button's label. `ends`: what its review ends with, CONFIRM unless told otherwise.
        `pauses`: it is cancelled once when it has begun, and continued.
        """
        ...


CONFIRM, SUBMIT, NOTHING = "", "submit", "nothing"
"""How conversations end: by confirming a review, by submitting it, or with their last answer."""


class StepwiseSeat:
    """A door that asks one question at a time."""

    language = "zh_CN"

    def guide(
        self,
        verb: str,
        answers: Mapping[str, str],
        *,
        by_button: bool = False,
        ends: str = CONFIRM,
        pauses: bool = False,
    ) -> None:
        words = wording(self.language, "UTC")
        confirm, skip = words(T("Submit") if ends == SUBMIT else T("Confirm")), words(T("Skip"))
        enough = words(T("No more lines"))
        before = self._seen()
        self.press(verb) if by_button else self.say(verb)
        left = dict(answers)
        while True:
            shown = self._question(before)
            labels = shown[2]
            if any(confirm in label for label in labels):
                assert not left, f"never asked for: {left}"
                self.press(confirm)
                return
            before = self._seen()
            if enough in labels:
                self.press(enough)
                continue
            asked = next((label for label in left if shown[1].startswith(label)), None)
            if asked is None:
                assert skip in labels, f"asked for {shown[1]!r}, which the story does not answer"
                self.press(skip)
                continue
            self.say(left.pop(asked))
            if ends == NOTHING and not left:
                return
            if pauses:
                before, pauses = self._paused(self._question(before)), False

    def ask(self, words: str, text: str) -> None:
        # Not the newest alone: a notice may come in just behind the answer.
        before = {one[0] for one in self._all()}
        self.say(words)
        self._wait(
            lambda: any(text in one[3] for one in self._all() if one[0] not in before),
            lambda: f"{text!r} after {words!r}; the newest is:\n{self._newest()[3]}",
        )

    def _paused(self, before: tuple[Any, str, list[str], str]) -> set[Any]:
        """Cancels and continues; returns what stood there in between."""
        words = wording(self.language, "UTC")
        self.say(words(T("Cancel")))
        self._change_from(before)
        seen = self._seen()
        self.press(words(T("Continue")))
        return seen

    def see(self, text: str) -> None:
        # Not the newest alone: a notice or two may follow what is waited for.
        self._wait(
            lambda: any(text in one[3] for one in self._all()[-3:]),
            lambda: f"{text!r}; the newest is:\n{self._newest()[3]}",
        )

    def say(self, text: str) -> None:
        raise NotImplementedError

    def press(self, label: str) -> None:
        raise NotImplementedError

    def _all(self) -> list[tuple[Any, str, list[str], str]]:
        """What the bot has said: which message as it stands, its last line, labels, text."""
        raise NotImplementedError

    def _newest(self) -> tuple[Any, str, list[str], str]:
        return (self._all() or [(None, "", [], "")])[-1]

    def _wait(self, condition: Callable[[], bool], what: Callable[[], str]) -> None:
        raise NotImplementedError

    def _seen(self) -> set[Any]:
        return {one[0] for one in self._all()}

    def _question(self, seen: set[Any]) -> tuple[Any, str, list[str], str]:
        """The newest question since these: what can be cancelled. A card that is drawn anew meanwhile is none."""
        cancel = wording(self.language, "UTC")(T("Cancel"))

        def asked() -> list[tuple[Any, str, list[str], str]]:
            return [one for one in self._all() if one[0] not in seen and cancel in one[2]]

        self._wait(lambda: bool(asked()), lambda: f"a question; the newest is:\n{self._newest()[3]}")
        return asked()[-1]

    def _change_from(self, before: tuple[Any, str, list[str], str]) -> tuple[Any, str, list[str], str]:
        self._wait(lambda: self._newest()[0] != before[0], lambda: f"an answer after:\n{before[3]}")
        return self._newest()


class TelegramSeat(StepwiseSeat):
    """Somebody in their private chat with the bot."""

    def __init__(self, telegram: TelegramCounterpart, account: int, code: str, *, language: str = "zh_CN") -> None:
        self.language = language
        self._telegram = telegram
        self.user = telegram.user(account, language_code="zh-hans" if language == "zh_CN" else "en")
        self.say(f"/start {code}")
        self.user.wait_for(lambda message: bool(message.labels), PATIENCE)

    def say(self, text: str) -> None:
        self.user.say(text)

    def press(self, label: str) -> None:
        shown, full = next(
            (
                (message, found)
                for message in reversed(self.user.messages())
                for found in message.labels
                if label in found
            ),
            (self.user.messages()[-1], label),
        )
        self.user.press(full, message=shown)

    def _all(self) -> list[tuple[Any, str, list[str], str]]:
        return [
            ((message.id, message.edits), message.text.splitlines()[-1], message.labels, message.text)
            for message in self.user.messages()
        ]

    def _wait(self, condition: Callable[[], bool], what: Callable[[], str]) -> None:
        try:
            self._telegram.wait_until(condition, PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"waited for {what()}") from error


class WebSeat(StepwiseSeat):
    """Somebody at a column of the page, by what the page itself posts and reads."""

    def __init__(self, address: str, name: str, *, language: str = "zh_CN") -> None:
        self.language = language
        self._address = address
        people = self._call("/api/people")["people"]
        person = next(one for one in people if one["name"] == name)
        self._chat = self._call("/api/chats", {"person": person["id"]})["chat"]

    def say(self, text: str) -> None:
        self._post({"text": text})

    def press(self, label: str) -> None:
        pressed = next(
            (
                (button["key"], message["id"])
                for message in reversed(self._messages())
                for row in message["rows"]
                for button in row
                if label in button["label"]
            ),
            None,
        )
        assert pressed is not None, f"no button {label} under {self._messages()[-1]}"
        self._post({"press": pressed[0], "message": pressed[1]})

    def _post(self, what: dict[str, Any]) -> None:
        answer = self._call(f"/api/chats/{self._chat}/messages", {"id": str(uuid.uuid4()), **what})
        assert answer["status"] == "handled", answer

    def _messages(self) -> list[dict[str, Any]]:
        found = self._call(f"/api/chats/{self._chat}/messages?after=0")["messages"]
        return [
            {"rows": [], **message.get("body", message), "id": message["id"], "seq": message["seq"]}
            for message in found
            if message["author"] == "bot"
        ]

    def shown(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """The bot's messages as they are now: id, text, labels of the buttons."""
        return [(message["id"], "\n".join(_lines(message)), tuple(_labels(message))) for message in self._messages()]

    def _all(self) -> list[tuple[Any, str, list[str], str]]:
        return [
            (message["seq"], _lines(message)[-1], _labels(message), "\n".join(_lines(message)))
            for message in self._messages()
        ]

    def _wait(self, condition: Callable[[], bool], what: Callable[[], str]) -> None:
        # The page is told by a stream; here the transcript is asked again until it shows what is waited for.
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, f"waited for {what()}"

    def _call(self, path: str, data: dict[str, Any] | None = None) -> Any:
        body = None if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json", "Origin": self._address}
        request = urllib.request.Request(self._address + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error


def _lines(message: dict[str, Any]) -> list[str]:
    return [f"{line.get('label', '')} {line['text']}".strip() for line in message["lines"]]


def _labels(message: dict[str, Any]) -> list[str]:
    return [button["label"] for row in message["rows"] for button in row]


class SlackSeat:
    """Somebody with the app's direct message open; conversations are modals here."""

    def __init__(self, slack: SlackCounterpart, account: str, code: str, *, language: str = "zh_CN") -> None:
        self._words = wording(language, "UTC")
        self.user: SlackPerson = slack.user(account, locale="zh-CN" if language == "zh_CN" else "en-US")
        self.user.command("/crm", f"start {code}")

    def say(self, text: str) -> None:
        self.user.say(text)

    def press(self, label: str) -> None:
        self.user.press(label)

    def see(self, text: str) -> None:
        self.user.wait_for(text, timeout=PATIENCE)

    def ask(self, words: str, text: str) -> None:
        before = len(self.user.messages())
        self.user.say(words)
        self.user.workspace.wait_until(
            lambda: any(text in message.shown for message in self.user.messages()[before:]),
            timeout=PATIENCE,
            what=lambda: f"{text!r} after {words!r} in {self.user.messages()[-1].shown!r}",
        )

    def guide(
        self,
        verb: str,
        answers: Mapping[str, str],
        *,
        by_button: bool = False,
        ends: str = CONFIRM,
        pauses: bool = False,
    ) -> None:
        if by_button:
            self.user.press(verb)
        else:
            self.user.command("/crm", verb)
        self.user.open_view()
        if pauses:
            self.user.fill(on_the_form(dict([next(iter(answers.items()))]), ends=ends))
            self.user.close()
            self.user.wait_closed()
            again = self._words(T("Continue"))
            self.user.workspace.wait_until(
                lambda: again in self.user.messages()[-1].buttons, timeout=PATIENCE, what=f"a button {again}"
            )
            self.user.press(again)
            self.user.open_view()
        if self.user.open_view().fields:
            self.user.fill(on_the_form(answers, ends=ends))
            self.user.submit()
        if ends == SUBMIT:
            self.user.submit()  # the last page is the review, the only one where everything is known
        self.user.wait_closed()


def on_the_form(answers: Mapping[str, str], *, ends: str) -> dict[str, str]:
    """Answers by the labels of a form, where the fields of an order's or a quote's lines are numbered."""
    has_lines = ends == SUBMIT or not _PRICE.isdisjoint(answers)
    return {f"{label} 1" if has_lines and label in _LINE else label: text for label, text in answers.items()}


_PRICE = {"单价", "Unit price"}
_LINE = {"产品", "数量", "单价", "优惠(%)", "Product", "Quantity", "Unit price", "Discount"}
