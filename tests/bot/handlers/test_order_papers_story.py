"""An order's papers in the chat: confirmation and invoice for who sells, packing lists for logistics too."""

import io

from pypdf import PdfReader

from crm.people.people import Role
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import MakePerson

LIN, MO = "Lin", "Mo"


async def _shipped(company: TradingDesk, make_person: MakePerson) -> None:
    for name, role in ((LIN, Role.LOGISTICS), (MO, Role.PRODUCTION)):
        await company.link(make_person(name, role, at=company.desk.database))
    await company.order(terms="net 30")
    await company.approve(ZHAO, SUN)
    await company.say(LIN, "/ship SO-2026-0001", "200", "sea", "skip", "MSCU6639870", "today", "30 April")
    await company.press(LIN, "Confirm")


def _text(company: TradingDesk, account: str) -> tuple[str, str]:
    """Name and words of the document sent last."""
    sent = company.last(account).document
    assert sent is not None, company.last(account)
    pages = PdfReader(io.BytesIO(sent.content)).pages
    return sent.name, "".join("".join(page.extract_text().split()) for page in pages)


async def test_the_rep_gets_all_papers(company: TradingDesk, make_person: MakePerson) -> None:
    await _shipped(company, make_person)
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Papers")
    assert company.last(LI).labels == ["Order confirmation", "Proforma invoice", "Packing list"]
    await company.press(LI, "Order confirmation")
    name, words = _text(company, LI)
    assert name == "OC-2026-0001.pdf"
    for told in ("ORDERCONFIRMATION", "订单确认书", "ErnstHandel", "500pcs", "CNY9,000.00", "net30"):
        assert told in words
    await company.press(LI, "Proforma invoice")
    name, words = _text(company, LI)
    assert name == "PI-SO-2026-0001.pdf"
    assert "PROFORMAINVOICE" in words
    assert "形式发票" in words


async def test_logistics_get_what_left_without_prices(company: TradingDesk, make_person: MakePerson) -> None:
    await _shipped(company, make_person)
    await company.say(LIN, "/orders SO-2026-0001")
    await company.press(LIN, "Papers")
    assert company.last(LIN).labels == ["Packing list"]
    await company.press(LIN, "Packing list")
    name, words = _text(company, LIN)
    assert name == "PL-2026-0001-1.pdf"
    for told in ("PACKINGLIST", "装箱单", "200pcs", "Sea海运", "MSC", "MSCU6639870", "Hamburg", "2026-04-30"):
        assert told in words
    for priced in ("CNY", "18", "3,600", "9,000", "T/T"):
        assert priced not in words
    await company.say(LIN, "/ship SO-2026-0001", "all that is left", "Road", "DHL", "skip", "today", "5 March")
    await company.press(LIN, "Confirm")
    await company.say(LIN, "/orders SO-2026-0001")
    await company.press(LIN, "Papers")
    assert company.last(LIN).labels == ["Packing list 1", "Packing list 2"]
    await company.press(LIN, "Packing list 2")
    assert "300pcs" in _text(company, LIN)[1]


async def test_who_may_not_see_prices_gets_no_confirmation(company: TradingDesk, make_person: MakePerson) -> None:
    await _shipped(company, make_person)
    card = await company.say(MO, "/orders SO-2026-0001")
    assert "Papers" not in card.labels
    for account, action in (
        (LIN, "order.confirmation:1"),
        (LIN, "order.proforma:1"),
        (MO, "order.confirmation:1"),
        (MO, "shipment.packing_list:1"),
    ):
        key = company.desk.keys.seal(action, platform="test", chat_id=account)
        answered = await company.desk.take(company.desk.inbound(account, "press", button=key))
        assert company.last(account).document is None
        assert answered.toast in {
            "Order confirmation and invoice are for those who may see prices.",
            "Packing lists are for logistics and sales.",
        }
    assert company.desk.rows("SELECT count(*) AS n FROM files")[0].n == 0


async def test_there_are_none_before_the_approval(company: TradingDesk) -> None:
    await company.order(terms="net 30")
    card = await company.say(LI, "/orders SO-2026-0001")
    assert "Papers" not in card.labels
    key = company.desk.keys.seal("order.papers:1", platform="test", chat_id=LI)
    await company.desk.take(company.desk.inbound(LI, "press", button=key))
    assert "There are no papers of this order yet." in company.last(LI).lines
    assert company.last(LI).labels == []
