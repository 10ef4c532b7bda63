"""Somebody in that workspace: types, presses, fills in the modal by the labels on it."""

from collections.abc import Mapping
from typing import Any

from .server import LocalSlack

Json = dict[str, Any]


class LocalPerson:
    """`account` in their direct conversation. Everything done here is acknowledged by the app before it returns.

    `records`: values by name for searched lists, which the program does not ask the app about.
    """

    def __init__(self, slack: LocalSlack, account: str, records: Mapping[str, str]) -> None:
        self._records = records
        self.slack = slack
        self.account = account
        self.channel = f"D{account}"

    def say(self, text: str) -> None:
        self.slack.control("message", {"channel": self.channel, "user": self.account, "text": text})

    def command(self, text: str) -> None:
        told = {"channel": self.channel, "user": self.account, "command": "/crm", "text": text}
        self.slack.control("command", told)

    def press(self, label: str) -> None:
        """A button of the newest message that has it."""
        for message in reversed(self.slack.messages(self.channel)):
            for block, button in _buttons(message):
                if label in button["text"]["text"]:
                    action = {**button, "block_id": block.get("block_id", "b")}
                    pressed = {"channel": self.channel, "messageTs": message["ts"], "user": self.account}
                    self.slack.control("interact", pressed | {"action": action})
                    return
        raise AssertionError(f"no button {label!r} in {[self._text(one) for one in self._of_bot()]}")

    def wait_for(self, text: str) -> str:
        """The newest message of the app that is there to stay, once it shows this."""

        def seek() -> str:
            shown = self._text(self._of_bot()[-1]) if self._of_bot() else ""
            return shown if text in shown else ""

        return self.slack.wait_until(seek, f"{text!r} in {[self._text(one) for one in self._of_bot()][-2:]}")

    def open_modal(self) -> Json:
        return self.slack.wait_until(lambda: self.slack.modal, "a modal")

    def submit(self, answers: Mapping[str, str] | None = None) -> None:
        """Hand the modal in with these answers by label; what is there already stays as it is."""
        view = self.open_modal()
        left = dict(answers or {})
        values: Json = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                state = _answered(element, left.pop(block["label"]["text"], None), self._records)
                values[block["block_id"]] = {element["action_id"]: state}
        assert not left, f"no fields {left} in {[b['label']['text'] for b in view['blocks'] if 'label' in b]}"
        errors = len(self.slack.refusals())
        self.slack.as_page({"t": "view_submit", "user": self.account, "values": values})
        self.slack.wait_until(
            lambda: self.slack.modal != view or len(self.slack.refusals()) > errors, "an answer to the modal"
        )

    def wait_closed(self) -> None:
        self.slack.wait_until(lambda: self.slack.modal is None, f"the modal closed, after {self.slack.refusals()}")

    def _of_bot(self) -> list[Json]:
        said = self.slack.messages(self.channel)
        return [one for one in said if one.get("bot_id") and one.get("subtype") != "ephemeral"]

    def _text(self, message: Json) -> str:
        return str(message.get("text") or "")


def _buttons(message: Json) -> list[tuple[Json, Json]]:
    found = []
    for block in message.get("blocks") or ():
        elements = [*(block.get("elements") or ()), *([block["accessory"]] if "accessory" in block else ())]
        found += [(block, element) for element in elements if element.get("type") == "button"]
    return found


def _answered(element: Json, text: str | None, records: Mapping[str, str]) -> Json:
    """The state of one element, as the page makes it: what was there at first, or this answer."""
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value") if text is None else text}
    if text is None:
        return {"type": kind, "selected_option": element.get("initial_option")}
    offered = element.get("options") or []
    if kind == "external_select":
        offered = [{"text": {"type": "plain_text", "text": name}, "value": value} for name, value in records.items()]
    chosen = next((one for one in offered if one["text"]["text"] == text), None)
    assert chosen, f"no option {text!r} among {[one['text']['text'] for one in offered]}"
    return {"type": kind, "selected_option": chosen}
