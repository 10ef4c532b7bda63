"""The database as commands open it: configured, at the right revision, closed afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.config import read_settings
from crm.core.database import Database
from crm.core.events import Events
from crm.migrations import require_current
from crm.orders.new_deciders import tell_new_deciders


@contextmanager
def opened() -> Iterator[Database]:
    """The configured database. Raises SettingsError when it is missing or at another revision."""
    events = Events()
    tell_new_deciders(events)
    database = Database(read_settings().database_url, events=events)
    try:
        require_current(database)
        yield database
    finally:
        database.close()
