"""Sends and edits in Slack: a question as a modal where it can still be opened, everything else as a message."""

from datetime import timedelta

import structlog

from bot.gateway import Later, Message, Refused, Vanished
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.modal import render_form
from bot.platforms.slack.renderer import render
from crm.core.database import Clock, utc_now

log = structlog.get_logger()

PLATFORM = "slack"
VIEW = "view:"
"""What the reference of a modal begins with; that of a message is its `ts`."""
LIVE = timedelta(seconds=2.5)
"""How old a trigger may be when it is tried; Slack lets it die after three seconds."""


class SlackGateway:
    """`bot.gateway.Gateway` for Slack."""

    platform = PLATFORM

    def __init__(self, client: SlackClient, *, clock: Clock = utc_now) -> None:
        self._client = client
        self._clock = clock

    async def send(self, message: Message) -> str | None:
        """Open the screen's form if the message's trigger lives, else post the lines and buttons.

        Returns `view:…` or the message's `ts`.
        """
        if self._can_open(message):
            view_id = await self._open(message)
            if view_id is not None:
                return VIEW + view_id
        drawn = render(message.screen, message.wording, message.sign)
        answer = await self._client.call(
            "chat.postMessage",
            channel=message.chat_id,
            text=drawn.text,
            blocks=drawn.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    async def edit(self, message: Message, ref: str) -> None:
        """Make the message show this. A modal cannot be edited so (Vanished): it closes when it is handed in."""
        if ref.startswith(VIEW):
            raise Vanished(f"{ref} is a modal, no message")
        drawn = render(message.screen, message.wording, message.sign)
        await self._client.call(
            "chat.update", channel=message.chat_id, ts=ref, text=drawn.text, blocks=drawn.blocks, link_names=False
        )

    def _can_open(self, message: Message) -> bool:
        if message.trigger is None or message.screen.form is None:
            return False
        return message.written_at is None or self._clock() - message.written_at < LIVE

    async def _open(self, message: Message) -> str | None:
        """The id of the modal opened; None where the question has to come as a message after all.

        Raises Away where nobody knows whether it was opened: by the next try the trigger is dead, and the message says
        how to go on.
        """
        assert message.screen.form is not None
        view = render_form(message.screen.form, message.wording)
        try:
            answer = await self._client.call("views.open", trigger_id=message.trigger, view=view)
        except (Refused, Later, Vanished) as error:
            log.info("slack modal not opened, sent as a message", reason=str(error))
            return None
        return str(answer["view"]["id"])
