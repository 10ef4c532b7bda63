"""What people share into the chat: contact cards, other people's words, and replies to cards."""

from datetime import datetime

from bot.inbound import CONTACT, FORWARD
from crm.sales.customers.communications import communications_of
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import MakeLead, MakePerson

SAID_AT = "2026-02-27T08:15:00+00:00"


async def share(company: TradingDesk, account: str, kind: str, **more: object) -> Shown:
    await company.desk.take(company.desk.inbound(account, kind, **more))
    return company.last(account)


async def forward(company: TradingDesk, text: str, author: str = "Hans Müller", account: str = LI) -> Shown:
    values = {"author": author, "said_at": SAID_AT}
    return await share(company, account, FORWARD, text=text, values=values)


def notes(company: TradingDesk) -> list[str]:
    return [row.text for row in company.desk.rows("SELECT text FROM communications ORDER BY id")]


# — a contact card —


async def test_a_contact_card_starts_a_lead(company: TradingDesk) -> None:
    card = {"name": "Hans Müller", "phone": "+49 30 901820", "email": "hans@mueller.example"}
    shown = await share(company, LI, CONTACT, values=card)
    assert "Contact: Hans Müller" in shown.lines
    assert "Phone or e-mail: +49 30 901820, hans@mueller.example" in shown.lines
    assert shown.lines[-1].startswith("Company:")
    shown = await company.say(LI, "Müller Licht GmbH")
    assert shown.lines[-1].startswith("Country or region")


async def test_a_number_that_cannot_be_read_is_kept_among_the_notes(small_company: TradingDesk) -> None:
    shown = await share(small_company, LI, CONTACT, values={"name": "Hans", "phone": "12"})
    assert "Notes: 12" in shown.lines


async def test_who_may_not_log_leads_is_told_so(small_company: TradingDesk) -> None:
    shown = await share(small_company, SUN, CONTACT, values={"name": "Hans", "phone": "+49 30 901820"})
    assert shown.text == "Leads are logged by sales. Please pass it on to a colleague there."
    assert not small_company.desk.rows("SELECT id FROM conversation_sessions")


async def test_a_draft_is_put_aside_for_a_contact_card_and_can_be_continued(small_company: TradingDesk) -> None:
    await small_company.say(LI, "/order Ernst")
    shown = await share(small_company, LI, CONTACT, values={"name": "Hans"})
    assert "put aside" in shown.lines[0]
    assert "Continue" not in shown.labels
    await small_company.say(LI, "/cancel")
    await small_company.say(LI, "/continue")
    assert small_company.last(LI).text.startswith("New order")


# — somebody else's words —


async def test_a_forwarded_message_is_added_to_a_customers_history(company: TradingDesk) -> None:
    shown = await forward(company, "We take 500 pieces")
    assert shown.lines[-1].startswith("Customer:")
    assert notes(company) == []
    shown = await company.say(LI, "Ernst Handel")
    assert shown.labels[:1] == ["✅ Confirm"]
    assert "Said by: Hans Müller" in shown.lines
    assert "Said on: Fri 27 Feb 2026 16:15" in shown.lines  # in Shanghai
    assert notes(company) == []
    await company.press(LI, "Confirm")
    with company.desk.database.read() as work:
        said = communications_of(work, customer_id=company.trade.customer)[0]
    assert (said.text, said.person_name) == ("Hans Müller: We take 500 pieces", "Li")
    assert said.at == datetime.fromisoformat(SAID_AT)
    assert company.last(LI).lines == ("Noted for Ernst Handel.",)
    await company.press(LI, "Undo")
    assert notes(company) == []
    assert company.last(LI).text == "The note is taken back."


async def test_the_customer_it_is_about_is_proposed_first(company: TradingDesk) -> None:
    for name in ("Aardvark Ltd", "Bergmann AG", "Wolza"):
        company.trade.add_customer(name)
    assert (await forward(company, "Hello from bergmann ag, please call", "Nobody")).labels[0] == "Bergmann AG"
    assert (await forward(company, "Hello", "Wolza")).labels[0] == "Wolza"
    neither = await forward(company, "Bergmann AG or Wolza, I do not know", "Nobody")
    assert neither.labels[0] == "Aardvark Ltd"  # two of them: nothing is proposed


