"""The Bolt app: what Slack delivers becomes an Inbound, and what became of that the acknowledgement.

It knows no transport: Socket Mode hands it requests, or the HTTP endpoint.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
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
from bot.gateway import DeliveryError, Refused, Unreachable
from bot.inbound import Inbound, clean
from bot.platforms.slack import answers, payloads
from bot.platforms.slack.changes import OpenForms
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.files import fetch_file, left_file
from bot.platforms.slack.gateway import PLATFORM
from bot.platforms.slack.modal import FORM, options
from bot.platforms.slack.payloads import Sender
from bot.platforms.slack.people import LOOKUP_S, Directory, is_private
from bot.platforms.slack.renderer import Drawn, home_notice, notice
from bot.platforms.slack.typed import typed_text, without_mention
from bot.reception import Receipt, Reception
from bot.wording import Wording, wording
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

Json = dict[str, Any]

ENVELOPE = "envelope_id"
"""Where a transport puts the id of the delivery, in the context of its request."""
PATIENCE_S = 2.0
"""Of the three seconds that Slack waits for an acknowledgement: how long we look up who it is, and then act."""
_AT_LEAST_S = 0.3
"""What is left to act, however long the looking up took."""

_GONE = {"tokens_revoked", "app_uninstalled"}
_ANY = re.compile(".*", re.DOTALL)


class Listener:
    """Slack's deliveries for one workspace, whose bot `identity` (auth.test) tells.

    `doubt` is called when Slack says that it has taken our token back.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        client: SlackClient,
        directory: Directory,
        reception: Reception,
        identity: Json,
        doubt: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._client = client
        self._directory = directory
        self._reception = reception
        self._identity = identity
        self._bot_user = str(identity["user_id"])
        self._doubt = doubt
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking_up: dict[str, asyncio.Lock] = {}
        self._fetching: dict[str, asyncio.Task[bool]] = {}
        self._open_forms = OpenForms(client, reception)
        self.app = self._build()

    async def close(self) -> None:
        """Wait until what is to be told in passing is told; files still on their way will be delivered again."""
        fetching = list(self._fetching.values())
        for task in fetching:
            task.cancel()
        await asyncio.gather(*fetching, return_exceptions=True)
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
            request_verification_enabled=False,  # the HTTP endpoint has verified what it hands on
            authorize=authorize,
            process_before_response=True,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(_ANY)(self._on_command)
        app.event(_ANY)(self._on_event)
        app.shortcut(_ANY)(self._on_shortcut)
        app.action(_ANY)(self._on_action)
        app.view(FORM)(self._on_submission)
        app.view_closed(_ANY)(self._on_closing)
        app.options(_ANY)(self._on_suggestion)
        return app

    # What comes in

    async def _on_command(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        sender = await self._sender(body["user_id"], str(body["channel_id"]))
        words = self._wording(sender)
        if sender is None:
            await ack(answers.command_answer(words(answers.NOT_SAVED)))
            return
        receipt = await self._receive(payloads.from_command(body, sender, self._delivery_id(body, context)), sender)
        await ack(answers.command_answer(answers.toast_of(receipt, words)))

    async def _on_shortcut(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        user, channel = str(body["user"]["id"]), str((body.get("channel") or {}).get("id") or "")
        sender = await self._sender(user, channel)
        if sender is None:
            return  # Slack says that it did not work
        author = await self._author(body.get("message") or {}, sender)
        inbound = payloads.from_shortcut(body, sender, self._delivery_id(body, context), author)
        if inbound is not None:
            receipt = await self._receive(inbound, sender)
            self._tell(sender, answers.toast_of(receipt, self._wording(sender)))
        await ack()

    async def _on_event(self, body: Json, event: Json) -> BoltResponse | None:
        taken = True
        if event.get("type") == "app_home_opened" and event.get("tab") == "home":
            taken = await self._show_home(body, event)
        elif event.get("type") in _GONE:
            log.warning("slack takes our token back", event_type=event["type"])
            self._doubt()
        elif payloads.is_typed(event, self._bot_user):
            taken = await self._take_message(event)
        return None if taken else BoltResponse(status=503)  # not acknowledged: it comes again

    async def _show_home(self, body: Json, event: Json) -> bool:
        user = str(event["user"])
        self._directory.learn(user, str(event.get("channel") or ""))
        sender = await self._sender(user)
        if sender is None:
            return False
        receipt = await self._receive(payloads.from_home(body, sender), sender)
        if receipt.toast:  # a stranger, who has no page
            await self._client.call("views.publish", user_id=user, view=home_notice(receipt.toast))
        return receipt.status != "unavailable"

    async def _take_message(self, event: Json) -> bool:
        user, channel = str(event["user"]), str(event["channel"])
        self._directory.learn(user, channel)
        sender = await self._sender(user, channel)
        if sender is None:
            return False
        files = payloads.files_of(event)
        if files:
            return await self._take_files(event, files, sender)
        receipt = await self._receive(payloads.from_event(event, sender, self._bot_user), sender)
        self._tell(sender, receipt.toast)
        return receipt.status != "unavailable"

    async def _take_files(self, event: Json, files: list[Json], sender: Sender) -> bool:
        """Fetch and hand over the files of a message. It is acknowledged when all are taken: till then Slack delivers
        it again, which joins what is under way.
        """
        name = payloads.message_id(event)
        if name not in self._fetching:
            self._fetching[name] = asyncio.create_task(self._fetch_all(event, files, sender))
            self._fetching[name].add_done_callback(lambda _: self._fetching.pop(name, None))
        task = self._fetching[name]
        await asyncio.wait({task})
        return not task.cancelled() and task.result()

    async def _fetch_all(self, event: Json, files: list[Json], sender: Sender) -> bool:
        text = without_mention(typed_text(event), self._bot_user)
        # Only for people we know: nobody else fills our disk.
        is_known = await self._directory.is_known(sender.account_id)
        for file in files:
            values = await fetch_file(self._settings, self._client, file) if is_known else left_file(file)
            receipt = await self._receive(payloads.from_file(event, file, values, sender, text))
            if receipt.status == "unavailable":
                return False
            self._tell(sender, receipt.toast)
            text = ""
        return True

    async def _on_action(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        if (body.get("view") or {}).get("callback_id") == FORM:
            await self._on_change(ack, body, context)
            return
        button = payloads.pressed_button(body)
        if button is None:
            await ack()
            return
        user, channel = str(body["user"]["id"]), str((body.get("channel") or {}).get("id") or "")
        sender = await self._presser(user, channel, body.get("container") or {})
        if sender is None:
            return  # Slack marks the button as failed
        inbound = payloads.from_press(body, sender, self._delivery_id(body, context), button)
        receipt = await self._receive(inbound, sender)
        await ack()
        self._tell(sender, answers.toast_of(receipt, self._wording(sender)))

    async def _on_submission(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        user = str(body["user"]["id"])
        sender = await self._sender(user)
        if sender is None:
            receipt = Receipt("unavailable")
        else:
            inbound = payloads.from_submission(body, sender, self._delivery_id(body, context))
            receipt = await self._receive(inbound, sender)
        await ack(answers.form_answer(receipt, body["view"], self._wording(sender)))
        if sender is not None and receipt.status not in {"kept", "unavailable"} and not receipt.problems:
            self._tell(sender, receipt.toast)

    async def _on_change(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """Something in an open form: acknowledged at once, for what it leads to is drawn into the form itself."""
        sender = await self._sender(str(body["user"]["id"]))
        await ack()
        if sender is not None:
            self._later(self._change(body, sender, self._delivery_id(body, context)))

    async def _change(self, body: Json, sender: Sender, delivery: str) -> None:
        told = await self._open_forms.change(body, sender, delivery, self._wording(sender))
        self._tell(sender, told)

    async def _on_closing(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        sender = await self._sender(str(body["user"]["id"])) if body["view"].get("callback_id") == FORM else None
        if sender is not None:
            await self._receive(payloads.from_closing(body, sender, self._delivery_id(body, context)), sender)
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

    async def _receive(self, inbound: Inbound, sender: Sender | None = None) -> Receipt:
        """Carry it out; no `sender`: what already took its time, and may take more."""
        spent = 0.0 if sender is None else time.monotonic() - sender.heard_at
        return await self._reception.receive(inbound.cleaned(), patience=max(PATIENCE_S - spent, _AT_LEAST_S))

    async def _sender(self, user: str, channel: str = "") -> Sender | None:
        """Who it is, answered in their direct conversation with us, or where only they see it in another `channel`.

        None where Slack does not tell which their direct conversation is.
        """
        heard_at = time.monotonic()
        until = heard_at + LOOKUP_S
        # What one person does arrives in the order in which they did it, also where the first has to be looked up.
        async with self._looking_up.setdefault(user, asyncio.Lock()):
            try:
                chat = await self._directory.dm(user, until=until)
            except DeliveryError as error:
                log.warning("slack account not looked up", account=user, reason=str(error))
                return None
            language = await self._directory.language(user, until=until)
        shown_in = "" if channel == chat else channel
        return Sender(account_id=user, chat_id=chat, shown_in=shown_in, language=language, heard_at=heard_at)

    async def _presser(self, user: str, channel: str, container: Json) -> Sender | None:
        """Who pressed. A message for everybody in a channel is the channel's, what only they see there is theirs."""
        self._directory.learn(user, channel)
        if channel and not is_private(channel) and not container.get("is_ephemeral"):
            heard_at = time.monotonic()
            language = await self._directory.language(user, until=heard_at + LOOKUP_S)
            return Sender(account_id=user, chat_id=channel, shown_in=channel, language=language, heard_at=heard_at)
        return await self._sender(user, channel)

    async def _author(self, message: Json, sender: Sender) -> str:
        """Who wrote a message, by the name they go by."""
        if message.get("user") and not message.get("bot_id"):
            return await self._directory.full_name(str(message["user"]), until=sender.heard_at + LOOKUP_S)
        return str(message.get("username") or (message.get("bot_profile") or {}).get("name") or "")

    def _delivery_id(self, body: Json, context: AsyncBoltContext) -> str:
        return payloads.delivery_id(body, context.get(ENVELOPE))

    def _wording(self, sender: Sender | None) -> Wording:
        return self._words("" if sender is None else sender.language)

    def _words(self, language: str) -> Wording:
        return wording(language or self._settings.language, self._settings.timezone)

    def _tell(self, sender: Sender, toast: str) -> None:
        """Say something that only this person sees, after the acknowledgement and beside it."""
        if toast:
            self._later(self._post(sender, toast))

    def _later(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, sender: Sender, toast: str) -> None:
        drawn = notice(toast)
        try:
            place = sender.shown_in or sender.chat_id
            try:
                await self._whisper(place, sender.account_id, drawn)
            except (Refused, Unreachable):  # we are no member there
                own = await self._directory.dm(sender.account_id, until=time.monotonic() + LOOKUP_S)
                if own == place:
                    raise
                await self._whisper(own, sender.account_id, drawn)
        except DeliveryError as error:
            log.info("slack answer in passing not shown", account=sender.account_id, reason=str(error))

    async def _whisper(self, channel: str, user: str, drawn: Drawn) -> None:
        await self._client.call("chat.postEphemeral", channel=channel, user=user, text=drawn.text, blocks=drawn.blocks)
