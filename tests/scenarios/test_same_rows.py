"""Longer stories through every door, and mixed: the same rows in every table of the business."""

from crm.people.people import find_by_name
from crm.sales.leads.leads import LeadDetails, log_lead
from crm.sales.leads.pool import release_lead
from tests.scenarios.conftest import Play
from tests.scenarios.house import House
from tests.scenarios.stories import a_lead_from_the_pool, an_order_turned_down_twice, the_main_road
from tests.scenarios.test_stories import DOORS, Rows, same


def test_an_order_turned_down_twice_leaves_the_same_rows(play: Play) -> None:
    left: dict[str, Rows] = {}
    for door in DOORS:
        house, seats = play(door, door, door, door)
        an_order_turned_down_twice(*seats)
        left[door] = house.rows()
    assert [order["status"] for order in left["web"]["orders"]] == ["rejected", "ready"]
    assert [one["round"] for one in left["web"]["order_rounds"]] == [1, 2, 1]
    same(left)


def test_a_lead_from_the_pool_leaves_the_same_rows(play: Play) -> None:
    left: dict[str, Rows] = {}
    for door in DOORS:
        house, seats = play(door, door)
        _put_into_pool(house)
        a_lead_from_the_pool(seats[0])
        left[door] = house.rows()
    assert [one["text"] for one in left["web"]["communications"]] == ["已寄样品，下周回复"]
    assert left["web"]["leads"][0]["status"] == "converted"
    same(left)


def test_the_main_road_across_the_doors_leaves_the_same_rows(play: Play) -> None:
    """The rep in Telegram, the supervisor in Slack, finance in Slack, the general manager in the browser."""
    left: dict[str, Rows] = {}
    for doors in (("web",) * 4, ("telegram", "slack", "slack", "web"), ("slack", "telegram", "web", "telegram")):
        house, seats = play(*doors)
        the_main_road(*seats)
        left["-".join(dict.fromkeys(doors))] = house.rows()
    assert len(left) == 3
    same(left)


def _put_into_pool(house: House) -> None:
    """A lead of the supervisor's that they gave up."""
    told = LeadDetails(company="远航贸易", contact="吴敏", source="website", product_need="LED 500")
    with house.database.write() as work:
        supervisor = find_by_name(work, name="林雅琴")
        lead = log_lead(work, actor=supervisor, platform="test", details=told)
        release_lead(work, actor=supervisor, platform="test", lead_id=lead)