async def test_a_colleagues_customer_is_not_proposed(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    shown = await forward(company, "Hello from Ernst Handel", "Nobody", account="Qian")
    assert shown.lines[-1].startswith("Customer:")
    assert "Ernst Handel" not in shown.labels


async def test_a_form_has_the_likely_customer_filled_in(small_company: TradingDesk) -> None:
    values = {"author": "Ernst Handel", "said_at": "yesterday"}
    shown = await share(small_company, LI, FORWARD, text="Hello", values=values, forms=True, trigger="t1")
    assert shown.form is not None
    filled = {field.key: field.value for field in shown.form.inputs}
    assert filled["customer"]
    assert filled.get("said") is None  # no date that could be read
    await small_company.desk.fill(LI, filled, token=shown.form.token)
    assert notes(small_company) == ["Ernst Handel: Hello"]


async def test_a_forward_without_words_is_answered(small_company: TradingDesk) -> None:
    assert (await forward(small_company, " ")).text.startswith("There is no text in this")


async def test_a_form_sent_for_a_colleagues_customer_writes_nothing(
    small_company: TradingDesk, make_person: MakePerson
) -> None:
    company = small_company
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    await forward(company, "Hello", account="Qian")
    shown = await company.say("Qian", "Ernst Handel")
    assert "Nothing called Ernst Handel was found." in shown.text
    assert notes(company) == []


# — a reply to a card —


async def test_a_reply_to_a_customers_card_is_a_note(company: TradingDesk) -> None:
    card = await company.say(LI, "/customer Ernst")
    await company.desk.say(LI, "wants samples by Friday", replies_to=card.ref)
    assert company.last(LI).lines == ("Noted for Ernst Handel.",)
    assert notes(company) == ["wants samples by Friday"]
    assert "wants samples by Friday" in company.desk.room.seen[card.ref].text
    undo = company.last(LI)
    await company.press(LI, "Undo")
    assert notes(company) == []
    assert "wants samples" not in company.desk.room.seen[card.ref].text
    told = await company.press(LI, "Undo", on=undo)
    assert told == "This note was taken back already, or it is not yours."
    kept = company.desk.rows("SELECT changes FROM history WHERE act = 'note taken back'")
    assert "wants samples by Friday" in str(kept[0].changes)


async def test_a_reply_to_a_deals_card_is_a_note_on_the_deal(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/deal Ernst", "LED panels", "Chai", "62万", "1 June 2026", "skip")
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")
    card = company.last(LI)
    await company.desk.say(LI, "they compare with two others", replies_to=card.ref)
    rows = company.desk.rows("SELECT customer_id, deal_id, text FROM communications")
    assert [tuple(row) for row in rows] == [(company.trade.customer, 1, "they compare with two others")]
    assert company.last(LI).lines == ("Noted for D-1 LED panels.",)


async def test_a_reply_to_a_leads_card_is_kept_with_the_lead(company: TradingDesk, make_lead: MakeLead) -> None:
    lead_id = make_lead(company.trade.rep, notes="met at the fair")
    await company.say(LI, "/leads")
    await company.press(LI, "Ernst Handel")
    card = company.last(LI)
    await company.desk.say(LI, "call after Easter", replies_to=card.ref)
    assert company.last(LI).lines == (f"Noted for L-{lead_id} Ernst Handel.",)
    read = "SELECT notes FROM leads"
    assert company.desk.rows(read)[0].notes == "met at the fair\n2026-03-02 Li: call after Easter"
    assert "call after Easter" in company.desk.room.seen[card.ref].text
    undo = company.last(LI)
    await company.press(LI, "Undo")
    assert company.desk.rows(read)[0].notes == "met at the fair"
    told = await company.press(LI, "Undo", on=undo)
    assert told == "Somebody has added a note since, or this note was taken back already."
    assert [row.act for row in company.desk.rows("SELECT act FROM history WHERE entity = 'lead' ORDER BY id")] == [
        "logged",
        "noted",
        "note taken back",
    ]


async def test_undo_takes_back_its_own_note_and_no_other(company: TradingDesk, make_lead: MakeLead) -> None:
    make_lead(company.trade.rep)
    await company.say(LI, "/leads")
    await company.press(LI, "Ernst Handel")
    card = company.last(LI)
    for words in ("call after Easter", "call after Easter"):  # the second time in place of the first, taken back
        await company.desk.say(LI, words, replies_to=card.ref)
        undo = company.last(LI)
        await company.press(LI, "Undo")
        await company.desk.say(LI, words, replies_to=card.ref)
        told = await company.press(LI, "Undo", on=undo)
        assert told == "Somebody has added a note since, or this note was taken back already."
    lines = ["2026-03-02 Li: call after Easter"] * 2
    assert company.desk.rows("SELECT notes FROM leads")[0].notes == "\n".join(lines)


async def test_an_approvers_reply_to_the_decision_card_is_a_note_on_the_order(company: TradingDesk) -> None:
    order_id = await company.order()
    card = company.card(ZHAO)
    await company.desk.say(ZHAO, "asked them for a deposit", replies_to=card.ref)
    assert company.last(ZHAO).lines == ("Noted for SO-2026-0001.",)
    assert notes(company) == ["SO-2026-0001: asked them for a deposit"]
    history = company.desk.rows("SELECT entity_id, person_id, reason FROM history WHERE act = 'noted'")
    assert [tuple(row) for row in history] == [(order_id, company.trade.boss.id, "asked them for a deposit")]
    assert company.card(ZHAO).labels  # still to be decided


async def test_a_reply_to_a_card_one_may_not_see_any_more_writes_nothing(small_company: TradingDesk) -> None:
    company = small_company
    card = await company.say(LI, "/customer Ernst")
    with company.desk.database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE customers SET owner_id = {company.trade.finance.id}")
    await company.desk.say(LI, "hello", replies_to=card.ref)
    assert company.last(LI).text == "There is no such customer."
    assert notes(company) == []


async def test_a_verb_with_a_slash_wins_over_the_reply(small_company: TradingDesk) -> None:
    company = small_company
    card = await company.say(LI, "/customer Ernst")
    await company.desk.say(LI, "/leads", replies_to=card.ref)
    await company.desk.say(LI, "today", replies_to=card.ref)  # a bare word is what they say
    assert notes(company) == ["today"]


async def test_a_reply_in_a_draft_puts_it_aside(small_company: TradingDesk) -> None:
    company = small_company
    card = await company.say(LI, "/customer Ernst")
    await company.say(LI, "/lead")
    await company.desk.say(LI, "a note, no company", replies_to=card.ref)
    assert notes(company) == ["a note, no company"]
    assert "Continue" in company.last(LI).labels
    await company.press(LI, "Continue")
    assert company.last(LI).lines[-1].startswith("Company:")


async def test_a_reply_to_a_question_is_its_answer(small_company: TradingDesk) -> None:
    company = small_company
    question = await company.say(LI, "/lead")
    await company.desk.say(LI, "Wolza", replies_to=question.ref)
    assert "Company: Wolza" in company.last(LI).lines


async def test_nobody_takes_back_a_colleagues_note(small_company: TradingDesk) -> None:
    company = small_company
    card = await company.say(LI, "/customer Ernst")
    await company.desk.say(LI, "mine", replies_to=card.ref)
    note_id = company.desk.rows("SELECT id FROM communications")[0].id
    key = company.desk.keys.seal(f"note.undo:{note_id}", platform="test", chat_id=XU)
    receipt = await company.desk.take(company.desk.inbound(XU, "press", button=key))
    assert receipt.toast == "This note was taken back already, or it is not yours."
    assert notes(company) == ["mine"]
