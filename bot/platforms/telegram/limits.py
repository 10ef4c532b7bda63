"""Sending within what Telegram allows a bot: who may go when, by lane, and in turn within a lane.

Telegram's words (Bots FAQ, "My bot is hitting limits"): about one message a second in a chat, short bursts tolerated;
20 a minute in a group; about 30 a second in all. An edit counts as a message. A deletion shows nobody anything: it
takes no message's place, and counts in a second of its own.
"""

import asyncio
import itertools
import time
from bisect import insort
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bot.gateway import Busy
from crm.core.outbox import Lane

NEARLY = 1e-9
"""Seconds below which a wait is none: sums of floats miss their mark by as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`overall` calls in `second`, `in_group` in `minute`, one in `pause` per chat; times in seconds.

    `burst`: so many replies and cards a chat may have at once, before it goes at its pace: a whole conversation in a
    hurry. (They are what somebody has just done, and Telegram tolerates short bursts.) Notices never go ahead of the
    pace. A chat that was refused has no bursts for `lesson`.
    `patience`: the longest wait; what must wait longer is Busy, so that nobody's lease runs out here.
    `storm`: refusals in two chats within this hold everything.
    """

    overall: int = 30
    second: float = 1.0
    in_group: int = 20
    minute: float = 60.0
    pause: float = 1.0
    burst: int = 30
    lesson: float = 600.0
    patience: float = 5.0
    storm: float = 10.0
    starved: float = 1.0
    """Who has waited so long gets every tenth turn, whatever the lane: replies without end do not stop the rest."""


class Timer(Protocol):
    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


