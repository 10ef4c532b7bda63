"""Slack's errors, narrowed once: which of delivery's ways to fail each of them is."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.gateway import Away, DeliveryError, Later, Refused, Unreachable, Vanished


class TokenRefused(Away):
    """Slack does not take our token, or the token may not do this: somebody has to change the app's settings."""


class TriggerDead(Refused):
    """The right to open a modal is used up or too old."""


class Superseded(Refused):
    """The view was drawn anew by somebody else in the meantime."""


TRANSPORT_ERRORS = (aiohttp.ClientError, OSError, TimeoutError, SlackClientError, AttributeError)
"""What a call of Slack's client raises. AttributeError: it stumbles over a plain text with status 200 (a proxy's)."""

_LIMITED_S = 30.0

_MEANINGS: dict[str, type[DeliveryError]] = (
    dict.fromkeys(
        (
            *("channel_not_found", "user_not_found", "users_not_found", "user_not_visible", "user_disabled"),
            *("user_deleted", "is_archived", "is_inactive", "not_in_channel", "user_not_in_channel"),
            *("cannot_dm_bot", "messages_tab_disabled"),
        ),
        Unreachable,
    )
    | dict.fromkeys(
        ("message_not_found", "cant_update_message", "edit_window_closed", "view_not_found", "not_found"),
        Vanished,
    )
    | dict.fromkeys(
        (
            *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"),
            *("not_allowed_token_type", "no_permission", "org_login_required", "ekm_access_denied"),
            *("team_access_not_granted", "access_denied", "two_factor_setup_required", "app_missing_action_url"),
        ),
        TokenRefused,
    )
    | dict.fromkeys(
        (
            *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
            *("accesslimited", "external_channel_migrating", "team_not_found"),
        ),
        Away,
    )
    | {"hash_conflict": Superseded}
    | dict.fromkeys(
        ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "invalid_trigger"), TriggerDead
    )
)


def narrow(method: str, error: Exception) -> DeliveryError:
    """The DeliveryError for what a call of `method` raised."""
    if not isinstance(error, SlackApiError):
        return Away(f"{method}: {str(error) or type(error).__name__}")
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    told = getattr(response, "data", None)
    data: dict[str, Any] = told if isinstance(told, dict) else {}
    code = str(data.get("error") or "")
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Later(f"{method}: {code or 'ratelimited'}", _retry_after(response))
    if status >= 500 or not code:
        return Away(f"{method}: status {status} {code}".rstrip())
    return _MEANINGS.get(code, Refused)(_reason(method, code, data))


def _reason(method: str, code: str, data: dict[str, Any]) -> str:
    messages = (data.get("response_metadata") or {}).get("messages") or []
    needed = f"; needs the scope {data['needed']}" if data.get("needed") else ""
    return f"{method}: {code}{needed}" + "".join(f"; {message}" for message in messages[:3])


def _retry_after(response: Any) -> float:
    headers = {name.lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    try:
        return max(float(headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return _LIMITED_S
