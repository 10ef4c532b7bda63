import pytest

from tests.bot.trading_desk import *


@pytest.fixture
async def house(sqlite, open_desk, make_person):
    return await open_trading_desk(open_desk(sqlite), make_person)


def show(s):
    print("----", s.chat, s.ref, s.edits)
    print(s.text)
    print("   ", s.labels)



async def test_x(house):
    await house.order()
    await house.press(ZHAO, "Reject"); show(house.last(ZHAO))
    await house.press(ZHAO, house.last(ZHAO).labels[0]); show(house.last(LI)); show(house.last(ZHAO)); show(house.card(ZHAO))
    print("=== again")
    await house.order()
    print(await house.press(ZHAO, "Send back")); show(house.last(ZHAO))
    show(await house.say(ZHAO, "price too low"));show(house.last(LI)); show(house.card(ZHAO))
    print("=== resubmit")
    show(await house.say(LI, "/orders SO-2026-0002"))
    print(await house.press(LI, "Resubmit")); show(house.last(LI))
    print(await house.press(LI, "Edit")); show(house.last(LI))
    print(await house.press(LI, "Line")); show(house.last(LI))
    print(await house.press(LI, "1. Chai, 500, @ CNY 18", )); show(house.last(LI))
    print(await house.press(LI, "Unit price")); show(house.last(LI))
    show(await house.say(LI, "19"))
    print(await house.press(LI, "Submit")); show(house.last(LI))
    show(house.card(ZHAO)); 
    print("=== recall")
    print(await house.press(LI, "Recall")); show(house.last(LI)); show(house.card(ZHAO)); 
    print(await house.press(LI, "Resubmit")); show(house.last(LI))
    print(await house.press(LI, "More fields")); show(house.last(LI))
    show(await house.say(LI, "skip"))
    print(await house.press(LI, "More fields")); show(house.last(LI))
    show(await house.say(LI, "PO-17"))
    print(await house.press(LI, "Submit")); show(house.last(LI)); show(house.card(ZHAO))

async def test_y(house):
    await house.say(LI, "/order Ernst", "Chai 0.00001 @0.00001 -1%"); show(house.last(LI))
    await house.say(LI, "Chai 500 @18; Chang 200 @19 95折\nChai 3箱 @ USD 2"); show(house.last(LI))
    await house.say(LI, "Chai 500 @18; Chang 200 @19 95折\nChai 3pcs @ 2"); show(house.last(LI))
    await house.press(LI, "Cancel");show(house.last(LI))
    await house.say(LI, "/order Ernst", "Chai", "0.00001", "0", "skip", "No more lines", "EXW", "1 Jan 2026", "tomorrow", "Hamburg", "net 30"); show(house.last(LI))
    await house.press(LI, "Submit");show(house.last(LI))
    await house.say(LI, "/deal"); show(house.last(LI))
    await house.say(LI, "Ernst"); show(house.last(LI))
    await house.say(LI, "Lamps for Graz"); show(house.last(LI))
    await house.say(LI, "Chai"); show(house.last(LI))
    await house.say(LI, "62万"); show(house.last(LI))
    await house.say(LI, "end of next month"); show(house.last(LI))
    await house.say(LI, "skip"); show(house.last(LI))
    await house.press(LI, "Confirm");show(house.last(LI))
    await house.press(LI, "Move");show(house.last(LI))
    await house.say(LI, "today"); show(house.last(LI))
    await house.press(LI, "Confirm");show(house.last(LI))
    await house.say(LI, "/move 1"); show(house.last(LI))
    await house.say(LI, "contract"); show(house.last(LI))
    for v in ("500", "600x600", "today", "620000", "T/T", "skip", "1"):
        await house.say(LI, v); show(house.last(LI))
    await house.press(LI, "Confirm");show(house.last(LI))
    await house.press(LI, "New order");show(house.last(LI))
    show(await house.say(LI, "/newcustomer")); 
    for v in ("万通贸易", "王经理", "138-0013-8000", "2", "3", "1", "-"):
        show(await house.say(LI, v))
    await house.press(LI, "Confirm");show(house.last(LI))
    show(await house.say(LI, "/order wtmy"))
    show(await house.say(LI, "/deals 1"))
    await house.press(LI, "Continue");show(house.last(LI))
