import pytest

from crm.core.database import Database
from tests.crm.orders.trading import MakePerson, Trade


@pytest.fixture
def trade(database: Database, make_person: MakePerson) -> Trade:
    return Trade(database, make_person)
