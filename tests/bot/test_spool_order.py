"""What is kept on disk keeps the order in which it arrived, whichever thread was done writing first."""

import time
from pathlib import Path

from bot.inbound import TEXT, Inbound
from bot.spool import Spool


def said(text: str) -> Inbound:
    return Inbound(platform="slack", delivery_id=text, account_id="U1", chat_id="D1", kind=TEXT, text=text)


def test_the_order_is_that_of_arrival(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    now = time.time_ns()
    for number in (2, 0, 3, 1):
        spool.keep(said(str(number)), now + number)
    assert [kept.inbound.text for kept in spool.waiting("slack", "D1")] == ["0", "1", "2", "3"]
    assert [kept.inbound.text for kept in Spool(tmp_path).waiting("slack", "D1")] == ["0", "1", "2", "3"]


def test_what_came_later_is_not_before_its_turn(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    now = time.time_ns()
    for number in (1, 2):
        spool.keep(said(str(number)), now + number)
    assert [kept.inbound.text for kept in spool.waiting("slack", "D1", before=now + 2)] == ["1"]
    assert spool.waiting("slack", "D1", before=now + 1) == []
