"""Whether Telegram takes the token, and reaches us, for `tradewind doctor`."""

from telegram.error import InvalidToken, TelegramError

from bot.config import Settings
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.webhook import Address, failing


async def examine_token(settings: Settings) -> str | None:
    """What is wrong with the token, in a sentence; None when Telegram takes it."""
    api = Api(token=settings.telegram_token.get_secret_value().strip(), url=settings.telegram_api_url)
    try:
        await api.connect()
    except InvalidToken:
        return "the token is refused: set TRADEWIND_TELEGRAM_TOKEN to the one BotFather gave"
    except TelegramError as error:
        return f"{settings.telegram_api_url} cannot be reached ({error}): check TRADEWIND_TELEGRAM_API_URL"
    finally:
        await api.shutdown()
    return None


async def examine_calls(settings: Settings) -> str | None:
    """What keeps Telegram from bringing updates in webhook mode, in a sentence; None when it can, or was not asked to.

    Raises SettingsError as `Address` does.
    """
    address = Address(settings)
    api = Api(token=settings.telegram_token.get_secret_value().strip(), url=settings.telegram_api_url)
    try:
        await api.connect()
        trouble = failing(await api.webhook(), address, since=0.0)
    except TelegramError as error:
        return f"{settings.telegram_api_url} cannot be asked whether it reaches us ({error})"
    finally:
        await api.shutdown()
    return trouble and f"{trouble}: the address must lead to where tradewind run listens"
