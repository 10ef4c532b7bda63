"""The page on which a customer follows one order: progress and goods, no price, no person, no other order.

Whoever has the link may look; whatever is no link of ours, revoked, or over, gets one and the same answer.
"""

import asyncio
from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import parse_qs

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.cards.paste import company_name, writes_chinese
from bot.inbound import clean
from bot.pages.customer_seal import PATH, LinkSeal
from bot.pages.sheet import Sheet, preferred_language
from bot.pages.tries import Tries
from bot.platforms.bodies import read_body
from bot.wording import Wording, wording
from crm.core.database import Database
from crm.core.errors import StoreUnavailable, TradewindError
from crm.core.rules import text_rule
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.satisfaction import LONGEST, score_order
from crm.insight.order_progress import STEPS, Parcel, Progress, progress_of

log = structlog.get_logger()

_MOST_BYTES = 20_000
_STYLE = (
    ":root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6573;--line:#d9dee6;--card:#fff;--back:#f4f5f7;"
    "--good:#1a7f4b}"
    "body{margin:0;background:var(--back);color:var(--ink);"
    "font:17px/1.55 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif}"
    "main{box-sizing:border-box;max-width:34rem;margin:0 auto;padding:1.25rem 1rem 3rem}"
    "header{margin:.5rem 0 1.25rem}header p{margin:0;color:var(--soft);overflow-wrap:anywhere}"
    "h1{margin:.15rem 0;font-size:1.55rem;line-height:1.25;overflow-wrap:anywhere}"
    "h2{margin:0 0 .75rem;font-size:1.05rem}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.1rem;margin:0 0 1rem}"
    ".when{font-size:1.15rem;font-weight:600;margin:0}.quiet{color:var(--soft);font-size:.92rem;margin:.25rem 0 0}"
    "ol{list-style:none;margin:0;padding:0}ol li{position:relative;padding:0 0 1.1rem 2rem;color:var(--soft)}"
    "ol li:last-child{padding-bottom:0}"
    "ol li::before{content:'';position:absolute;left:.3rem;top:.4rem;width:.75rem;height:.75rem;border-radius:50%;"
    "border:2px solid var(--line);background:var(--card)}"
    "ol li::after{content:'';position:absolute;left:.72rem;top:1.35rem;bottom:-.3rem;width:2px;background:var(--line)}"
    "ol li:last-child::after{display:none}"
    "li.done{color:var(--ink)}li.done::before{background:var(--good);border-color:var(--good)}"
    "li.here{font-weight:600}li span{display:block;font-weight:400;font-size:.92rem;color:var(--soft)}"
    "ul{list-style:none;margin:0;padding:0}ul li{display:flex;gap:1rem;justify-content:space-between;padding:.45rem 0;"
    "border-top:1px solid var(--line)}ul li:first-child{border-top:0}ul b{font-weight:400;overflow-wrap:anywhere}"
    "ul i{font-style:normal;white-space:nowrap;color:var(--soft)}"
    "fieldset{border:0;margin:0 0 .75rem;padding:0;display:flex;gap:.5rem}"
    "fieldset label{flex:1;text-align:center;border:1px solid var(--line);border-radius:10px;padding:.6rem 0 .5rem}"
    "fieldset input{display:block;margin:0 auto .2rem;width:1.2rem;height:1.2rem}"
    "textarea{box-sizing:border-box;width:100%;min-height:5rem;border:1px solid var(--line);border-radius:10px;"
    "padding:.6rem;font:inherit;color:inherit;background:var(--back)}"
    "button{width:100%;min-height:3rem;margin-top:.75rem;border:0;border-radius:10px;background:#1f5fd0;color:#fff;"
    "font:inherit;font-weight:600;cursor:pointer}"
    "button:focus-visible,a:focus-visible,label:focus-within{outline:3px solid #9dbdf5;outline-offset:2px}"
    "footer{text-align:center;color:var(--soft);font-size:.92rem}a{color:inherit}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#a3adba;--line:#343b46;--card:#1e232b;--back:#14171c;"
    "--good:#3fbf7f}}"
    "@media print{:root{--back:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}form,footer a{display:none}"
    "section{break-inside:avoid}li.done::before{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
)
_SHEET = Sheet(_STYLE)
_NO_SUCH = T("There is nothing to see here.")
_ASK_ANEW = T("This link is not complete, or it holds no more. Please ask your contact for a new one.")
_SLOWLY = T("One moment, please.")
_WAIT = T("There were too many tries from your network. Please try again in a minute.")
_LATER = T("This cannot be shown just now.")
_AGAIN = T("Please try again in a few minutes.")


