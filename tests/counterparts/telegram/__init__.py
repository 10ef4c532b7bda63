"""A small, strict Telegram Bot API server on loopback, for tests that go through the front door.

It runs in the test's process on a thread of its own; the bot under test may be in the same process or in
another one. `TelegramCounterpart` is the server, `.user()` and `.group()` are the people on the other side.
"""

from tests.counterparts.telegram.faults import Hold
from tests.counterparts.telegram.people import Answer, Button, ShownMessage, TelegramGroup, TelegramUser
from tests.counterparts.telegram.server import TelegramCounterpart
from tests.counterparts.telegram.world import Call, Refusal

__all__ = [
    "Answer",
    "Button",
    "Call",
    "Hold",
    "Refusal",
    "ShownMessage",
    "TelegramCounterpart",
    "TelegramGroup",
    "TelegramUser",
]
