"""What Telegram's refusals mean to delivery: one table, from the library's errors to ours."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.gateway import Away, DeliveryError, Later, Refused, Unreachable, Vanished

NOT_MODIFIED = "message is not modified"
_MOVING_S = 1.0
_NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "not enough rights to send",
    "have no rights to send",
    "group chat was upgraded",
)
_NOT_THERE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_TOO_LARGE = ("request entity too large", "content too large")
"""Status 413, by either of its names."""
_UNWRITTEN = "unknown error in http implementation"
"""How the library begins what its transport could make no request of."""


def narrow(error: TelegramError) -> DeliveryError | RuntimeError:
    """The way to fail that this error is. Its text never holds the token.

    A RuntimeError where no request could be made of the message: a fault of ours, however long one waits.
    """
    reason = str(error)
    match error:
        case RetryAfter():
            return Later(reason, seconds(error))
        case ChatMigrated():
            return Later(reason, _MOVING_S)  # by then the chat goes by its new id
        case Forbidden():
            return Unreachable(reason)
        case InvalidToken():
            return Away("Telegram refuses the bot's token (TRADEWIND_TELEGRAM_TOKEN)")
        case BadRequest() if _says(error, _NOBODY_THERE):
            return Unreachable(reason)
        case BadRequest() if _says(error, _NOT_THERE):
            return Vanished(reason)
        case BadRequest():
            return Refused(reason)
        case NetworkError() if _says(error, _TOO_LARGE):
            return Refused(reason)
        case NetworkError() if reason.casefold().startswith(_UNWRITTEN):
            return RuntimeError(reason)
    return Away(reason)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


def is_unchanged(error: TelegramError) -> bool:
    """The message shows already what it was to show."""
    return isinstance(error, BadRequest) and _says(error, (NOT_MODIFIED,))


def _says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    said = str(error).casefold()
    return any(phrase in said for phrase in phrases)
