"""Documents as people live through them: attached where they say, listed, sent again; or imported."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.app import keep_house
from bot.delivery import Delivery
from bot.handlers.company import imports
from bot.inbound import FILE
from crm.core.errors import StoreUnavailable
from crm.core.files import StoredFile
from crm.core.text import T
from crm.people.people import Role
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakeLead, MakePerson

CONTRACT = b"%PDF-1.4 the contract"
CUSTOMERS = "公司名称,联系人,国家\n万通贸易,王经理,CN\nErnst Handel,Roland,AT\n,,\n,nobody,DE\n".encode()
KEPT = "SELECT entity, entity_id, name FROM attachments ORDER BY id"


async def send(
    company: TradingDesk,
    account: str = LI,
    name: str = "contract.pdf",
    content: bytes = CONTRACT,
    replies_to: str | None = None,
    **more: Any,
) -> Shown:
    """Send a document as a door would hand it in."""
    path = company.desk.spool / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    values = {"name": name, "mime": "application/pdf", "size": len(content), "path": str(path), **more}
    await company.desk.take(company.desk.inbound(account, FILE, values=values, replies_to=replies_to))
    return company.last(account)


def kept(company: TradingDesk) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in company.desk.rows(KEPT)]


def sent_documents(company: TradingDesk) -> list[tuple[str, bytes]]:
    return [(one.document.name, one.document.content) for _, one in company.desk.room.calls if one.document]


async def test_a_document_is_attached_to_what_is_open(company: TradingDesk) -> None:
    await company.order()
    await company.press(LI, "Open")
    card = company.last(LI)
    assert "Files" not in card.labels
    shown = await send(company)
    assert shown.lines[-1] == "Attach contract.pdf to SO-2026-0001?"
    assert shown.labels == ["Confirm", "To another record", "Cancel"]
    assert kept(company) == [("person", company.trade.rep.id, "contract.pdf")]  # nowhere unasked
    await company.press(LI, "Confirm")
    assert kept(company) == [("order", 1, "contract.pdf")]
    assert company.last(LI).text == "contract.pdf is attached to SO-2026-0001."
    card = company.desk.room.seen[card.ref]
    assert "Files: 1" in card.lines
    history = company.desk.rows("SELECT entity, entity_id, person_id FROM history WHERE act = 'file attached'")
    assert [tuple(row) for row in history] == [("order", 1, company.trade.rep.id)]
    await company.press(LI, "Files", on=card)
    assert company.last(LI).lines[0] == "Files of SO-2026-0001"
    await company.press(LI, "contract.pdf")
    assert sent_documents(company) == [("contract.pdf", CONTRACT)]


async def test_pressed_twice_it_is_attached_once(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/customer Ernst")
    asked = await send(company)
    await company.press(LI, "Confirm", on=asked)
    assert await company.press(LI, "Confirm", on=asked) == "This was answered already."
    assert await company.press(LI, "Cancel", on=asked) == "This was answered already."
    assert kept(company) == [("customer", company.trade.customer, "contract.pdf")]


async def test_it_can_be_taken_off_again_and_put_elsewhere(company: TradingDesk) -> None:
    other = company.trade.add_customer("Wolza")
    await company.say(LI, "/customer Ernst")
    await send(company)
    await company.press(LI, "Confirm")
    await company.press(LI, "Undo")
    assert kept(company) == [("person", company.trade.rep.id, "contract.pdf")]
    await company.press(LI, "To another record")
    shown = await company.say(LI, "Wolza")
    assert shown.text == "contract.pdf is attached to Wolza."
    assert kept(company) == [("customer", other, "contract.pdf")]
    assert [row.act for row in company.desk.rows("SELECT act FROM history WHERE act LIKE 'file%' ORDER BY id")] == [
        "file attached",
        "file taken off",
        "file attached",
    ]


async def test_cancelled_nothing_is_left_of_it(company: TradingDesk) -> None:
    await send(company)
    await send(company, XU)  # the same bytes from somebody else
    await company.press(LI, "Cancel")
    assert company.last(LI).text == "contract.pdf is dropped; nothing was attached."
    assert kept(company) == [("person", company.trade.admin.id, "contract.pdf")]
    assert len(company.desk.rows("SELECT id FROM files")) == 1
    await company.press(XU, "Cancel")
    assert company.desk.rows("SELECT id FROM files") == []


async def test_a_card_of_yesterday_is_not_open_any_more(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/customer Ernst")
    clock.move(hours=7)
    shown = await send(company)
    assert shown.text == "contract.pdf is kept. Where does it belong?"
    await company.press(LI, "To a customer")
    assert company.last(LI).lines[-1].startswith("Customer:")
    await company.say(LI, "Ernst")
    assert kept(company) == [("customer", company.trade.customer, "contract.pdf")]


async def test_in_a_form_it_may_be_given_another_name(small_company: TradingDesk) -> None:
    company = small_company
    asked = await send(company)
    await company.press(LI, "To a customer", on=asked, forms=True, trigger="t1")
    values = {"customer": str(company.trade.customer), "name": "Contract 2026.pdf"}
    await company.press(LI, "To a customer", on=asked, forms=True, trigger="t2")  # the same once more
    other = company.last(LI).form
    assert other is not None
    await company.desk.fill(LI, values, token=other.token)
    assert kept(company) == [("customer", company.trade.customer, "Contract 2026.pdf")]
    await company.desk.say(LI, "/continue", forms=True, trigger="t3")  # the first one, put aside
    again = company.last(LI).form
    assert again is not None
    await company.desk.fill(LI, values, token=again.token)
    assert company.last(LI).text == "This was answered already."
    assert kept(company) == [("customer", company.trade.customer, "Contract 2026.pdf")]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ({"problem": "too_large"}, "contract.pdf is larger than 20 MB. Please send a smaller one, or a link to it."),
        ({"problem": "unavailable"}, "contract.pdf could not be fetched. Please send it once more."),
        ({"path": "/nowhere/at/all"}, "contract.pdf could not be fetched. Please send it once more."),
    ],
)
async def test_what_could_not_be_had_is_said(small_company: TradingDesk, problem: dict[str, str], told: str) -> None:
    assert (await send(small_company, **problem)).text == told
    assert kept(small_company) == []


async def test_the_question_stands_when_a_document_could_not_be_had(small_company: TradingDesk) -> None:
    company = small_company
    question = await company.say(LI, "/lead")
    await send(company, problem="too_large")
    assert question.ref in company.desk.room.seen
    assert "Company: Wolza" in (await company.say(LI, "Wolza")).lines


async def test_a_draft_goes_on_beside_a_document(small_company: TradingDesk) -> None:
    """A photo sent in the middle: it is asked by buttons, and what is typed is still the lead's."""
    company = small_company
    question = await company.say(LI, "/lead")
    shown = await send(company)
    assert shown.text.startswith("Your draft goes on")
    assert question.ref in company.desk.room.seen
    assert "Company: Wolza" in (await company.say(LI, "Wolza")).lines
    await company.press(LI, "Cancel", on=shown)
    assert "Contact: Roland" in (await company.say(LI, "Roland")).lines


