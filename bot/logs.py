"""Logs: structured lines on standard error, those of the libraries among them. No token ever stands in one.

What is logged while a delivery is handled carries `delivery` (`platform:id`), what is logged while its answer is
sent carries the same as `trace` (see `bot.reception` and `bot.delivery`, which bind them).
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import structlog
from pydantic import SecretStr

from bot.config import Settings

Redact: TypeAlias = Callable[[str], str]

GONE = "[secret]"
_TOKENS = re.compile(
    r"(?<!\d)\d{6,}:[\w-]{30,}"  # a Telegram bot's, which stands in every address of the Bot API
    r"|xox[a-z]?(?:\.xox[a-z])?-[\w-]{6,}|xapp-[\w-]{6,}"  # Slack's
    r"|(?<=Bearer )\S+"
    r"|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"  # a name and a password in an address
)
_LOUD = {"apscheduler": logging.ERROR}
"""Libraries whose warnings tell of nothing: a tick passed over while the last one goes on is as it should be."""


def redactor(settings: Settings | None = None) -> Redact:
    """Returns what puts `[secret]` in place of everything that looks like a token, or is a secret of these settings."""
    own = sorted(_secrets(settings), key=len, reverse=True)
    exact = re.compile("|".join(map(re.escape, own))) if own else None

    def redact(text: str) -> str:
        text = _TOKENS.sub(GONE, text)
        return text if exact is None else exact.sub(GONE, text)

    return redact


def set_up_logs(settings: Settings | None = None, *, verbose: bool = False) -> None:
    """Structured lines on standard error from now on; never tokens, codes or message texts at info level."""
    redact = redactor(settings)

    def redacted(logger: Any, method: str, drawn: Any) -> str:
        return redact(drawn)

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
            redacted,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,  # put together once instead of for every line
    )
    _lead_libraries_here()


def _secrets(settings: Settings | None) -> Iterable[str]:
    if settings is None:
        return
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and len(value.get_secret_value().strip()) >= 8:
            yield value.get_secret_value().strip()


def _lead_libraries_here() -> None:
    """What libraries warn of through `logging` becomes such a line too. What they merely tell is left out: addresses
    with tokens in them, and the texts of messages.
    """
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [_Bridge()]
    root.setLevel(logging.WARNING)
    for name, level in _LOUD.items():
        logging.getLogger(name).setLevel(level)


class _Bridge(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            told = record.getMessage()
            structlog.get_logger().log(record.levelno, told, logger=record.name, exc_info=record.exc_info or None)
        except Exception:  # noqa: BLE001 - a line that cannot be drawn must not end what it tells of
            self.handleError(record)
