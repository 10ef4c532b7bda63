"""The server as a test holds it: started on a thread with a loop of its own, asked, disturbed, stopped."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.counterparts.patience import PATIENCE
from tests.counterparts.telegram.faults import Fault, Faults, Hold, refusal
from tests.counterparts.telegram.front import HttpFront
from tests.counterparts.telegram.people import TelegramGroup, TelegramUser
from tests.counterparts.telegram.sending_limits import SendingLimits
from tests.counterparts.telegram.world import JSON, Call, Chat, Refusal, World

TOKEN = "7300000001:AAE-counterpart_token_of_35_letters"


class TelegramCounterpart:
    """The Bot API at `base_url`, for one bot with `token`. Every method may be called from any thread.

    `enforce_limits` answers 429 to a bot that writes too fast, by `clock` (seconds, monotonic).
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "tradewind_bot",
        enforce_limits: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        bot_id = int(token.partition(":")[0])
        bot = {"id": bot_id, "is_bot": True, "first_name": "Tradewind", "username": username}
        self.token = token
        self._world = World(bot=bot)
        self._faults = Faults()
        limits = SendingLimits(clock) if enforce_limits else None
        self._front = HttpFront(self._world, token=token, faults=self._faults, limits=limits)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._users: dict[int, TelegramUser] = {}

    # running

    def start(self) -> Self:
        assert self._thread is None, "already started"
        loop = asyncio.new_event_loop()
        self._loop = loop
        self._thread = threading.Thread(target=loop.run_forever, name="telegram-counterpart", daemon=True)
        self._thread.start()
        self._world.wake = lambda: _signal(loop, self._front.wake)
        try:
            self.come_back()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Breaks what is pending and ends the thread. A second call does nothing."""
        loop, self._loop = self._loop, None
        thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        self._faults.clear()
        asyncio.run_coroutine_threadsafe(self._front.close(), loop).result(timeout=10)
        self._world.wake = lambda: None
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def go_away(self) -> None:
        """Nothing listens any more, and every open connection breaks."""
        self._run(self._front.close)

    def come_back(self) -> None:
        """Listens again, on the same port."""
        self._run(self._front.open)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash."""
        return f"http://127.0.0.1:{self._front.port}"

    # people

    def user(
        self,
        user_id: int,
        *,
        first_name: str = "",
        last_name: str = "",
        username: str = "",
        language_code: str = "zh-hans",
    ) -> TelegramUser:
        """The person with this id, made at the first call; the private chat is open to the bot."""
        with self._world.changed:
            if user_id not in self._users:
                described: JSON = {
                    "id": user_id,
                    "is_bot": False,
                    "first_name": first_name or f"User {user_id}",
                    "language_code": language_code,
                }
                described |= {"last_name": last_name} if last_name else {}
                described |= {"username": username} if username else {}
                self._users[user_id] = TelegramUser(self._world, described)
            return self._users[user_id]

    def group(self, group_id: int, title: str, *, kind: str = "supergroup") -> TelegramGroup:
        assert group_id < 0, "groups have negative ids"
        with self._world.changed:
            described = {"id": group_id, "type": kind, "title": title}
            return TelegramGroup(self._world, self._world.chats.setdefault(group_id, Chat(described)))

    # updates

    def deliver(self, update: JSON) -> int:
        """Queues a raw update; an `update_id` is added if it has none. Returns the id."""
        with self._world.changed:
            return self._world.deliver(update)

    def redeliver(self, update_id: int) -> None:
        """The same update once more in the next answer, even if it was confirmed."""
        with self._world.changed:
            self._world.updates.again.append(self._world.updates.every[update_id])
            self._world.notify()

    def pending(self) -> list[JSON]:
        """The updates that the bot has not confirmed."""
        with self._world.changed:
            return list(self._world.updates.pending)

    def wait_confirmed(self, update_id: int, timeout: float = PATIENCE) -> None:
        """Returns when the bot has asked for what comes after this update."""
        self.wait_until(
            lambda: self._world.updates.confirmed_below > update_id,
            timeout,
            what=f"update {update_id} to be confirmed",
        )

    def calls_reach(self, base_url: str) -> None:
        """Where on loopback the webhook's address really is: `http://127.0.0.1:PORT`."""
        self._front.calling.really = base_url
        with self._world.changed:
            self._world.notify()

    def webhook(self) -> JSON:
        """What the bot asked for: `url`, `secret_token` and the rest; empty without a webhook."""
        with self._world.changed:
            return dict(self._world.webhook)

    def webhook_answers(self, update_id: int) -> list[int]:
        """The statuses with which calls about this update were answered, in order; 0: not at all."""
        with self._world.changed:
            return [status for number, status in self._world.webhook_answers if number == update_id]

    def expire_callback(self, callback_id: str) -> None:
        """The time for an answer to this press is over."""
        with self._world.changed:
            self._world.callbacks[callback_id].expired = True

    # what was seen

    def calls(self, method: str) -> list[Call]:
        with self._world.changed:
            return [call for call in self._world.calls if call.method == method]

    def wait_for_calls(self, method: str, count: int = 1, timeout: float = PATIENCE) -> list[Call]:
        """Returns the calls when there are at least `count`: arrived, not necessarily carried out."""
        self.wait_until(lambda: len(self.calls(method)) >= count, timeout, what=f"{count} × {method}")
        return self.calls(method)

    def wait_until(self, condition: Callable[[], bool], timeout: float = PATIENCE, *, what: str = "") -> None:
        """Waits for a condition on what this counterpart has seen; looked at again at each change."""
        with self._world.changed:
            seen = self._world.changed.wait_for(condition, timeout)
        assert seen, f"waited {timeout} s in vain for {what or 'a condition'}; {self.summary()}"

    @property
    def violations(self) -> list[str]:
        """Calls that no correct bot makes, whatever happens to it."""
        with self._world.changed:
            return list(self._world.violations)

    @property
    def refusals(self) -> list[Refusal]:
        """Every answer that was not `ok`: violations, circumstances, and the faults that were asked for."""
        with self._world.changed:
            return list(self._world.refusals)

    @property
    def unanswered_callbacks(self) -> list[str]:
        with self._world.changed:
            return [each.id for each in self._world.callbacks.values() if not each.answered]

    def commands(self, language: str = "", scope: JSON | None = None) -> list[JSON]:
        """The commands set for a scope (default: everybody) and a language."""
        key = json.dumps(scope or {"type": "default"}, sort_keys=True), language
        with self._world.changed:
            return list(self._world.commands.get(key, []))

    def description(self, language: str = "") -> str:
        with self._world.changed:
            return self._world.descriptions.get(language, "")

    def summary(self) -> str:
        with self._world.changed:
            seen = [call.method for call in self._world.calls if call.method != "getUpdates"]
            return f"last calls {seen[-10:]}, violations {self._world.violations}"

    # misfortune; `method` "*" is any method but getUpdates

    def fail_next(
        self,
        method: str,
        *,
        status: int = 429,
        retry_after: int = 1,
        times: int = 1,
        description: str = "",
        after: bool = False,
    ) -> None:
        """Refuses the next calls with this status; with `after` they are carried out all the same."""
        refused = refusal(status, retry_after=retry_after, description=description)
        self._faults.add(Fault(method, after, times, refusal=refused))

    def drop_connection(self, method: str, *, after: bool = False, times: int = 1) -> None:
        """Breaks the connection instead of answering, before or after the method was carried out."""
        self._faults.add(Fault(method, after, times, drops=True))

    def delay(self, method: str, seconds: float, *, after: bool = False, times: int = 1) -> None:
        self._faults.add(Fault(method, after, times, seconds=seconds))

    def hold(self, method: str, *, after: bool = False, times: int = 1) -> Hold:
        """Stops the next call before it is carried out, or `after` that and before the answer.

        Where the client dies meanwhile (`Hold.wait_gone`), what was not carried out never is.
        """
        held = Hold()
        self._faults.add(Fault(method, after, times, hold=held))
        return held

    def clear_faults(self) -> None:
        self._faults.clear()

    def _run(self, work: Callable[[], Any]) -> None:
        assert self._loop is not None, "not started"
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(timeout=10)


async def _end_tasks() -> None:
    """What still answers a connection that broke."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _signal(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback)
