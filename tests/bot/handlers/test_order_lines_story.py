"""Orders of many lines, and what their cards say of days and of who decides."""

from datetime import UTC, datetime
from decimal import Decimal

from crm.orders.drafts import LineDraft
from crm.people.people import Role
from crm.sales.customers.communications import add_note
from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

LINES = 45


def _submit_many(company: TradingDesk) -> int:
    """An order of 45 lines: 5 % under the list in the 30th, under the floor in the last."""
    trade = company.trade
    lines: list[LineDraft] = []
    for number in range(1, LINES + 1):
        price = {30: "19", LINES: "18"}.get(number, "20")
        floor = {"floor_price": Decimal("18.50")} if number == LINES else {}
        product = trade.add_product(f"P{number}", f"Piece {number}", cost="10", **floor)
        lines.append(trade.line("10", price, product=product))
    return trade.submit(trade.draft(*lines))


async def test_the_decision_card_shows_first_what_is_worth_a_look(company: TradingDesk) -> None:
    _submit_many(company)
    await company.say(ZHAO, "/approvals")
    shown = [line for line in company.card(ZHAO).lines if "Piece" in line and " × " in line]
    assert [line.partition(":")[0] for line in shown] == ["45", "30", *map(str, range(1, 11))]
    assert "under the floor" in shown[0]
    assert "5% under list" in shown[1]
    assert "… and 33 more lines" in company.card(ZHAO).lines


async def test_all_lines_are_leafed_through(company: TradingDesk) -> None:
    _submit_many(company)
    await company.say(ZHAO, "/approvals")
    card = company.last(ZHAO)
    await company.press(ZHAO, "All 45 lines")
    first = company.last(ZHAO)
    assert first.ref != card.ref, "the card stays"
    assert first.lines[0] == "SO-2026-0001 Ernst Handel"
    assert (first.lines[1].partition(" ×")[0], first.lines[20].partition(" ×")[0]) == ("1: Piece 1", "20: Piece 20")
    assert first.labels == ["Next", "Open"]
    await company.press(ZHAO, "Next")
    await company.press(ZHAO, "Next")
    last = company.last(ZHAO)
    assert (last.ref, last.labels) == (first.ref, ["Previous", "Open"])
    assert [line.partition(" ×")[0] for line in last.lines[1:-1]] == [f"{n}: Piece {n}" for n in range(41, 46)]
    assert "under the floor" in last.lines[5]
    assert "margin" in last.lines[5]


async def test_the_submitter_sees_them_without_margin_and_fulfilment_without_prices(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    order = _submit_many(company)
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "All 45 lines")
    mine = company.last(LI)
    assert mine.lines[1] == "1: Piece 1 × 10 @ CNY 20 = CNY 200"
    await company.press(LI, "Next")
    assert company.last(LI).lines[10] == "30: Piece 30 × 10 @ CNY 19 = CNY 190"
    await company.press(LI, "Next")
    assert company.last(LI).lines[5] == "45: Piece 45 × 10 @ CNY 18 = CNY 180"
    maker = make_person("Mo", Role.PRODUCTION, at=company.desk.database)
    await company.link(maker)
    company.trade.press(order, company.trade.boss)
    company.trade.press(order, company.trade.finance)
    await company.say("Mo", "/orders SO-2026-0001")
    await company.press("Mo", "All 45 lines")
    assert company.last("Mo").lines[1] == "1: Piece 1 × 10"
    assert "CNY" not in company.everything("Mo")


async def test_who_fulfils_an_order_does_not_get_its_decision_card(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    await company.link(make_person("Mo", Role.PRODUCTION, at=company.desk.database))
    order = await company.order()
    await company.approve(ZHAO, SUN)
    await company.say("Mo", f"/start approval-{order}")  # what a link into the private chat says
    key = company.desk.keys.seal(f"approval.lines:{order}", platform="test", chat_id="Mo")
    await company.desk.take(company.desk.inbound("Mo", "press", button=key))
    assert "CNY" not in company.everything("Mo")
    await company.say("Mo", f"/start order-{order}")
    assert company.last("Mo").lines[0] == "SO-2026-0001 Ernst Handel"
    assert "CNY" not in company.everything("Mo")


async def test_lines_are_shown_to_nobody_else(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    stranger = make_person("Qian", team="South", at=company.desk.database)
    await company.link(stranger)
    order = _submit_many(company)
    for action in (f"order.lines:{order}", f"approval.lines:{order}", f"order.lines_page:1:{order}"):
        key = company.desk.keys.seal(action, platform="test", chat_id="Qian")
        await company.desk.take(company.desk.inbound("Qian", "press", button=key))
    assert "Piece" not in company.everything("Qian")
    assert "SO-2026" not in company.everything("Qian")


async def test_a_short_order_has_no_such_button(small_company: TradingDesk) -> None:
    await small_company.order()
    assert not any("lines" in label for label in small_company.card(ZHAO).labels)


async def test_days_are_those_of_the_reader(small_company: TradingDesk, clock: Clock, make_person: MakePerson) -> None:
    """At half past twelve at night in Shanghai it is still yesterday in London."""
    company = small_company
    far = make_person("Fay", Role.GM, at=company.desk.database, timezone="Europe/London")
    await company.link(far)
    clock.now = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)
    company.desk.write(
        lambda work: add_note(
            work,
            actor=company.trade.rep,
            platform="test",
            customer_id=company.trade.customer,
            text="wants samples",
        )
    )
    await company.order()
    await company.approve(ZHAO, SUN)
    assert "Latest: Wed 4 Mar 2026 Li: wants samples" in (await company.say(LI, "/customer Ernst")).lines
    assert "Latest: Tue 3 Mar 2026 Li: wants samples" in (await company.say("Fay", "/customer Ernst")).lines
    await company.order()
    assert "Wed 4 Mar 2026 SO-2026-0001 CNY 9,000 Ready to ship" in company.card(ZHAO).lines


async def test_an_order_nobody_can_decide_on_says_so(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    company.trade.disable(company.trade.boss)
    await company.order()
    told = "Nobody can decide on this step yet (Sales supervisor): your administrator has to give somebody that role."
    assert told in company.last(LI).lines
    assert company.last(LI).lines[0].startswith("Submitted order")
    await company.press(LI, "Open")
    card = company.last(LI)
    assert told in card.lines
    make_person("Zhou", Role.SUPERVISOR, team="North", at=company.desk.database)
    assert told not in (await company.say(LI, "/orders SO-2026-0001")).lines
    assert company.notices(XU, "nobody may decide on it") == 1
    assert company.desk.room.chat(SUN)[-1].text.startswith("Welcome")