async def test_an_empty_document_is_not_kept(small_company: TradingDesk) -> None:
    assert (await send(small_company, content=b"")).text == "contract.pdf is empty."
    assert kept(small_company) == []


async def test_a_delivery_that_comes_again_keeps_one_file(small_company: TradingDesk) -> None:
    company = small_company
    path = company.desk.spool / "offer.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTRACT)
    inbound = company.desk.inbound(LI, FILE, values={"name": "offer.pdf", "path": str(path)})
    await company.desk.take(inbound)
    assert not path.exists()
    path.write_bytes(CONTRACT)  # the door has fetched it once more
    assert (await company.desk.take(inbound)).status == "again"
    assert not path.exists()
    assert len(kept(company)) == 1


async def test_files_are_for_those_who_may_see_the_record(company: TradingDesk, make_person: MakePerson) -> None:
    await company.link(make_person("Qian", team="South"), make_person("Ma", Role.PRODUCTION))
    await company.order()
    await company.press(LI, "Open")
    await send(company)
    await company.press(LI, "Confirm")
    await company.approve(ZHAO, SUN)
    shown = await company.say("Ma", "/orders SO-2026-0001")  # may see it, without prices
    assert shown.lines[0].startswith("SO-2026-0001")
    assert "Files" not in shown.labels
    for account, told in (
        ("Qian", "There is no such order."),
        ("Ma", "The files of an order are for those who may see its prices."),
    ):
        for action in ("files.of:order.1", "files.send:1"):
            key = company.desk.keys.seal(action, platform="test", chat_id=account)
            receipt = await company.desk.take(company.desk.inbound(account, "press", button=key))
            assert receipt.toast == told
    assert sent_documents(company) == []