class CustomerPages:
    """Answers at PATH/token: looking (GET), scoring (POST). `wake` is told the chats that something was written for."""

    def __init__(
        self,
        database: Database,
        seal: LinkSeal,
        *,
        header: str,
        language: str,
        wake: Callable[[Iterable[int]], None],
    ) -> None:
        self._database, self._seal, self._language, self._wake = database, seal, language, wake
        self._tries = Tries(database.clock, header=header)

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{PATH}/{{token}}", self.show, methods=["GET"]),
            Route(f"{PATH}/{{token}}", self.score, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The order as it stands. Programs that look at links before people do change nothing."""
        if refused := self._too_often(request):
            return refused
        try:
            found = await asyncio.to_thread(self._look, request.path_params["token"])
        except StoreUnavailable as unavailable:
            log.warning("the customer's page waits for the store", reason=str(unavailable))
            return self._told(request, 503, _LATER, _AGAIN)
        if found is None:
            return self._told(request, 404, _NO_SUCH, _ASK_ANEW)
        progress, zh, en, zone = found
        language = _language(request.query_params.get("lang"), progress)
        words = wording(language, zone)
        body = _order(words, progress, zh if language == "zh_CN" else en)
        return _SHEET.page(words, 200, progress.number, body)

    async def score(self, request: Request) -> Response:
        """Their score, once: a second one is left aside, and the page says that the first was kept."""
        if refused := self._too_often(request):
            return refused
        token = request.path_params["token"]
        try:
            body = await read_body(request, most=_MOST_BYTES)
            told = parse_qs((body or b"").decode("utf-8", "replace"), max_num_fields=10)
            score, comment = told.get("score", [""])[0], clean(told.get("comment", [""])[0])
            is_ours = await asyncio.to_thread(self._keep, token, score, comment)
        except (ClientDisconnect, ValueError):
            is_ours = True  # what was posted is no form of ours: the page is shown again
        except StoreUnavailable as unavailable:
            log.warning("a score waits for the store", reason=str(unavailable))
            return self._told(request, 503, _LATER, _AGAIN)
        if not is_ours:
            return self._told(request, 404, _NO_SUCH, _ASK_ANEW)
        lang = request.query_params.get("lang")
        return RedirectResponse(request.url.path + (f"?lang={lang}" if lang in _LANGUAGES else ""), 303)

    def _look(self, token: str) -> tuple[Progress, str, str, str] | None:
        with self._database.read() as work:
            link = self._seal.open(work, token)
            progress = None if link is None else progress_of(work, order_id=link.order_id)
            if progress is None:
                return None
            names = (company_name(work, chinese=True), company_name(work, chinese=False))
            return progress, *names, text_rule(work, "company.timezone")

    def _keep(self, token: str, score: str, comment: str) -> bool:
        with self._database.write() as work:
            link = self._seal.open(work, token)
            progress = None if link is None else progress_of(work, order_id=link.order_id)
            if progress is None:
                return False
            if progress.may_score and score in {"1", "2", "3", "4", "5"}:
                _try_to_score(work, progress, int(score), comment)
        self._wake(work.wakes)
        return True

    def _too_often(self, request: Request) -> Response | None:
        wait = self._tries.wait(request)
        return self._told(request, 429, _SLOWLY, _WAIT, {"Retry-After": str(wait)}) if wait else None

    def _told(
        self, request: Request, status: int, heading: Text, text: Text, headers: dict[str, str] | None = None
    ) -> Response:
        words = wording(preferred_language(request) or self._language, "UTC")
        body = f"<header><h1>{escape(words(heading))}</h1><p>{escape(words(text))}</p></header>"
        return _SHEET.page(words, status, words(heading), body, headers=headers)


_LANGUAGES = {"zh": "zh_CN", "en": "en"}


def _try_to_score(work: UnitOfWork, progress: Progress, score: int, comment: str) -> None:
    try:
        score_order(work, order_id=progress.order_id, score=score, comment=comment)
    except TradewindError:
        log.info("a score came too late", order=progress.order_id)  # somebody else with the link was faster


def _language(asked: str | None, progress: Progress) -> str:
    return _LANGUAGES.get(asked or "") or ("zh_CN" if writes_chinese(progress.customer) else "en")


def _order(words: Wording, progress: Progress, company: str) -> str:
    head = f"<p>{escape(company)}</p>" if company else ""
    head += f"<h1>{escape(words(T('Order {number}', number=progress.number)))}</h1>"
    head += f"<p>{escape(progress.customer.name)}</p>"
    if progress.customer_po:
        head += f"<p>{escape(words(T('Your order number: {number}', number=progress.customer_po)))}</p>"
    return "".join(
        (
            f"<header>{head}</header>",
            _standing(words, progress),
            _shipping(words, progress),
            _goods(words, progress),
            _scoring(words, progress),
            _footer(words),
        )
    )


def _standing(words: Wording, progress: Progress) -> str:
    if progress.status == "cancelled":
        return f'<section><p class="when">{escape(words(T("This order was cancelled.")))}</p></section>'
    told = ""
    if progress.expected_on is not None:
        expected = T("Expected delivery: {date}", date=progress.expected_on)
        told = f'<section><p class="when">{escape(words(expected))}</p></section>'
    steps = ""
    for step in progress.steps:
        kind = " ".join(name for name, holds in (("done", step.is_done), ("here", step.is_here)) if holds)
        label = STEPS[step.key]
        if step.is_here and progress.status == "partly_shipped":
            label = T("Partly shipped")
        day = f"<span>{escape(words.day(step.on))}</span>" if step.is_done and step.on else ""
        here = ' aria-current="step"' if step.is_here else ""
        steps += f'<li class="{kind}"{here}>{escape(words(label))}{day}</li>'
    return f"{told}<section><h2>{escape(words(T('Progress')))}</h2><ol>{steps}</ol></section>"


def _shipping(words: Wording, progress: Progress) -> str:
    rows = "".join(_parcel(words, parcel) for parcel in progress.parcels)
    return f"<section><h2>{escape(words(T('Shipment')))}</h2><ul>{rows}</ul></section>" if rows else ""


def _parcel(words: Wording, parcel: Parcel) -> str:
    by = " ".join(part for part in (parcel.carrier, parcel.tracking) if part)
    by = escape(by)
    if parcel.page:
        by = f'<a href="{escape(parcel.page)}" rel="noreferrer">{by}</a>'
    day = T("Arrived on {date}", date=parcel.arrived_on) if parcel.arrived_on else None
    day = day or T("Expected on {date}", date=parcel.expected_on)
    return f"<li><b>{escape(words(parcel.mode))} {by}</b><i>{escape(words(day))}</i></li>"


def _goods(words: Wording, progress: Progress) -> str:
    rows = "".join(
        f"<li><b>{escape(words.fact(one.name))}</b><i>{escape(words.number(one.quantity))} {escape(one.unit)}</i></li>"
        for one in progress.goods
    )
    return f"<section><h2>{escape(words(T('Goods')))}</h2><ul>{rows}</ul></section>"


def _scoring(words: Wording, progress: Progress) -> str:
    if progress.score is not None:
        thanks = T("Thank you: you gave us {score} of 5.", score=progress.score)
        return f'<section><p class="when">{escape(words(thanks))}</p></section>'
    if not progress.may_score:
        return ""
    marks = "".join(
        f'<label><input type="radio" name="score" value="{score}" required>{score}</label>' for score in range(1, 6)
    )
    comment = escape(words(T("What should we know? (optional)")))
    return (
        f'<section><h2>{escape(words(T("How was it?")))}</h2><form method="post"><fieldset>{marks}</fieldset>'
        f'<p class="quiet">{escape(words(T("1: bad · 5: very good")))}</p>'
        f'<textarea name="comment" maxlength="{LONGEST}" aria-label="{comment}" placeholder="{comment}"></textarea>'
        f"<button>{escape(words(T('Send', context='score')))}</button></form></section>"
    )


def _footer(words: Wording) -> str:
    ask = words(T("Questions? Your contact with us is glad to help."))
    other, name = ("en", "English") if words.language == "zh_CN" else ("zh", "中文")
    return f'<footer><p>{escape(ask)}</p><p><a href="?lang={other}" hreflang="{other}">{name}</a></p></footer>'
