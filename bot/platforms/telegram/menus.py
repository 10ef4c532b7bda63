"""What stands behind the menu button: for strangers how to begin, for everybody linked what they may use.

Telegram is told only what has changed: what it was told last is remembered with the account, as a fingerprint. What
could not be told is tried again later.

Every few seconds only those are looked at of whom history tells something new; everybody now and then, for what it
does not tell (a chat that can be reached again) and for what was committed after a row with a higher number.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import bindparam, func, select, update
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.platforms.telegram.api import Api, Me
from bot.platforms.telegram.intake import said
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.history import HistoryEntry
from crm.core.outbox import Chat
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.people import MEMBER_COLUMNS, Member, Person, read_member

log = structlog.get_logger()

Command = tuple[str, str]
Commands = Callable[[str, Member | None], list[Command]]
"""The menu in a language (`en`, `zh_CN`) for a person, or for strangers: pairs of a Latin verb and what it does."""

MOST = 100
DESCRIPTION_CHARACTERS = 256
_NONE = "none"
"""The fingerprint of an account that has no menu of its own: its person may use nothing any more."""
_PATIENCE_S = (30.0, 3600.0)
"""First and longest pause before a chat is tried again that Telegram did not take a menu for."""

_IDENTITIES = ChatIdentity.table()
_CHATS = Chat.table()
_PEOPLE = Person.table()
_LINKED = (
    select(_IDENTITIES.c.id, _IDENTITIES.c.menu, _CHATS.c.external_id, *MEMBER_COLUMNS)
    .select_from(
        _IDENTITIES.join(_CHATS, _CHATS.c.id == _IDENTITIES.c.chat_id).join(
            _PEOPLE, _PEOPLE.c.id == _IDENTITIES.c.person_id
        )
    )
    .where(_IDENTITIES.c.platform == "telegram", _CHATS.c.is_private, _CHATS.c.unreachable_since.is_(None))
    .order_by(_IDENTITIES.c.id)
)
_MEMBER_AT = 3
_HISTORY = HistoryEntry.table()
_NEWEST = select(func.max(_HISTORY.c.id))
_CHANGED = _LINKED.where(
    _IDENTITIES.c.person_id.in_(
        select(_HISTORY.c.entity_id).where(_HISTORY.c.entity == "person", _HISTORY.c.id > bindparam("seen"))
    )
)
_TOLD = update(_IDENTITIES).where(_IDENTITIES.c.id == bindparam("identity")).values(menu=bindparam("told"))


@dataclass(frozen=True, slots=True)
class _Due:
    """An account whose menu is not what it should be; no `commands`: it should have none of its own."""

    identity: int
    chat: int
    commands: tuple[Command, ...]
    fingerprint: str


class Menus:
    """Keeps the menus of one bot as they should be."""

    def __init__(self, api: Api, me: Me, database: Database, commands: Commands, *, pace: Pace) -> None:
        self._api = api
        self._me = me
        self._database = database
        self._commands = commands
        self._pace = pace
        self._later: dict[int, tuple[float, Pauses]] = {}
        self._seen = 0
        self._whole_at = 0.0

    async def keep(self) -> None:
        """Set what is missing, and look again every few seconds, until cancelled. Raises InvalidToken."""
        await self._for_strangers()
        while True:
            try:
                for due in await asyncio.to_thread(self._find):
                    await self._set(due)
                    await asyncio.sleep(self._pace.between_menus)
            except StoreUnavailable as unavailable:
                self._whole_at = 0.0  # of what was found some may not be told
                log.debug("menus wait for the store", reason=str(unavailable))
            except InvalidToken:
                raise
            except Exception:
                self._whole_at = 0.0
                log.exception("telegram: menus not set")
            await asyncio.sleep(self._pace.sweep)

    async def _for_strangers(self) -> None:
        """In English for everybody and in Chinese for Chinese clients."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        wanted = [("en", None), ("zh_CN", "zh")]
        while wanted:
            language, code = wanted[0]
            try:
                await self._api.set_menu(_fitting(self._commands(language, None)), language=code)
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("telegram: menu not set", language=language, reason=said(error))
                asked = seconds(error) if isinstance(error, RetryAfter) else 0.0
                await asyncio.sleep(max(pauses.next(), asked))
            else:
                del wanted[0]

    async def _set(self, due: _Due) -> None:
        """Tell Telegram, then remember it: what is told twice does no harm."""
        try:
            if due.commands:
                await self._api.set_menu(due.commands, chat_id=due.chat)
            else:
                await self._api.clear_menu(chat_id=due.chat)
        except InvalidToken:
            raise
        except RetryAfter as error:
            self._whole_at = 0.0
            await asyncio.sleep(seconds(error))
        except TelegramError as error:
            log.info("telegram: menu not set", reason=said(error))
            self._put_off(due.identity)
        else:
            await asyncio.to_thread(self._remember, due)
            self._later.pop(due.identity, None)

    def _put_off(self, identity: int) -> None:
        pauses = self._later[identity][1] if identity in self._later else Pauses(*_PATIENCE_S)
        self._later[identity] = (time.monotonic() + pauses.next(), pauses)

    # — in threads —

    def _find(self) -> list[_Due]:
        now = time.monotonic()
        menus: dict[tuple[str, frozenset[str]], tuple[tuple[Command, ...], str]] = {}
        found = []
        for row in self._rows(now):
            person = read_member(row[_MEMBER_AT:])
            kind = (person.language, frozenset(person.roles))
            if person.is_active and kind not in menus:
                fitting = tuple(_fitting(self._commands(person.language, person)))
                menus[kind] = fitting, _fingerprint(self._me, fitting)
            commands, fingerprint = menus[kind] if person.is_active else ((), _NONE)
            nothing_yet = row.menu is None and not commands
            if row.menu != fingerprint and not nothing_yet and self._later.get(row.id, (0.0,))[0] <= now:
                found.append(_Due(row.id, int(row.external_id), commands, fingerprint))
        return found

    def _rows(self, now: float) -> Sequence[Any]:
        """The accounts to look at this time."""
        is_whole = now >= self._whole_at
        with self._database.read() as work:
            newest = work.connection.execute(_NEWEST).scalar() or 0
            rows = self._read(work, newest=newest, is_whole=is_whole)
        self._seen = newest
        if is_whole:
            self._whole_at = now + self._pace.whole_sweep
        return rows

    def _read(self, work: UnitOfWork, *, newest: int, is_whole: bool) -> Sequence[Any]:
        if is_whole:
            return work.connection.execute(_LINKED).all()
        if newest == self._seen:
            return []
        return work.connection.execute(_CHANGED, {"seen": self._seen}).all()

    def _remember(self, due: _Due) -> None:
        with self._database.write() as work:
            work.connection.execute(_TOLD, {"identity": due.identity, "told": due.fingerprint})


def _fitting(commands: Sequence[Command]) -> list[Command]:
    """Within Telegram's limits: so many commands, each with so many characters beside it."""
    return [(verb, what[:DESCRIPTION_CHARACTERS]) for verb, what in commands[:MOST]]


def _fingerprint(me: Me, commands: Sequence[Command]) -> str:
    """Another bot in place of this one has been told nothing yet."""
    if not commands:
        return _NONE
    return hashlib.sha256(json.dumps([me.id, commands]).encode()).hexdigest()[:40]
