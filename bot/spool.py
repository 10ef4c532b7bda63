"""Deliveries kept on disk while the database cannot take them: acknowledged to the platform, not yet done.

A file a delivery, written whole and synced before it counts, named so that an order by name is the order of arrival.
"""

import hashlib
import json
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.inbound import Inbound

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery in the spool and the file it stands in."""

    inbound: Inbound
    file: Path


class Spool:
    """The spool folder, made when first needed. Blocking: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()  # deliveries are kept and done in several threads
        self._waiting: dict[tuple[str, str], list[Kept]] = defaultdict(list)
        for file in sorted(folder.glob("*.json")):
            try:
                inbound = Inbound.from_json(json.loads(file.read_text("utf-8")))
            except (OSError, ValueError, TypeError) as error:
                log.error("spool file unreadable", file=str(file), error=str(error))
                continue
            self._waiting[(inbound.platform, inbound.chat_id)].append(Kept(inbound, file))

    def keep(self, inbound: Inbound, arrived: int | None = None) -> Kept:
        """Write a delivery down, safe from power loss when this returns. `arrived`: when (ns), if not just now.

        Raises OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(f"{inbound.platform}:{inbound.delivery_id}".encode("utf-8", "replace")).hexdigest()
        file = self._folder / f"{arrived or time.time_ns():020d}-{digest[:16]}.json"
        draft = file.with_suffix(".part")
        with draft.open("w", encoding="utf-8", errors="surrogatepass") as out:
            json.dump(inbound.to_json(), out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        kept = Kept(inbound, file)
        with self._lock:
            waiting = self._waiting[(inbound.platform, inbound.chat_id)]
            waiting.append(kept)
            waiting.sort(key=lambda one: one.file.name)  # threads end in another order than they began
        return kept

    def done(self, kept: Kept) -> None:
        """Forget a delivery whose effects are committed."""
        kept.file.unlink(missing_ok=True)
        chat = (kept.inbound.platform, kept.inbound.chat_id)
        with self._lock:
            left = [one for one in self._waiting.pop(chat, ()) if one.file != kept.file]
            if left:
                self._waiting[chat] = left

    def set_aside(self, kept: Kept) -> None:
        """Keep the file of a delivery that cannot be carried out, under a name that is not read again."""
        if kept.file.exists():
            kept.file.rename(kept.file.with_suffix(".failed"))
        self.done(kept)

    def waiting(self, platform: str, chat_id: str, *, before: int | None = None) -> list[Kept]:
        """What waits for this chat, in the order in which it came; all of it, or what came `before` (ns)."""
        with self._lock:
            waiting = list(self._waiting.get((platform, chat_id), ()))
        return waiting if before is None else [one for one in waiting if one.file.name < f"{before:020d}"]

    def everything(self) -> list[Kept]:
        return [kept for chat in list(self._waiting.values()) for kept in chat]
