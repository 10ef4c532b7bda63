"""What a handler answered, written into the outbox: in whose chat, in place of what, and which question stands open."""

from dataclasses import replace
from typing import Any

from bot.cards.screen import Screen, pack_screen, say
from bot.conversations.sessions import Session
from bot.inbound import CHANGE, CLOSED, FILE, FORM, HOME, PRESS, PROPOSAL, Inbound
from bot.request import Card, Document, Reply
from bot.who import Who
from crm.core import copies, outbox
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member


def put_answer(work: UnitOfWork, inbound: Inbound, chat: outbox.EnteredChat, who: Who, reply: Reply) -> None:
    """Write what is to be said into the outbox, and which question stands open from now on."""
    post = _Post(work, inbound, who)
    if reply.here is not None:
        post.screen(reply.here, chat.id)
    in_own_chat = who.chat_id == chat.id
    # What stands in a shared chat, or is seen there by one person only, cannot become something private.
    replaced = inbound.message_ref if reply.replaces and in_own_chat and not inbound.shown_in else None
    answered = in_own_chat and chat.asked is not None and _is_over(inbound, who.session, reply)
    row_id: int | None = None
    for index, shown in enumerate(reply.shows):
        payload: dict[str, Any] = {}
        if index == 0 and replaced:
            payload["replaces"] = replaced
        if index == 0 and reply.instead is not None and inbound.shown_in:
            payload["instead"] = pack_screen(reply.instead)
        if answered and index == len(reply.shows) - 1:
            payload["retires"] = chat.asked
        row_id = post.shown(shown, who.chat_id, **payload)
    if reply.asks or answered or _became_the_answer(work, chat, replaced):
        outbox.note_question(work, chat_id=who.chat_id, row_id=row_id if reply.asks else None)


def answered_elsewhere(inbound: Inbound, person: Member | None, reply: Reply) -> Reply:
    """In a shared chat, who has been answered in their own is told so."""
    if not reply.shows or reply.here is not None or person is None:
        return reply
    if inbound.kind == PRESS:
        return replace(reply, toast=reply.toast or _ANSWERED_PRIVATELY)
    return replace(reply, here=say(T("{name}, I have answered you in our own chat.", name=person.name)))


class _Post:
    """Puts what is to be said into the outbox, for the person who is answered."""

    def __init__(self, work: UnitOfWork, inbound: Inbound, who: Who) -> None:
        self._work = work
        self._inbound = inbound
        self._person_id = None if who.person is None else who.person.id

    def shown(self, shown: Screen | Card | Document, chat_id: int, **payload: Any) -> int:
        """A screen, a card or a file; returns the outbox row's id."""
        if isinstance(shown, Document):
            return self.screen(say(shown.beside), chat_id, **payload, file=[shown.file_id, shown.name])
        if self._inbound.shown_in:
            payload["only_in"] = [self._inbound.shown_in, self._inbound.account_id]
        if isinstance(shown, Screen):
            return self.screen(shown, chat_id, **payload)
        if self._inbound.shown_in:
            # What one person sees in a shared room cannot be edited later: no copy to be kept true.
            return self._row(chat_id, payload | {"card": [shown.card, shown.subject_id]})
        copy_id = copies.add_copy(
            self._work, card=shown.card, subject_id=shown.subject_id, chat_id=chat_id, person_id=self._person_id
        )
        return self._row(chat_id, payload | {"copy": copy_id})

    def screen(self, screen: Screen, chat_id: int, **payload: Any) -> int:
        packed = payload | {"screen": pack_screen(screen)}
        if self._inbound.trigger is not None and "form" in packed["screen"]:
            packed["trigger"] = self._inbound.trigger
        if self._person_id is None and self._inbound.language:
            packed["language"] = self._inbound.language
        return self._row(chat_id, packed)

    def _row(self, chat_id: int, payload: dict[str, Any]) -> int:
        return outbox.put(
            self._work,
            chat_id=chat_id,
            person_id=self._person_id,
            payload=payload,
            trace=f"{self._inbound.platform}:{self._inbound.delivery_id}",
        )


def _became_the_answer(work: UnitOfWork, chat: outbox.EnteredChat, replaced: str | None) -> bool:
    """Whether the message that stood open as a question shows its answer now, and is to stay."""
    return bool(replaced) and chat.asked is not None and outbox.message_ref(work, row_id=chat.asked) == replaced


_ASIDE = frozenset({PRESS, FORM, CLOSED, CHANGE, HOME, FILE, PROPOSAL})
"""What is said beside the question that stands open, and answers it only where it says so."""


def _is_over(inbound: Inbound, session: Session | None, reply: Reply) -> bool:
    """Whether the question that stood open is answered, or another one takes its place."""
    return reply.asks or (session is not None and inbound.kind not in _ASIDE)


_ANSWERED_PRIVATELY = T("I have answered you in our own chat.")
