"""Whose account it is that something came from, and where that person is answered."""

from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, select

from bot.conversations.sessions import COLUMNS as SESSION_COLUMNS
from bot.conversations.sessions import ConversationSession, Session, read_session
from bot.inbound import Inbound
from crm.core.copies import CardCopy
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity, note_own_chat
from crm.people.people import MEMBER_COLUMNS, Member, Person, read_member


@dataclass(frozen=True, slots=True)
class Who:
    """Who it was (None: nobody we know), the chat in which they are answered, the conversation that goes on there.

    `has_home`: some platform shows them a page of their own (the card `home`).
    """

    person: Member | None
    session: Session | None
    chat_id: int
    has_home: bool = False


_IDENTITIES = ChatIdentity.table()
_PEOPLE = Person.table()
_SESSIONS = ConversationSession.table()
_COPIES = CardCopy.table()
_FROM = _IDENTITIES.join(_PEOPLE, _PEOPLE.c.id == _IDENTITIES.c.person_id)
_ACCOUNT = (_IDENTITIES.c.platform == bindparam("platform"), _IDENTITIES.c.account_id == bindparam("account"))
_HAS_HOME = exists().where(
    _COPIES.c.card == "home", _COPIES.c.subject_id == _IDENTITIES.c.person_id, _COPIES.c.message_ref.is_not(None)
)
_WHO = (
    select(_IDENTITIES.c.chat_id.label("own_chat"), _HAS_HOME.label("has_home"), *MEMBER_COLUMNS, *SESSION_COLUMNS)
    .select_from(
        _FROM.outerjoin(
            _SESSIONS,
            (_SESSIONS.c.person_id == _IDENTITIES.c.person_id)
            & (_SESSIONS.c.chat_id == func.coalesce(bindparam("chat", type_=Id), _IDENTITIES.c.chat_id))
            & (_SESSIONS.c.status == "active"),
        )
    )
    .where(*_ACCOUNT)
)
_MEMBER_AT = 2
_SESSION_AT = _MEMBER_AT + len(MEMBER_COLUMNS)
_PERSON = select(*MEMBER_COLUMNS).select_from(_FROM).where(*_ACCOUNT)


def find_who(work: UnitOfWork, inbound: Inbound, chat_id: int) -> Who:
    """The person, if active. `chat_id`: the chat it came from.

    What somebody says or presses in a shared chat is answered in their own: not everybody there may know it.
    """
    values = {
        "platform": inbound.platform,
        "account": inbound.account_id,
        "chat": chat_id if inbound.is_private else None,
    }
    row = work.connection.execute(_WHO, values).one_or_none()
    if row is None:
        return Who(None, None, chat_id)
    person = read_member(row[_MEMBER_AT:_SESSION_AT])
    if not person.is_active:
        return Who(None, None, chat_id)
    session = None if row[_SESSION_AT] is None else read_session(row[_SESSION_AT:])
    if not inbound.is_private:
        return Who(person, session, row.own_chat or chat_id, row.has_home)
    if row.own_chat is None:
        note_own_chat(work, platform=inbound.platform, account_id=inbound.account_id, chat_id=chat_id)
    return Who(person, session, chat_id, row.has_home)


def find_person(work: UnitOfWork, *, platform: str, account_id: str) -> Member | None:
    """The active person of an account."""
    row = work.connection.execute(_PERSON, {"platform": platform, "account": account_id}).one_or_none()
    person = None if row is None else read_member(row)
    return person if person is not None and person.is_active else None
