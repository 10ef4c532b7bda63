"""Which pages are listening in this process, and what wakes them. Everything here runs on the event loop."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager


class Stream:
    """One listening page: the chats it shows, and a bell that rings when something is new in one of them."""

    def __init__(self, chats: Collection[str]) -> None:
        self.chats = frozenset(chats)
        self._typing: set[str] = set()
        self._is_over = False
        self._bell = asyncio.Event()

    def goes_on(self) -> bool:
        return not self._is_over

    def end(self) -> None:
        self._is_over = True
        self._bell.set()

    def ring(self) -> None:
        self._bell.set()

    def typing(self, chat: str) -> None:
        """An answer is being made in this chat."""
        self._typing.add(chat)
        self._bell.set()

    def answered(self, chat: str) -> None:
        """The answer is there: a sign that it is being made would come too late now."""
        self._typing.discard(chat)

    def take_typing(self) -> list[str]:
        """The chats to be told of, once."""
        chats, self._typing = sorted(self._typing), set()
        return chats

    async def wait(self, seconds: float) -> bool:
        """Wait for the bell; False when it stayed silent for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True


class Streams:
    """The listening pages of this process."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()
        self._is_closed = False

    @contextmanager
    def listen(self, chats: Collection[str]) -> Iterator[Stream]:
        """A stream that is rung for these chats until the block is left."""
        stream = Stream(chats)
        if self._is_closed:
            stream.end()
        self._open.add(stream)
        try:
            yield stream
        finally:
            self._open.discard(stream)

    def listened(self) -> set[str]:
        """The chats that some page shows now."""
        return {chat for stream in self._open for chat in stream.chats}

    def wake(self, chat: str) -> None:
        """Something was written in this chat, and is committed."""
        for stream in self._open:
            if chat in stream.chats:
                stream.ring()

    def typing(self, chat: str) -> None:
        """Somebody has written, and an answer is being made."""
        for stream in self._open:
            if chat in stream.chats:
                stream.typing(chat)

    def close(self) -> None:
        """End every stream now; later ones end at once."""
        self._is_closed = True
        for stream in self._open:
            stream.end()
