"""Which chat account is whom: tied by a one-time code, and by nothing else.

Names and e-mail addresses of a platform prove nothing. A code is shown once, kept only as a hash, expires, and
works once; an account may try five codes an hour.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, TradewindError
from crm.core.history import Actor
from crm.core.outbox import Chat
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, find_member

CODE_LIFE = timedelta(hours=24)
TRIES_AN_HOUR = 5
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that looks like something else
_CODE_LENGTH = 12


class ChatIdentity(Base):
    """An account of a platform that belongs to a person, and the private chat with it.

    `menu`: what the platform's own menu was last set to there, as a fingerprint.
    """

    __tablename__ = "chat_identities"
    __table_args__ = (UniqueConstraint("platform", "account_id"), Index(None, "person_id"), Index(None, "chat_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"))
    menu: Mapped[str | None] = mapped_column(String(40))
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LinkCode(Base):
    __tablename__ = "link_codes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LinkAttempt(Base):
    """A code that was tried, kept for an hour to count."""

    __tablename__ = "link_attempts"
    __table_args__ = (Index(None, "platform", "account_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class CodeRefused(TradewindError):
    """The code does not open anything; why is not said. The attempt itself must be kept (and so committed)."""


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that is somebody's. `own_chat`: what the platform calls the private chat with it; empty while none is
    known that can be reached.
    """

    own_chat: str


@dataclass(frozen=True, slots=True)
class Linked:
    member: Member
    is_new: bool


_REFUSED = T(
    "This code does not work. Codes are used once and expire after a day; ask your administrator for a new one."
)
_TOO_MANY = T("Too many tries. Please wait an hour, or ask your administrator.")


def issue_code(work: UnitOfWork, *, actor: Actor, person_id: int) -> str:
    """Make a one-time code for somebody, as XXXX-XXXX-XXXX; their earlier unused ones stop working.

    Raises Conflict for a disabled person.
    """
    member = find_member(work, person_id=person_id)
    if not member.is_active:
        raise Conflict(T("{name} is disabled.", name=member.name))
    work.connection.execute(delete(LinkCode).where(LinkCode.person_id == person_id, LinkCode.used_at.is_(None)))
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    row = {
        "person_id": person_id,
        "code_hash": _hash(code),
        "created_at": work.now,
        "expires_at": work.now + CODE_LIFE,
    }
    work.connection.execute(insert(LinkCode), row)
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="code issued")
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def looks_like_code(text: str) -> bool:
    """Whether this text might be a code rather than words."""
    plain = _plain(text)
    return len(plain) == _CODE_LENGTH and all(letter in _ALPHABET for letter in plain)


def link_account(work: UnitOfWork, *, platform: str, account_id: str, code: str, chat_id: int | None) -> Linked:
    """Tie this account to the person the code was made for.

    Raises CodeRefused for a code that is wrong, used, expired or too many; the caller commits all the same, so
    that the try counts.
    """
    _count_attempt(work, platform=platform, account_id=account_id)
    now = work.now
    used = (
        update(LinkCode)
        .where(LinkCode.code_hash == _hash(_plain(code)), LinkCode.used_at.is_(None), LinkCode.expires_at > now)
        .values(used_at=now)
        .returning(LinkCode.person_id)
    )
    person_id = work.connection.execute(used).scalar()
    if person_id is None:
        raise CodeRefused(_REFUSED)
    member = find_member(work, person_id=person_id)
    if not member.is_active:
        raise CodeRefused(_REFUSED)
    is_new = tie(work, platform=platform, account_id=account_id, person_id=person_id, chat_id=chat_id)
    if not is_new and chat_id is not None:
        copies.forget_copies(work, chat_id=chat_id, but=person_id)
    actor = Actor(person_id, platform)
    history.record(
        work,
        actor=actor,
        entity="person",
        entity_id=person_id,
        act="account linked",
        changes={"account": (None, f"{platform}:{account_id}")},
    )
    return Linked(member, is_new)


def tie(work: UnitOfWork, *, platform: str, account_id: str, person_id: int, chat_id: int | None) -> bool:
    """Point an account at a person, whoever it pointed at before; True when it was unknown.

    For doors that know by themselves who stands there (the browser chat on this machine); elsewhere use a code.
    """
    where = (ChatIdentity.platform == platform, ChatIdentity.account_id == account_id)
    values = {"person_id": person_id, "chat_id": chat_id, "linked_at": work.now}
    if work.connection.execute(update(ChatIdentity).where(*where).values(values)).rowcount:
        return False
    work.connection.execute(insert(ChatIdentity), {"platform": platform, "account_id": account_id, **values})
    return True


def is_linked(work: UnitOfWork, *, platform: str, account_id: str) -> bool:
    """Whether an account is somebody's."""
    where = (ChatIdentity.platform == platform, ChatIdentity.account_id == account_id)
    return work.connection.execute(select(ChatIdentity.id).where(*where)).first() is not None


def find_account(work: UnitOfWork, *, platform: str, account_id: str) -> LinkedAccount | None:
    """What is known of an account; None for nobody's."""
    reached = (Chat.id == ChatIdentity.chat_id) & Chat.is_private & Chat.unreachable_since.is_(None)
    found = select(Chat.external_id).select_from(ChatIdentity).outerjoin(Chat, reached)
    where = (ChatIdentity.platform == platform, ChatIdentity.account_id == account_id)
    row = work.connection.execute(found.where(*where)).first()
    return None if row is None else LinkedAccount(row.external_id or "")


def note_own_chat(work: UnitOfWork, *, platform: str, account_id: str, chat_id: int) -> None:
    """This is the private chat of a linked account, of which none was known."""
    where = (ChatIdentity.platform == platform, ChatIdentity.account_id == account_id)
    work.connection.execute(update(ChatIdentity).where(*where).values(chat_id=chat_id))


def _count_attempt(work: UnitOfWork, *, platform: str, account_id: str) -> None:
    hour_ago = work.now - timedelta(hours=1)
    mine = (LinkAttempt.platform == platform, LinkAttempt.account_id == account_id)
    work.connection.execute(delete(LinkAttempt).where(LinkAttempt.at < hour_ago))
    tries = work.connection.execute(select(func.count()).select_from(LinkAttempt).where(*mine)).scalar_one()
    if tries >= TRIES_AN_HOUR:
        raise CodeRefused(_TOO_MANY)
    work.connection.execute(insert(LinkAttempt), {"platform": platform, "account_id": account_id, "at": work.now})


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _hash(code: str) -> str:
    # 12 letters of 30 are 59 bits, drawn by chance: a plain hash of that cannot be searched within a day.
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def linked_platforms(work: UnitOfWork) -> dict[int, list[str]]:
    """Person id → the platforms they have an account on."""
    linked: dict[int, list[str]] = {}
    for person_id, platform in work.connection.execute(
        select(ChatIdentity.person_id, ChatIdentity.platform).order_by(ChatIdentity.id)
    ):
        linked.setdefault(person_id, []).append(platform)
    return linked