async def test_nobody_attaches_what_another_has_sent(small_company: TradingDesk) -> None:
    company = small_company
    await send(company)
    for action in (f"file.attach:1.customer.{company.trade.customer}", "file.choose:1", "file.drop:1", "files.send:1"):
        key = company.desk.keys.seal(action, platform="test", chat_id=ZHAO)
        await company.desk.take(company.desk.inbound(ZHAO, "press", button=key))
    assert kept(company) == [("person", company.trade.rep.id, "contract.pdf")]
    assert sent_documents(company) == []


async def test_the_files_of_a_lead_in_the_pool_come_with_the_claim(
    small_company: TradingDesk, make_lead: MakeLead
) -> None:
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    await company.say(LI, "/leads")
    await company.press(LI, "Ernst Handel")
    await send(company, name="card.jpg")
    await company.press(LI, "Confirm")
    assert kept(company) == [("lead", 1, "card.jpg")]
    with company.desk.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET owner_id = NULL")
    key = company.desk.keys.seal("files.of:lead.1", platform="test", chat_id=ZHAO)
    receipt = await company.desk.take(company.desk.inbound(ZHAO, "press", button=key))
    assert receipt.toast == "Claim this lead first: its files come with it."


# — tables —


async def test_an_administrators_table_is_looked_at_and_imported(company: TradingDesk) -> None:
    shown = await send(company, XU, "customers.csv", CUSTOMERS)
    assert shown.lines[0] == "Import customers from customers.csv"
    assert shown.lines[1].startswith("Rows: 1 new, ")
    assert "1 faulty" in shown.lines[1]
    assert shown.lines[-1] == "Nothing is written yet. Import it?"
    assert len(company.desk.rows("SELECT id FROM customers")) == 1
    await company.press(XU, "Confirm", on=shown)
    assert company.last(XU).text.startswith("customers.csv is imported: 1 new")
    assert {row.name for row in company.desk.rows("SELECT name FROM customers")} == {"Ernst Handel", "万通贸易"}
    assert await company.press(XU, "Confirm", on=shown) == "This was answered already."
    assert kept(company) == []


async def test_products_are_told_from_customers(small_company: TradingDesk) -> None:
    table = b"SKU,Product,List price,Currency\nTENT-1,Tent,120,USD\n"
    shown = await send(small_company, XU, "list.csv", table)
    assert shown.lines[0] == "Import products from list.csv"


async def test_what_cannot_be_imported_says_why_and_can_be_attached(small_company: TradingDesk) -> None:
    company = small_company
    shown = await send(company, XU, "prices.xlsx", b"PK\x03\x04 a workbook")
    assert shown.lines[0] == "This is a workbook. Please save the sheet as CSV (UTF-8) and import that."
    assert "To a customer" in shown.labels
    shown = await send(company, XU, "list.csv", b"a,b\n1,2\n")
    assert shown.lines[0].startswith("This can't be imported as a table")


async def test_a_table_too_long_for_the_chat_is_for_the_command_line(
    small_company: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 2)
    rows = [f"Firm {number},Li,CN" for number in range(3)]
    shown = await send(small_company, XU, "two.csv", "\n".join(["Company,Contact,Country", *rows[:2]]).encode())
    assert shown.lines[1].startswith("Rows: 2 new")
    shown = await send(small_company, XU, "three.csv", "\n".join(["Company,Contact,Country", *rows]).encode())
    assert shown.lines[0] == "The table has more than 2 rows; import it with: tradewind import FILE"
    assert "To a customer" in shown.labels


async def test_a_table_of_anybody_else_is_an_attachment(small_company: TradingDesk) -> None:
    company = small_company
    shown = await send(company, LI, "customers.csv", CUSTOMERS)
    assert shown.text == "customers.csv is kept. Where does it belong?"
    key = company.desk.keys.seal("file.import:1", platform="test", chat_id=LI)
    receipt = await company.desk.take(company.desk.inbound(LI, "press", button=key))
    assert receipt.toast == "Tables are imported by an administrator."
    assert len(company.desk.rows("SELECT id FROM customers")) == 1


