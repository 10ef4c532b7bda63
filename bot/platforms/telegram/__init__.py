"""The Telegram door: `TelegramPlatform` is what the program puts in."""

from bot.platforms.telegram.platform import TelegramPlatform

__all__ = ["TelegramPlatform"]
