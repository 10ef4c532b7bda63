"""A file in the browser chat: a line of that chat leads to it, and nothing else does."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, expect

from crm.core import files
from crm.core.history import Actor

from .browsing import articles, pick, visit
from .serving import Served
from .trade import ANNA, add_customers

NAME = "合同 & <b>offer</b>.html"
CONTENT = b"<script>alert(1)</script>"


def attach(served: Served, name: str = NAME) -> None:
    """A file under the first customer, Anna's."""
    with served.app.database.write() as work:
        file_id = files.keep_file(work, content=CONTENT, mime="text/html")
        told = {"file_id": file_id, "name": name, "person_id": ANNA}
        number = files.attach(work, entity=files.UNATTACHED, entity_id=ANNA, **told)
        actor = Actor(ANNA, "web")
        under = {"entity": "customer", "entity_id": 1, "name": name}
        assert files.file_under(work, actor=actor, attachment_id=number, **under)


async def ask_for_it(served: Served, chat: str) -> dict:
    """Open the card, its files, and have the file sent; the line it came with."""
    await served.post(chat, id="card", text="customer Wolza")
    for number, label in enumerate(("Files", NAME)):
        await served.app.delivery.settle()
        lines = await served.lines(chat)
        rows = lines[-1]["body"]["rows"]
        key = next(one["key"] for row in rows for one in row if one["label"] == label)
        await served.post(chat, id=f"press-{number}", press=key, message=lines[-1]["id"])
    await served.app.delivery.settle()
    return (await served.lines(chat))[-1]


async def test_a_file_is_had_from_the_line_it_came_with(served: Served):
    add_customers(served.app, "Wolza")
    attach(served)
    chat = await served.open(ANNA)
    line = await ask_for_it(served, chat)
    assert line["body"]["lines"][0]["text"] == "Wolza"
    assert (line["body"]["file"]["name"], line["body"]["file"]["size"]) == (NAME, len(CONTENT))
    answer = await served.client.get(f"/api/chats/{chat}/files/{line['id']}")
    assert answer.content == CONTENT
    # A page that somebody attached never runs as one of ours.
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert unquote(disposition.partition("''")[2]) == NAME


async def test_no_other_chat_and_no_other_line_leads_there(served: Served):
    add_customers(served.app, "Wolza")
    attach(served)
    chat = await served.open(ANNA)
    line = await ask_for_it(served, chat)
    other = await served.open(4)
    first = (await served.lines(chat))[0]["id"]
    for path in (
        f"/api/chats/{other}/files/{line['id']}",
        f"/api/chats/{chat}/files/{first}",
        f"/api/chats/{chat}/files/{10**30}",
        f"/api/chats/{chat}/files/x",
        f"/api/chats/nobody/files/{line['id']}",
    ):
        assert (await served.client.get(path)).status_code == 404, path
    foreign = await served.client.get(f"/api/chats/{chat}/files/{line['id']}", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


@pytest.mark.browser
async def test_the_page_saves_it(served: Served, browser: Browser, tmp_path: Path):
    add_customers(served.app, "Wolza")
    attach(served)
    await ask_for_it(served, await served.open(ANNA))
    page = await visit(browser, served.url)
    column = await pick(page, "Anna Berg")
    link = articles(column).last.get_by_role("link", name="offer")
    await expect(link).to_contain_text(NAME)
    async with page.expect_download() as download:
        await link.click()
    saved = tmp_path / "saved"
    await (await download.value).save_as(saved)
    assert saved.read_bytes() == CONTENT
    assert page.troubles == []
