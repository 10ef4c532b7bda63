"""The keys of buttons and forms: what a press means, with a seal that only this house can make.

A key is at most 64 bytes (Telegram's limit). The seal binds it to the chat it was drawn for, so that a key made up,
or carried over from another chat, is recognised. It grants nothing: permission is asked when it is pressed.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

_SEAL_BYTES = 6
MOST_BYTES = 64


class Keys:
    """Makes and opens keys with the house's secret (`TRADEWIND_SECRET_KEY`)."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.sha256(b"tradewind buttons\x00" + secret.encode()).digest()

    def seal(self, action: str, *, platform: str, chat_id: str) -> str:
        """The key of an action in a chat. Raises ValueError for an action that leaves no room for the seal."""
        key = f"{action}~{self._mac(action, platform, chat_id)}"
        if len(key.encode()) > MOST_BYTES:
            raise ValueError(f"too long for a button: {action}")
        return key

    def open(self, key: str, *, platform: str, chat_id: str) -> str | None:
        """The action of a key, None when the seal is not ours or of another chat."""
        action, _, mac = key.rpartition("~")
        good = self._mac(action, platform, chat_id)
        return action if hmac.compare_digest(mac.encode("utf-8", "replace"), good.encode()) else None

    def _mac(self, action: str, platform: str, chat_id: str) -> str:
        what = f"{platform}\x00{chat_id}\x00{action}".encode("utf-8", "replace")
        return urlsafe_b64encode(hmac.digest(self._secret, what, "sha256")[:_SEAL_BYTES]).decode()
