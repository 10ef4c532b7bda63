"""Quotes as a rep lives through them: asked, reviewed, a special price approved, sent, answered, ordered."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from crm.core.money import Money
from crm.sales.deals.deals import Deal, DealDetails, open_deal
from scheduler.quotes import expire_all
from tests.bot.trading_desk import CHEN, LI, XU, ZHAO, TradingDesk
from tests.conftest import Clock

QUOTE = ("/quote Ernst", "Oolong", "500", "18", "skip", "No more lines", "FOB Ningbo", "T/T 30/70", "31 March 2026")
PROMPTS = (
    "Product",
    "Quantity",
    "Unit price",
    "Discount",
    "Is there more",
    "Price terms",
    "Payment terms",
    "Valid until",
    "Lead time",
)
REVIEW = (
    "New quote",
    "Customer: Ernst Handel",
    "Line 1: Oolong, 500, @ 18",
    "Price terms: FOB Ningbo",
    "Payment terms: T/T 30/70",
    "Valid until: Tue 31 Mar 2026",
    "Lead time: 30 days after deposit",
    "Total: CNY 9,000",
    "All prices are at the floor or above.",
    "Oolong: 10 % under the list price.",
    "Is this right?",
)


@pytest.fixture
def oolong(company: TradingDesk) -> int:
    return _oolong(company)


def _oolong(company: TradingDesk) -> int:
    return company.trade.add_product("OOLONG", "Oolong", price="20", cost="10", floor_price=Decimal(15))


async def _quote(company: TradingDesk, price: str = "18") -> int:
    typed = [price if words == "18" else words for words in QUOTE]
    await company.say(LI, *typed, "30 days after deposit")
    await company.press(LI, "Confirm")
    return int(company.desk.rows("SELECT max(id) AS id FROM quotes")[0].id)


async def test_a_quote_step_by_step(company: TradingDesk, oolong: int) -> None:
    for words, asked in zip(QUOTE, PROMPTS, strict=True):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(asked)
    review = await company.say(LI, "30 days after deposit")
    assert review.lines[:-1] == REVIEW[:-1]
    assert review.labels == ["✅ Confirm", "Edit", "More fields", "Cancel"]
    await company.press(LI, "Confirm")
    saved = company.last(LI)
    assert saved.lines == ("Quote Q-2026-0001 is saved: Ernst Handel, CNY 9,000",)
    assert saved.labels == ["PDF", "Mark as sent", "Open"]
    (row,) = company.desk.rows("SELECT * FROM quotes")
    assert (row.number, row.status, row.price_status, row.lead_time) == (
        "Q-2026-0001",
        "draft",
        "free",
        "30 days after deposit",
    )


async def test_sent_accepted_and_ordered(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    await company.press(LI, "PDF")
    paper = company.last(LI).document
    assert paper is not None
    assert (paper.name, paper.mime, paper.content[:5]) == ("Q-2026-0001.pdf", "application/pdf", b"%PDF-")
    await company.press(LI, "Mark as sent")
    told = company.last(LI)
    assert "Q-2026-0001" in told.lines[-1]  # ready to be pasted
    assert "31 March 2026" in told.lines[-1]
    await company.press(LI, "Open")
    card = company.last(LI)
    assert card.labels[:5] == ["Customer accepted", "Customer declined", "New version", "PDF", "Sales contract"]
    assert "Margin" not in card.text
    await company.press(LI, "Sales contract")
    assert company.last(LI).document.name == "SC-2026-0001.pdf"  # type: ignore[union-attr]
    await company.press(LI, "Customer accepted")
    await company.press(LI, "Make order")
    review = company.last(LI)
    assert "Deal or quote: Q-2026-0001 Ernst Handel" in review.lines
    assert "Delivery date: Wed 1 Apr 2026" in review.lines
    assert review.labels[0] == "✅ Submit"
    await company.press(LI, "Submit")
    (order,) = company.desk.rows("SELECT * FROM orders")
    (quote,) = company.desk.rows("SELECT * FROM quotes")
    assert (order.quote_id, order.total, quote.status) == (quote.id, quote.total, "accepted")
    await company.say(LI, "quote Q-1")
    card = company.last(LI)
    assert "Order: SO-2026-0001" in card.lines
    assert "Make order" not in card.labels


async def test_a_special_price_is_approved_on_the_card(company: TradingDesk, oolong: int) -> None:
    await company.say(LI, *(words if words != "18" else "14" for words in QUOTE))
    review = await company.say(LI, "skip")
    assert "Oolong: the price is under the floor." in review.lines
    assert "Goes to Sales supervisor for special price approval." in review.lines
    await company.press(LI, "Confirm")
    assert company.last(LI).lines[-1].endswith("special price approval: Zhao")
    assert company.last(LI).labels == ["Open"]
    await company.press(LI, "Open")
    mine = company.last(LI)
    assert mine.labels == ["Change"]  # no PDF and no sending until it is approved
    card = company.last(ZHAO)
    assert "Margin: 28.6%" in card.lines
    assert card.labels[:3] == ["✅ Approve", "❌ Reject", "Send back"]
    assert await company.press(ZHAO, "Approve") == "Quote Q-2026-0001: Special price approved"
    assert "✓ Sales supervisor: Zhao" in company.last(ZHAO).lines
    assert "Approve" not in "".join(company.last(ZHAO).labels)
    (shown,) = [one for one in company.desk.room.chat(LI) if one.ref == mine.ref]
    assert "Mark as sent" in shown.labels
    assert company.notices(LI, "approved the special price of quote Q-2026-0001") == 1
    assert "28.6" not in company.everything(LI)


async def test_sent_back_changed_and_rejected(company: TradingDesk, oolong: int) -> None:
    await _quote(company, "14")
    await company.press(ZHAO, "Send back")
    await company.say(ZHAO, "at least 14.50")
    assert "at least 14.50" in company.last(LI).text
    await company.press(LI, "Open")
    await company.press(LI, "Change")
    assert "What to change: at least 14.50" in company.last(LI).lines
    await company.press(LI, "Confirm")
    assert "special price approval: Zhao" in company.last(LI).text
    await company.press(ZHAO, "Reject")
    await company.say(ZHAO, "The price is too low")
    (row,) = company.desk.rows("SELECT status, price_status FROM quotes")
    assert (row.status, row.price_status) == ("draft", "rejected")


async def test_a_stale_card_decides_nothing(company: TradingDesk, oolong: int) -> None:
    quote = await _quote(company, "14")
    before = company.last(ZHAO)
    await company.press(LI, "Open")
    await company.press(LI, "Change")
    await company.press(LI, "Edit")
    await company.press(LI, "Payment terms")
    await company.say(LI, "net 30")
    await company.press(LI, "Confirm")
    toast = await company.press(ZHAO, "Approve", on=before)
    assert "changed meanwhile" in toast
    assert company.desk.rows("SELECT price_status FROM quotes WHERE id = :id", id=quote)[0].price_status == "pending"


async def test_from_a_deal_only_the_review_is_shown(company: TradingDesk, oolong: int) -> None:
    deal = _deal(company, oolong)
    company.trade.submit(company.trade.draft(company.trade.line(product=oolong)))
    review = await company.say(LI, f"quote D-{deal}")
    assert f"Deal: D-{deal} Tea" in review.lines
    assert review.labels[0] == "✅ Confirm"
    await company.press(LI, "Confirm")
    await company.press(LI, "Mark as sent")
    await company.say(LI, f"deal D-{deal}")
    card = company.last(LI)
    assert "Quote sent on: Mon 2 Mar 2026" in card.lines
    assert any(line.startswith("Quote: Q-2026-0001") for line in card.lines)
    await company.say(LI, f"move {deal} negotiation")
    await company.press(LI, "Confirm")  # the stage lacks nothing more
    assert company.desk.rows("SELECT stage FROM deals")[0].stage == "negotiation"


async def test_several_lines_at_once(company: TradingDesk, oolong: int) -> None:
    await company.say(LI, "quote Ernst", "Oolong 500 @18; Chai 200 @19 95折", *QUOTE[5:], "skip")
    assert company.last(LI).lines[2:4] == ("Line 1: Oolong, 500, @ 18", "Line 2: Chai, 200, @ 19, −5%")
    await company.press(LI, "Confirm")
    assert company.desk.rows("SELECT total FROM quotes")[0].total == 126_100_000


async def test_a_price_in_another_currency_is_not_mixed_in(company: TradingDesk, oolong: int) -> None:
    company.trade.rate("USD", "7")
    await company.say(LI, "quote Ernst", "Oolong 500 @¥18; Chai 200 @$3", *QUOTE[5:], "skip")
    await company.press(LI, "Confirm")
    assert "This quote is in CNY; the price must be too." in company.last(LI).text
    assert company.desk.rows("SELECT id FROM quotes") == []


async def test_said_in_reply_to_its_card_it_is_a_note(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    await company.press(LI, "Open")
    await company.desk.say(LI, "wants it in green", replies_to=company.last(LI).ref)
    (note,) = company.desk.rows("SELECT text FROM communications")
    assert note.text == "Q-2026-0001: wants it in green"


async def test_a_new_version_shows_what_is_different(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    await company.press(LI, "Mark as sent")
    await company.press(LI, "Open")
    await company.press(LI, "New version")
    await company.press(LI, "Edit")
    await company.press(LI, "Payment terms")
    await company.say(LI, "L/C at sight")
    await company.press(LI, "Confirm")
    assert "(version 2)" in company.last(LI).text
    await company.press(LI, "Mark as sent")
    await company.press(LI, "Open")
    card = company.last(LI)
    assert "Changed: Payment terms: T/T 30/70 → L/C at sight" in card.lines
    rows = company.desk.rows("SELECT status FROM quotes ORDER BY id")
    assert [row.status for row in rows] == ["superseded", "sent"]


async def test_declined_with_a_reason(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    await company.press(LI, "Mark as sent")
    await company.press(LI, "Open")
    await company.press(LI, "Customer declined")
    await company.press(LI, "Price")
    assert company.last(LI).labels == ["New version", "Open"]
    assert company.desk.rows("SELECT decline_reason FROM quotes")[0].decline_reason == "price"


async def test_an_expired_one_says_so_and_is_renewed(company: TradingDesk, oolong: int, clock: Clock) -> None:
    await _quote(company)
    await company.press(LI, "Mark as sent")
    clock.move(days=30)
    assert expire_all(company.desk.database) == 1
    await company.say(LI, "quote Q-2026-0001")
    card = company.last(LI)
    assert "Status: Expired" in card.lines
    await company.press(LI, "New version")
    assert "Valid until: Fri 1 May 2026" in company.last(LI).lines


async def test_lists_by_status_and_by_record(company: TradingDesk, oolong: int) -> None:
    assert "no quotes yet" in (await company.say(LI, "quotes")).text
    for _ in range(2):
        await _quote(company)
    shown = await company.say(LI, "quotes")
    assert "Draft: 2" in shown.lines
    assert [label[:11] for label in shown.labels] == ["Q-2026-0002", "Q-2026-0001"]
    await company.say(LI, "customer Ernst")
    await company.press(LI, "Quotes")
    assert "Q-2026-0002 Ernst Handel · CNY 9,000 · Draft" in company.last(LI).lines


async def test_what_waits_for_the_supervisor(company: TradingDesk, oolong: int) -> None:
    first = await _quote(company, "14")
    shown = await company.say(ZHAO, "approvals")
    assert "Special price: Waiting for special price approval" in shown.lines
    await _quote(company, "13")
    shown = await company.say(ZHAO, "approvals")
    assert shown.lines[0] == "2 special prices wait for you"
    await company.press(ZHAO, "Q-2026-0001")
    await company.press(ZHAO, "Approve", on=company.last(ZHAO))
    (row,) = company.desk.rows("SELECT price_status FROM quotes WHERE id = :id", id=first)
    assert row.price_status == "approved"
    assert "Nothing waits" in (await company.say(CHEN, "approvals")).text


async def test_other_roles_make_no_quotes(company: TradingDesk, oolong: int) -> None:
    assert "for other roles" in (await company.say(XU, "quote")).text


def _deal(company: TradingDesk, product: int) -> int:
    trade = company.trade
    with trade.database.write() as work:
        told = DealDetails(
            customer_id=trade.customer,
            title="Tea",
            amount=Money(Decimal(9000), "CNY"),
            product_id=product,
            quantity=Decimal(500),
        )
        deal = open_deal(work, actor=trade.rep, platform="test", details=told)
        facts = {"payment_terms": "T/T 30/70", "first_response_on": "2026-02-27", "need": "loose leaf"}
        work.connection.execute(update(Deal).where(Deal.id == deal).values(stage="quotation", facts=facts))
    return deal


async def test_the_card_of_a_special_price_holds_what_the_decision_needs(company: TradingDesk, oolong: int) -> None:
    await _quote(company, "11")
    card = (await company.say(ZHAO, "/approvals")).lines
    [line] = [one for one in card if "Oolong" in one and "×" in one]
    for told in ("under the floor", "floor CNY 15", "list CNY 20", "margin 9.1%"):
        assert told in line
    assert any(one.startswith("Credit used: CNY 0 of CNY 1,000,000") for one in card)
    assert await company.press(ZHAO, "Approve") == "Quote Q-2026-0001: Waiting for special price approval"
    shown = await company.say(CHEN, "/approvals")
    assert "✓ Sales supervisor: Zhao" in shown.lines
    assert "Approve" in " ".join(shown.labels)
    assert "floor CNY" not in (await company.say(LI, "/quote Q-2026-0001")).text
    assert any("special price" in one for one in (await company.say(CHEN, "/today")).lines)
    await company.press(CHEN, "Approve")
    assert company.notices(LI, "Chen approved the special price of quote Q-2026-0001") == 1


async def test_a_second_version_shows_what_changed_and_nothing_else(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    await company.say(LI, "/quote Q-2026-0001")
    await company.press(LI, "Mark as sent")
    await company.say(LI, "/quote Q-2026-0001")
    await company.press(LI, "New version")
    await company.press(LI, "Confirm")
    changed = [one for one in (await company.say(LI, "/quote Q-2026-0001")).lines if one.startswith("Changed")]
    assert not [one for one in changed if "Oolong" in one]


async def test_a_quote_is_found_by_its_number_and_its_customer(company: TradingDesk, oolong: int) -> None:
    await _quote(company)
    for typed in ("Q-2026-0001", "ernst"):
        assert "Q-2026-0001" in (await company.say(LI, f"/find {typed}")).labels
    await company.press(LI, "Q-2026-0001")
    assert company.last(LI).lines[0].startswith("Q-2026-0001")
