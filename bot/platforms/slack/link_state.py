"""How we stand with Slack: connected, away or refused, and why; told to the log when it changes."""

import random
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between tries: from `first`, doubled up to `most`; `refused` while Slack does not take our tokens."""

    first: float = 0.5
    most: float = 30.0
    refused: float = 300.0

    def after(self, failures: int, *, refused: bool) -> float:
        base = self.refused if refused else min(self.first * 2 ** min(failures - 1, 20), self.most)
        return base * random.uniform(0.8, 1.2)  # noqa: S311 - spread, not secrecy


class LinkState:
    """`state`: `starting`, `connected`, `away` (Slack cannot be reached, tried again), `refused` (Slack does not take
    our tokens: somebody has to mend that) or `closed`; `detail` says why.
    """

    def __init__(self) -> None:
        self.state = "starting"
        self.detail = ""

    def note(self, state: str, detail: str = "") -> None:
        """Keep the state, and log it when it changes: once, however long it lasts."""
        if state != self.state:
            tell = {"connected": log.info, "refused": log.error}.get(state, log.warning)
            tell(f"slack {state}", **({"reason": detail} if detail else {}))
        self.state, self.detail = state, detail
