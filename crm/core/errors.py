"""Errors that a person is told about: one family, each with a sentence; anything else is an incident."""

from crm.core.text import T, Text


class TradewindError(Exception):
    """Expected, and said to the person in their language. Nothing of the act is written."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.message)
        self.text = text


class Forbidden(TradewindError):
    """The person may not do this; the text says why."""


class NotFound(TradewindError):
    """What was asked for is not there, or not for this person to see: both are said alike."""


class Conflict(TradewindError):
    """Somebody or something else was quicker; the text says what stands now."""


class Invalid(TradewindError):
    """A value that cannot be taken; the text says what would be right."""


class SettingsError(Exception):
    """The program is set up wrongly; its sentence is printed and the exit status is 1."""


class StoreUnavailable(Exception):
    """The database cannot be written just now (locked, full, away). The same act may succeed later.

    `text` is for the person whose act has to wait.
    """

    def __init__(self, reason: str, text: Text) -> None:
        super().__init__(reason)
        self.text = text


LOCKED = T("The database is busy. Your message is kept and will be answered as soon as it can be saved.")
FULL = T("The database is full, so nothing can be saved just now. Please tell your administrator.")
AWAY = T("The database cannot be reached just now. Please tell your administrator if this goes on.")
