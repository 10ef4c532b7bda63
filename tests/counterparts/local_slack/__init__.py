"""A Slack that somebody else wrote (`local-slack`), as a second opinion beside our own counterpart."""

from .people import LocalPerson
from .server import LocalSlack

__all__ = ["LocalPerson", "LocalSlack"]
