"""What Slack knows of an account: its direct conversation with us, its name and its language. Asked once, then
remembered; who has talked with us before is known from our own database, and Slack is not asked.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.gateway import Away, Later, Refused, Unreachable
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from crm.core.errors import StoreUnavailable
from crm.people.identities import LinkedAccount

Json = dict[str, Any]

LOOKUP_S = 2.0
"""How long what came may wait for all of this; a later answer is remembered for the next time."""
_IN_PASSING_S = 0.5
"""How long for what it can do without: a language, a name, our own database."""
_AT_ONCE = 8
"""Direct conversations asked for at a time: a crowd of newcomers leaves the connections to those who are answered."""
_TRIES = 3


class Directory:
    """What was asked about accounts, for the life of the process. `recall`: what our database knows of one.

    Every question ends at a moment (`until`, of `time.monotonic`), whether it is answered by then or not.
    """

    def __init__(self, client: SlackClient, *, recall: Callable[[str], Awaitable[LinkedAccount | None]]) -> None:
        self._client = client
        self._recall = recall
        self._opening = asyncio.Semaphore(_AT_ONCE)
        self._linked: set[str] = set()
        self._dms: dict[str, str] = {}
        self._users: dict[str, Json] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}

    def learn(self, user_id: str, channel_id: str) -> None:
        """Remember the account's direct conversation with us (a channel's id is no such thing, and ignored).

        Not from a command or a message's shortcut: two people's own conversation has an id of the same kind.
        """
        if is_private(channel_id):
            self._dms[user_id] = channel_id

    async def dm(self, user_id: str, *, until: float) -> str:
        """The id of the account's direct conversation. Raises DeliveryError when Slack does not say in time."""
        if user_id not in self._dms:
            await self._wait("dm", user_id, self._open, until)
            if user_id not in self._dms:
                raise Away(f"Slack did not tell the direct conversation of {user_id} in time")
        return self._dms[user_id]

    async def language(self, user_id: str, *, until: float) -> str:
        """`zh_CN` or `en` as a stranger has it in Slack; empty where Slack does not tell, or for somebody we know."""
        if user_id not in self._users and not await self.is_known(user_id, until=until):
            await self._wait("user", user_id, self._look_up, min(until, time.monotonic() + _IN_PASSING_S))
        return language_of(self._users.get(user_id, {}).get("locale") or "")

    async def is_known(self, user_id: str, *, until: float = math.inf) -> bool:
        """Whether it is somebody's account; then their profile tells the language. True where nobody can tell now."""
        if user_id not in self._linked:
            try:
                async with asyncio.timeout(max(min(until - time.monotonic(), _IN_PASSING_S), 0.0)):
                    account = await self._recall(user_id)
            except (StoreUnavailable, TimeoutError):
                return True
            if account is not None:
                self._linked.add(user_id)
                if user_id not in self._dms:
                    self.learn(user_id, account.own_chat)
        return user_id in self._linked

    async def full_name(self, user_id: str, *, until: float) -> str:
        """The name an account goes by; empty where Slack does not tell."""
        if user_id not in self._users:
            await self._wait("user", user_id, self._look_up, min(until, time.monotonic() + _IN_PASSING_S))
        user = self._users.get(user_id, {})
        profile = user.get("profile") or {}
        return str(profile.get("real_name") or user.get("real_name") or profile.get("display_name") or "")

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _wait(
        self, what: str, user_id: str, ask: Callable[[str], Coroutine[Any, Any, None]], until: float
    ) -> None:
        """Until it is known, or that moment has come; what is being asked already is not asked again."""
        key = what, user_id
        if key not in self._asking:
            task = asyncio.create_task(ask(user_id))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._answered(key, done))
        asking = self._asking[key]
        done, _ = await asyncio.wait({asking}, timeout=max(until - time.monotonic(), 0.0))
        if done and what == "dm":
            asking.result()

    def _answered(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits for it any more

    async def _open(self, user_id: str) -> None:
        await self.is_known(user_id)
        async with self._opening:
            if user_id not in self._dms:
                answer = await self._ask_patiently("conversations.open", users=user_id)
                self._dms[user_id] = str(answer["channel"]["id"])

    async def _ask_patiently(self, method: str, **arguments: Any) -> Json:
        """Ask again when Slack says that it was asked too often."""
        for _ in range(_TRIES - 1):
            try:
                return await self._client.call(method, **arguments)
            except Later as later:
                await asyncio.sleep(later.seconds)
        return await self._client.call(method, **arguments)

    async def _look_up(self, user_id: str) -> None:
        try:
            answer = await self._client.call("users.info", user=user_id, include_locale=True)
        except (TokenRefused, Refused, Unreachable):
            answer = {}  # (the scope is missing, say) it will not be told the next time either
        self._users[user_id] = answer.get("user") or {}


def is_private(channel_id: str) -> bool:
    """Whether a channel is a direct conversation of one person with us."""
    return channel_id.startswith("D")


def language_of(locale: str) -> str:
    """Our language for Slack's (`zh-CN`, `en-GB`, `de-DE`); empty for none."""
    if not locale:
        return ""
    return "zh_CN" if locale.lower().startswith("zh") else "en"
