"""What other machines of the company post to us (its website, its mail server), signed with TRADEWIND_INBOUND_SECRET.

The signature is over the time and the body, so that neither can be changed, and is good for five minutes. A post
that comes again within them does nothing again: `crm.core.inbox` remembers it. See docs/website.md.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.inbound import clean
from bot.platforms.bodies import read_body
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

TIMESTAMP, SIGNATURE = "X-Tradewind-Timestamp", "X-Tradewind-Signature"
MOST_BYTES = 64 * 1024
WINDOW_S = 300
"""How far a post's time may lie from ours, in either direction."""
RETRY_AFTER_S = 30
MOST_FIELDS = 60


class Refusal(Exception):
    """A post that is not taken: the answer's status, and one sentence; `field`: the one that is wrong."""

    def __init__(self, status: int, problem: str, *, field: str | None = None, wait_s: int | None = None) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.field = field
        self.wait_s = wait_s


class Signed:
    """Checks posts with the secret; an empty one takes none."""

    def __init__(self, secret: str, *, clock: Callable[[], datetime]) -> None:
        self._secret = secret.encode()
        self._clock = clock

    async def read(self, request: Request) -> tuple[bytes, str]:
        """The body and its signature (hex). Raises Refusal."""
        if not self._secret:
            raise Refusal(404, "Nothing is taken here: TRADEWIND_INBOUND_SECRET is not set.")
        body = await read_body(request, most=MOST_BYTES)
        if body is None:
            raise Refusal(413, f"The body is too long: at most {MOST_BYTES // 1024} KB.")
        told = request.headers.get(TIMESTAMP, "")
        if not (told.isascii() and told.isdecimal() and len(told) <= 12):
            raise Refusal(401, f"{TIMESTAMP} must be the time in seconds since 1970.")
        good = sign(self._secret, told, body)
        shown = request.headers.get(SIGNATURE, "").strip().lower().removeprefix("sha256=")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), good.encode()):
            raise Refusal(401, f"{SIGNATURE} does not fit this body and {TIMESTAMP}.")
        if abs(self._clock().timestamp() - int(told)) > WINDOW_S:
            raise Refusal(401, f"{TIMESTAMP} is more than {WINDOW_S // 60} minutes from the time here.")
        return body, good


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a post, in hex."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def read_fields(request: Request, body: bytes) -> dict[str, str]:
    """What was posted, as texts by name: an object of JSON, or a form. Raises Refusal."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        fields = _form(body)
    elif kind == "application/json":
        fields = _json(body)
    else:
        raise Refusal(415, "The body is JSON or a form: application/json or application/x-www-form-urlencoded.")
    if len(fields) > MOST_FIELDS:
        raise Refusal(400, f"At most {MOST_FIELDS} fields are taken.")
    return {clean(name).strip(): clean(text).strip() for name, text in fields.items()}


def answering(act: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint, with what can go wrong said in a sentence."""

    @wraps(act)
    async def answer(request: Request) -> Response:
        try:
            return await act(request)
        except Refusal as refusal:
            told = {"problem": refusal.problem} | ({"field": refusal.field} if refusal.field else {})
            waits = {} if refusal.wait_s is None else {"Retry-After": str(refusal.wait_s)}
            return JSONResponse(told, refusal.status, headers=waits)
        except StoreUnavailable as unavailable:
            log.warning("post not taken: the store is away", path=request.url.path, reason=str(unavailable))
            return JSONResponse({"problem": unavailable.text.message}, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
        except (ClientDisconnect, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("post failed", path=request.url.path)
            return JSONResponse({"problem": "This could not be taken, by a fault of ours."}, 500)

    return answer


def _json(body: bytes) -> dict[str, str]:
    try:
        packed = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is not JSON.") from error
    if not isinstance(packed, dict):
        raise Refusal(400, "The body must be one object of JSON.")
    return {name: _text(name, value) for name, value in packed.items() if value is not None}


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON (RFC 8259, 6), though Python reads them. Raises ValueError."""
    raise ValueError(name)


def _text(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case list() if all(isinstance(one, str) for one in value):
            return ", ".join(value)
    raise Refusal(400, f"{name[:60]}: a field is a text, a number or a list of texts.", field=name[:60])


def _form(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Refusal(400, f"The form cannot be read: it must be UTF-8, with at most {MOST_FIELDS} fields.") from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}, {value}" if fields.get(name) else value
    return fields
