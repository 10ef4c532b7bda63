"""How Telegram is doing, in the words that a person at the terminal reads."""

from bot.standing import AWAY, REFUSED, STANDBY, STARTING, UP, Standing

_STATES = {"up": UP, "standby": STANDBY, "refused": REFUSED}


def describe(state: str, detail: str, *, username: str, mode: str) -> Standing:
    """For the platform's `state` and `detail`; `username` may be empty, `mode` is `polling` or `webhook`."""
    detail = detail.removeprefix("Telegram ").replace("refuses the token", "the token is refused")
    match state:
        case "up":
            return Standing(UP, f"up as @{username} ({mode})" if username else f"up ({mode})")
        case "standby" | "refused":
            return Standing(_STATES[state], detail)
        case _ if detail:
            return Standing(AWAY, f"{detail}, trying again")
        case _:
            return Standing(STARTING, "connecting")
