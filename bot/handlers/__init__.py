"""Everything that can be typed or pressed, gathered: small files by subject, one table of all."""

from bot.handlers import (
    approvals,
    company,
    customers,
    deals,
    finding,
    guided,
    leads,
    orders,
    pool,
    self_service,
)
from bot.handlers.verbs import Handler, Verb
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.text import T


def help_(request: Request) -> Reply:
    return Reply((self_service.help_screen(request, VERBS),))


VERBS: tuple[Verb, ...] = (
    *leads.VERBS,
    *pool.VERBS,
    *customers.VERBS,
    *deals.VERBS,
    *orders.VERBS,
    *approvals.VERBS,
    *finding.VERBS,
    *company.VERBS,
    *self_service.VERBS,
    Verb("help", ("帮助",), T("what I can do"), help_, usual=True),
    Verb("continue", ("继续填写", "继续"), T("go on with a draft put aside"), guided.resume, parks=False),
    Verb("cancel", ("取消",), T("drop the draft you are in"), guided.cancel, parks=False),
)

PRESSES: dict[str, Handler] = {
    "c": guided.press,
    "continue": guided.resume,
    **leads.PRESSES,
    **pool.PRESSES,
    **customers.PRESSES,
    **deals.PRESSES,
    **orders.PRESSES,
    **approvals.PRESSES,
    **company.PRESSES,
    **self_service.PRESSES,
}

_WORDS = {word.casefold(): verb for verb in VERBS for word in (verb.name, *verb.synonyms)}


def find_verb(text: str) -> tuple[Verb, str, bool] | None:
    """The verb a text begins with, what follows it, and whether a slash said that it is meant as a verb."""
    plain = text.strip()
    slashed = plain.startswith(("/", "／"))
    head, *rest = plain.lstrip("/／").split(maxsplit=1) or [""]
    verb = _WORDS.get(head.casefold())
    return None if verb is None else (verb, rest[0] if rest else "", slashed)


def menu(language: str) -> list[tuple[str, str]]:
    """Verbs for a platform's own menu: Latin names, summaries in this language."""
    words = wording(language, "UTC")
    return [(verb.name, words(verb.summary)) for verb in VERBS if verb.name not in {"start", "continue"}]
