"""A fair: one message or photo per card, answered in a line; cleaned up in the evening, nothing lost."""

from pathlib import Path

import pytest

from bot.app import subscriptions
from bot.inbound import CONTACT, FILE, FORWARD
from scheduler.fairs import tell_of_fairs
from tests.bot.front_desk import Desk
from tests.conftest import Clock, MakePerson

CLEAR = "Hans Müller, Nordwind Licht GmbH, hans@nordwind-licht.de, wants 2,000 LED panels"
AGAIN = "Nordwind Licht GmbH hans@nordwind-licht.de, his budget is 30k USD"
LACKING = "Carlos Silva, Importadora Silva Ltda, carlos@importadorasilva.com.br"


@pytest.fixture
async def fair(desk: Desk, li: str) -> Desk:
    desk.database.events = subscriptions()
    await desk.say(li, "lead expo Canton Fair")
    return desk


async def test_each_message_is_kept_in_one_line(fair: Desk, li: str) -> None:
    assert fair.room.last(li).lines[0].startswith("Exhibition mode: Canton Fair")
    await fair.say(li, CLEAR)
    kept = fair.room.last(li)
    assert (kept.lines, kept.labels) == (("1 · Nordwind Licht GmbH Hans Müller is kept.",), ["Undo"])
    await fair.say(li, "the man with the hat")
    assert fair.room.last(li).text == "2 · the man with the hat is kept."
    assert fair.leads() == []


async def test_taken_back(fair: Desk, li: str) -> None:
    await fair.say(li, CLEAR)
    await fair.press(li, "Undo")
    assert fair.room.last(li).text == "Card 1 is taken back."
    await fair.say(li, "lead expo off")
    assert fair.room.last(li).text == "Exhibition mode is over: Canton Fair."


async def test_cleaned_up_the_clear_ones_at_once(fair: Desk, li: str) -> None:
    for words in (CLEAR, LACKING, AGAIN):
        await fair.say(li, words)
    await fair.say(li, "lead expo off")
    card = fair.room.last(li)
    assert card.lines == (
        "Canton Fair: 2 cards to clean up",
        "1+3 · Nordwind Licht GmbH Hans Müller · clear",
        "2 · Importadora Silva Ltda Carlos Silva · lacks: Product need",
    )
    await fair.press(li, "Save all clear ones")
    assert fair.leads() == ["Nordwind Licht GmbH"]
    (lead,) = fair.rows("SELECT * FROM leads")
    assert (lead.source, lead.budget_currency) == ("exhibition", "USD")
    assert "Canton Fair" in str(lead.tags)
    assert fair.room.last(li).text == "1 lead is saved."


async def test_one_card_opens_the_form(fair: Desk, li: str) -> None:
    await fair.say(li, LACKING)
    await fair.say(li, "lead expo off")
    await fair.press(li, "1. Importadora Silva…")
    assert fair.room.last(li).lines[-1].startswith("Product need")
    await fair.say(li, "a container of hand tools")
    assert "Source: Exhibition" in fair.room.last(li).lines
    await fair.press(li, "Save")
    assert fair.leads() == ["Importadora Silva Ltda"]
    await fair.say(li, "lead expo")
    assert "Importadora" not in fair.room.last(li).text


async def test_a_company_that_is_known_is_not_clear(fair: Desk, li: str, make_person: MakePerson) -> None:
    wang = fair.link(make_person("Wang"))
    await fair.say(wang, "lead expo Canton Fair")
    await fair.say(wang, CLEAR)
    await fair.say(wang, "lead expo off")
    await fair.press(wang, "Save all clear ones")
    await fair.say(li, CLEAR)
    await fair.say(li, "lead expo off")
    assert "known: Nordwind Licht GmbH of Wang, the same e-mail address" in fair.room.last(li).text
    assert "Save all clear ones" not in fair.room.last(li).labels


async def test_dropped(fair: Desk, li: str) -> None:
    await fair.say(li, "the man with the hat")
    await fair.say(li, "lead expo off")
    await fair.press(li, "Drop 1")
    assert fair.room.last(li).text == "Dropped: 1 · the man with the hat"
    await fair.press(li, "Undo")
    assert "1 · the man with the hat · lacks: Company, Contact, Product need" in fair.room.last(li).text


async def test_small_talk_is_no_card(fair: Desk, li: str) -> None:
    for words in ("thx", "😀😀😀", "好的", "ok!"):
        await fair.say(li, words)
        assert fair.room.last(li).text == "That was not kept as a card. One message or photo per card is."
    await fair.say(li, "Thanks Ltd, Bob")
    assert fair.room.last(li).text.startswith("1 · ")


async def test_what_is_forwarded_is_a_card(fair: Desk, li: str) -> None:
    values = {"author": "John Smith", "said_at": None}
    words = "We need 2000 pcs of bath towels. Smith & Sons Ltd, john@smithsons.co.uk"
    await fair.take(fair.inbound(li, FORWARD, text=words, values=values))
    assert fair.room.last(li).text == "1 · Smith & Sons Ltd John Smith is kept."
    await fair.say(li, CLEAR)
    assert fair.room.last(li).text.startswith("2 · ")


async def test_a_file_with_words_is_a_card(fair: Desk, li: str, tmp_path: Path) -> None:
    card = tmp_path / "card.pdf"
    card.write_bytes(b"%PDF-1.4 a card")
    values = {"name": "card.pdf", "mime": "application/pdf", "size": 15, "path": str(card)}
    await fair.take(fair.inbound(li, FILE, text=CLEAR, values=values))
    assert fair.room.last(li).text == "1 · Nordwind Licht GmbH Hans Müller is kept."


