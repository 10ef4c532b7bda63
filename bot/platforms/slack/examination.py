"""Whether the settings for Slack are complete and Slack takes the tokens, for `tradewind doctor`."""

from bot.config import Settings
from bot.gateway import DeliveryError
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.platform import check_settings
from crm.core.errors import SettingsError


async def examine_token(settings: Settings) -> str | None:
    """What is wrong with the secrets that the mode needs, in a sentence; None when Slack takes them."""
    try:
        check_settings(settings)
    except SettingsError as error:
        return str(error)
    setting, where = "TRADEWIND_SLACK_BOT_TOKEN", "the Bot User OAuth Token (xoxb-…) under Install App"
    client = SlackClient.of(settings)
    try:
        await client.call("auth.test")
        if settings.slack_mode == "socket":
            setting, where = "TRADEWIND_SLACK_APP_TOKEN", "the App-Level Token (xapp-…) under Basic Information"
            socket = await client.open_socket()
            await socket.close()
    except TokenRefused as error:
        return f"the token is refused ({error}): set {setting} to {where}"
    except DeliveryError as error:
        return f"{settings.slack_api_url} cannot be reached ({error}): check the network, then TRADEWIND_SLACK_API_URL"
    finally:
        await client.close()
    return None
