"""`find`, `today`, `pool` and the administrator's verbs, as people type them."""

from datetime import date

from pydantic import SecretStr

from bot.cards.home import draw_home
from bot.wording import wording
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


async def test_leads_are_found_by_initials_and_without_accents(company: TradingDesk) -> None:
    for company_name in ("万通贸易", "Müller Lampen"):
        for words in (f"/lead {company_name}", "Hans", "skip", "AT", "fair", "lamps"):
            await company.say(LI, words)
        await company.press(LI, "To the review")
        await company.press(LI, "Confirm")
    for typed, found in (
        ("wtmy", "万通贸易"),
        ("wantong", "万通贸易"),
        ("muller", "Müller Lampen"),
        ("hans mull", "Müller Lampen"),
    ):
        assert (await company.say(LI, f"/find {typed}")).labels == [f"Lead {found}"]
    assert (await company.say(LI, "/find xyz")).labels == []


async def test_a_number_alone_is_a_deals(company: TradingDesk) -> None:
    for words in ("/deal Ernst", "Lamps for 2026", "skip", "5000", "end of May", "skip"):
        await company.say(LI, words)
    await company.press(LI, "Confirm")
    assert (await company.say(LI, "/find 1")).labels[0].startswith("D-1")


async def test_today_is_what_waits_for_me(small_company: TradingDesk) -> None:
    company = small_company
    assert (await company.say(ZHAO, "/today")).text == "Nothing waits for you today."
    await company.order()
    shown = await company.say(ZHAO, "今日")
    assert "SO-2026-0001 Ernst Handel · CNY 9,000 · for 0 minutes" in shown.lines
    assert (await company.say(SUN, "/today")).text == "Nothing waits for you today."
    await company.press(ZHAO, "SO-2026-0001")
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "19 at least")
    assert "SO-2026-0001 Ernst Handel · sent back, to be changed" in (await company.say(LI, "/today")).lines


async def test_today_and_the_own_page_tell_the_same(small_company: TradingDesk) -> None:
    company = small_company
    for _ in range(6):
        company.trade.submit(company.trade.draft(delivery_on=date(2099, 5, 1)))
    await company.say(ZHAO, "/remind call Hans this afternoon")
    await company.press(ZHAO, "Confirm")
    shown = await company.say(ZHAO, "/today")
    headings = ["Today", "Waiting for my decision", "To do today"]
    assert [line for line in shown.lines if not line.startswith("SO-")] == [*headings, "15:00 call Hans"]
    assert shown.labels[6:] == ["call Hans"]
    boss = company.trade.boss
    with company.desk.database.read() as work:
        screen = draw_home(work, boss.id, boss)
    words = wording(boss.language, boss.timezone)
    drawn = [words(line.words) for line in screen.lines]
    assert drawn[:7] == [*shown.lines[1:7], "and 1 more"], "a page of one's own is shorter"
    assert drawn[7:9] == list(shown.lines[8:])
    labels = [words(button.label) for row in screen.rows[:2] for button in row]
    assert labels == [*shown.labels[:5], "All 6 decisions", "call Hans"]


async def test_verbs_of_other_roles_say_so(small_company: TradingDesk) -> None:
    company = small_company
    for account, verb in ((LI, "approvals"), (LI, "people"), (LI, "rules"), (SUN, "move"), (XU, "order")):
        assert (await company.say(account, f"/{verb}")).text == f"{verb} is for other roles than yours."
    help_of_li = (await company.say(LI, "/help")).text
    for verb in ("approvals", "people", "rules"):
        assert f"\n{verb}:" not in help_of_li


async def test_the_administrator_changes_a_rule_and_the_next_order_goes_by_it(small_company: TradingDesk) -> None:
    company = small_company
    told = await company.say(XU, "/rules orders.floor_margin 50")
    assert told.lines[-1] == "The general manager decides under a margin of (%): 50"
    await company.order()
    assert "○ General manager" in company.card(ZHAO).lines
    for typed in ("lots", "NaN", "-5", "1e400"):
        shown = await company.say(XU, f"/rules orders.floor_margin {typed}")
        assert "The general manager decides under a margin of (%)” takes" in shown.text
    assert (await company.say(XU, "/rules no.such 1")).text == "There is no rule no.such."
    lines = (await company.say(XU, "规则 orders")).lines
    assert "The general manager decides under a margin of (%): 50" in lines


async def test_the_administrator_gives_a_code(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    make_person("Zhou Min", at=company.desk.database)
    shown = await company.say(XU, "/people code zhou min")
    code = shown.text.rsplit(" ", 1)[1]
    assert (await company.say("Zhou", f"/start {code}")).text == "Welcome. You are linked as Zhou Min."
    assert "Zhou Min: Sales rep · – · test" in (await company.say(XU, "人员")).lines


async def test_a_code_comes_with_the_ways_to_use_it(small_company: TradingDesk) -> None:
    company = small_company
    company.desk.settings.telegram_token = company.desk.settings.slack_bot_token = SecretStr("a token")
    lines = (await company.say(XU, "/people code li")).lines
    code = lines[0].rsplit(" ", 1)[1]
    # What the bot is called is not known here: Telegram has not said it yet.
    assert lines[1:] == (f"Telegram: /start {code} in a chat with the bot", f"Slack: /crm start {code}")


async def test_the_administrator_changes_roles(small_company: TradingDesk) -> None:
    company = small_company
    assert (await company.say(XU, "/people roles li rep supervisor")).text == (
        "The roles of Li are now: Sales rep, Sales supervisor"
    )
    assert "Li: Sales rep, Sales supervisor · North · test" in (await company.say(XU, "people")).lines
    await company.say(XU, "人员 角色 Li 业务员、财务")
    assert "Li: Finance, Sales rep · North · test" in (await company.say(XU, "people")).lines
    written = company.desk.rows("SELECT changes FROM history WHERE act = 'changed' AND entity = 'person'")
    assert len(written) == 2


async def test_roles_that_cannot_be_changed(small_company: TradingDesk) -> None:
    company = small_company
    assert "only administrator" in (await company.say(XU, "/people roles Xu gm")).text
    for typed in ("/people roles Li", "/people roles rep", "/people roles"):
        assert (await company.say(XU, typed)).text.startswith("Write the name, then the roles: people roles NAME rep")
    assert (await company.say(XU, "/people roles Lii rep")).text == "There is nobody named Lii."
    assert "other roles than yours" in (await company.say(LI, "/people roles Li admin")).text
    assert (await company.say(XU, "/people fire Li")).text.startswith("Write people, people code NAME, or")


async def test_products_are_found_by_part_of_the_name(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.add_product("LP-6060", "LED panel 600x600", name_zh="LED面板灯")
    for typed in ("lp-6060", "panel", "面板", "ledmbd"):
        shown = await company.say(LI, f"/products {typed}")
        assert [line for line in shown.lines if line.startswith("LED panel")], typed
        assert not [line for line in shown.lines if line.startswith("Chai")]
    company.discontinue(company.trade.chai)
    assert "Chai:" not in (await company.say(LI, "产品")).text