async def test_over_twice_shows_what_still_waits(fair: Desk, li: str) -> None:
    await fair.say(li, LACKING)
    await fair.say(li, "lead expo off")
    await fair.say(li, "lead expo off")
    assert fair.room.last(li).lines[0] == "Canton Fair: 1 card to clean up"


async def test_ones_own_record_is_said_to_be_ones_own(fair: Desk, li: str) -> None:
    await fair.say(li, CLEAR)
    await fair.say(li, "lead expo off")
    await fair.press(li, "Save all clear ones")
    await fair.say(li, "lead expo Canton Fair")
    await fair.say(li, CLEAR)
    await fair.say(li, "lead expo off")
    assert "known: Nordwind Licht GmbH is yours, the same e-mail address" in fair.room.last(li).text


async def test_a_photo_goes_with_the_lead(fair: Desk, li: str, tmp_path: Path) -> None:
    picture = tmp_path / "card.jpg"
    picture.write_bytes(b"\xff\xd8 a picture")
    values = {"name": "card.jpg", "mime": "image/jpeg", "size": 12, "path": str(picture)}
    await fair.take(fair.inbound(li, FILE, text=CLEAR, values=values))
    assert fair.room.last(li).text == "1 · Nordwind Licht GmbH Hans Müller is kept."
    await fair.say(li, "lead expo off")
    await fair.press(li, "Save all clear ones")
    (attached,) = fair.rows("SELECT entity, name FROM attachments")
    assert (attached.entity, attached.name) == ("lead", "card.jpg")


async def test_a_photo_alone_is_to_be_completed(fair: Desk, li: str, tmp_path: Path) -> None:
    picture = tmp_path / "card.jpg"
    picture.write_bytes(b"\xff\xd8 another picture")
    values = {"name": "card.jpg", "mime": "image/jpeg", "size": 12, "path": str(picture)}
    await fair.take(fair.inbound(li, FILE, values=values))
    assert fair.room.last(li).text == "1 · Photo is kept."
    await fair.say(li, "lead expo off")
    assert "1 · Photo · lacks: Company, Contact, Product need" in fair.room.last(li).text


async def test_a_shared_contact_is_a_card_too(fair: Desk, li: str) -> None:
    await fair.take(fair.inbound(li, CONTACT, values={"name": "Anna Berg", "phone": "+4930901820"}))
    assert fair.room.last(li).text == "1 · Anna Berg is kept."


async def test_the_evening_shows_what_waits_once(fair: Desk, li: str, clock: Clock) -> None:
    await fair.say(li, LACKING)
    assert tell_of_fairs(fair.database) == 0
    clock.move(hours=14)
    assert tell_of_fairs(fair.database) == 1
    await fair.delivery.tick()
    await fair.delivery.settle()
    assert fair.room.last(li).lines[0] == "Canton Fair: 1 card to clean up"
    assert tell_of_fairs(fair.database) == 0


async def test_the_next_morning_tells_of_what_was_not_cleaned_up(fair: Desk, li: str, clock: Clock) -> None:
    await fair.say(li, LACKING)
    await fair.say(li, "/today")
    assert "Cards of a fair" not in fair.room.last(li).text
    clock.move(days=1)
    await fair.say(li, "/today")
    assert "Cards of a fair\nCanton Fair: 1 card to clean up" in fair.room.last(li).text
    await fair.press(li, "Canton Fair")
    assert "lacks: Product need" in fair.room.last(li).text


async def test_the_day_ends_and_the_cards_stay(fair: Desk, li: str, clock: Clock) -> None:
    await fair.say(li, LACKING)
    clock.move(days=2)
    await fair.say(li, "a message of another day")
    assert fair.room.last(li).text.startswith("I did not understand that.")
    await fair.say(li, "lead expo")
    assert "Importadora Silva Ltda" in fair.room.last(li).text


async def test_in_a_draft_what_is_typed_is_an_answer(fair: Desk, li: str) -> None:
    await fair.say(li, "/lead")
    await fair.say(li, "Nordwind")
    assert fair.room.last(li).lines[:2] == ("New lead", "Company: Nordwind")


async def test_of_two_presses_one_counts(fair: Desk, li: str) -> None:
    await fair.say(li, "the man with the hat")
    kept = fair.room.last(li)
    await fair.press(li, "Undo", on=kept)
    receipt = await fair.press(li, "Undo", on=kept)
    assert receipt.toast == "Card 1 is dealt with already."


async def test_expo_without_a_name(desk: Desk, li: str) -> None:
    await desk.say(li, "lead expo")
    assert desk.room.last(li).text == "Write the fair's name behind it, as in: lead expo Canton Fair"
    await desk.say(li, "线索 展会 广交会")
    assert desk.room.last(li).text.startswith("Exhibition mode: 广交会")


async def test_a_card_whose_likeness_was_asked_about_waits_again_after_cancel(
    fair: Desk, li: str, make_person: MakePerson
) -> None:
    wang = fair.link(make_person("Wang"))
    await fair.say(wang, CLEAR)
    await fair.press(wang, "Save") if "✅ Save" in fair.room.last(wang).labels else await fair.say(wang, "Website")
    await fair.press(wang, "Save") if fair.leads() == [] else None
    await fair.say(li, CLEAR)
    await fair.say(li, "lead expo off")
    await fair.press(li, "1. Nordwind Licht Gm…")
    await fair.press(li, "Save")
    assert "Log anyway" in fair.room.last(li).labels
    await fair.press(li, "Cancel")
    await fair.say(li, "lead expo")
    assert "1 · Nordwind Licht GmbH Hans Müller" in fair.room.last(li).text
