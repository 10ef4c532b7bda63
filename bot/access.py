"""Who may see how the process is doing: this machine, or whoever has TRADEWIND_METRICS_TOKEN where that is set.

Where the server is made to be called from outside, an address of this machine is most likely that of a proxy that
passes the whole world on, whatever its headers say: there only the token opens.
"""

import hmac
from enum import Enum

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.loopback import is_loopback

_PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})
_ONLY_HERE = (
    "Only for this machine, and not where this server is called from outside; "
    "TRADEWIND_METRICS_TOKEN opens it to whoever shows it."
)


class Access(Enum):
    GRANTED = 200
    NO_TOKEN = 401
    ELSEWHERE = 403


def may_see(request: Request, token: str, *, is_open: bool) -> Access:
    """With a token, whoever shows it as `Authorization: Bearer …` and nobody else; without, this machine alone.

    `is_open`: the server is made to be called from outside; without a token nobody may see it then.
    """
    if token:
        shown = request.headers.get("authorization", "")
        good = hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
        return Access.GRANTED if good else Access.NO_TOKEN
    is_here = request.client is not None and is_loopback(request.client.host)
    return Access.GRANTED if is_here and not is_open and not is_passed_on(request.headers) else Access.ELSEWHERE


def is_passed_on(headers: Headers) -> bool:
    """Whether a proxy says that it has passed this on: an address of this machine proves nothing then."""
    return any(name in _PASSED_ON or name.startswith("x-forwarded-") for name in headers)


def refusal(access: Access) -> Response:
    """What who may not see it is told."""
    if access is Access.NO_TOKEN:
        return PlainTextResponse("A bearer token is needed.", 401, headers={"WWW-Authenticate": "Bearer"})
    return PlainTextResponse(_ONLY_HERE, 403)
