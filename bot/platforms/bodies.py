"""What a request brings, read no further than it may be long: nobody is to fill our memory."""

from starlette.requests import Request


async def read_body(request: Request, *, most: int) -> bytes | None:
    """The body as it came; None where it has more than `most` bytes, whatever length was told. Raises
    ClientDisconnect.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)
