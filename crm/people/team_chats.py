"""Group chats that belong to a team: where its cards for everybody are posted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history, outbox
from crm.core.errors import NotFound
from crm.core.history import Actor
from crm.core.outbox import Chat, Lane
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role, team_names
from crm.people.permissions import Allowed, require


class TeamChat(Base):
    """One group chat of a team; a team may have several, a chat belongs to one team."""

    __tablename__ = "team_chats"
    __table_args__ = (Index(None, "team_id"),)

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), primary_key=True, autoincrement=False)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


_TEAM_CHATS = TeamChat.table()


def team_of_chat(work: UnitOfWork, *, chat_id: int) -> int | None:
    """The team whose chat this is, if any."""
    return work.connection.execute(select(_TEAM_CHATS.c.team_id).where(_TEAM_CHATS.c.chat_id == chat_id)).scalar()


def can_tie_chat(person: Member, *, team_id: int | None, now: int | None) -> Allowed:
    """Make a chat that belongs to the team `now` (None: nobody) the team `team_id`'s (None: nobody's).

    Administrators any; a supervisor a free one for the own team, and set the own team's free.
    """
    if person.has(Role.ADMIN):
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and {team_id, now} <= {person.team_id, None}:
        return True
    return T("Only an administrator or the team's supervisor can say whose chat this is.")


def tie_chat(work: UnitOfWork, *, actor: Member, platform: str, chat_id: int, team_id: int | None) -> None:
    """Make this group chat the team's, or nobody's. Raises Forbidden and NotFound (no such team)."""
    # Its row is locked before its team is read: of two at once the second decides on what the first has made of it.
    work.connection.execute(select(Chat.id).where(Chat.id == chat_id).with_for_update())
    before = team_of_chat(work, chat_id=chat_id)
    require(can_tie_chat(actor, team_id=team_id, now=before))
    names = team_names(work)
    if team_id is not None and team_id not in names:
        raise NotFound(T("There is no such team."))
    if before == team_id:
        return
    work.connection.execute(delete(_TEAM_CHATS).where(_TEAM_CHATS.c.chat_id == chat_id))
    if team_id is not None:
        values = {"chat_id": chat_id, "team_id": team_id, "person_id": actor.id, "created_at": work.now}
        work.connection.execute(insert(_TEAM_CHATS), values)
    changes = {"team": (names.get(before or 0), names.get(team_id or 0))}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="chat", entity_id=chat_id, act="changed", changes=changes)


def shared_chat(work: UnitOfWork, *, platform: str, external_id: str) -> int:
    """The id of a shared chat as the platform calls it; made where nothing was said in it yet."""
    row = {"platform": platform, "external_id": external_id, "is_private": False}
    dialect = sqlite if work.connection.dialect.name == "sqlite" else postgresql
    work.connection.execute(dialect.insert(Chat.table()).on_conflict_do_nothing(), row)
    named = (Chat.platform == platform, Chat.external_id == external_id)
    return int(work.connection.execute(select(Chat.id).where(*named)).scalar_one())


def chats_of_team(work: UnitOfWork, *, team_id: int | None) -> list[int]:
    """The team's group chats that can be reached."""
    query = (
        select(_TEAM_CHATS.c.chat_id)
        .join(Chat, Chat.id == _TEAM_CHATS.c.chat_id)
        .where(_TEAM_CHATS.c.team_id == team_id, Chat.unreachable_since.is_(None))
        .order_by(_TEAM_CHATS.c.chat_id)
    )
    return list(work.connection.execute(query).scalars())


def post_card(work: UnitOfWork, *, team_id: int | None, card: str, subject_id: int, lane: Lane = Lane.DECISION) -> None:
    """A copy of a card into every group chat of the team, drawn for everybody who reads there, and kept true."""
    for chat_id in chats_of_team(work, team_id=team_id):
        copy_id = copies.add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=None)
        outbox.put(work, chat_id=chat_id, person_id=None, payload={"copy": copy_id}, lane=lane)
