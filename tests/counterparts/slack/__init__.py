"""A small, strict Slack on the loopback interface: Web API, Socket Mode, HTTP, and its people."""

from .deliveries import Delivery, NotAcknowledgedError
from .faults import Hold
from .limits import LIMITS, METHODS
from .people import Person
from .rooms import Message, Room, View
from .server import Call, SlackCounterpart
from .shown import NotShownError
from .signing import HttpAnswer, signature

__all__ = [
    "LIMITS",
    "METHODS",
    "Call",
    "Delivery",
    "Hold",
    "HttpAnswer",
    "Message",
    "NotAcknowledgedError",
    "NotShownError",
    "Person",
    "Room",
    "SlackCounterpart",
    "View",
    "signature",
]
