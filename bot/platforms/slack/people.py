"""What Slack knows of an account: its direct conversation with us and its language. Asked once, then remembered."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.gateway import Away, Refused, Unreachable
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused

LOOKUP_S = 0.5
"""How long an acknowledgement may wait for this; a later answer is remembered for the next time."""


class Directory:
    """Direct conversations and languages of accounts, for the life of the process."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._dms: dict[str, str] = {}
        self._languages: dict[str, str] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[str]] = {}

    def learn(self, user_id: str, channel_id: str) -> None:
        """Remember a direct conversation that a delivery named (a channel's id is no such thing, and ignored)."""
        if is_private(channel_id):
            self._dms[user_id] = channel_id

    async def dm(self, user_id: str) -> str:
        """The id of the account's direct conversation. Raises DeliveryError when Slack does not say in time."""
        if user_id not in self._dms:
            asking = self._ask("dm", user_id, self._open(user_id))
            done, _ = await asyncio.wait({asking}, timeout=LOOKUP_S)
            if not done:
                raise Away(f"Slack did not tell the direct conversation of {user_id} in time")
            asking.result()
        return self._dms[user_id]

    def language(self, user_id: str) -> str:
        """`zh_CN` or `en` as the account has it in Slack; empty until Slack has told it, which is not waited for."""
        if user_id not in self._languages:
            self._ask("language", user_id, self._locale(user_id))
        return self._languages.get(user_id, "")

    async def close(self) -> None:
        """Stop asking."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _ask(self, what: str, user_id: str, question: Coroutine[Any, Any, str]) -> asyncio.Task[str]:
        """The task that asks this; a question that is being asked already is not asked again."""
        key = what, user_id
        if key in self._asking:
            question.close()
        else:
            task = asyncio.create_task(question)
            self._asking[key] = task
            task.add_done_callback(lambda done: self._answered(key, done))
        return self._asking[key]

    def _answered(self, key: tuple[str, str], task: asyncio.Task[str]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits for it any more

    async def _open(self, user_id: str) -> str:
        answer = await self._client.call("conversations.open", users=user_id)
        self._dms[user_id] = str(answer["channel"]["id"])
        return self._dms[user_id]

    async def _locale(self, user_id: str) -> str:
        try:
            answer = await self._client.call("users.info", user=user_id, include_locale=True)
        except (TokenRefused, Refused, Unreachable):
            answer = {}  # (the scope is missing, say) it will not be told the next time either
        self._languages[user_id] = language_of((answer.get("user") or {}).get("locale") or "")
        return self._languages[user_id]


def is_private(channel_id: str) -> bool:
    """Whether a channel is a direct conversation of one person with us."""
    return channel_id.startswith("D")


def language_of(locale: str) -> str:
    """Our language for Slack's (`zh-CN`, `en-GB`, `de-DE`); empty for none."""
    if not locale:
        return ""
    return "zh_CN" if locale.lower().startswith("zh") else "en"
