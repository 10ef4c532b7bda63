"""What all pages for people outside have in common: one sheet of HTML, no script, nothing kept, nothing passed on."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.wording import Wording


class Sheet:
    """Pages with one style, which stands in each and is the only thing their policy lets a browser use."""

    def __init__(self, style: str) -> None:
        self._style = style
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }

    def page(
        self, words: Wording, status: int, title: str, body: str, *, headers: Mapping[str, str] | None = None
    ) -> Response:
        """`title` is plain text; `body` is HTML in which everything foreign is escaped already."""
        language = "zh-CN" if words.language == "zh_CN" else "en"
        drawn = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{self._style}</style></head><body><main>{body}</main></body></html>"
        )
        return HTMLResponse(drawn, status, headers={**self._headers, **(headers or {})})


def preferred_language(request: Request) -> str | None:
    """The first of our languages in a request's Accept-Language, by its weights; None where it names none of them."""
    found: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.partition("-")[0].lower()
        if name in {"zh", "en"}:
            try:
                found.append((-float(weight or 1), "zh_CN" if name == "zh" else "en"))
            except ValueError:
                continue
    return min(found, key=lambda one: one[0])[1] if found else None
