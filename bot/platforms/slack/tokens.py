"""Whether Slack still takes our bot token: looked into when somebody doubts it, until it is taken again."""

import asyncio

from bot.gateway import DeliveryError
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.link_state import LinkState, Pauses

_REMEDY = "if the app was removed, install it in the workspace again"


class TokenWatch:
    """`link` is `refused` from the moment Slack refuses the token until it takes it again.

    A refused call is only a doubt (one scope may be missing); `auth.test` alone decides.
    """

    def __init__(self, client: SlackClient) -> None:
        self.link = LinkState()
        self.link.state = "connected"
        self._client = client
        self._doubted = asyncio.Event()
        client.on_refused = self.doubt

    @property
    def is_refused(self) -> bool:
        return self.link.state == "refused"

    def doubt(self) -> None:
        """The token may have been taken back: find out."""
        self._doubted.set()

    async def run(self, pauses: Pauses) -> None:
        """Settle doubts, until cancelled."""
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            await self._settle(pauses)

    async def _settle(self, pauses: Pauses) -> None:
        tries = 0
        while True:
            try:
                await self._client.call("auth.test")
            except TokenRefused as error:
                self.link.note("refused", f"{error}; {_REMEDY}")
            except DeliveryError:
                pass  # away: it says nothing about the token
            else:
                self.link.note("connected")
                return
            tries += 1
            await asyncio.sleep(pauses.after(tries, refused=self.is_refused))
