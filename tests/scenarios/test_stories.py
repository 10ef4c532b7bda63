"""The same story through every door, and the rows it leaves."""

from typing import Any

from tests.scenarios.conftest import Play
from tests.scenarios.stories import a_lead_in_chinese, the_main_road

DOORS = ("web", "telegram", "slack")
Rows = dict[str, list[dict[str, Any]]]


def test_a_lead_leaves_the_same_rows_through_every_door(play: Play) -> None:
    left: dict[str, Rows] = {}
    for door in DOORS:
        house, (rep,) = play(door)
        a_lead_in_chinese(rep)
        left[door] = house.rows()
    assert left["web"]["leads"][0]["company"] == "万通贸易"
    assert left["web"]["leads"][0]["phone"] == "+8613800138000"
    same(left)


def same(left: dict[str, Rows]) -> None:
    """The same rows in every table, whatever the door they came through."""
    for door, tables in left.items():
        for table, rows in left["web"].items():
            assert tables[table] == rows, f"{table}, through {door} and through web"


def test_the_main_road_leaves_the_same_rows_through_every_door(play: Play) -> None:
    left: dict[str, Rows] = {}
    for door in DOORS:
        house, seats = play(door, door, door, door)
        the_main_road(*seats)
        left[door] = house.rows()
    assert [(order["number"][:3], order["status"]) for order in left["web"]["orders"]] == [("SO-", "ready")]
    same(left)


def test_the_main_road_across_the_doors(play: Play) -> None:
    house, seats = play("telegram", "slack", "slack", "web")
    the_main_road(*seats)
    assert [order["status"] for order in house.rows()["orders"]] == ["ready"]
