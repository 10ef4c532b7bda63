"""Logistics record in the chat what left and what arrived; the rep hears of it and has a text for the customer."""

from crm.people.people import Member, Role
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

LIN = "Lin"


async def _logistics(company: TradingDesk, make_person: MakePerson) -> Member:
    lin = make_person(LIN, Role.LOGISTICS, at=company.trade.database)
    await company.link(lin)
    await company.order(terms="net 30")
    await company.approve(ZHAO, SUN)
    return lin


async def test_an_order_leaves_and_arrives(company: TradingDesk, make_person: MakePerson) -> None:
    await _logistics(company, make_person)
    asked = await company.say(LIN, "/ship SO-2026-0001")
    assert "Lines" in asked.text.splitlines()[-1]
    assert "CNY" not in asked.text
    await company.say(LIN, "200", "sea", "skip", "MSCU6639870", "today")
    review = await company.say(LIN, "30 April")
    assert "Chai: 200 pcs, 300 stay for later" in review.text
    assert "The number is one of MSC." in review.text
    await company.press(LIN, "Confirm")
    assert company.last(LIN).text == "Recorded: SO-2026-0001 has left. It is now: Partly shipped."
    assert company.notices(LI, "SO-2026-0001 Ernst Handel: shipped on ") == 1
    card = await company.say(LI, "/orders SO-2026-0001")
    assert "Sea MSC, MSCU6639870; shipped on" in card.text
    assert "Delivered" not in card.labels
    await company.press(LI, "Text for the customer")
    assert (
        "your order SO-2026-0001 left on 2 March (MSC MSCU6639870) and is expected on 30 April."
        in company.last(LI).text
    )
    await company.say(LIN, "/ship SO-2026-0001", "all that is left", "Road", "DHL Freight", "skip", "today", "5 March")
    await company.press(LIN, "Confirm")
    assert "Shipped" in company.last(LIN).text
    await company.say(LIN, "/orders SO-2026-0001")
    await company.press(LIN, "Delivered")
    await company.say(LIN, "today", "Frau Huber")
    await company.press(LIN, "Confirm")
    assert company.last(LIN).text.startswith("Recorded: SO-2026-0001 arrived on ")
    assert company.notices(LI, "Ernst Handel: arrived on Mon 2 Mar 2026, received by Frau Huber.") == 1
    await company.say(LIN, "签收 SO-2026-0001", "today", "skip")
    await company.press(LIN, "Confirm")
    assert [row.status for row in company.desk.rows("SELECT status FROM orders")] == ["delivered"]


async def test_what_cannot_be_is_said_in_one_line(company: TradingDesk, make_person: MakePerson) -> None:
    await _logistics(company, make_person)
    assert (await company.say(LI, "/ship SO-2026-0001")).text == "ship is for other roles than yours."
    await company.say(LIN, "/ship SO-2026-0001")
    wrong = await company.say(LIN, "600")
    assert "Of Chai there are 500 pcs to ship." in wrong.text
    await company.say(LIN, "Tofu 5")
    assert "“Tofu” is not one line of this order that is left to ship." in company.last(LIN).text
    await company.say(LIN, "/cancel")
    assert company.desk.rows("SELECT count(*) AS n FROM shipments")[0].n == 0


async def test_numbers_follow_later(company: TradingDesk, make_person: MakePerson, clock: Clock) -> None:
    await _logistics(company, make_person)
    await company.say(LIN, "发货 SO-2026-0001", "全部", "air", "skip", "skip", "today", "10 March")
    await company.press(LIN, "Confirm")
    await company.say(LIN, "/orders SO-2026-0001")
    await company.press(LIN, "Edit")
    await company.say(LIN, "skip", "999-12345675")
    await company.press(LIN, "Confirm")
    assert "Air China" in company.last(LIN).text
