"""What a team's chat is told in the morning."""

from datetime import UTC, datetime, timedelta

from crm.people.team_chats import shared_chat, tie_chat
from tests.bot.handlers.mornings import Morning
from tests.conftest import Clock
from tests.crm.sales.selling import FACTS


async def test_a_team_is_told_in_its_chat(morning: Morning, clock: Clock) -> None:
    trade, name = morning.trade, "C-north"
    with morning.database.write() as work:
        chat = shared_chat(work, platform="test", external_id=name)
        tie_chat(work, actor=trade.admin, platform="test", chat_id=chat, team_id=trade.rep.team_id)
    won = morning.deal("Lamps")
    morning.move(won, "won", {name: value for told in FACTS.values() for name, value in told.items()}, "urgent")
    morning.deal("Panels")
    for order in (trade.submit(), trade.submit()):
        trade.press(order, trade.boss)
    trade.press(1, trade.finance)
    nine = datetime(2026, 3, 3, 1, tzinfo=UTC)
    await morning.at(nine - timedelta(minutes=1))
    assert [shown for shown in morning.desk.room.chat(name) if "North · " in shown.text] == []
    for minutes in (0, 1, 2):
        await morning.at(nine + timedelta(minutes=minutes))
    (shown,) = [shown for shown in morning.desk.room.chat(name) if "North · " in shown.text]
    assert shown.lines == (
        "North · Tue 3 Mar 2026",
        "Won",
        "Li: Lamps · Ernst Handel · CNY 12,500",
        "The team",
        "1 order approved: CNY 2,000",
        "1 order waits for a decision",
        "1 open deal worth CNY 12,500",
    )
    assert shown.labels == []
