"""Files on their way in: where a door puts what was sent, until a handler has taken it into the database.

The names are random, so that nothing a sender chooses ever is a path. What has been taken is deleted after the commit;
what nobody has taken, after a day.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.config import Settings
from crm.core.files import MOST_BYTES

TOO_LARGE, UNAVAILABLE = "too_large", "unavailable"
"""What `values.problem` of a `file` says."""
_LIFE_S = 24 * 3600


class TooLarge(Exception):
    """More came than MOST_BYTES; nothing of it is kept."""


async def keep_incoming(settings: Settings, chunks: AsyncIterable[bytes]) -> Path:
    """Write what comes into a new file. Raises TooLarge, OSError and what `chunks` raises, and leaves nothing then."""
    folder = incoming_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    size = 0
    try:
        with path.open("xb") as out:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge
                await asyncio.to_thread(out.write, chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def discard(values: Mapping[str, Any]) -> None:
    """Delete the content of a `file` inbound with these values: it is taken, or was fetched for nothing."""
    if "path" in values:
        with suppress(OSError):  # after a day it goes all the same
            Path(str(values["path"])).unlink()


def forget_incoming(settings: Settings) -> None:
    """Delete the files that have lain there for more than a day."""
    oldest = time.time() - _LIFE_S
    for path in incoming_folder(settings).glob("*"):
        with suppress(FileNotFoundError):  # another process keeps house too
            if path.stat().st_mtime < oldest:
                path.unlink()


def incoming_folder(settings: Settings) -> Path:
    return settings.spool_dir.absolute() / "incoming"