async def test_a_path_in_a_name_stays_a_name_and_a_line_a_line(small_company: TradingDesk, tmp_path: Path) -> None:
    inner = tmp_path / "x.pdf"
    for name in ("../../etc/passwd", "C:\\docs\\offer.pdf", "", "a\r\nb\x7f\x1b.pdf"):
        inner.write_bytes(CONTRACT)
        values = {"name": name, "path": str(inner)}
        await small_company.desk.take(small_company.desk.inbound(LI, FILE, values=values))
    assert [name for _, _, name in kept(small_company)] == ["passwd", "offer.pdf", "file", "a__b__.pdf"]
    assert small_company.last(LI).text == "a__b__.pdf is kept. Where does it belong?"


async def test_sent_in_reply_to_a_card_it_belongs_there(small_company: TradingDesk) -> None:
    company = small_company
    company.trade.add_customer("Wolza")
    card = await company.say(LI, "/customer Ernst")
    await company.say(LI, "/customer Wolza")
    told = await send(company, replies_to=card.ref)
    assert told.lines[-1] == "Attach contract.pdf to Ernst Handel?"
    told = await send(company, replies_to=told.ref)  # no card
    assert told.lines[-1] == "Attach contract.pdf to Wolza?"


async def test_what_nobody_has_placed_in_a_month_is_dropped(company: TradingDesk, clock: Clock) -> None:
    await company.say(LI, "/customer Ernst")
    for content in (CONTRACT, b"the second", b"the third"):
        await send(company, content=content)
    offers = [shown for shown in company.desk.room.chat(LI) if "Attach" in shown.text]
    for offer in offers[:2]:
        await company.press(LI, "Confirm", on=offer)
    clock.move(days=31)
    await company.press(LI, "Undo")  # what is taken off again counts from now
    keep_house(company.desk.database)
    assert [entity for entity, _, _ in kept(company)] == ["customer", "person"]
    assert len(company.desk.rows("SELECT id FROM files")) == 2
    clock.move(days=29)
    keep_house(company.desk.database)
    assert len(kept(company)) == 2
    clock.move(days=2)
    keep_house(company.desk.database)
    assert kept(company) == [("customer", company.trade.customer, "contract.pdf")]
    assert [row.content for row in company.desk.rows("SELECT content FROM files")] == [CONTRACT]


async def test_a_content_is_read_when_its_turn_comes(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/customer Ernst")
    for name, content in (("one.pdf", b"one"), ("two.pdf", b"two")):
        await send(company, name=name, content=content)
        await company.press(LI, "Confirm")
    room, before, first = company.desk.room, asyncio.Event(), asyncio.Event()
    room.gates += [before, first]
    room.arrivals.clear()
    await company.desk.say(LI, "/help", settle=False)
    for attachment in (1, 2):  # so both wait when the chat's next messages are drawn
        key = company.desk.keys.seal(f"files.send:{attachment}", platform="test", chat_id=LI)
        await company.desk.take(company.desk.inbound(LI, "press", button=key), settle=False)
    await room.arrivals.wait()
    room.arrivals.clear()
    before.set()
    await room.arrivals.wait()
    company.desk.write(lambda work: work.connection.execute(update(StoredFile).values(content=b"late")))
    first.set()
    await company.desk.delivery.settle()
    assert sent_documents(company) == [("one.pdf", b"one"), ("two.pdf", b"late")]


async def test_files_wait_for_a_store_that_is_away(small_company: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    company = small_company
    await company.say(LI, "/customer Ernst")
    await send(company)
    await company.press(LI, "Confirm")
    read = Delivery._read
    monkeypatch.setattr(Delivery, "_read", unavailable)
    key = company.desk.keys.seal("files.send:1", platform="test", chat_id=LI)
    await company.desk.take(company.desk.inbound(LI, "press", button=key))
    assert sent_documents(company) == []
    monkeypatch.setattr(Delivery, "_read", read)
    company.desk.write(lambda work: work.connection.exec_driver_sql("UPDATE chats SET paused_until = NULL"))
    await company.desk.delivery.tick()
    assert sent_documents(company) == [("contract.pdf", CONTRACT)]
    assert company.desk.outbox()[-1] == ("sent", 1)


def unavailable(*_: object) -> None:
    raise StoreUnavailable("locked", T("Locked"))
