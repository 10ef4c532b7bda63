"""Fetching what people send as a file: from Telegram into the folder where handlers find it."""

import asyncio
from dataclasses import replace
from typing import Any

import structlog
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.inbound import Inbound
from bot.incoming import TOO_LARGE, UNAVAILABLE, TooLarge, keep_incoming
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.platforms.telegram.sharing import FILE_ID
from crm.core.files import MOST_BYTES

log = structlog.get_logger()

_TRIES = 3


class Downloads:
    """Fetches by `getFile` and Telegram's file server, at most 20 MB a file."""

    def __init__(self, api: Api, settings: Settings, *, pace: Pace) -> None:
        self._api = api
        self._settings = settings
        self._pace = pace

    async def fetch(self, inbound: Inbound) -> Inbound:
        """The same with the path of the content, or with the problem that kept it away."""
        values = {name: value for name, value in inbound.values.items() if name != FILE_ID}
        if values["size"] > MOST_BYTES:
            return replace(inbound, values={**values, "problem": TOO_LARGE})
        try:
            values |= await self._patiently(inbound.values[FILE_ID])
        except TooLarge:
            values["problem"] = TOO_LARGE
        except (TelegramError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
            log.warning("telegram: file not fetched", delivery=inbound.delivery_id, reason=reason)
            values["problem"] = UNAVAILABLE
        return replace(inbound, values=values)

    def leave(self, inbound: Inbound) -> Inbound:
        """The same, the content left where it is."""
        values = {name: value for name, value in inbound.values.items() if name != FILE_ID}
        return replace(inbound, values={**values, "problem": UNAVAILABLE})

    async def _patiently(self, file_id: str) -> dict[str, Any]:
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        for left in reversed(range(_TRIES)):
            try:
                path = await keep_incoming(self._settings, self._api.content_of(file_id))
            except BadRequest as error:
                if "too big" in str(error).casefold():
                    raise TooLarge from error
                raise
            except InvalidToken:
                raise  # so a file that is gone is answered too; another try would hear the same
            except TelegramError as error:
                if not left:
                    raise
                asked = seconds(error) if isinstance(error, RetryAfter) else 0.0
                await asyncio.sleep(max(pauses.next(), asked))
            else:
                return {"path": str(path), "size": path.stat().st_size}
        raise AssertionError("not reached")
