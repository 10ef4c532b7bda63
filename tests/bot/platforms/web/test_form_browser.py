"""The form view in a real browser: switching, typing, adding lines, what is wrong, the keyboard, the phone."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import text

from .browsing import articles, pick, say_in, visit
from .serving import Served
from .trade import add_customers, add_deal, add_products

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def begin(browser: Browser, served: Served, words: str, **options: Any) -> tuple[Page, Locator]:
    """Anna types something and switches to the form; the page and her column."""
    page = await visit(browser, served.url, **options)
    column = await pick(page, "Anna Berg")
    await say_in(column, words)
    await column.get_by_role("button", name="Form", exact=True).click()
    return page, column


def field(column: Locator, label: str) -> Locator:
    return column.locator("form.form").get_by_label(label, exact=False).first


def rows(served: Served, query: str) -> list[Any]:
    with served.app.database.read() as work:
        return list(work.connection.execute(text(query)))


async def test_a_lead_is_logged_on_one_page(served: Served, browser: Browser):
    page, column = await begin(browser, served, "lead")
    await expect(field(column, "Company")).to_be_focused()
    await expect(field(column, "Company")).to_have_accessible_description("the firm's name, as on its card")
    await expect(field(column, "Company")).to_have_attribute("aria-required", "true")
    await field(column, "Company").fill("Acme <b>& Söhne</b>")
    await field(column, "Source").select_option(label="Exhibition")
    await field(column, "Product need").fill("500 lamps\nof glass")
    await field(column, "Budget").fill("plenty")
    await column.get_by_role("button", name="Confirm").click()
    contact = field(column, "Contact")
    await expect(contact).to_be_focused()
    await expect(contact).to_have_attribute("aria-invalid", "true")
    await expect(contact).to_have_accessible_description("who you spoke to This is needed.")
    await expect(field(column, "Budget")).to_have_attribute("aria-invalid", "true")
    await expect(field(column, "Budget")).to_have_value("plenty")
    await contact.fill("Roland")
    await expect(contact).to_have_attribute("aria-invalid", "false")
    await field(column, "Budget").fill("30-50k USD")
    await field(column, "Budget").press("Enter")
    await expect(articles(column)).to_have_count(2)
    await expect(articles(column).last).to_contain_text("Acme <b>& Söhne</b>")
    await expect(column.locator("form.form")).to_have_count(0)
    [lead] = rows(served, "SELECT company, source, product_need FROM leads")
    assert tuple(lead) == ("Acme <b>& Söhne</b>", "exhibition", "500 lamps\nof glass")
    await say_in(column, "lead")
    await expect(articles(column)).to_have_count(4)
    await expect(column.locator("form.form")).to_have_count(0)  # another draft begins step by step, and empty
    assert page.troubles == []


async def test_switching_and_answering_in_steps_lose_nothing_typed(served: Served, browser: Browser):
    page, column = await begin(browser, served, "lead")
    await field(column, "Notes").fill("met at the fair")
    await field(column, "Company").fill("typed in the form")
    await column.get_by_role("button", name="Step by step").click()
    await expect(articles(column).last.locator(".prompt")).to_contain_text("Company")
    await expect(column.get_by_role("button", name="Form", exact=True)).to_be_focused()
    await say_in(column, "Ernst Handel")
    await expect(articles(column)).to_have_count(4)
    await expect(column.get_by_role("button", name="Form", exact=True)).to_have_count(1)  # the latest question's only
    await column.get_by_role("button", name="Form", exact=True).click()
    await expect(field(column, "Notes")).to_have_value("met at the fair")
    await expect(field(column, "Company")).to_have_value("Ernst Handel")  # answered since
    await expect(field(column, "Contact")).to_be_focused()
    await page.reload()
    await expect(field(column, "Notes")).to_have_value("met at the fair")
    await column.get_by_role("button", name="Cancel").last.click()
    await expect(column.locator("form.form")).to_have_count(0)
    await column.get_by_role("button", name="Continue").click()  # comes back as it was left
    await expect(field(column, "Notes")).to_have_value("met at the fair")
    assert page.troubles == []


async def test_a_record_is_searched_with_the_keyboard(served: Served, browser: Browser):
    add_customers(served.app, "Ernst Handel", "万通贸易有限公司", more=12)
    page, column = await begin(browser, served, "deal")
    customer = column.get_by_role("combobox", name="Customer")
    await expect(customer).to_be_focused()
    await expect(customer).to_have_attribute("aria-expanded", "false")
    await customer.press("ArrowDown")
    await expect(column.get_by_role("option")).to_have_count(14)
    await customer.fill("nobody at all")
    await expect(column.get_by_role("option")).to_have_count(1)
    await expect(column.get_by_role("option")).to_have_text("Nothing found")
    await customer.fill("wtmy")
    await expect(column.get_by_role("option")).to_contain_text("万通贸易有限公司")
    await customer.press("ArrowDown")
    option = column.get_by_role("option", selected=True)
    await expect(option).to_contain_text("万通贸易有限公司")
    assert await customer.get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await customer.press("Enter")
    await expect(customer).to_have_value("万通贸易有限公司")
    await expect(column.get_by_role("listbox")).to_be_hidden()
    await field(column, "Title").fill("500 lamps")
    await field(column, "Amount").fill("12,500 CNY")
    await field(column, "Expected close").fill("31/12/2098")
    await customer.fill("ernst")  # typed and not chosen: the one it fits
    await customer.press("Escape")
    await column.get_by_role("button", name="Confirm").click()
    await expect(articles(column).last).to_contain_text("500 lamps")
    await expect(column.locator("form.form")).to_have_count(0)
    found = rows(served, "SELECT customers.name FROM deals JOIN customers ON customers.id = customer_id")
    assert [row.name for row in found] == ["Ernst Handel"]
    assert page.troubles == []


async def test_lines_are_added_and_taken_out(served: Served, browser: Browser):
    add_customers(served.app, "Ernst Handel")
    add_products(served.app, "Chai", "Chang")
    page, column = await begin(browser, served, "order Ernst Handel")
    for _ in range(3):
        await column.get_by_role("button", name="Add another line").click()
    await expect(field(column, "Product 4")).to_be_focused()
    lines = column.get_by_role("group", name="Line")
    await expect(lines).to_have_count(4)
    await field(column, "Product 1").select_option(label="Chai · P000 · CNY 18.50 · stock 1,000")
    await field(column, "Quantity 1").fill("500")
    await field(column, "Unit price 1").fill("18")
    await field(column, "Quantity 3").fill("7")
    await column.get_by_role("button", name="Take this line out: Line 3").click()
    await field(column, "Product 4").select_option(value="2")
    await field(column, "Quantity 4").fill("2,000")
    await column.get_by_role("button", name="Step by step").click()
    await column.get_by_role("button", name="Form", exact=True).click()
    await expect(field(column, "Quantity 4")).to_have_value("2,000")
    for label, told in (
        ("Unit price 4", "19"),
        ("Price terms", "FOB Ningbo"),
        ("Delivery date", "31/12/2098"),
        ("Deliver to", "Ningbo"),
        ("Payment terms", "T/T 30/70"),
    ):
        await field(column, label).fill(told)
    await column.get_by_role("button", name="Submit").click()
    await expect(column.locator("form.form")).to_have_count(0)
    await expect(articles(column).last).to_contain_text("Line 2: Chang, 2,000, @ 19")  # looked over before it goes
    await articles(column).last.get_by_role("button", name="Submit").click()
    await expect(articles(column).last.get_by_role("button", name="Submit")).to_have_count(0)
    ordered = rows(served, "SELECT product_id, quantity FROM order_lines ORDER BY position")
    assert [(row.product_id, row.quantity // 10_000) for row in ordered] == [(1, 500), (2, 2000)]
    assert page.troubles == []


async def test_an_answer_that_makes_others_necessary_redraws_the_form(served: Served, browser: Browser):
    add_customers(served.app, "Ernst Handel")
    add_deal(served.app)
    page, column = await begin(browser, served, "move")
    await field(column, "Deal").select_option(label="D-1 500 lamps · Ernst Handel")
    await field(column, "New stage").select_option(label="Lost")
    await column.get_by_role("button", name="Confirm").click()
    reason = field(column, "Reason")
    await expect(reason).to_be_focused()
    await expect(field(column, "Deal")).to_have_value("1")
    await expect(field(column, "New stage")).to_have_value("lost")
    await reason.select_option(label="Price")
    await column.get_by_role("button", name="Confirm").click()
    await expect(articles(column).last).to_contain_text("is now in")
    assert [row.lost_reason for row in rows(served, "SELECT lost_reason FROM deals")] == ["price"]
    assert page.troubles == []


async def test_a_form_is_handed_in_once_however_often_one_presses(served: Served, browser: Browser):
    page, column = await begin(browser, served, "lead")
    held = asyncio.Event()
    posts = []

    async def hold(route):
        posts.append(route.request.post_data_json)
        await held.wait()
        await route.continue_()

    await page.route("**/messages", hold)
    confirm = column.get_by_role("button", name="Confirm")
    await confirm.dblclick()
    await expect(confirm).to_be_disabled()
    held.set()
    await expect(confirm).to_be_enabled()
    await expect(field(column, "Company")).to_be_focused()
    assert len(posts) == 1


@pytest.mark.parametrize("words", ["lead", "newcustomer", "deal", "order"])
async def test_on_a_phone_a_form_fits_and_everything_can_be_tapped(served: Served, browser: Browser, words: str):
    add_customers(served.app, "Ernst Handel", more=12)
    add_products(served.app, "Chai")
    page, column = await begin(browser, served, words, **PHONE)
    form = column.locator("form.form")
    await expect(form).to_be_visible()
    await expect(column.get_by_role("button", name="Step by step")).to_be_in_viewport()
    for one in await form.locator("button, input, select, textarea").all():
        box = await one.bounding_box()
        assert box["height"] >= 40, await one.get_attribute("aria-label")
        assert box["x"] >= 0, box
        assert box["x"] + box["width"] <= 390, box
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    unnamed = "all => all.filter((one) => !one.labels.length && !one.ariaLabel).length"
    assert await form.locator("input, select, textarea").evaluate_all(unnamed) == 0


async def test_the_form_speaks_the_persons_language(served: Served, browser: Browser):
    page = await visit(browser, served.url)
    column = await pick(page, "李伟")
    await column.get_by_role("textbox", name="消息", exact=True).fill("线索")
    await column.get_by_role("textbox", name="消息", exact=True).press("Enter")
    await column.locator("button.view").click()
    await expect(column.get_by_label("公司名称")).to_be_focused()
    await column.get_by_role("button", name="确认").click()
    await expect(column.get_by_label("联系人")).to_have_attribute("aria-invalid", "true")
    assert page.troubles == []
