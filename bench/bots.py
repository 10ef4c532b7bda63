"""The bots that are measured, each in a process of its own: `python -m bench.bots NAME …`."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from .house import settings_for


def echo(url: str, token: str) -> None:
    """The bare thing: python-telegram-bot as its guide shows it, on its default transport."""
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    async def reply(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    builder = Application.builder().token(token).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
    bot = builder.build()
    bot.add_handler(MessageHandler(filters.TEXT, reply))
    bot.run_polling()


def tradewind_telegram(url: str, token: str, database: str, folder: str, limits: str = "") -> None:
    """The whole program with Telegram as its only platform; within Telegram's `limits` if asked so."""
    _serve(database, folder, telegram_token=SecretStr(token), telegram_api_url=url, telegram_limits=limits == "limits")


def tradewind_slack(url: str, bot_token: str, app_token: str, database: str, folder: str) -> None:
    """The whole program with Slack as its only platform."""
    _serve(
        database,
        folder,
        slack_api_url=url,
        slack_bot_token=SecretStr(bot_token),
        slack_app_token=SecretStr(app_token),
        slack_signing_secret=SecretStr("loopback-signing-secret"),
    )


def bolt(url: str, bot_token: str, app_token: str) -> None:
    """The bare thing: Slack's Bolt with its own Socket Mode handler, acknowledging a command with a text."""
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    async def run() -> None:
        app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=url))

        async def answer(ack: AsyncAck) -> None:
            await ack("yes")

        app.command("/crm")(answer)
        handler = AsyncSocketModeHandler(app, app_token, web_client=AsyncWebClient(token=app_token, base_url=url))
        await handler.start_async()  # type: ignore[no-untyped-call]

    asyncio.run(run())


def _serve(database: str, folder: str, **values: object) -> None:
    from bot.app import Application
    from bot.logs import set_up_logs

    set_up_logs()
    application = Application(settings_for(database, Path(folder), port=0, **values))
    asyncio.run(application.serve(ready=lambda _: None))


_BOTS: dict[str, Callable[..., None]] = {
    "echo": echo,
    "bolt": bolt,
    "tradewind-telegram": tradewind_telegram,
    "tradewind-slack": tradewind_slack,
}

if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("TRADEWIND_")]:
        del os.environ[name]
    _BOTS[sys.argv[1]](*sys.argv[2:])
