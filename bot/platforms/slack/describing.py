"""How Slack is doing, in the words that a person at the terminal reads."""

from collections.abc import Mapping
from typing import Any

from bot.standing import AWAY, REFUSED, STARTING, UP, Standing

_MODES = {"socket": "Socket Mode", "http": "HTTP"}
_MEND = "set TRADEWIND_SLACK_BOT_TOKEN and TRADEWIND_SLACK_APP_TOKEN to the app's; it is tried again"


def describe(state: str, detail: str, *, identity: Mapping[str, Any], mode: str) -> Standing:
    """For the platform's `state` and `detail`; `identity` is what auth.test told, `mode` is `socket` or `http`."""
    match state:
        case "connected":
            team, user = identity.get("team") or "Slack", identity.get("user") or "the app"
            return Standing(UP, f"connected to {team} as {user} ({_MODES.get(mode, mode)})")
        case "away":
            return Standing(AWAY, f"cannot be reached ({detail}), trying again")
        case "refused" if detail.startswith("Socket Mode"):
            return Standing(REFUSED, f"{detail}; it is tried again")
        case "refused":
            return Standing(REFUSED, f"the token is refused ({detail}): {_MEND}")
        case "closed":
            return Standing(STARTING, "closed")
        case _:
            return Standing(STARTING, "connecting")
