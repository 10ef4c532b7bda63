"""Who may see how the process is doing: this machine, or whoever has TRADEWIND_METRICS_TOKEN where that is set."""

import hmac
import ipaddress
from enum import Enum

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""A proxy on this machine passes the whole world on: with one of these, an address of this machine proves nothing."""


class Access(Enum):
    GRANTED = 200
    NO_TOKEN = 401
    ELSEWHERE = 403


def may_see(request: Request, token: str) -> Access:
    """With a token, whoever shows it as `Authorization: Bearer …` and nobody else; without, this machine alone."""
    if token:
        shown = request.headers.get("authorization", "")
        good = hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
        return Access.GRANTED if good else Access.NO_TOKEN
    here = _is_loopback(request) and not any(name in request.headers for name in _PASSED_ON)
    return Access.GRANTED if here else Access.ELSEWHERE


def refusal(access: Access) -> Response:
    """What who may not see it is told."""
    if access is Access.NO_TOKEN:
        return PlainTextResponse("A bearer token is needed.", 401, headers={"WWW-Authenticate": "Bearer"})
    return PlainTextResponse("Only for this machine; TRADEWIND_METRICS_TOKEN opens it to others.", 403)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
