"""A known company's customers and products come in, and an order for one of them is approved on every door."""

from pathlib import Path

import pytest

from crm.core.history import COMMAND_LINE
from crm.exchange.importing import Kind, run_import
from tests.scenarios.conftest import Play
from tests.scenarios.stories import an_order_for_ernst

DATA = Path(__file__).parents[3] / "shared" / "data" / "northwind"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Northwind tables are not here"),
]


@pytest.mark.parametrize("door", ["web", "telegram", "slack"])
def test_an_order_for_ernst_handel_is_approved(play: Play, door: str) -> None:
    house, seats = play(door, door, door)
    with house.database.write() as work:
        for kind in Kind:
            run_import(work, actor=COMMAND_LINE, kind=kind, data=(DATA / f"{kind}.csv").read_bytes())
    an_order_for_ernst(*seats)
    assert [order["status"] for order in house.rows()["orders"]] == ["ready"]
