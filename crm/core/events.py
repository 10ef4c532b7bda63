"""What must happen upwards in the same transaction: events, told to who subscribed at the start."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from crm.core.work import UnitOfWork

E = TypeVar("E")


class Events:
    """Subscriptions by event class, made once where the program is put together.

    A subscriber runs inside the emitting transaction: what it raises undoes the act.
    """

    def __init__(self) -> None:
        self._subscribers: dict[type, list[Callable[[UnitOfWork, Any], None]]] = defaultdict(list)

    def subscribe(self, event: type[E], subscriber: Callable[["UnitOfWork", E], None]) -> None:
        self._subscribers[event].append(subscriber)

    def emit(self, work: "UnitOfWork", event: object) -> None:
        """Run the subscribers of this event's class, in the order they subscribed."""
        for subscriber in self._subscribers.get(type(event), ()):
            subscriber(work, event)
