"""The one way in: duplicate? → who? → which handler or conversation → commit → what to deliver.

Synchronous. One call is one transaction; when it returns, everything the delivery means is written or nothing is.
"""

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.answering import answered_elsewhere, put_answer
from bot.cards.keys import Keys
from bot.cards.screen import Choice, Form, pack_form, say, unpack_form
from bot.config import Settings
from bot.handlers import guided
from bot.inbound import FORM, PRESS, Inbound
from bot.request import Reply, Request
from bot.routing import is_overheard, refusal, route
from bot.strangers import answer_stranger
from bot.who import Who, find_person, find_who
from bot.wording import Wording, wording
from crm.core import copies, inbox, outbox
from crm.core.database import Database
from crm.core.errors import StoreUnavailable, TradewindError
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.reach import deliver_kept

log = structlog.get_logger()

Record = Callable[[UnitOfWork], None]
Bots = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a delivery led to. `status`: `handled` or `again` (it had been handled before).

    `toast` and `problems` are drawn in the person's language, `form` is to be drawn by `wording`. `chat_id`, with the
    lease `token`: this process may send there now; `wakes`: other chats that have something waiting. `incident`: it
    failed by a fault of ours, and the answer is an apology with this number.
    """

    status: str
    toast: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    chat_id: int | None = None
    token: str | None = None
    wakes: frozenset[int] = frozenset()
    form: Form | None = None
    wording: Wording | None = None
    incident: str = ""


class Dispatcher:
    """Carries out deliveries. `worker` names this process in leases and logs; `bots`: see Request."""

    def __init__(
        self, database: Database, settings: Settings, keys: Keys, *, worker: str, bots: Bots = dict[str, str]
    ) -> None:
        self._bots = bots
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
        incident = ""
        try:
            return self._carry_out(inbound, record, None)
        except StoreUnavailable:
            raise
        except TradewindError as error:
            told = refusal(inbound, error.text)
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("incident", incident=incident, platform=inbound.platform)
            sorry = T("Something went wrong on our side; nothing was changed. Incident {number}.", number=incident)
            told = refusal(inbound, sorry)
        return replace(self._carry_out(inbound, record, told), incident=incident)

    def _carry_out(self, inbound: Inbound, record: Record | None, told: Reply | None) -> Outcome:
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
            who = find_who(work, inbound, chat.id)
            person = who.person
            if chat.returned and inbound.is_private and person is not None:
                deliver_kept(work, person_id=person.id, chat_id=chat.id)
            if told is not None:
                reply, who = told, replace(who, session=None)  # the question that stands open goes on to
            elif is_overheard(inbound):
                reply = Reply()
            elif person is None:
                reply, person = answer_stranger(work, inbound, chat.id, self._settings)
                who = Who(person, None, chat.id)
            elif not inbound.is_private and who.chat_id == chat.id:
                reply = Reply(toast=_WRITE_FIRST) if inbound.kind == PRESS else Reply(here=say(_WRITE_FIRST))
            else:
                request = Request(work, inbound, person, who.chat_id, self._settings, who.session, bots=self._bots())
                if who.chat_id != chat.id:
                    request = replace(request, room=chat.id)
                reply = route(request, self._keys)
            outcome = self._write(work, inbound, chat, token, who, reply)
        # All known only now. Who sends there, if it is not this delivery, hears that something has come in between.
        wakes = work.wakes - {chat.id} if chat.leased else work.wakes
        return replace(outcome, wakes=frozenset(wakes))

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
            person = find_person(work, platform=platform, account_id=account_id)
            if person is None:
                return []
            found = guided.suggest(work, person, opened, path, query)
        words = wording(person.language, person.timezone)
        return [Choice(one.value, words(one.label), None if one.note is None else words(one.note)) for one in found]

    def _write(
        self,
        work: UnitOfWork,
        inbound: Inbound,
        chat: outbox.EnteredChat,
        token: str,
        who: Who,
        reply: Reply,
    ) -> Outcome:
        person, in_own_chat = who.person, who.chat_id == chat.id
        reply = reply if in_own_chat or inbound.shown_in else answered_elsewhere(inbound, person, reply)
        put_answer(work, inbound, chat, who, reply)
        if who.has_home and person is not None and work.has_changed:
            copies.touch_card(work, card="home", subject_id=person.id)
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
        return Outcome("handled", toast, problems, chat.id, leased, form=form, wording=words)

    def _sealed(self, form: Form, inbound: Inbound) -> Form:
        sealed = self._keys.seal(form.token, platform=inbound.platform, chat_id=inbound.chat_id)
        return replace(form, token=sealed)

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


_WRITE_FIRST = T("Please write to me in a private chat first.")
