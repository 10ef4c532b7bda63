"""What Slack knows of an account: its direct conversation with us, its name and its language. Asked once, then
remembered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.gateway import Away, Refused, Unreachable
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from crm.core.errors import StoreUnavailable

Json = dict[str, Any]

LOOKUP_S = 0.5
"""How long an acknowledgement may wait for this; a later answer is remembered for the next time."""


class Directory:
    """What was asked about accounts, for the life of the process. `is_linked`: whether an account is somebody's."""

    def __init__(self, client: SlackClient, *, is_linked: Callable[[str], Awaitable[bool]]) -> None:
        self._client = client
        self._is_linked = is_linked
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

    async def dm(self, user_id: str) -> str:
        """The id of the account's direct conversation. Raises DeliveryError when Slack does not say in time."""
        if user_id not in self._dms:
            await self._wait("dm", user_id, self._open)
            if user_id not in self._dms:
                raise Away(f"Slack did not tell the direct conversation of {user_id} in time")
        return self._dms[user_id]

    async def language(self, user_id: str) -> str:
        """`zh_CN` or `en` as a stranger has it in Slack; empty where Slack does not tell, or for somebody we know."""
        if user_id not in self._users and not await self.is_known(user_id):
            await self._wait("user", user_id, self._look_up)
        return language_of(self._users.get(user_id, {}).get("locale") or "")

    async def is_known(self, user_id: str) -> bool:
        """Whether it is somebody's account; then their profile tells the language."""
        if user_id not in self._linked:
            try:
                linked = await self._is_linked(user_id)
            except StoreUnavailable:
                return True
            if linked:
                self._linked.add(user_id)
        return user_id in self._linked

    async def full_name(self, user_id: str) -> str:
        """The name an account goes by; empty where Slack does not tell."""
        if user_id not in self._users:
            await self._wait("user", user_id, self._look_up)
        user = self._users.get(user_id, {})
        profile = user.get("profile") or {}
        return str(profile.get("real_name") or user.get("real_name") or profile.get("display_name") or "")

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _wait(self, what: str, user_id: str, ask: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Until it is known, but not for long; what is being asked already is not asked again."""
        key = what, user_id
        if key not in self._asking:
            task = asyncio.create_task(ask(user_id))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._answered(key, done))
        asking = self._asking[key]
        done, _ = await asyncio.wait({asking}, timeout=LOOKUP_S)
        if done and what == "dm":
            asking.result()

    def _answered(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits for it any more

    async def _open(self, user_id: str) -> None:
        answer = await self._client.call("conversations.open", users=user_id)
        self._dms[user_id] = str(answer["channel"]["id"])

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
