"""`find`, `today`, `pool` and the administrator's verbs, as people type them."""

from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import MakePerson


async def test_find_across_everything(company: TradingDesk, make_person: MakePerson) -> None:
    company.trade.add_customer("万通贸易")
    await company.order()
    assert (await company.say(LI, "/find wtmy")).labels == ["万通贸易"]
    shown = await company.say(LI, "搜索 ernst")
    assert shown.labels == ["Ernst Handel", "SO-2026-0001"]
    await company.press(LI, "SO-2026-0001")
    assert company.last(LI).lines[0] == "SO-2026-0001 Ernst Handel"
    await company.link(make_person("Qian", team="South"))
    for typed in ("ernst", "wtmy", "SO-2026-0001"):
        assert (await company.say("Qian", f"/find {typed}")).text == f"Nothing fits “{typed}”."


async def test_today_is_what_waits_for_me(small_company: TradingDesk) -> None:
    company = small_company
    assert (await company.say(ZHAO, "/today")).text == "Nothing waits for you today."
    await company.order()
    shown = await company.say(ZHAO, "今日")
    assert "Decide: SO-2026-0001 Ernst Handel · CNY 9,000" in shown.lines
    assert (await company.say(SUN, "/today")).text == "Nothing waits for you today."
    await company.press(ZHAO, "SO-2026-0001")
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "19 at least")
    assert "To change: SO-2026-0001 Ernst Handel · CNY 9,000 · Sent back" in (await company.say(LI, "/today")).lines


async def test_verbs_of_other_roles_say_so(small_company: TradingDesk) -> None:
    company = small_company
    for account, verb in ((LI, "approvals"), (LI, "people"), (LI, "rules"), (SUN, "move"), (XU, "order")):
        assert (await company.say(account, f"/{verb}")).text == f"{verb} is for other roles than yours."
    help_of_li = (await company.say(LI, "/help")).text
    for verb in ("approvals", "people", "rules"):
        assert f"\n{verb}:" not in help_of_li


async def test_the_administrator_changes_a_rule_and_the_next_order_goes_by_it(small_company: TradingDesk) -> None:
    company = small_company
    assert (await company.say(XU, "/rules orders.floor_margin 50")).text == "orders.floor_margin is now 50."
    await company.order()
    assert "○ General manager" in company.card(ZHAO).lines
    for typed in ("lots", "NaN", "-5", "1e400"):
        shown = await company.say(XU, f"/rules orders.floor_margin {typed}")
        assert shown.text == "orders.floor_margin takes a number, such as 10."
    assert (await company.say(XU, "/rules no.such 1")).text == "There is no rule no.such."
    assert "orders.floor_margin: 50" in (await company.say(XU, "规则")).lines


async def test_the_administrator_gives_a_code(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    make_person("Zhou Min", at=company.desk.database)
    shown = await company.say(XU, "/people code zhou min")
    code = shown.text.rsplit(" ", 1)[1]
    assert (await company.say("Zhou", f"/start {code}")).text == "Welcome. You are linked as Zhou Min."
    assert "Zhou Min: Sales rep · – · test" in (await company.say(XU, "人员")).lines


async def test_products_are_found_by_part_of_the_name(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.add_product("LP-6060", "LED panel 600x600", name_zh="LED面板灯")
    for typed in ("lp-6060", "panel", "面板", "ledmbd"):
        shown = await company.say(LI, f"/products {typed}")
        assert [line for line in shown.lines if line.startswith("LED panel")], typed
        assert not [line for line in shown.lines if line.startswith("Chai")]
    company.discontinue(company.trade.chai)
    assert "Chai:" not in (await company.say(LI, "产品")).text
