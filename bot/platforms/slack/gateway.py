"""Sends and edits in Slack: a question as a modal where it can still be opened, everything else as a message."""

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.cards.screen import say
from bot.gateway import Later, Message, Refused, Unreachable, Vanished
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.modal import render_form
from bot.platforms.slack.renderer import render, render_home
from crm.core.database import Clock, utc_now
from crm.core.text import T, Text

log = structlog.get_logger()

PLATFORM = "slack"
VIEW = "view:"
"""What the reference of a modal begins with; that of a message is its `ts`."""
HOME_TAB = "home:"
"""What the reference of somebody's home begins with; their account's id follows."""
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

        Returns `view:…` or the message's `ts`; None for what cannot be edited:
        what only one person sees in a channel, and a file.
        """
        if message.document is not None:
            # Where only one person would see it Slack takes no file: it comes in their own conversation with us.
            refused = await self._upload(message)
            if refused is None:
                return None
            message = replace(message, screen=say(refused), shown_in="")
        if self._can_open(message):
            view_id = await self._open(message)
            if view_id is not None:
                return VIEW + view_id
        if message.shown_in and await self._whisper(message):
            return None
        if message.shown_in and message.instead is not None:
            message = replace(message, screen=message.instead)
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
        """Make the message, or somebody's home, show this.

        A modal cannot be edited so (Vanished): it closes when it is handed in.
        """
        if ref.startswith(HOME_TAB):
            view = render_home(message.screen, message.wording, message.sign)
            await self._client.call("views.publish", user_id=ref.removeprefix(HOME_TAB), view=view)
            return
        if ref.startswith(VIEW):
            raise Vanished(f"{ref} is a modal, no message")
        drawn = render(message.screen, message.wording, message.sign)
        await self._client.call(
            "chat.update", channel=message.chat_id, ts=ref, text=drawn.text, blocks=drawn.blocks, link_names=False
        )

    async def retire(self, chat_id: str, ref: str) -> None:
        """Delete the question: its answer stands in the next one. A modal closes by itself, a home stays."""
        if not ref.startswith((VIEW, HOME_TAB)):
            await self._client.call("chat.delete", channel=chat_id, ts=ref)

    async def _upload(self, message: Message) -> Text | None:
        """Put its file there, the words beside it; what to say instead where Slack will never take it."""
        assert message.document is not None
        file, words = message.document, render(message.screen, message.wording, message.sign).text
        try:
            await self._client.upload(file, channel=message.chat_id, words=words)
        except Refused as error:
            log.error("slack takes no file", reason=str(error))
            return T("{file} could not be sent here. Your administrator finds the reason in the log.", file=file.name)
        return None

    async def _whisper(self, message: Message) -> bool:
        """Post it where only this person sees it; False where we may not (we are no member of the channel, say), so
        that it has to come in their own conversation with us.
        """
        drawn = render(message.screen, message.wording, message.sign)
        try:
            await self._client.call(
                "chat.postEphemeral",
                channel=message.shown_in,
                user=message.only_for,
                text=drawn.text,
                blocks=drawn.blocks,
            )
        except (Unreachable, Refused) as error:
            log.info("slack answer not shown in the channel", reason=str(error))
            return False
        return True

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
