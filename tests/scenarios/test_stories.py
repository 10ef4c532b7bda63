"""The same story through every door, and the rows it leaves."""

from typing import Any

from tests.scenarios.conftest import Play
from tests.scenarios.stories import a_lead_in_chinese, the_main_road


def test_a_lead_leaves_the_same_rows_through_every_door(play: Play) -> None:
    left: dict[str, Any] = {}
    for door in ("web", "telegram", "slack"):
        house, (rep,) = play(door)
        a_lead_in_chinese(rep)
        left[door] = house.rows()
    assert left["web"]["leads"][0]["company"] == "万通贸易"
    assert left["web"]["leads"][0]["phone"] == "+8613800138000"
    assert left["telegram"] == left["web"]
    assert left["slack"] == left["web"]


def test_the_main_road_leaves_the_same_rows_through_every_door(play: Play) -> None:
    left: dict[str, Any] = {}
    for door in ("web", "telegram", "slack"):
        house, seats = play(door, door, door, door)
        the_main_road(*seats)
        left[door] = house.rows()
    assert [(order["number"][:3], order["status"]) for order in left["web"]["orders"]] == [("SO-", "approved")]
    assert left["telegram"] == left["web"]
    assert left["slack"] == left["web"]


def test_the_main_road_across_the_doors(play: Play) -> None:
    house, seats = play("telegram", "slack", "slack", "web")
    the_main_road(*seats)
    assert [order["status"] for order in house.rows()["orders"]] == ["approved"]
