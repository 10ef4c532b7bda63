"""The page behind "no more of these e-mails": looking at it does nothing, its one button (or one click in the mail
program, RFC 8058) opts out for ever. It shows nothing of who they are.
"""

import asyncio
import hashlib
import hmac
from base64 import urlsafe_b64encode
from html import escape

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.pages.sheet import Sheet, preferred_language
from bot.wording import Wording, wording
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.sales.campaigns.mailing import company_name
from crm.sales.campaigns.results import has_opted_out, language_of_mail, opt_out

log = structlog.get_logger()

PATH = "/mail/opt-out"

_MAC_BYTES = 16
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f5f7;color:#1c2330;"
    "font:17px/1.6 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif}"
    "main{box-sizing:border-box;width:min(26rem,calc(100% - 2rem));padding:2rem 1.5rem;background:#fff;"
    "border-radius:14px;box-shadow:0 1px 3px #0002}"
    "h1{margin:0 0 .75rem;font-size:1.3rem;line-height:1.35;overflow-wrap:anywhere}p{margin:0 0 1.5rem}"
    "p:last-child{margin:0}"
    "button{width:100%;min-height:3rem;border:0;border-radius:10px;background:#1f5fd0;color:#fff;font:inherit;"
    "font-weight:600;cursor:pointer}button:focus-visible{outline:3px solid #9dbdf5;outline-offset:2px}"
    ".quiet{color:#5b6573;font-size:.92rem}"
    "@media(prefers-color-scheme:dark){body{background:#14171c;color:#e6e9ee}main{background:#1e232b}"
    ".quiet{color:#a3adba}}"
)
_SHEET = Sheet(_STYLE)
_NO_SUCH = T("This link is not one of ours.")
_WHOLE = T("Please open it again from the e-mail, with the whole address.")
_ASKED = T("You will get none of our campaigns then. E-mails about your orders still reach you.")
_DONE = T("You will get no more of these e-mails.")
_FOR_EVER = T("This holds from now on, for all our campaigns. E-mails about your orders still reach you.")
_LATER = T("This could not be saved just now.")
_AGAIN = T("Please try again in a few minutes.")
_BUTTON = T("No more e-mails")


class OptOutLinks:
    """Makes and opens the signed end of the link; it names our mail, by a number that says nothing."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.sha256(b"tradewind opt-out\x00" + secret.encode()).digest()

    def token(self, mail_id: int) -> str:
        return f"{mail_id}.{self._mac(str(mail_id))}"

    def open(self, token: str) -> int | None:
        """The mail's id, None where the seal is not ours."""
        number, _, mac = token.partition(".")
        is_number = number.isascii() and number.isdecimal() and len(number) <= 18
        good = self._mac(number) if is_number else ""
        return int(number) if is_number and hmac.compare_digest(mac.encode("utf-8", "replace"), good.encode()) else None

    def _mac(self, number: str) -> str:
        digest = hmac.digest(self._secret, number.encode(), "sha256")[:_MAC_BYTES]
        return urlsafe_b64encode(digest).decode().rstrip("=")


class OptOutPage:
    """Answers at PATH/token."""

    def __init__(self, database: Database, links: OptOutLinks, *, language: str) -> None:
        self._database = database
        self._links = links
        self._language = language

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{PATH}/{{token}}", self.show, methods=["GET"]),
            Route(f"{PATH}/{{token}}", self.take, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The question, with its button. Programs that look at links before people do change nothing."""
        return await self._answered(request, ask=True)

    async def take(self, request: Request) -> Response:
        """Opted out: by the button, or by the mail program (`List-Unsubscribe=One-Click`). What is posted is not read:
        the address says it all.
        """
        return await self._answered(request, ask=False)

    async def _answered(self, request: Request, *, ask: bool) -> Response:
        mail_id = self._links.open(request.path_params["token"])
        asked = preferred_language(request)
        if mail_id is None:
            return _page(self._words(asked), 404, _NO_SUCH, _WHOLE)
        try:
            language, company, is_out = await asyncio.to_thread(self._look if ask else self._opt_out, mail_id, asked)
        except StoreUnavailable as unavailable:
            log.warning("opt-out waits for the store", reason=str(unavailable))
            return _page(self._words(asked), 503, _LATER, _AGAIN)
        words = self._words(language)
        if is_out:
            return _page(words, 200, _DONE, _FOR_EVER)
        heading = T("No more e-mails from us?")
        if company:
            heading = T("No more e-mails from {company}?", company=company)
        return _page(words, 200, heading, _ASKED, button=_BUTTON)

    def _look(self, mail_id: int, asked: str | None) -> tuple[str | None, str, bool]:
        with self._database.read() as work:
            return *_reader(work, mail_id, asked), has_opted_out(work, mail_id=mail_id)

    def _opt_out(self, mail_id: int, asked: str | None) -> tuple[str | None, str, bool]:
        with self._database.write() as work:
            opt_out(work, mail_id=mail_id, platform="mail")
            return *_reader(work, mail_id, asked), True

    def _words(self, language: str | None) -> Wording:
        return wording(language or self._language, "UTC")


def _reader(work: UnitOfWork, mail_id: int, asked: str | None) -> tuple[str | None, str]:
    """The page's language (what the browser asks for, else the mail's), and our name in it."""
    language = asked or language_of_mail(work, mail_id=mail_id)
    return language, company_name(work, language or "en")


def _page(words: Wording, status: int, heading: Text, text: Text, *, button: Text | None = None) -> Response:
    body = f'<h1>{escape(words(heading))}</h1><p class="quiet">{escape(words(text))}</p>'
    if button is not None:
        body += f'<form method="post"><button>{escape(words(button))}</button></form>'
    return _SHEET.page(words, status, words(heading), body)
