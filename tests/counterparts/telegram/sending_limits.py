"""How fast a bot may write: about 1 message a second per chat, 20 a minute per group, 30 a second overall."""

import math
from collections import deque
from collections.abc import Callable

from tests.counterparts.telegram.refusals import RefusedError

COUNTED = frozenset({"sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageReplyMarkup"})

# (calls, seconds): never more than that many in any window of that length
PER_CHAT = ((3, 3.0),)
PER_GROUP = (*PER_CHAT, (20, 60.0))
OVERALL = ((30, 1.0),)


class SendingLimits:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: dict[int | str | None, deque[float]] = {}

    def check(self, method: str, chat_id: int | str | None) -> None:
        """Counts the call, or raises the 429 that says how many whole seconds to wait."""
        if method not in COUNTED or chat_id is None:
            return
        now = self._clock()
        is_group = isinstance(chat_id, int) and chat_id < 0
        wait = max(
            self._wait(chat_id, PER_GROUP if is_group else PER_CHAT, now),
            self._wait(None, OVERALL, now),
        )
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise RefusedError(f"Too Many Requests: retry after {seconds}", status=429, retry_after=seconds)
        for key in (chat_id, None):
            self._sent.setdefault(key, deque(maxlen=100)).append(now)

    def _wait(self, key: int | str | None, windows: tuple[tuple[int, float], ...], now: float) -> float:
        sent = self._sent.get(key, deque())
        return max((sent[-calls] + seconds - now for calls, seconds in windows if len(sent) >= calls), default=0.0)
