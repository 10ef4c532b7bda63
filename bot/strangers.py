"""Accounts that belong to nobody (yet): they learn how to get linked, and nothing else."""

from bot.cards.links import read_link
from bot.cards.progress import draw_progress
from bot.cards.screen import Button, Screen, say
from bot.config import Settings
from bot.inbound import CONTACT, FILE, FORWARD, TEXT, Inbound
from bot.pages.customer_seal import PREFIX, LinkSeal
from bot.request import Reply
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.insight.order_progress import progress_of
from crm.people.identities import CodeRefused, link_account, looks_like_code
from crm.people.people import Member
from crm.people.reach import deliver_kept

_HOW = T("This account is not linked yet. Ask your administrator for a one-time code and send it here: start CODE")
_HOW_ELSEWHERE = T(
    "This account is not linked yet. Ask your administrator for a one-time code and send it to me in a private chat."
)
_START = {"start", "绑定"}
_SAID = {TEXT, CONTACT, FORWARD, FILE}
"""What is answered by a message; a press or a form is answered in passing."""


def answer_stranger(
    work: UnitOfWork, inbound: Inbound, chat_id: int, settings: Settings
) -> tuple[Reply, Member | None]:
    """Link the account if a good code came, else say how to get one; the person, once it is known who that is.

    A wrong code is counted, and so must be committed.
    """
    code = _code_in(inbound)
    if code is None:
        how = _HOW if inbound.is_private and not inbound.shown_in else _HOW_ELSEWHERE
        return (Reply((say(how),)) if inbound.kind in _SAID else Reply(toast=how)), None
    if code.startswith(PREFIX):
        return Reply((_order_followed(work, code.removeprefix(PREFIX), settings),)), None
    if not inbound.is_private:
        return Reply((say(T("Please send the code in a private chat with me.")),)), None
    try:
        linked = link_account(
            work, platform=inbound.platform, account_id=inbound.account_id, code=code, chat_id=chat_id
        )
    except CodeRefused as refused:
        return Reply((say(refused.text),)), None
    deliver_kept(work, person_id=linked.member.id, chat_id=chat_id)
    welcome = T("Welcome. You are linked as {name}.", name=linked.member.name)
    return Reply((say(welcome, Button(T("Help"), "verb:help")),)), linked.member


def _order_followed(work: UnitOfWork, token: str, settings: Settings) -> Screen:
    """For a customer who came by the link of an order: how far it is, and nothing else of us."""
    link = LinkSeal(settings.key()).open(work, token)
    progress = None if link is None else progress_of(work, order_id=link.order_id)
    return say(_NO_ORDER) if progress is None else draw_progress(progress)


_NO_ORDER = T("This link is not complete, or it holds no more. Please ask your contact for a new one.")


def _code_in(inbound: Inbound) -> str | None:
    """The code a text carries: after `start` or `绑定`, or standing alone. (A link to a record is no try at one.)"""
    if inbound.kind != TEXT:
        return None
    head, *rest = inbound.text.strip().lstrip("/／").split(maxsplit=1) or [""]
    if head.casefold() in _START and rest:
        return None if read_link(rest[0]) else rest[0]
    return inbound.text if looks_like_code(inbound.text) else None
