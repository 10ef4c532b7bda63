"""Whom one can be in the browser, and becoming it. No password is asked: the door opens on this machine only."""

from typing import Any

from sqlalchemy import select

from bot.platforms.web import transcript
from bot.platforms.web.posts import PLATFORM
from bot.wording import wording
from crm.core import outbox
from crm.core.errors import NotFound
from crm.core.outbox import Chat
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people import identities
from crm.people.people import ROLE_NAMES, Role, find_member, list_members, team_names
from crm.people.reach import deliver_kept


def people(work: UnitOfWork) -> list[dict[str, Any]]:
    """Everybody who is not disabled: id, name, roles in their own language, team, language."""
    teams = team_names(work)
    shown = []
    for member in list_members(work, active_only=True):
        words = wording(member.language, member.timezone)
        roles = [words(ROLE_NAMES[role]) for role in Role if role in member.roles]
        shown.append(
            {
                "id": member.id,
                "name": member.name,
                "roles": words.listing(roles),
                "team": teams.get(member.team_id, "") if member.team_id is not None else "",
                "language": member.language,
            }
        )
    return shown


def open_chat(work: UnitOfWork, *, person_id: int) -> dict[str, Any]:
    """Make a person's chat if it is not there, and tie it to them. Raises NotFound, also for a disabled person."""
    member = find_member(work, person_id=person_id)
    if not member.is_active:
        raise NotFound(T("There is no such person."))
    chat = f"person-{member.id}"
    chat_id = _chat_row(work, chat)
    transcript.open_chat(work, chat=chat, person_id=member.id)
    identities.tie(work, platform=PLATFORM, account_id=chat, person_id=member.id, chat_id=chat_id)
    deliver_kept(work, person_id=member.id, chat_id=chat_id)
    return {"chat": chat, "language": member.language}


def _chat_row(work: UnitOfWork, chat: str) -> int:
    row = select(Chat.id).where(Chat.platform == PLATFORM, Chat.external_id == chat)
    found = work.connection.execute(row).scalar()
    if found is not None:
        return int(found)
    # Entering takes the sending lease of a new chat. Nothing can wait in it yet, so it is given back at once.
    entered = outbox.enter_chat(work, platform=PLATFORM, external_id=chat, is_private=True, token=f"opening {chat}")
    outbox.release_chat(work, chat_id=entered.id, token=f"opening {chat}")
    return entered.id
