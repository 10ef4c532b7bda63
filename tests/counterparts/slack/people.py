"""The persons who use the app: what they type, press and fill in, and what they see."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from tests.counterparts.patience import PATIENCE

from . import forms, payloads
from .deliveries import Delivery
from .elsewhere import ElsewhereMixin
from .limits import ACK_SECONDS
from .rooms import Room, View, view_of
from .shown import (
    Control,
    NotShownError,
    buttons,
    find_button,
    find_option,
    inputs,
    option_reading,
    refused_by_client,
)
from .webapi import show_answer
from .workspace import BOT_USER, OpenView, Profile, Stored

if TYPE_CHECKING:
    from .server import SlackCounterpart

Json = dict[str, Any]
Found = TypeVar("Found")
Place = OpenView | Stored
Answer = str | date | tuple[str, str] | list[str] | None


class Person(ElsewhereMixin, Room):
    """A person; what they do arrives at the app, and by default they wait for the acknowledgement."""

    def __init__(self, slack: "SlackCounterpart", profile: Profile) -> None:
        super().__init__(slack.workspace, profile.dm, reader=profile.id)
        self.slack = slack
        self.profile = profile
        self.id = profile.id
        self._submitted: tuple[OpenView, Json] | None = None

    # Typing

    def command(
        self,
        command: str,
        text: str = "",
        *,
        channel: str | None = None,
        wait: bool = True,
        timeout: float = ACK_SECONDS,
    ) -> Delivery:
        """Type a slash command; a text in the acknowledgement shows among the ephemerals."""
        place = channel or self.channel_id
        with self.workspace.changed:
            payload = payloads.slash_command(
                self.profile,
                self.workspace.channels[place],
                command=command,
                text=text.strip(),
                trigger_id=self.workspace.new_trigger(self.id),
                response_url=self._response_url(place, None),
            )

        def answered(answer: Json | None) -> None:
            if answer:
                show_answer(self.workspace, self.id, place, answer)

        return self._deliver("slash_commands", payload, answered, wait=wait, timeout=timeout)

    def say(
        self, text: str, *, thread_ts: str | None = None, wait: bool = True, timeout: float = ACK_SECONDS
    ) -> Delivery:
        """Write into the direct conversation."""
        return self._write(self.channel_id, text, ("message",), thread_ts, wait=wait, timeout=timeout)[0]

    def send_file(
        self,
        name: str,
        content: bytes,
        *,
        text: str = "",
        mime: str = "application/pdf",
        size: int | None = None,
        thread_ts: str | None = None,
        wait: bool = True,
        timeout: float = ACK_SECONDS,
    ) -> Delivery:
        """Send a file into the direct conversation; `size` is what Slack says of it, where that is not the truth."""
        with self.workspace.changed:
            file = self.workspace.new_file(name, content, mime, size=size)
        files = [file.wire(self.slack.base)]
        return self._write(self.channel_id, text, ("message",), thread_ts, files=files, wait=wait, timeout=timeout)[0]

    def mention(
        self,
        channel: str,
        text: str,
        *,
        events: tuple[str, ...] = ("app_mention", "message"),
        thread_ts: str | None = None,
        wait: bool = True,
        timeout: float = ACK_SECONDS,
    ) -> list[Delivery]:
        """Write `@bot text` into a channel; by default the one message arrives as both events."""
        return self._write(channel, f"<@{BOT_USER}> {text}", events, thread_ts, wait=wait, timeout=timeout)

    def post(self, channel: str, text: str) -> str:
        """Write into a channel without naming the bot, which hears nothing of it; the message's ts."""
        with self.workspace.changed:
            stored = self.workspace.post(
                self.workspace.channels[channel], user=self.id, text=payloads.typed(text), blocks=[]
            )
            self.workspace.changed.notify_all()
        return stored.ts

    def at(self, channel: str) -> Room:
        """A channel as this person sees it, what only they see there among the ephemerals."""
        return Room(self.workspace, channel, reader=self.id)

    # Pressing

    def press(self, label: str, *, ts: str | None = None, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """Press a button: in the open modal, else in the newest message that has it; or in message `ts`."""
        place, control = self._find(lambda blocks: find_button(blocks, label), f"button {label!r}", ts)
        return self._act(place, control, {}, wait=wait, timeout=timeout)

    def pick(self, option: str, *, ts: str | None = None, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """Choose an option of a list or menu that is no field of a form; looked for like a button."""
        place, (control, chosen) = self._find(lambda blocks: find_option(blocks, option), f"option {option!r}", ts)
        many = control.element["type"] == "checkboxes"
        state = {"selected_options": [chosen]} if many else {"selected_option": chosen}
        return self._act(place, control, state, wait=wait, timeout=timeout)

    # Filling in a modal

    def open_view(self, where: Callable[[View], bool] = lambda _: True, *, timeout: float = PATIENCE) -> View:
        """The modal on top, once there is one (and `where` holds)."""

        def seek() -> View | None:
            view = self.view
            return view if view is not None and where(view) else None

        return self.workspace.wait_until(seek, timeout=timeout, what=lambda: f"a modal; there is {self.view}")

    @property
    def view(self) -> View | None:
        """The modal on top now."""
        with self.workspace.changed:
            stack = self.workspace.stacks.get(self.id)
            return view_of(stack[-1]) if stack else None

    @property
    def home(self) -> View | None:
        """The home tab."""
        with self.workspace.changed:
            view = self.workspace.homes.get(self.id)
            return view_of(view) if view else None

    def wait_closed(self, timeout: float = PATIENCE) -> None:
        """Once no modal is open."""
        self.workspace.wait_until(
            lambda: self.view is None, timeout=timeout, what=lambda: f"closed; there is {self.view}"
        )

    def fill(self, answers: Mapping[str, Answer], *, timeout: float = ACK_SECONDS) -> None:
        """Fill in fields of the modal on top by their labels; None empties one.

        A text for text inputs, an option's text for lists, a list of them for checkboxes, a date for date
        pickers. In an external list the text is typed, the app asked for suggestions, and the one that reads
        so chosen; give `(typed, chosen)` where they differ.
        """
        for label, answer in answers.items():
            view, control = self._field(label)
            if control.element["type"] == "external_select" and answer is not None:
                text, chosen = answer if isinstance(answer, tuple) else (str(answer), str(answer))
                option = option_reading(self.suggestions(label, text, timeout=timeout), chosen, where=label)
                state: Json = {"type": "external_select", "selected_option": option}
            else:
                state = forms.filled(control.element, answer, where=label)
            with self.workspace.changed:
                view.values[control.block["block_id"]][control.element["action_id"]] = state
            if control.block.get("dispatch_action"):
                self._act(view, control, state, wait=True, timeout=timeout)

    def suggestions(self, label: str, text: str, *, timeout: float = ACK_SECONDS) -> list[Json]:
        """The options that the app suggests for what was typed into an external list."""
        view, control = self._field(label)
        forms.check_query(control.element, text, where=label)
        with self.workspace.changed:
            payload = payloads.interaction(self.profile, "block_suggestion") | payloads.in_view(view)
            payload |= {
                "action_id": control.element["action_id"],
                "block_id": control.block["block_id"],
                "value": text,
            }
        answer = self._deliver("interactive", payload, None, wait=True, timeout=timeout).answer
        options, problems = forms.suggested(answer)
        for problem in problems:
            self.workspace.violate(problem)
        return options

    def submit(self, *, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery | None:
        """Press the modal's submit; None where Slack's client keeps it back (then see `errors()`)."""
        with self.workspace.changed:
            view = self._top()
            if "submit" not in view.definition:
                raise NotShownError("the modal has no submit")
            view.errors = refused_by_client(view.blocks, view.values)
            if view.errors:
                return None
            payload = payloads.interaction(self.profile, "view_submission")
            payload |= {"view": view.wire(), "response_urls": []}
            self._submitted = (view, payload)
        return self.resubmit(wait=wait, timeout=timeout)

    def resubmit(self, *, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """The last submission once more, in a new envelope: a double tap."""
        if self._submitted is None:
            raise NotShownError("nothing was submitted yet")
        view, payload = self._submitted
        with self.workspace.changed:
            payload = payload | {"trigger_id": self.workspace.new_trigger(self.id, view.id)}
        shown = payload["view"]["blocks"]

        def answered(answer: Json | None) -> None:
            forms.submitted(self.workspace, view, shown, answer)

        return self._deliver("interactive", payload, answered, wait=wait, timeout=timeout)

    def errors(self) -> dict[str, str]:
        """What stands under the fields of the modal on top, by label."""
        view = self.view
        return view.errors if view else {}

    def close(self, *, everything: bool = False, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery | None:
        """Close the modal on top (or all of them); None where the app does not want to know."""
        with self.workspace.changed:
            view = self._top()
            cleared = everything or view.definition.get("clear_on_close", False)
            payload = payloads.interaction(self.profile, "view_closed")
            payload |= {"view": view.wire(), "is_cleared": cleared}
            if cleared:
                self.workspace.stacks[self.id].clear()
            else:
                self.workspace.close_view(view)
            self.workspace.changed.notify_all()
        if not view.definition.get("notify_on_close"):
            return None
        return self._deliver("interactive", payload, self._expect_nothing, wait=wait, timeout=timeout)

    def _write(
        self,
        channel_id: str,
        raw: str,
        events: tuple[str, ...],
        thread_ts: str | None,
        *,
        files: list[Json] | None = None,
        wait: bool,
        timeout: float,
    ) -> list[Delivery]:
        mention = f"<@{BOT_USER}>"
        lead = mention if raw.startswith(mention) else ""
        with self.workspace.changed:
            channel = self.workspace.channels[channel_id]
            if not channel.has_bot:
                raise NotShownError(f"the bot is no member of {channel_id}, and hears nothing there")
            parent = self.workspace.find(channel_id, thread_ts) if thread_ts else None
            text = lead + payloads.typed(raw.removeprefix(lead))
            stored = self.workspace.post(channel, user=self.id, text=text, blocks=[], thread_ts=thread_ts)
            self.workspace.changed.notify_all()
        sent = [
            self.slack.deliver(
                "events_api",
                payloads.event(
                    payloads.message_event(
                        kind, stored, channel, raw, files=files or [], parent=parent.user if parent else None
                    )
                ),
                accepts_answer=False,
            )
            for kind in events
        ]
        return [delivery.wait(timeout) for delivery in sent] if wait else sent

    def _find(self, look: Callable[[list[Json]], Found | None], what: str, ts: str | None) -> tuple[Place, Found]:
        with self.workspace.changed:
            places: list[Place]
            stack = self.workspace.stacks.get(self.id, [])
            if ts is None and stack:
                places = [stack[-1]]  # it covers the messages
            else:
                places = [
                    stored
                    for channel in self.workspace.channels.values()
                    for stored in reversed(channel.messages)
                    if stored.seen_by in {None, self.id} and (stored.ts == ts if ts else channel.id == self.channel_id)
                ]
            for place in places:
                found = look(place.blocks)
                if found is not None:
                    return place, found
        raise NotShownError(f"no {what} among {[buttons(place.blocks) for place in places]}")

    def _act(self, place: Place, control: Control, state: Json, *, wait: bool, timeout: float) -> Delivery:
        with self.workspace.changed:
            block_id, action_id = control.block["block_id"], control.element["action_id"]
            if action_id in place.values.get(block_id, {}):
                place.values[block_id][action_id] = {"type": control.element["type"], **state}
            payload = payloads.interaction(self.profile, "block_actions")
            payload["actions"] = [payloads.action(control.block, control.element, state)]
            if isinstance(place, OpenView):
                payload["trigger_id"] = self.workspace.new_trigger(self.id, place.id)
                payload |= payloads.in_view(place)
            else:
                payload["trigger_id"] = self.workspace.new_trigger(self.id)
                url = self._response_url(place.channel, place.ts)
                payload |= payloads.in_message(place, self.workspace.channels[place.channel], response_url=url)
        return self._deliver("interactive", payload, self._expect_nothing, wait=wait, timeout=timeout)

    def _field(self, label: str) -> tuple[OpenView, Control]:
        with self.workspace.changed:
            view = self._top()
            fields = inputs(view.blocks)
            if label not in fields:
                raise NotShownError(f"no field {label!r}, there is {list(fields)}")
            return view, fields[label]

    def _top(self) -> OpenView:
        stack = self.workspace.stacks.get(self.id)
        if not stack:
            raise NotShownError("no modal is open")
        return stack[-1]

    def _response_url(self, channel: str, ts: str | None) -> str:
        return f"{self.slack.base}/respond/{self.workspace.new_response_url(self.id, channel, ts)}"

    def _expect_nothing(self, answer: Json | None) -> None:
        if answer:
            self.workspace.violate(f"an answer where Slack reads none: {answer!r}")

    def _deliver(
        self,
        kind: str,
        payload: Json,
        on_answer: Callable[[Json | None], None] | None,
        *,
        wait: bool,
        timeout: float,
    ) -> Delivery:
        delivery = self.slack.deliver(kind, payload, on_answer=on_answer)
        return delivery.wait(timeout) if wait else delivery
