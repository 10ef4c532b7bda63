"""The end of a customer's link: the number of its row, and a seal that only the secret key can make."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Any

from bot.config import Settings
from crm.core.work import UnitOfWork
from crm.fulfilment.customer_links import find_link

PATH = "/o"
PREFIX = "o_"
"""Before the token in a deep link of Telegram's, which may hold 64 of [A-Za-z0-9_-]."""

_MAC_BYTES = 18
_TOKEN = re.compile(r"([1-9][0-9]{0,14})-([A-Za-z0-9_-]{24})", re.ASCII)


class LinkSeal:
    """Makes and opens tokens of links."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.sha256(b"tradewind customer link\x00" + secret.encode()).digest()

    def token(self, link: Any) -> str:
        """For a row of `customer_links`."""
        return f"{link.id}-{self._mac(link.id, link.nonce)}"

    def open(self, work: UnitOfWork, token: str) -> Any:
        """The link whose token this is; None for whatever is none of ours, or was revoked."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        link = find_link(work, link_id=int(found[1]))
        nonce = "" if link is None else link.nonce  # what is not there takes as long to refuse
        good = hmac.compare_digest(self._mac(int(found[1]), nonce), found[2])
        return link if good else None

    def _mac(self, link_id: int, nonce: str) -> str:
        digest = hmac.digest(self._secret, f"{link_id}:{nonce}".encode(), "sha256")[:_MAC_BYTES]
        return urlsafe_b64encode(digest).decode()


def address_of_link(settings: Settings, token: str) -> str:
    """Where the page stands: under TRADEWIND_PUBLIC_URL, else under this machine's own address."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    root = settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"
    return f"{root}{PATH}/{token}"
