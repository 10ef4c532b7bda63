"""Whether Slack takes the tokens, for `tradewind doctor`."""

from bot.config import Settings
from bot.gateway import DeliveryError
from bot.platforms.slack.client import SlackClient


async def examine_token(settings: Settings) -> str | None:
    """What is wrong with the bot's and the app's token, in a sentence; None when Slack takes both."""
    client = SlackClient.of(settings)
    try:
        await client.call("auth.test")
        socket = await client.open_socket()
        await socket.close()
    except DeliveryError as error:
        return f"{error} (TRADEWIND_SLACK_BOT_TOKEN, TRADEWIND_SLACK_APP_TOKEN)"
    finally:
        await client.close()
    return None
