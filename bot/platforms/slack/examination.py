"""Whether the settings for Slack are complete and Slack takes the tokens, for `tradewind doctor`."""

from bot.config import Settings
from bot.gateway import DeliveryError
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.platform import check_settings
from crm.core.errors import SettingsError


async def examine_token(settings: Settings) -> str | None:
    """What is wrong with the secrets that the mode needs, in a sentence; None when Slack takes them."""
    try:
        check_settings(settings)
    except SettingsError as error:
        return str(error)
    names = "TRADEWIND_SLACK_BOT_TOKEN"
    client = SlackClient.of(settings)
    try:
        await client.call("auth.test")
        if settings.slack_mode == "socket":
            names = "TRADEWIND_SLACK_APP_TOKEN"
            socket = await client.open_socket()
            await socket.close()
    except DeliveryError as error:
        return f"{error} ({names})"
    finally:
        await client.close()
    return None
