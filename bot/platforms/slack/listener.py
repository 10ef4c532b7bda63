"""The Bolt app: what Slack delivers becomes an Inbound, and what became of that the acknowledgement.

It knows no transport: Socket Mode hands it requests today, an HTTP route may do so as well.
"""

import asyncio
import re
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.screen import Choice
from bot.config import Settings
from bot.gateway import DeliveryError
from bot.inbound import Inbound, clean
from bot.platforms.slack import answers, payloads
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.gateway import PLATFORM
from bot.platforms.slack.modal import FORM, options
from bot.platforms.slack.payloads import Sender
from bot.platforms.slack.people import Directory
from bot.platforms.slack.renderer import notice
from bot.reception import Receipt, Reception
from bot.wording import Wording, wording
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

Json = dict[str, Any]

ENVELOPE = "envelope_id"
"""Where a transport puts the id of the delivery, in the context of its request."""
PATIENCE_S = 2.0
"""Slack waits three seconds for an acknowledgement."""

_ANY = re.compile(".*", re.DOTALL)


class Listener:
    """Slack's deliveries for one workspace, whose bot `identity` (auth.test) tells."""

    def __init__(
        self,
        *,
        settings: Settings,
        client: SlackClient,
        directory: Directory,
        reception: Reception,
        identity: Json,
    ) -> None:
        self._settings = settings
        self._client = client
        self._directory = directory
        self._reception = reception
        self._identity = identity
        self._bot_user = str(identity["user_id"])
        self._tasks: set[asyncio.Task[None]] = set()
        self.app = self._build()

    async def close(self) -> None:
        """Wait until what is to be told in passing is told."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3)

    def _build(self) -> AsyncApp:
        identity = AuthorizeResult.from_auth_test_response(
            auth_test_response=self._identity,
            bot_token="-",  # noqa: S106 - no call is made with it
        )

        async def authorize() -> AuthorizeResult:
            return identity

        app = AsyncApp(
            name="tradewind",
            # Nobody calls Slack through Bolt's own client here; without a token of its own it asks `authorize`.
            client=AsyncWebClient(base_url=self._settings.slack_api_url, retry_handlers=[]),
            signing_secret=self._settings.slack_signing_secret.get_secret_value(),
            authorize=authorize,
            process_before_response=True,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(_ANY)(self._on_command)
        app.event(_ANY)(self._on_event)
        app.action(_ANY)(self._on_action)
        app.view(FORM)(self._on_submission)
        app.view_closed(_ANY)(self._on_closing)
        app.options(_ANY)(self._on_suggestion)
        return app

    # What comes in

    async def _on_command(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        self._directory.learn(body["user_id"], body["channel_id"])
        sender = await self._sender(body["user_id"])
        words = self._wording(sender)
        if sender is None:
            await ack(answers.command_answer(words(answers.NOT_SAVED)))
            return
        receipt = await self._receive(payloads.from_command(body, sender, self._delivery_id(body, context)))
        await ack(answers.command_answer(answers.toast_of(receipt, words)))

    async def _on_event(self, body: Json, event: Json) -> BoltResponse | None:
        if not payloads.is_typed(event, self._bot_user):
            return None
        user, channel = str(event["user"]), str(event["channel"])
        self._directory.learn(user, channel)
        sender = Sender(account_id=user, chat_id=channel, language=self._directory.language(user))
        receipt = await self._receive(payloads.from_event(event, sender, self._bot_user))
        if receipt.status == "unavailable":
            return BoltResponse(status=503)  # not acknowledged: it comes again
        self._tell(channel, user, receipt.toast)
        return None

    async def _on_action(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        button = payloads.pressed_button(body)
        if button is None:
            await ack()
            return
        user, channel = str(body["user"]["id"]), str((body.get("channel") or {}).get("id") or "")
        sender = await self._sender(user, channel)
        if sender is None:
            return  # Slack marks the button as failed
        receipt = await self._receive(payloads.from_press(body, sender, self._delivery_id(body, context), button))
        await ack()
        self._tell(sender.chat_id, user, answers.toast_of(receipt, self._wording(sender)))

    async def _on_submission(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        user = str(body["user"]["id"])
        sender = await self._sender(user)
        if sender is None:
            receipt = Receipt("unavailable")
        else:
            receipt = await self._receive(payloads.from_submission(body, sender, self._delivery_id(body, context)))
        await ack(answers.form_answer(receipt, body["view"], self._wording(sender)))
        if sender is not None and receipt.status not in {"kept", "unavailable"} and not receipt.problems:
            self._tell(sender.chat_id, user, receipt.toast)

    async def _on_closing(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        sender = await self._sender(str(body["user"]["id"])) if body["view"].get("callback_id") == FORM else None
        if sender is not None:
            await self._receive(payloads.from_closing(body, sender, self._delivery_id(body, context)))
        await ack()

    async def _on_suggestion(self, ack: AsyncAck, body: Json) -> None:
        view = body.get("view") or {}
        sender = await self._sender(str(body["user"]["id"])) if view.get("callback_id") == FORM else None
        found = await self._suggestions(sender, body, view) if sender is not None else []
        await ack(options=options(found, self._wording(sender)))

    async def _suggestions(self, sender: Sender, body: Json, view: Json) -> list[Choice]:
        try:
            return await self._reception.suggest(
                platform=PLATFORM,
                chat_id=sender.chat_id,
                account_id=sender.account_id,
                token=clean(str(view.get("private_metadata") or "")),
                path=clean(str(body.get("block_id") or "")),
                query=clean(str(body.get("value") or "")),
            )
        except StoreUnavailable as error:
            log.warning("slack list not searched", reason=str(error))
            return []

    # How it is dealt with

    async def _receive(self, inbound: Inbound) -> Receipt:
        return await self._reception.receive(inbound.cleaned(), patience=PATIENCE_S)

    async def _sender(self, user: str, channel: str = "") -> Sender | None:
        """Who it is, and the chat it belongs to: `channel`, or their direct conversation.

        None where Slack does not tell which that is.
        """
        try:
            chat = channel or await self._directory.dm(user)
        except DeliveryError as error:
            log.warning("slack account not looked up", account=user, reason=str(error))
            return None
        return Sender(account_id=user, chat_id=chat, language=self._directory.language(user))

    def _delivery_id(self, body: Json, context: AsyncBoltContext) -> str:
        return payloads.delivery_id(body, context.get(ENVELOPE))

    def _wording(self, sender: Sender | None) -> Wording:
        return self._words("" if sender is None else sender.language)

    def _words(self, language: str) -> Wording:
        return wording(language or self._settings.language, self._settings.timezone)

    def _tell(self, channel: str, user: str, toast: str) -> None:
        """Say something that only this person sees, after the acknowledgement and beside it."""
        if toast:
            task = asyncio.create_task(self._post(channel, user, toast))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _post(self, channel: str, user: str, toast: str) -> None:
        drawn = notice(toast)
        try:
            await self._client.call(
                "chat.postEphemeral", channel=channel, user=user, text=drawn.text, blocks=drawn.blocks
            )
        except DeliveryError as error:
            log.info("slack answer in passing not shown", account=user, reason=str(error))
