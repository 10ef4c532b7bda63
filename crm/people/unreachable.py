"""Who is not reached any more: they have blocked the bot, or their chat is gone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from crm.core.outbox import Chat
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.people import Person


@dataclass(frozen=True, slots=True)
class Unreached:
    """An active person whose chat on `platform` takes nothing since then; `elsewhere`: another of theirs does."""

    name: str
    platform: str
    since: datetime
    elsewhere: bool


def list_unreached(work: UnitOfWork) -> list[Unreached]:
    """Everybody who is not reached on one of their platforms, by name."""
    linked = (
        select(Person.id, Person.name, ChatIdentity.platform, Chat.unreachable_since)
        .join(ChatIdentity, ChatIdentity.person_id == Person.id)
        .join(Chat, Chat.id == ChatIdentity.chat_id)
        .where(Person.is_active)
        .order_by(Person.name, ChatIdentity.platform)
    )
    rows = work.connection.execute(linked).all()
    reached = {row.id for row in rows if row.unreachable_since is None}
    return [
        Unreached(row.name, row.platform, row.unreachable_since, row.id in reached)
        for row in rows
        if row.unreachable_since is not None
    ]
