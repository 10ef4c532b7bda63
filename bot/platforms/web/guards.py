"""What keeps the browser chat, which asks for no password, to people at this machine.

It is served on a loopback address only; to requests that name a loopback host (a foreign name that was pointed at
127.0.0.1 does not: DNS rebinding) and that no proxy says to have passed on; and it takes posts only from its own page,
not from other pages in the same browser.
"""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.access import is_passed_on
from bot.config import Settings
from bot.loopback import is_loopback
from crm.core.errors import SettingsError

MOST_BYTES = 64 * 1024
"""Of a request's body."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def check_settings(settings: Settings) -> None:
    """Raise SettingsError unless this machine alone reaches the server: it has one port for all it serves."""
    check_host(settings.host)
    opened_by = settings.opened_by()
    if opened_by is not None:
        raise SettingsError(
            f"TRADEWIND_WEBCHAT=1 does not go together with {opened_by}: the browser chat asks for no password, and "
            "whoever reaches this server from outside would find it; switch the chat off with TRADEWIND_WEBCHAT=0"
        )


def check_host(host: str) -> None:
    """Raise SettingsError unless listening on `host` reaches nobody but this machine."""
    if not is_loopback(host):
        raise SettingsError(
            f"TRADEWIND_HOST: the browser chat asks for no password, so it is not served on {host or 'every address'}; "
            "set it to 127.0.0.1, or switch the chat off with TRADEWIND_WEBCHAT=0"
        )


class OwnPageOnly:
    """Wraps every route of the chat: refuses as the module's first lines say, adds the headers of a strict page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope)
        answer = self._app if refusal is None else refusal

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        await answer(scope, receive, send_with_headers)


def refuse(status: int, problem: str) -> Response:
    """An answer that says in a sentence why not."""
    return JSONResponse({"problem": problem}, status)


def _refusal(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback(_without_port(host)):
        return refuse(421, "This chat answers only at 127.0.0.1 or localhost.")
    if is_passed_on(headers):
        return refuse(403, "This chat is for this machine only, not to be reached through a proxy.")
    site = headers.get("sec-fetch-site")
    if scope["method"] in {"GET", "HEAD"}:
        # A link from elsewhere may open the page itself, but no other page may read or keep open what is behind it.
        is_page = scope["path"] == "/"
        return None if is_page or site in {None, "same-origin", "none"} else refuse(403, "Another page asked for this.")
    origin = headers.get("origin")
    is_own = site == "same-origin" if origin is None else origin == f"{scope['scheme']}://{host}"
    if not is_own or site not in {None, "same-origin"}:
        return refuse(403, "Another page sent this.")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return refuse(403, "A post must be JSON.")
    return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        address, bracket, port = host[1:].partition("]")
        return address if bracket and (not port or port[0] == ":") and _is_port(port[1:]) else ""
    name, _, port = host.partition(":")
    return name if _is_port(port) else ""


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal())
