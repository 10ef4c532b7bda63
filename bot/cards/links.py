"""Records as a link into a private chat names them: `order-31`. It grants nothing: whether one may is asked there."""

import re

_ACTION = re.compile(r"(lead|customer|deal|order|approval)\.open:([0-9]{1,15})", re.ASCII)
_LINK = re.compile(r"(lead|customer|deal|order|approval)-([0-9]{1,15})", re.ASCII)


def link_of(action: str) -> str | None:
    """What a link says that does the same as a button with this action; None where there is none."""
    found = _ACTION.fullmatch(action)
    return f"{found[1]}-{found[2]}" if found else None


def read_link(text: str) -> tuple[str, str] | None:
    """The kind of record and its id; None for what is no such link."""
    found = _LINK.fullmatch(text.strip().casefold())
    return (found[1], found[2]) if found else None
