"""The page in a real browser: what one sees, types, presses and hears, and what it does when the server is gone."""

import asyncio

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.cards.screen import Button, Line, Screen, Style, labelled, prompt, say
from bot.config import Settings
from bot.gateway import Message
from bot.platforms.web import transcript
from bot.platforms.web.chrome import page_words
from bot.wording import wording
from crm.core.history import COMMAND_LINE
from crm.people.people import set_language

from .browsing import articles, pick, say_in, send, visit
from .serving import Served, port_of, serve

pytestmark = pytest.mark.browser


async def test_a_lead_is_begun_by_typing_and_dropped_by_pressing(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    field = column.get_by_role("textbox", name="Message", exact=True)
    await expect(field).to_be_focused()
    await say_in(column, "lead")
    await expect(articles(column)).to_have_count(2)
    await expect(articles(column).last).to_contain_text("Company")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("")
    await say_in(column, "Acme <b>& Söhne</b>")
    await expect(articles(column).last).to_contain_text("Acme <b>& Söhne</b>")
    await articles(column).last.get_by_role("button", name="Cancel").click()
    await expect(articles(column).last.get_by_role("button", name="Cancel")).to_have_count(0)
    await expect(field).to_be_focused()
    await expect(column.locator(".typing")).to_be_hidden()
    assert page.troubles == []


async def test_the_field_and_the_signs_are_in_the_persons_language(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "李伟")
    await expect(column.get_by_role("textbox", name="消息", exact=True)).to_be_visible()
    await expect(column.get_by_role("button", name="发送", exact=True)).to_be_visible()
    await send(served, "person-1", say("你好"), "zh_CN")
    await expect(column.locator(".day")).to_contain_text("年")
    with served.app.database.write() as work:
        set_language(work, actor=COMMAND_LINE, person_id=1, language="en")
    await send(served, "person-1", say("hello"))
    await expect(column.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    await expect(column.locator(".day")).to_have_count(1)
    await expect(column.locator(".day")).not_to_contain_text("年")
    await expect(articles(column)).to_have_count(2)


async def test_the_page_itself_speaks_the_browsers_language(served: Served, browser: Browser):
    page = await visit(browser, served.url, locale="zh-CN")
    words = page_words()
    assert words["zh_CN"]["welcome"] != words["en"]["welcome"]
    await expect(page.get_by_role("heading", level=2)).to_have_text(words["zh_CN"]["welcome"])
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"


async def test_enter_sends_but_not_with_shift_nor_while_chinese_is_composed(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    field = column.get_by_role("textbox", name="Message")
    await field.fill("help")
    press = """(field, more) => field.dispatchEvent(
        new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...more}))"""
    assert await field.evaluate(press, {"isComposing": True})
    assert await field.evaluate(press, {"keyCode": 229})
    await expect(field).to_have_value("help")
    await field.press("End")
    await field.press("Shift+Enter")
    await field.type("please")
    await expect(field).to_have_value("help\nplease")
    assert await articles(column).count() == 0
    await field.press("Enter")
    await expect(articles(column).first).to_contain_text("help\nplease", use_inner_text=True)


async def test_a_long_text_makes_the_field_grow(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    field = (await pick(page, "Anna Berg")).get_by_role("textbox", name="Message")
    low = (await field.bounding_box())["height"]
    await field.fill("one\ntwo\nthree\nfour")
    high = (await field.bounding_box())["height"]
    assert high > low + 50
    await field.fill("")
    assert (await field.bounding_box())["height"] == low


async def test_somebodys_words_never_become_markup(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    words = "<img src=x onerror=alert(1)><b>x</b> *_[ '; -- &amp; \u202eمرحبا"
    screen = Screen((labelled(words, words), Line(Style.COPY, words), prompt(words)), ((Button(words, "a"),),))
    await send(served, "person-2", screen)
    article = articles(column).last
    for found in (".label", ".value", "pre", ".prompt", "button.press"):
        assert words in await article.locator(found).text_content()
    assert await article.locator("img, b").count() == 0
    assert page.troubles == []


async def test_several_people_stand_side_by_side_and_each_hears_what_is_theirs(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    anna = await pick(page, "Anna Berg")
    wang = await pick(page, "王芳")
    chen = await pick(page, "Chen Hao")
    await expect(page).to_have_title("Tradewind")
    await send(served, "person-2", say("for Anna"))
    await send(served, "person-3", say("for Wang"), "zh_CN")
    await expect(articles(anna)).to_have_count(1)
    await expect(articles(wang)).to_have_count(1)
    await expect(articles(chen)).to_have_count(0)
    await expect(anna.locator(".badge")).to_have_text("1 new")
    await expect(page).to_have_title("(2) Tradewind")
    await anna.get_by_role("textbox").click()
    await expect(anna.locator(".badge")).to_be_hidden()
    await expect(page).to_have_title("(1) Tradewind")
    boxes = [await column.bounding_box() for column in (anna, wang, chen)]
    assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    assert len({box["y"] for box in boxes}) == 1


async def test_open_columns_and_what_is_unread_are_remembered(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    await pick(page, "Anna Berg")
    chen = await pick(page, "Chen Hao")
    await send(served, "person-4", say("read"))
    await expect(articles(chen)).to_have_count(1)
    await page.goto("about:blank")
    await send(served, "person-2", say("unread"))
    await page.goto(served.url)
    await expect(page.get_by_role("region", name="Anna Berg").locator(".badge")).to_have_text("1 new")
    await expect(page.get_by_role("region", name="Chen Hao").locator(".badge")).to_be_hidden()
    await page.get_by_role("button", name="Close Anna Berg").click()
    await page.reload()
    await expect(page.get_by_role("region", name="Chen Hao")).to_be_visible()
    await expect(page.get_by_role("region", name="Anna Berg")).to_have_count(0)


async def test_a_change_is_drawn_where_the_message_stands(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    ref = await send(served, "person-2", say("Order 17: pending", Button("Approve", "a")))
    await send(served, "person-2", say("something else"))
    await expect(articles(column)).to_have_count(2)
    gateway = served.app.platforms[0].gateway
    changed = Message(
        chat_id="person-2", is_private=True, screen=say("Order 17: approved"), wording=wording("en", "UTC"), sign=str
    )
    await gateway.edit(changed, ref)
    await expect(articles(column).first).to_contain_text("approved")
    await expect(articles(column)).to_have_count(2)
    await expect(column.get_by_role("button", name="Approve")).to_have_count(0)


async def test_a_double_click_presses_once_and_a_stale_press_is_answered(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    await say_in(column, "lead")
    cancel = articles(column).last.get_by_role("button", name="Cancel")
    await cancel.wait_for()
    key = await cancel.get_attribute("data-key")
    posts = []
    page.on("request", lambda sent: sent.method == "POST" and posts.append(sent.post_data))
    held = asyncio.Event()

    async def hold(route):
        await held.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    await cancel.dblclick()
    await expect(cancel).to_be_disabled()
    held.set()
    await expect(column.locator(".log").get_by_role("button", name="Cancel")).to_have_count(0)
    assert len(posts) == 1
    stale = Message(
        chat_id="person-2",
        is_private=True,
        screen=say("from yesterday", Button("Cancel", "x")),
        wording=wording("en", "UTC"),
        sign=lambda _: key,
    )
    await served.app.platforms[0].gateway.send(stale)
    await column.get_by_role("button", name="Cancel", exact=True).click()
    await expect(column.get_by_role("status")).not_to_be_empty()
    await expect(column.get_by_role("button", name="Cancel", exact=True)).to_be_enabled()


async def test_everything_can_be_done_with_the_keyboard(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    await page.get_by_role("button", name="Open a chat").focus()
    await page.keyboard.press("Enter")
    await page.locator(".panel button").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    column = page.get_by_role("region", name="Anna Berg")
    await expect(column.get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("lead")
    await page.keyboard.press("Enter")
    cancel = articles(column).last.get_by_role("button", name="Cancel")
    await cancel.wait_for()
    await page.keyboard.press("Shift+Tab")
    await expect(cancel).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(column.locator(".log").get_by_role("button", name="Cancel")).to_have_count(0)
    await expect(column.locator(":focus")).to_have_count(1)
    await page.get_by_role("button", name="Open a chat").press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Open a chat")).to_be_focused()
    await expect(page.locator(".panel")).to_be_hidden()


async def test_on_a_phone_one_column_is_seen_at_a_time_and_everything_can_be_tapped(served: Served, browser: Browser):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = await visit(browser, served.url, **phone)
    anna = await pick(page, "Anna Berg")
    chen = await pick(page, "Chen Hao")
    await expect(anna).to_be_hidden()
    await send(served, "person-2", Screen((prompt("Go on?"),), ((Button("Yes", "a"), Button("No", "b")),)))
    switch = page.get_by_role("navigation").get_by_role("button", name="Anna Berg")
    await expect(switch).to_have_accessible_name("Anna Berg, 1 new")
    await switch.tap()
    await expect(anna).to_be_visible()
    await expect(chen).to_be_hidden()
    await expect(switch).to_have_accessible_name("Anna Berg")
    for button in await page.locator("button:visible").all():
        box = await button.bounding_box()
        assert box["height"] >= 40, await button.text_content()
        assert box["width"] >= 40, await button.text_content()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_dark_and_forced_colours_are_followed(served: Served, browser: Browser):
    grounds = set()
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        page = await visit(browser, served.url, **options)
        column = await pick(page, "Anna Berg")
        await send(served, "person-2", say("hello", Button("Yes", "a", "primary")))
        await expect(articles(column).last.get_by_role("button")).to_be_visible()
        grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 3


async def test_earlier_messages_are_fetched_when_asked_for(served: Served, browser: Browser):
    chat = await served.open(2)
    with served.app.database.write() as work:
        for number in range(250):
            transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": f"line {number}"})
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    await expect(articles(column)).to_have_count(200)
    await expect(articles(column).last).to_be_in_viewport()
    await column.get_by_role("button", name="Show earlier messages").click()
    await expect(articles(column)).to_have_count(250)
    await expect(articles(column).first).to_contain_text("line 0")
    await expect(column.get_by_role("button", name="Show earlier messages")).to_be_hidden()
    await expect(articles(column).nth(50)).to_be_in_viewport()


async def test_new_messages_do_not_tear_one_away_from_what_one_reads(served: Served, browser: Browser):
    chat = await served.open(2)
    with served.app.database.write() as work:
        for number in range(60):
            transcript.add_line(work, chat=chat, author=transcript.PERSON, body={"text": f"line {number}"})
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    await expect(articles(column).last).to_be_in_viewport()
    await column.locator(".scroller").hover()
    await page.mouse.wheel(0, -1500)
    await expect(articles(column).last).not_to_be_in_viewport()
    await send(served, chat, say("news"))
    jump = column.get_by_role("button", name="New messages")
    await expect(jump).to_be_visible()
    await expect(articles(column).last).not_to_be_in_viewport()
    await jump.click()
    await expect(articles(column).last).to_be_in_viewport()
    await expect(jump).to_be_hidden()


async def test_what_is_typed_while_the_server_is_gone_is_sent_in_order_once_it_is_back(
    settings: Settings, browser: Browser
):
    async with serve(settings) as served:
        port = port_of(served.url)
        page = await visit(browser, served.url)
        column = await pick(page, "Anna Berg")
        await say_in(column, "lead")
        await expect(articles(column)).to_have_count(2)
    await say_in(column, "Acme Trading")
    await say_in(column, "Ms Li")
    waiting = column.locator("article.waiting")
    await expect(waiting.first).to_contain_text("Waiting to be sent")
    await expect(page.get_by_text("No connection.")).to_be_visible()
    async with serve(settings.model_copy(update={"port": port})) as served:
        await expect(articles(column).last).to_contain_text("Ms Li")
        await expect(articles(column).last).to_contain_text("Acme Trading")
        await expect(column.locator("article.pending")).to_have_count(0)
        await expect(page.get_by_text("No connection.")).to_have_count(0)
        said = [line["body"]["text"] for line in await served.lines("person-2") if line["author"] == "person"]
        assert said == ["lead", "Acme Trading", "Ms Li"]


async def test_what_waits_outlives_the_page(settings: Settings, browser: Browser):
    async with serve(settings) as served:
        port = port_of(served.url)
        page = await visit(browser, served.url)
        column = await pick(page, "Anna Berg")
        await say_in(column, "lead")
        await expect(articles(column)).to_have_count(2)
    await say_in(column, "Acme Trading")
    await expect(column.locator("article.waiting")).to_have_count(1)
    await say_in(column, "Ms Li")
    await page.goto("about:blank")
    async with serve(settings.model_copy(update={"port": port})) as served:
        await page.goto(served.url)
        await expect(articles(column).last).to_contain_text("Ms Li")
        await expect(column.locator("article.pending")).to_have_count(0)
        said = [line["body"]["text"] for line in await served.lines("person-2") if line["author"] == "person"]
        assert said == ["lead", "Acme Trading", "Ms Li"]


async def test_a_database_that_was_begun_afresh_empties_the_columns(
    settings: Settings, browser: Browser, tmp_path_factory: pytest.TempPathFactory
):
    from .serving import make_people, make_settings

    async with serve(settings) as served:
        port = port_of(served.url)
        page = await visit(browser, served.url)
        column = await pick(page, "Anna Berg")
        await say_in(column, "lead")
        await expect(articles(column)).to_have_count(2)
    other = make_settings(tmp_path_factory.mktemp("afresh"), port=port)
    make_people(other)
    async with serve(other):
        await expect(articles(column)).to_have_count(0)
        await say_in(column, "help")
        await expect(articles(column)).to_have_count(2)


async def test_what_is_typed_while_a_post_is_under_way_follows_it_each_once(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    held = asyncio.Event()
    posts = []

    async def hold(route):
        posts.append(route.request.post_data_json["text"])
        await held.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    for text in ("lead", "Acme Trading", "Ms Li"):
        await say_in(column, text)
    await expect(column.locator("article.pending")).to_have_count(3)
    await expect(column.locator(".typing")).to_be_visible()
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    held.set()
    await expect(column.locator("article.pending")).to_have_count(0)
    await expect(articles(column).last).to_contain_text("Ms Li")
    assert posts == ["lead", "Acme Trading", "Ms Li"]


async def test_a_lead_is_logged_in_chinese_across_a_restart(settings: Settings, browser: Browser):
    async def answer(column: Locator, text: str, asked: str) -> None:
        await column.get_by_role("textbox", name="消息", exact=True).fill(text)
        await column.get_by_role("textbox", name="消息", exact=True).press("Enter")
        await expect(articles(column).last.locator(".prompt")).to_contain_text(asked)

    async with serve(settings) as served:
        port = port_of(served.url)
        page = await visit(browser, served.url)
        column = await pick(page, "李伟")
        await answer(column, "线索", "公司名称")
        await answer(column, "杭州万通贸易有限公司", "联系人")
    async with serve(settings.model_copy(update={"port": port})) as served:
        await answer(column, "王经理", "电话或邮箱")
        await answer(column, "13800138000", "国家或地区")
        await articles(column).last.get_by_role("button", name="中国").click()
        await expect(articles(column).last.locator(".prompt")).to_contain_text("来源")
        await articles(column).last.get_by_role("button", name="展会").click()
        await expect(articles(column).last.locator(".prompt")).to_contain_text("产品需求")
        await column.get_by_role("textbox", name="消息", exact=True).fill("每月五百箱茶")
        await column.get_by_role("button", name="发送", exact=True).click()
        skip = articles(column).last.get_by_role("button", name="跳过")
        confirm = articles(column).last.get_by_role("button", name="确认")
        await expect(skip.or_(confirm)).to_be_visible()
        while not await confirm.is_visible():
            asked = await articles(column).last.locator(".prompt").text_content()
            await skip.click()
            await expect(articles(column).last.locator(".prompt")).not_to_have_text(asked or "")
            await expect(skip.or_(confirm)).to_be_visible()
        await confirm.click()
        await expect(confirm).to_have_count(0)
        with served.app.database.read() as work:
            logged = work.connection.exec_driver_sql("SELECT company FROM leads").scalars().all()
        assert logged == ["杭州万通贸易有限公司"]
    assert page.troubles == []
