"""Whether Telegram takes the token, for `tradewind doctor`."""

from telegram.error import InvalidToken, TelegramError

from bot.config import Settings
from bot.platforms.telegram.api import Api


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
