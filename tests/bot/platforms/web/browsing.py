"""What one does with the page in a real browser."""

from playwright.async_api import Browser, Locator, Page, expect

from bot.cards.screen import Screen
from bot.gateway import Message
from bot.wording import wording

from .serving import PATIENCE_S, Served

PATIENCE_MS = PATIENCE_S * 1000
expect.set_options(timeout=PATIENCE_MS)


async def visit(browser: Browser, url: str, **options) -> Page:
    """The page, in a browser of its own; errors of scripts and of the page's policy fail the test."""
    context = await browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    page.troubles = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: "Security Policy" in said.text and page.troubles.append(said.text))
    page.on(
        "request", lambda sent: sent.url.startswith((url, "blob:")) or page.troubles.append(f"asked for {sent.url}")
    )
    await page.goto(url)
    return page


async def pick(page: Page, name: str) -> Locator:
    """Become somebody; returns the column."""
    if not await page.locator(".welcome").is_visible():
        await page.get_by_role("button", name="Open a chat").click()
    await page.get_by_role("button", name=name).last.click()
    column = page.get_by_role("region", name=name, exact=True)
    await column.wait_for()
    return column


def articles(column: Locator) -> Locator:
    return column.get_by_role("log").get_by_role("article")


async def say_in(column: Locator, text: str) -> None:
    field = column.get_by_role("textbox", name="Message")
    await field.fill(text)
    await field.press("Enter")


async def send(served: Served, chat: str, screen: Screen, language: str = "en") -> str:
    """What the program itself would say."""
    gateway = served.app.platforms[0].gateway
    drawn = Message(
        chat_id=chat, is_private=True, screen=screen, wording=wording(language, "Asia/Shanghai"), sign=lambda key: key
    )
    ref = await gateway.send(drawn)
    assert ref is not None
    return ref
