"""The one HTTP server of a process: uvicorn around the one ASGI app, on a socket of ours, stopped when we say so."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from crm.core.errors import SettingsError


class Server(uvicorn.Server):
    """uvicorn without its signal handling: stopping is the command line's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def take_no_more(self) -> None:
        """Begin to stop: nothing new is accepted, requests under way are answered."""
        self.should_exit = True

    def break_off(self) -> None:
        """Wait for nothing any more."""
        self.should_exit = self.force_exit = True


@asynccontextmanager
async def serving(asgi: Starlette, sock: socket.socket, *, patience: float = 0.5) -> AsyncIterator[Server]:
    """Serve until the block is left; what is under way then is waited for so many seconds."""
    config = uvicorn.Config(
        asgi, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False
    )
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn tells of its start in no other way
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.take_no_more()
        _, slow = await asyncio.wait({running}, timeout=patience)
        if slow:
            server.break_off()
        await running


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket. Raises SettingsError where the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(128)
        except (OSError, OverflowError) as error:
            raise SettingsError(f"Cannot listen on {host}:{port}: {error}. Choose another port.") from error
        yield sock


def address_of(sock: socket.socket) -> str:
    """`http://HOST:PORT`."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
