"""One thing that Slack tells the app, and what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .limits import ACK_SECONDS
from .workspace import Workspace

Json = dict[str, Any]


class NotAcknowledgedError(AssertionError):
    """The app did not acknowledge in time; a person would read that it did not respond."""


@dataclass(eq=False)
class Delivery:
    """An envelope (`slash_commands`, `events_api`, `interactive`) on its way to the app.

    `answer` is the payload of the acknowledgement (None where it had none), `took` the seconds from sending
    to acknowledgement, `error` why it cannot arrive, `sends` how often it went out, `lost_acks` how many
    acknowledgements a fault swallowed.
    """

    workspace: Workspace = field(repr=False)
    kind: str
    payload: Json = field(repr=False)
    accepts_answer: bool
    on_answer: Callable[[Json | None], None] | None = None
    envelope_ids: list[str] = field(default_factory=list)
    acked: bool = False
    answer: Json | None = None
    took: float = 0.0
    error: str | None = None
    attempt: int = 0
    due: bool = False
    sends: int = 0
    lost_acks: int = 0
    sent_at: float = 0.0

    @property
    def envelope_id(self) -> str:
        """The id of the envelope in which it went out first."""
        return self.envelope_ids[0]

    def wait(self, timeout: float = ACK_SECONDS) -> "Delivery":
        """Itself, once acknowledged; NotAcknowledgedError after `timeout` s, at once if it cannot arrive."""
        with self.workspace.changed:
            self.workspace.changed.wait_for(lambda: self.acked or self.error is not None, timeout)
            if not self.acked:
                raise NotAcknowledgedError(f"{self.kind}: {self.error or f'not acknowledged within {timeout} s'}")
        return self

    def wait_sent(self, times: int = 1, timeout: float = ACK_SECONDS) -> "Delivery":
        """Itself, once it has gone out that many times."""
        self.workspace.wait_until(lambda: self.sends >= times, timeout=timeout, what=f"{self.kind} sent {times} times")
        return self

    def envelope(self, envelope_id: str) -> Json:
        """The message over the websocket."""
        sent: Json = {
            "envelope_id": envelope_id,
            "type": self.kind,
            "accepts_response_payload": self.accepts_answer,
            "payload": self.payload,
        }
        if self.kind == "events_api":
            sent |= {"retry_attempt": self.attempt, "retry_reason": "timeout" if self.attempt else ""}
        return sent

    def mark_sent(self) -> None:
        """It is on the wire."""
        with self.workspace.changed:
            self.sends += 1
            self.due = False
            self.sent_at = time.perf_counter()
            self.workspace.changed.notify_all()

    def fail(self, error: str) -> None:
        """It cannot arrive; an event stays due for the next connection instead."""
        with self.workspace.changed:
            if self.kind == "events_api":
                self.due = True
            else:
                self.error = error
            self.workspace.changed.notify_all()

    def acknowledge(self, answer: Json | None) -> None:
        """The app has said that it received this; only the first time counts."""
        with self.workspace.changed:
            if not self.acked:
                self.acked = True
                self.took = time.perf_counter() - self.sent_at
                self.answer = answer
                if self.took > self.workspace.ack_seconds:
                    self.workspace.violate(f"{self.kind}: acknowledged after {self.took:.1f} s")
                if answer is not None and not self.accepts_answer:
                    self.workspace.violate(f"{self.kind}: this acknowledgement takes no payload, got {answer!r}")
                if self.on_answer is not None:
                    self.on_answer(answer)
            self.workspace.changed.notify_all()
