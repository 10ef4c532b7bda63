"""The application as machines outside the chats see it: a client at its routes, and who reads in its room."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from bot.app import Application
from bot.config import Settings
from crm.people.identities import tie
from crm.people.people import Member
from tests.bot.front_desk import MemoryDoor, Room
from tests.conftest import Clock

SECRET = "the website knows it too, and nobody else"
INBOUND = "/inbound/leads"


class Outside:
    """One process, not listening on any port: requests go straight to its routes."""

    def __init__(self, url: str, clock: Clock, folder: Path, **settings: Any) -> None:
        self.clock = clock
        self.room = Room()
        told = {"inbound_secret": SECRET, "secret_key": "k" * 40, "language": "en", "spool_dir": folder / "s"}
        given = Settings(_env_file=None, database_url=url, **told | settings)
        self.app = Application(given, clock=clock, platforms=[MemoryDoor(self.room)])
        transport = ASGITransport(self.app.asgi, raise_app_exceptions=False)
        self.client = AsyncClient(transport=transport, base_url="http://tradewind")
        self._ids = itertools.count(1)

    async def close(self) -> None:
        await self.client.aclose()
        await self.app.delivery.close()
        self.app.database.close()

    def link(self, person: Member) -> None:
        """Give somebody a chat of their name."""
        from crm.core import outbox

        with self.app.database.write() as work:
            chat = outbox.enter_chat(work, platform="test", external_id=person.name, is_private=True, token="nobody~1")
            outbox.let_go(work, chat_id=chat.id, token="nobody~1")
            tie(work, platform="test", account_id=person.name, person_id=person.id, chat_id=chat.id)

    async def post(self, fields: Any, path: str = INBOUND, **more: Any) -> Response:
        """An object as JSON, signed as the website does."""
        return await self.post_raw(json.dumps(fields).encode(), path, **more)

    async def post_raw(
        self,
        body: bytes,
        path: str = INBOUND,
        *,
        kind: str = "application/json",
        at: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        timestamp = str(int(self.clock.now.timestamp()) if at is None else at)
        signature = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        told = {"Content-Type": kind, "X-Tradewind-Timestamp": timestamp, "X-Tradewind-Signature": signature}
        answer = await self.client.post(path, content=body, headers=told | dict(headers or {}))
        await self.app.delivery.settle()
        return answer

    def rows(self, query: str) -> list[Any]:
        with self.app.database.read() as work:
            return list(work.connection.execute(text(query)))
