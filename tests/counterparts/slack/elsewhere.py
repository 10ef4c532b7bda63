"""What a person does outside conversations and modals: shortcuts, and the app's home."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.counterparts.patience import PATIENCE

from . import payloads
from .deliveries import Delivery
from .limits import ACK_SECONDS
from .rooms import View
from .shown import NotShownError, buttons, find_button
from .workspace import Profile, Workspace

if TYPE_CHECKING:
    from .server import SlackCounterpart


class ElsewhereMixin:
    """Half of a Person, which has the rest."""

    id: str
    home: View | None
    profile: Profile
    slack: "SlackCounterpart"
    workspace: Workspace
    _act: Any
    _deliver: Any
    _expect_nothing: Any
    _response_url: Any

    def shortcut(self, callback_id: str, *, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """Choose a global shortcut."""
        with self.workspace.changed:
            payload = payloads.shortcut(self.profile, callback_id, trigger_id=self.workspace.new_trigger(self.id))
        return self._deliver("interactive", payload, self._expect_nothing, wait=wait, timeout=timeout)

    def message_shortcut(
        self, callback_id: str, channel: str, ts: str, *, wait: bool = True, timeout: float = ACK_SECONDS
    ) -> Delivery:
        """Choose a shortcut on a message."""
        with self.workspace.changed:
            stored = self.workspace.find(channel, ts)
            if stored is None:
                raise NotShownError(f"no message {ts} in {channel}")
            payload = payloads.message_shortcut(
                self.profile,
                callback_id,
                stored,
                self.workspace.channels[channel],
                trigger_id=self.workspace.new_trigger(self.id),
                response_url=self._response_url(channel, ts),
            )
        return self._deliver("interactive", payload, self._expect_nothing, wait=wait, timeout=timeout)

    def open_home(self, *, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """Look at the app's home."""
        with self.workspace.changed:
            inner = payloads.home_opened(self.profile, self.workspace.homes.get(self.id))
        delivery = self.slack.deliver("events_api", payloads.event(inner), accepts_answer=False)
        return delivery.wait(timeout) if wait else delivery

    def wait_home(self, wanted: Callable[[View], bool] | str, *, timeout: float = PATIENCE) -> View:
        """The home, once it shows `wanted`, or once that holds."""

        def seek() -> View | None:
            home = self.home
            if home is None:
                return None
            return home if (wanted in home.shown if isinstance(wanted, str) else wanted(home)) else None

        return self.workspace.wait_until(seek, timeout=timeout, what=lambda: f"{wanted!r} in the home {self.home}")

    def press_home(self, label: str, *, wait: bool = True, timeout: float = ACK_SECONDS) -> Delivery:
        """Press a button in the home."""
        with self.workspace.changed:
            view = self.workspace.homes[self.id]
            control = find_button(view.blocks, label)
            if control is None:
                raise NotShownError(f"no button {label!r} in the home: {buttons(view.blocks)}")
        return self._act(view, control, {}, wait=wait, timeout=timeout)
