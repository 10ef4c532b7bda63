"""What comes in through any door, in one form: who, where, and what they typed, pressed or filled in."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")

TEXT, PRESS, FORM, CLOSED, CHANGE = "text", "press", "form", "closed", "change"
CONTACT, FORWARD, FILE, HOME = "contact", "forward", "file", "home"
PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One delivery of a platform.

    `delivery_id` is the platform's own and the same when it delivers again. `account_id` and `chat_id` are the
    platform's names for who wrote and where. `kind`:

    - `text`: `text` was typed; a command comes as `/verb argument` (that is how the door says "this is a verb").
      `replies_to`: the message it was said in reply to.
    - `press`: the button whose key is `button`, on the message `message_ref`.
    - `form`: a form with the token `token` was handed in with `values` (field path → text or chosen value(s)).
    - `change`: the same form is still open, and the field or button of it named `button` was changed or pressed;
      `values` are all of it so far.
    - `closed`: the form with `token` was closed without being handed in.
    - `contact`: a contact card was shared; `values` has `name`, `phone`, and perhaps `company`, `email`.
    - `forward`: somebody else's words, `text`, were passed on; `values` has `author` and `said_at` (ISO 8601, UTC).
    - `file`: a document was sent, with `text` beside it; `values` has `name`, `mime`, `size` (bytes), and `path`, where
      the door has put the content, or `problem` (`too_large`, `unavailable`) where it could not.
    - `proposal`: what a model makes of the message `text` that they typed before; `values` are its words. No door
      brings it: it comes from ourselves.
    - `home`: the person looks at their own page (`message_ref`), where the platform has such a thing.

    `forms`: the door can show a one-page form in answer, with `trigger` (if it has such a thing) to open it by.
    `both_views`: it asks step by step, and shows the form of the same conversation beside that.
    `addressed`: it was said to us by name, or where nobody else reads; else somebody may have meant it for another.
    `shown_in`: a shared room; what is answered is shown there, to this person alone. `chat_id` is their own chat then.
    `language` is the platform's guess (`zh_CN`, `en`, or empty), used only for strangers.
    """

    platform: str
    delivery_id: str
    account_id: str
    chat_id: str
    kind: str
    is_private: bool = True
    addressed: bool = True
    text: str = ""
    button: str = ""
    message_ref: str | None = None
    replies_to: str | None = None
    token: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    forms: bool = False
    both_views: bool = False
    trigger: str | None = None
    shown_in: str = ""
    language: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> "Inbound":
        return cls(**packed)

    def cleaned(self) -> "Inbound":
        """The same without what no database keeps: NUL, and halves of surrogate pairs."""
        return replace(
            self,
            account_id=clean(self.account_id),
            chat_id=clean(self.chat_id),
            text=clean(self.text),
            button=clean(self.button),
            token=clean(self.token),
            values={clean(name): _clean_value(value) for name, value in self.values.items()},
        )


def clean(text: str) -> str:
    """Drop NUL characters and put U+FFFD in place of each lone surrogate."""
    if text.isascii() and "\x00" not in text:
        return text
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    return [clean(one) if isinstance(one, str) else one for one in value] if isinstance(value, list) else value