class Limiter:
    """The limits of one token. `clock` tells seconds that only grow; `call_later` calls back after some of them."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        call_later: CallLater | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._call_later = call_later
        self._overall = Window(self._limits.overall, self._limits.second)
        self._deletions = Window(self._limits.overall, self._limits.second)
        self._rate = Rate(self._limits.second / self._limits.overall)
        self._chats: dict[int, _Chat] = {}
        self._held_until = 0.0
        self._refusals: deque[tuple[float, int]] = deque(maxlen=20)
        self._waiters: list[_Waiter] = []
        self._numbers = itertools.count(1)
        self._turns = 0
        self._timer: Timer | None = None

    @asynccontextmanager
    async def turn(self, chat_id: int, *, lane: int) -> AsyncIterator[None]:
        """Wait until a message to this chat may go; it goes inside. Raises Busy where that would take too long."""
        chat = self._chat(chat_id)
        await self._wait(chat, lane)
        try:
            yield
        finally:
            self._end(chat)

    @contextmanager
    def deletion(self) -> Iterator[None]:
        """A deletion goes inside. Raises Busy rather than wait: it is only tidying."""
        now = self._clock()
        if self._held_until > now or self._deletions.wait(now) > 0:
            raise Busy("too many deletions at once", self._limits.second)
        self._deletions.take()
        try:
            yield
        finally:
            self._deletions.give_back(self._clock())

    def refused(self, chat_id: int, seconds: float) -> None:
        """Telegram has answered 429: this chat waits `seconds`, and all do when another was refused just before."""
        now = self._clock()
        chat = self._chat(chat_id)
        chat.held_until = max(chat.held_until, now + seconds)
        chat.strict_until = now + self._limits.lesson
        self._refusals.append((now, chat_id))
        recent = {refused for at, refused in self._refusals if now - at <= self._limits.storm}
        if len(recent) > 1:
            self._held_until = max(self._held_until, now + seconds)
        self._admit()

    # — waiting —

    async def _wait(self, chat: "_Chat", lane: int) -> None:
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(lane, next(self._numbers), chat, self._clock(), granted)
        insort(self._waiters, waiter)
        self._admit()
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self._end(chat)  # its turn had come when it was called off
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
                self._admit()
            raise

    def _end(self, chat: "_Chat") -> None:
        """A call is answered. Its place is free a second from now, not from its start.

        Telegram counts it at some moment between the two, so however long calls travel, there it never sees more.
        """
        now = self._clock()
        self._overall.give_back(now)
        if chat.group is not None:
            chat.group.give_back(now)
        if self._waiters:
            self._admit()

    def _admit(self) -> None:
        """Let go whoever may, turn away whoever would wait too long, and come back when that changes."""
        now = self._clock()
        while (waiter := self._next(now)) is not None:
            self._waiters.remove(waiter)
            self._take(waiter, now)
            if not waiter.granted.done():
                waiter.granted.set_result(None)
        for waiter in [one for one in self._waiters if self._is_hopeless(one, now)]:
            self._waiters.remove(waiter)
            if not waiter.granted.done():
                waiter.granted.set_exception(self._busy(waiter, now))
        self._set_timer(now)

    def _next(self, now: float) -> "_Waiter | None":
        if not self._waiters or self._held_until > now or self._overall.wait(now) > 0:
            return None
        ready = (one for one in self._waiters if self._own_wait(one, now) == 0)
        if self._turns % 10 == 9:
            oldest = min(self._waiters, key=lambda one: one.number)
            if now - oldest.since >= self._limits.starved and self._wait_of_chat(oldest, now) == 0:
                return oldest
        return next(ready, None)

    def _take(self, waiter: "_Waiter", now: float) -> None:
        self._turns += 1
        self._overall.take()
        self._rate.take(now)
        waiter.chat.rate.take(now)
        if waiter.chat.group is not None:
            waiter.chat.group.take()

    def _own_wait(self, waiter: "_Waiter", now: float) -> float:
        """Seconds until its chat, and the pace of what is no reply, would let it go."""
        rate = 0.0 if waiter.lane == Lane.REPLY else self._rate.wait(now, ahead=2)
        return max(self._wait_of_chat(waiter, now), rate)

    def _wait_of_chat(self, waiter: "_Waiter", now: float) -> float:
        return waiter.chat.wait(now, waiter.lane, self._limits)

    def _known_wait(self, waiter: "_Waiter", now: float) -> float:
        return max(self._own_wait(waiter, now), self._held_until - now)

    def _is_hopeless(self, waiter: "_Waiter", now: float) -> bool:
        left = waiter.since + self._limits.patience - now
        return left <= NEARLY or self._known_wait(waiter, now) > left

    def _busy(self, waiter: "_Waiter", now: float) -> Busy:
        everywhere = self._held_until - now
        if everywhere > 0:
            return Busy("Telegram asked the whole bot to wait", everywhere, everywhere=True)
        wait = min(max(1.0, self._own_wait(waiter, now)), self._limits.minute)
        return Busy("Telegram's limits leave no room just now", wait)

    def _set_timer(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiters:
            return
        general = self._overall.wait(now)
        soonest = min(
            min(max(general, self._known_wait(one, now)), one.since + self._limits.patience - now)
            for one in self._waiters
        )
        call_later = self._call_later or asyncio.get_running_loop().call_later
        self._timer = call_later(max(soonest, NEARLY), self._admit)

    def _chat(self, chat_id: int) -> "_Chat":
        chat = self._chats.get(chat_id)
        if chat is None:
            if len(self._chats) >= _REMEMBERED:
                now = self._clock()
                waited_for = {id(one.chat) for one in self._waiters}
                self._chats = {
                    key: one for key, one in self._chats.items() if not one.is_idle(now) or id(one) in waited_for
                }
            group = Window(self._limits.in_group, self._limits.minute) if chat_id < 0 else None
            chat = self._chats[chat_id] = _Chat(Rate(self._limits.pause), group)
        return chat


_REMEMBERED = 5_000
"""Chats kept in mind before those are forgotten of which there is nothing to remember."""


class Window:
    """At most `calls` in any `seconds`, a call lasting from `take` until it is given back and `seconds` more."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._under_way = 0
        self._ended: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until there is room; infinite where only the end of a call can make some."""
        while self._ended and self._ended[0] + self._seconds - now < NEARLY:
            self._ended.popleft()
        if self._under_way + len(self._ended) < self._calls:
            return 0.0
        return self._ended[0] + self._seconds - now if self._ended else float("inf")

    def take(self) -> None:
        self._under_way += 1

    def give_back(self, now: float) -> None:
        self._under_way -= 1
        self._ended.append(now)

    @property
    def is_empty(self) -> bool:
        return not self._under_way and not self._ended


class Rate:
    """One call in `interval` seconds on the average; how far ahead of that one may go is the asker's to say."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = 0.0

    def wait(self, now: float, *, ahead: int) -> float:
        wait = self._due - ahead * self._interval - now
        return wait if wait > NEARLY else 0.0

    def take(self, now: float) -> None:
        self._due = max(self._due, now) + self._interval


@dataclass(slots=True, eq=False)
class _Chat:
    """What is known of one chat. `strict_until`: no bursts before; `group`: its minute, where it is one."""

    rate: Rate
    group: Window | None
    held_until: float = 0.0
    strict_until: float = 0.0

    def wait(self, now: float, lane: int, limits: Limits) -> float:
        ahead = limits.burst - 1 if lane <= Lane.DECISION and now >= self.strict_until else 0
        wait = max(self.held_until - now, self.rate.wait(now, ahead=ahead))
        if self.group is not None:
            wait = max(wait, self.group.wait(now))
        return wait if wait > NEARLY else 0.0

    def is_idle(self, now: float) -> bool:
        held = max(self.held_until, self.strict_until) > now or self.rate.wait(now, ahead=0) > 0
        return not held and (self.group is None or (self.group.wait(now) == 0 and self.group.is_empty))


@dataclass(slots=True, order=True)
class _Waiter:
    lane: int
    number: int
    chat: _Chat = field(compare=False)
    since: float = field(compare=False)
    granted: "asyncio.Future[None]" = field(compare=False)
