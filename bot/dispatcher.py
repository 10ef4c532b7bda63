"""The one way in: duplicate? → who? → which handler or conversation → commit → what to deliver.

Synchronous. One call is one transaction; when it returns, everything the delivery means is written or nothing is.
"""

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from sqlalchemy import bindparam, select

from bot.cards import labels
from bot.cards.keys import Keys
from bot.cards.screen import Button, Choice, Form, Screen, Style, muted, pack_form, pack_screen, say, unpack_form
from bot.config import Settings
from bot.conversations import sessions
from bot.conversations.sessions import COLUMNS as SESSION_COLUMNS
from bot.conversations.sessions import ConversationSession, Session, read_session
from bot.handlers import PRESSES, find_verb, guided
from bot.handlers.verbs import Verb
from bot.inbound import CLOSED, FORM, PRESS, Inbound
from bot.request import Card, Reply, Request
from bot.strangers import answer_stranger
from bot.wording import Wording, wording
from crm.core import inbox, outbox
from crm.core.database import Database
from crm.core.errors import StoreUnavailable, TradewindError
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.people import MEMBER_COLUMNS, Member, Person, read_member

log = structlog.get_logger()

Record = Callable[[UnitOfWork], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a delivery led to. `status`: `handled` or `again` (it had been handled before).

    `toast` and `problems` are drawn in the person's language, `form` is to be drawn by `wording`. `chat_id`, with the
    lease `token`: this process may send there now; `wakes`: other chats that have something waiting.
    """

    status: str
    toast: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    chat_id: int | None = None
    token: str | None = None
    wakes: frozenset[int] = frozenset()
    form: Form | None = None
    wording: Wording | None = None


_WHO = (
    select(*MEMBER_COLUMNS, *SESSION_COLUMNS)
    .select_from(
        ChatIdentity.table()
        .join(Person.table(), Person.table().c.id == ChatIdentity.table().c.person_id)
        .outerjoin(
            ConversationSession.table(),
            (ConversationSession.table().c.person_id == ChatIdentity.table().c.person_id)
            & (ConversationSession.table().c.chat_id == bindparam("chat"))
            & (ConversationSession.table().c.status == "active"),
        )
    )
    .where(
        ChatIdentity.table().c.platform == bindparam("platform"),
        ChatIdentity.table().c.account_id == bindparam("account"),
    )
)
_MEMBER_WIDTH = len(MEMBER_COLUMNS)
_PERSON = (
    select(*MEMBER_COLUMNS)
    .select_from(ChatIdentity.table().join(Person.table(), Person.table().c.id == ChatIdentity.table().c.person_id))
    .where(
        ChatIdentity.table().c.platform == bindparam("platform"),
        ChatIdentity.table().c.account_id == bindparam("account"),
    )
)


class Dispatcher:
    """Carries out deliveries. `worker` names this process in leases and logs."""

    def __init__(self, database: Database, settings: Settings, keys: Keys, *, worker: str) -> None:
        self._database = database
        self._settings = settings
        self._keys = keys
        self._worker = worker
        self._numbers = itertools.count(1)

    def handle(self, inbound: Inbound, record: Record | None = None) -> Outcome:
        """Carry out one delivery, once however often it comes.

        Raises StoreUnavailable when nothing could be written: the platform should deliver it again. Any other
        trouble is answered in the chat, an unexpected one with an incident number that the log has too.
        """
        inbound = inbound.cleaned()
        try:
            return self._carry_out(inbound, record, None)
        except StoreUnavailable:
            raise
        except TradewindError as error:
            refusal = _refusal(inbound, error.text)
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("incident", incident=incident, delivery=inbound.delivery_id, platform=inbound.platform)
            sorry = T("Something went wrong on our side; nothing was changed. Incident {number}.", number=incident)
            refusal = _refusal(inbound, sorry)
        return self._carry_out(inbound, record, refusal)

    def _carry_out(self, inbound: Inbound, record: Record | None, refusal: Reply | None) -> Outcome:
        token = f"{self._worker}#{next(self._numbers)}"
        with self._database.write() as work:
            chat = outbox.enter_chat(
                work,
                platform=inbound.platform,
                external_id=inbound.chat_id,
                is_private=inbound.is_private,
                token=token,
            )
            if not inbox.take(work, platform=inbound.platform, delivery_id=inbound.delivery_id):
                return self._again(work, inbound, chat, token)
            if record is not None:
                record(work)
            person, session = self._who(work, inbound, chat.id)
            if person is not None and not person.is_active:
                person = None
            if refusal is not None:
                reply = refusal
            elif person is None:
                reply, person = answer_stranger(work, inbound, chat.id)
            else:
                request = Request(work, inbound, person, chat.id, self._settings, session)
                reply = self._route(request)
            return self._write(work, inbound, chat, token, person, reply)

    def _who(self, work: UnitOfWork, inbound: Inbound, chat_id: int) -> tuple[Member | None, Session | None]:
        values = {"platform": inbound.platform, "account": inbound.account_id, "chat": chat_id}
        row = work.connection.execute(_WHO, values).one_or_none()
        if row is None:
            return None, None
        has_session = row[_MEMBER_WIDTH] is not None
        return read_member(row[:_MEMBER_WIDTH]), read_session(row[_MEMBER_WIDTH:]) if has_session else None

    def suggest(
        self, *, platform: str, chat_id: str, account_id: str, token: str, path: str, query: str
    ) -> list[Choice]:
        """Choices for what was typed so far into a searched field of a form, drawn in the person's language.

        None for a token that is not ours, a form that is not the person's, or a field that is not searched. Raises
        StoreUnavailable.
        """
        opened = self._keys.open(token, platform=platform, chat_id=chat_id)
        if opened is None:
            return []
        with self._database.read() as work:
            row = work.connection.execute(_PERSON, {"platform": platform, "account": account_id}).one_or_none()
            person = None if row is None else read_member(row)
            if person is None or not person.is_active:
                return []
            found = guided.suggest(work, person, opened, path, query)
        words = wording(person.language, person.timezone)
        return [Choice(one.value, words(one.label), None if one.note is None else words(one.note)) for one in found]

    # — which handler or conversation —

    def _route(self, request: Request) -> Reply:
        inbound = request.inbound
        if inbound.kind == PRESS:
            return self._pressed(request)
        if inbound.kind in {FORM, CLOSED}:
            token = self._keys.open(inbound.token, platform=inbound.platform, chat_id=inbound.chat_id)
            if token is None:
                return Reply(toast=_FORGED)
            if inbound.kind == CLOSED:
                return guided.close(request, token)
            return guided.fill(request, token, inbound.values)
        return _typed(request)

    def _pressed(self, request: Request) -> Reply:
        inbound = request.inbound
        action = self._keys.open(inbound.button, platform=inbound.platform, chat_id=inbound.chat_id)
        if action is None:
            return Reply(toast=_FORGED)
        name, _, argument = action.partition(":")
        request = replace(request, argument=argument)
        if name == "verb":
            return _typed(replace(request, inbound=replace(inbound, text=f"/{argument}")))
        handler = PRESSES.get(name)
        return Reply(toast=_FORGED) if handler is None else handler(request)

    # — what to say —

    def _write(
        self,
        work: UnitOfWork,
        inbound: Inbound,
        chat: outbox.EnteredChat,
        token: str,
        person: Member | None,
        reply: Reply,
    ) -> Outcome:
        replaced = inbound.message_ref if reply.replaces else None
        for shown in reply.shows:
            payload = self._payload(work, chat.id, person, shown)
            if replaced is not None:
                payload["replaces"], replaced = replaced, None
            if person is None and inbound.language:
                payload["language"] = inbound.language
            if inbound.trigger is not None and "form" in payload.get("screen", {}):
                payload["trigger"] = inbound.trigger
            outbox.put(
                work,
                chat_id=chat.id,
                person_id=None if person is None else person.id,
                payload=payload,
                trace=f"{inbound.platform}:{inbound.delivery_id}",
            )
        words = self._wording(inbound, person)
        toast = "" if reply.toast is None else words(reply.toast)
        problems = {path: words(text) for path, text in reply.problems.items()}
        form = None if reply.form is None else self._sealed(reply.form, inbound)
        if inbound.kind in {FORM, PRESS} and (toast or problems or form is not None):
            kept: dict[str, Any] = {"toast": toast, "problems": problems}
            if form is not None:
                kept |= {"form": pack_form(form), "language": words.language, "timezone": words.zone.key}
            inbox.keep_outcome(work, platform=inbound.platform, delivery_id=inbound.delivery_id, outcome=kept)
        leased = token if chat.leased else None
        return Outcome("handled", toast, problems, chat.id, leased, frozenset(work.wakes - {chat.id}), form, words)

    def _sealed(self, form: Form, inbound: Inbound) -> Form:
        sealed = self._keys.seal(form.token, platform=inbound.platform, chat_id=inbound.chat_id)
        return replace(form, token=sealed)

    def _payload(self, work: UnitOfWork, chat_id: int, person: Member | None, shown: Screen | Card) -> dict[str, Any]:
        if isinstance(shown, Screen):
            return {"screen": pack_screen(shown)}
        copy_id = outbox.add_copy(
            work,
            card=shown.card,
            subject_id=shown.subject_id,
            chat_id=chat_id,
            person_id=None if person is None else person.id,
        )
        return {"copy": copy_id}

    def _again(self, work: UnitOfWork, inbound: Inbound, chat: outbox.EnteredChat, token: str) -> Outcome:
        kept = inbox.outcome_of(work, platform=inbound.platform, delivery_id=inbound.delivery_id) or {}
        form = unpack_form(kept["form"]) if "form" in kept else None
        words = None if form is None else wording(kept["language"], kept["timezone"])
        leased = token if chat.leased else None
        toast, problems = kept.get("toast", ""), kept.get("problems", {})
        return Outcome("again", toast, problems, chat.id, leased, form=form, wording=words)

    def _wording(self, inbound: Inbound, person: Member | None) -> Wording:
        if person is not None:
            return wording(person.language, person.timezone)
        return wording(inbound.language or self._settings.language, self._settings.timezone)


_FORGED = T("That button is not one of ours, or it is for another chat.")
_UNKNOWN = T("I did not understand that. Type help to see what I can do.")


def _typed(request: Request) -> Reply:
    """A verb, an answer, or something that gets a helpful sentence."""
    text = request.inbound.text
    found = find_verb(text)
    session = request.session
    if session is not None and not session.as_form and not (found and _always_wins(*found)):
        reply = guided.answer(request, session, text)
        return reply if found is None else _with_way_out(reply, found[0].spoken(request.person.language))
    if found is None:
        return _with_continue(request, Reply((say(_UNKNOWN, Button(T("Help"), "verb:help")),)))
    verb, argument, _ = found
    if not verb.is_for(request.person):
        return Reply((say(T("{verb} is for other roles than yours.", verb=verb.spoken(request.person.language))),))
    if not verb.parks:
        return verb.handler(replace(request, argument=argument))
    guided.park(request)
    return _with_continue(request, verb.handler(replace(request, argument=argument, session=None)))


def _always_wins(verb: Verb, argument: str, slashed: bool) -> bool:
    """Whether a verb counts where bare text is an answer. (`Cancel Culture Ltd` is a company's name.)"""
    return slashed or (verb.name == "cancel" and not argument)


def _with_way_out(reply: Reply, verb: str) -> Reply:
    """A word that is a verb was no answer here: how to use it all the same. The question stays the last line."""
    screen = reply.shows[0] if reply.shows else None
    if not isinstance(screen, Screen) or not any(line.style is Style.PROBLEM for line in screen.lines):
        return reply
    hint = muted(T("You are in a draft. To use {verb} now, write /{verb}.", verb=verb))
    told = replace(screen, lines=(*screen.lines[:-1], hint, screen.lines[-1]))
    return replace(reply, shows=(told, *reply.shows[1:]))


def _with_continue(request: Request, reply: Reply) -> Reply:
    """The same reply, and a button that leads back to the draft put aside, if there is one."""
    parked = sessions.latest_parked(request.work, chat_id=request.chat_id, person_id=request.person.id)
    if parked is None or not reply.shows or not isinstance(reply.shows[-1], Screen):
        return reply
    last = reply.shows[-1]
    row = (Button(labels.CONTINUE, f"continue:{parked.id}"),)
    return replace(reply, shows=(*reply.shows[:-1], replace(last, rows=(*last.rows, row))))


def _refusal(inbound: Inbound, text: Words) -> Reply:
    """How an error is told: in passing for a press or a form, as a message for what was typed."""
    if inbound.kind == FORM:
        return Reply(problems={"": text})  # the page stays open, so that nothing typed is lost
    if inbound.kind in {PRESS, CLOSED}:
        return Reply(toast=text)
    return Reply((say(text),))
