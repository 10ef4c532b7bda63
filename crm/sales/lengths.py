"""Texts in the form they are kept in: without doubled spaces, and no longer than their column."""

from collections.abc import Mapping

from sqlalchemy import String, Table

from crm.core.errors import Invalid
from crm.core.text import T


def tidy(text: str | None) -> str | None:
    """One line with single spaces; None where nothing is left."""
    return (" ".join(text.split()) or None) if text is not None else None


def check_lengths(table: Table, texts: Mapping[str, str | None]) -> None:
    """Raise Invalid for the first text that its column (by name) cannot hold; a database may cut or refuse it."""
    for name, text in texts.items():
        kind = table.c[name].type
        most = kind.length if isinstance(kind, String) else None
        if text is not None and most is not None and len(text) > most:
            raise Invalid(T("{beginning}… is too long: at most {most} characters.", beginning=text[:20], most=most))
