"""A file that somebody sent, fetched to where a handler finds it."""

import asyncio
from typing import Any

import structlog

from bot.config import Settings
from bot.gateway import Away, DeliveryError
from bot.incoming import TOO_LARGE, UNAVAILABLE, TooLarge, keep_incoming
from bot.platforms.slack.client import SlackClient
from crm.core.files import MOST_BYTES

log = structlog.get_logger()

Json = dict[str, Any]

_TRIES = 3
_PAUSE_S = 0.3


async def fetch_file(settings: Settings, client: SlackClient, file: Json) -> dict[str, Any]:
    """The `values` of a FILE inbound: what it is, and its `path` or the `problem`."""
    described = _described(file)
    mime = described["mime"]
    if described["size"] > MOST_BYTES:
        return described | {"problem": TOO_LARGE}
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    for attempt in range(1, _TRIES + 1):
        try:
            path = await keep_incoming(settings, client.download(url, mime=mime))
        except TooLarge:
            return described | {"problem": TOO_LARGE}
        except Away as error:
            log.info("slack file not fetched", file=file.get("id"), attempt=attempt, reason=str(error))
            await asyncio.sleep(_PAUSE_S * attempt if attempt < _TRIES else 0)
        except (DeliveryError, OSError) as error:
            log.warning("slack file not fetched", file=file.get("id"), reason=str(error))
            break
        else:
            return described | {"size": path.stat().st_size, "path": str(path)}
    return described | {"problem": UNAVAILABLE}


def left_file(file: Json) -> dict[str, Any]:
    """The `values` of one whose content is left where it is."""
    return _described(file) | {"problem": UNAVAILABLE}


def _described(file: Json) -> dict[str, Any]:
    return {
        "name": str(file.get("name") or file.get("title") or "file"),
        "mime": str(file.get("mimetype") or "application/octet-stream"),
        "size": int(file.get("size") or 0),
    }
