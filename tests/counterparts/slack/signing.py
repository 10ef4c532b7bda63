"""Deliveries over HTTP, signed as Slack signs them (version v0)."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from .limits import ACK_SECONDS

Json = dict[str, Any]


@dataclass(frozen=True)
class HttpAnswer:
    """What the app answered to a delivery over HTTP."""

    status: int
    headers: dict[str, str]
    body: str

    def payload(self) -> Json | None:
        """The answer as an acknowledgement's payload: JSON, a plain text, or nothing."""
        if not self.body:
            return None
        if self.headers.get("content-type", "").startswith("application/json"):
            read: Json = json.loads(self.body)
            return read
        return {"text": self.body}


def encoded(payload: Json, kind: str) -> tuple[bytes, str]:
    """Body and content type: JSON for events, a form for commands, a form around JSON for interactions."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    digest = hmac.new(secret.encode(), b"v0:%d:" % timestamp + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


async def post_signed(
    url: str,
    secret: str,
    payload: Json,
    kind: str,
    *,
    timestamp: int | None = None,
    retry: int = 0,
    headers: dict[str, str] | None = None,
) -> HttpAnswer:
    """Post one delivery; `headers` replace what was computed, to forge a signature."""
    body, content_type = encoded(payload, kind)
    timestamp = int(time.time()) if timestamp is None else timestamp
    sent = {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": signature(secret, timestamp, body),
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }
    if retry:
        sent |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACK_SECONDS)) as session,
        session.post(url, data=body, headers=sent | (headers or {})) as answer,
    ):
        lowered = {key.lower(): value for key, value in answer.headers.items()}
        return HttpAnswer(answer.status, lowered, await answer.text())
