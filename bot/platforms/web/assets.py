"""The page and its parts, read once. The address of a part holds a hash of them all, so it never goes stale."""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_PAGE = Path(__file__).parent / "page"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """Serves `index.html` at `/` and everything beside it at `/assets/<hash>/<name>`."""

    def __init__(self) -> None:
        files = {path.name: path.read_bytes() for path in sorted(_PAGE.iterdir()) if path.is_file()}
        joined = b"\x00".join(name.encode() + b"\x00" + content for name, content in files.items())
        self._version = hashlib.sha256(joined).hexdigest()[:16]
        self._page = files.pop("index.html").replace(b"{assets}", f"/assets/{self._version}".encode())
        self._parts = files

    async def page(self, request: Request) -> Response:
        return Response(self._page, media_type="text/html", headers={"Cache-Control": "no-store"})

    async def part(self, request: Request) -> Response:
        """One part. 404 for a name that is not there, or a version that is not this one."""
        name = request.path_params["name"]
        if request.path_params["version"] != self._version or name not in self._parts:
            raise HTTPException(404)
        return Response(
            self._parts[name],
            media_type=_TYPES[Path(name).suffix],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )
