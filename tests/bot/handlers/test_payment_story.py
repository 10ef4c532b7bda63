"""Finance record in the chat what customers pay; what waits for money goes on, and the rep hears of it."""

from crm.people.people import Role
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import MakePerson

LIN = "Lin"


async def _pay(company: TradingDesk, amount: str, to: str, reference: str = "skip") -> str:
    await company.say(SUN, "/payment Ernst", amount, "skip", "today", reference)
    review = await company.say(SUN, to)
    await company.press(SUN, "Confirm")
    return review.text


async def test_from_the_deposit_to_the_paid_order(company: TradingDesk, make_person: MakePerson) -> None:
    lin = make_person(LIN, Role.LOGISTICS, at=company.trade.database)
    await company.link(lin)
    order = await company.order()
    await company.approve(ZHAO, SUN)
    assert company.trade.status(order) == "ready"  # all of it is in stock
    asked = await company.say(SUN, "/payment Ernst")
    assert "SO-2026-0001: CNY 9,000 due on Mon 2 Mar 2026" in asked.text
    await company.say(SUN, "/cancel")
    await company.say(LIN, "/ship SO-2026-0001", "all", "sea", "skip", "skip", "today", "30 April")
    assert "SO-2026-0001 waits for a payment." in await company.press(LIN, "Confirm")
    assert company.trade.status(order) == "ready"
    review = await _pay(company, "2700", "SO-2026-0001 2700", "HSBC 77")
    assert "CNY 2,700" in review
    assert "Recorded: CNY 2,700 from Ernst Handel." in company.last(SUN).text
    assert company.notices(LI, "SO-2026-0001 Ernst Handel: CNY 2,700 received on Mon 2 Mar 2026.") == 1
    await _pay(company, "6500 CNY", "what is due first")
    assert "CNY 200 is unallocated." in company.last(SUN).text
    card = await company.say(LI, "/orders SO-2026-0001")
    assert "CNY 2,700 (30%), with the order: paid" in card.text
    assert "CNY 6,300 (70%), before shipment: paid" in card.text
    assert "Unallocated: CNY 200" in (await company.say(LI, "/customer Ernst")).text
    await company.say(LIN, "/ship SO-2026-0001", "all", "sea", "skip", "skip", "today", "30 April")
    await company.press(LIN, "Confirm")
    await company.say(LIN, "/delivered SO-2026-0001", "today", "skip")
    await company.press(LIN, "Confirm")
    assert company.trade.status(order) == "closed"


async def test_finance_releases_with_a_reason_and_undoes_a_payment(company: TradingDesk) -> None:
    order = await company.order()
    await company.approve(ZHAO, SUN)
    await _pay(company, "2700", "1 2700")
    await company.press(SUN, "Undo")
    card = await company.say(LI, "/orders SO-2026-0001")
    assert "CNY 2,700 (30%), with the order: CNY 2,700 open" in card.text
    assert "Release shipment" not in card.labels
    await company.say(SUN, "/orders SO-2026-0001")
    await company.press(SUN, "Release shipment")
    await company.say(SUN, "they always pay")
    assert company.notices(LI, "Sun has released the shipment: they always pay") == 1
    assert "Release shipment" not in company.last(SUN).labels
    assert [row.act for row in company.trade.history(order)][-1] == "shipment released"
