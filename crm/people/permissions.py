"""Who may do what: functions of person, act and object that return True or the reason.

Asked when a button is drawn and again when it is pressed; never cached in between.
"""

from typing import Literal, TypeAlias

from crm.core.errors import Forbidden
from crm.core.text import Text

Allowed: TypeAlias = Literal[True] | Text


def require(allowed: Allowed) -> None:
    """Raise Forbidden with the reason unless allowed."""
    if allowed is not True:
        raise Forbidden(allowed)
