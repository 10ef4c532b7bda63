"""One message that says it all: read, shown, corrected, saved; and nothing written before."""

import pytest

from tests.bot.front_desk import Desk
from tests.bot.trading_desk import LI, SUN, TradingDesk
from tests.conftest import MakePerson

ENGLISH = (
    "Met Hans Müller of Nordwind Licht GmbH at Canton Fair, wants 2,000 LED panels, "
    "30-50k USD, call back next Tuesday 3pm"
)
CHINESE = "万通贸易 王经理 13800138000 要2000套LED面板 预算30-50万 广交会认识的 下周二下午3点回访"


async def test_everything_understood_is_shown_and_saved(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH)
    review = desk.room.last(li)
    assert review.lines == (
        "New lead",
        "Company: Nordwind Licht GmbH",
        "Contact: Hans Müller",
        "Source: Exhibition",
        "Product need: 2,000 LED panels",
        "Budget: USD 30,000 to USD 50,000",
        "Next follow-up: Tue 10 Mar 2026 15:00",
        "Tags: Canton Fair",
        "Is everything right?",
    )
    assert review.labels == ["✅ Save", "Edit", "Cancel"]
    assert desk.leads() == []
    await desk.press(li, "Save")
    assert desk.leads() == ["Nordwind Licht GmbH"]
    (lead,) = desk.rows("SELECT * FROM leads")
    assert (lead.contact, lead.source, lead.budget_currency) == ("Hans Müller", "exhibition", "USD")


async def test_the_same_in_chinese_by_typing_the_button(desk: Desk, make_person: MakePerson) -> None:
    wang = desk.link(make_person("王思琪", language="zh_CN"))
    await desk.say(wang, f"线索 {CHINESE}")
    assert "公司名称: 万通贸易" in desk.room.last(wang).lines
    assert "国家或地区: 中国" in desk.room.last(wang).lines
    assert desk.room.last(wang).labels[0].endswith("保存")
    await desk.say(wang, "保存")
    (lead,) = desk.rows("SELECT * FROM leads")
    assert (lead.company, lead.contact, lead.phone) == ("万通贸易", "王经理", "+8613800138000")


async def test_what_was_read_can_be_corrected(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH)
    await desk.press(li, "Edit")
    await desk.press(li, "Contact")
    await desk.say(li, "Johanna Müller")
    assert desk.room.last(li).labels[0] == "✅ Save"
    await desk.press(li, "Save")
    assert [row.contact for row in desk.rows("SELECT contact FROM leads")] == ["Johanna Müller"]


async def test_only_what_is_required_is_asked_and_nothing_is_lost(desk: Desk, li: str) -> None:
    await desk.say(li, "Pierre Dupont (Maison Dupont SARL, France) is looking for 200 sofas, his brother owns a hotel")
    assert desk.room.last(li).lines[-1].startswith("Source")
    await desk.press(li, "Customer referral")
    review = desk.room.last(li)
    assert "Notes: his brother owns a hotel" in review.lines
    assert review.labels[0] == "✅ Save"


async def test_cancelled_nothing_is_written(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH)
    await desk.press(li, "Cancel")
    assert desk.leads() == []


async def test_in_a_draft_words_are_an_answer(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead")
    await desk.say(li, "Nordwind Licht GmbH, wants 20 lamps")
    assert desk.room.last(li).lines[1] == "Company: Nordwind Licht GmbH, wants 20 lamps"


async def test_a_whole_lead_is_read_where_only_its_company_was_asked_for(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead")
    await desk.say(li, "Nordwind Licht GmbH, Hans Müller, hans@nordwind.de, wants 20 lamps")
    assert {"Company: Nordwind Licht GmbH", "Contact: Hans Müller"} <= set(desk.room.last(li).lines)
    assert "put aside" not in desk.room.last(li).text


async def test_a_verb_with_a_name_alone_asks_step_by_step(desk: Desk, li: str) -> None:
    await desk.say(li, "lead Roland Mendel")
    assert desk.room.last(li).lines == ("New lead", "Company: Roland Mendel", "Contact: who you spoke to")


async def test_a_long_text_behind_the_verb_goes_to_the_notes(desk: Desk, li: str) -> None:
    passage = "We talked about the hall, and then about the roof of it. " * 40
    await desk.say(li, f"/lead {passage}")
    assert f"Notes: {passage.strip()}" in desk.room.last(li).text


async def test_a_note_for_a_customer(company: TradingDesk) -> None:
    shown = await company.say(LI, "Ernst: 样品收到了，很满意")
    assert shown.lines == ("Add a note", "About: Ernst Handel", "Note: 样品收到了，很满意", "Is everything right?")
    assert not company.desk.rows("SELECT id FROM communications")
    await company.press(LI, "Save")
    assert [row.text for row in company.desk.rows("SELECT text FROM communications")] == ["样品收到了，很满意"]
    await company.press(LI, "Undo")
    assert company.last(LI).text == "The note is taken back."


async def test_a_stage_move(company: TradingDesk) -> None:
    await company.say(LI, "/deal Ernst", "Lamps for Graz", "Chai", "62万", "1 June 2026", "skip")
    await company.press(LI, "Confirm")
    await company.say(LI, "把1号推进到需求确认", "today")
    assert company.last(LI).labels[0] == "✅ Save"
    await company.press(LI, "Save")
    assert company.last(LI).text == "D-1 is now in: Needs confirmed"
    await company.say(LI, "move Ernst to negotiation")
    assert "Deal: D-1 Lamps for Graz" in company.last(LI).text
    assert "New stage: Negotiation" in company.last(LI).text


async def test_a_reminder_without_the_verb(company: TradingDesk) -> None:
    shown = await company.say(LI, "don't forget to send the samples to Graz on Friday")
    assert shown.lines[:2] == ("Set a reminder", "Text: send the samples to Graz")
    assert shown.labels[0] == "✅ Save"
    assert not company.desk.rows("SELECT id FROM tasks")
    await company.press(LI, "Save")
    assert company.desk.rows("SELECT id FROM tasks")


async def test_a_question_about_an_order(company: TradingDesk) -> None:
    await company.order()
    number = company.desk.rows("SELECT number FROM orders")[0].number
    shown = await company.say(LI, f"{number} 到哪了")
    assert number in shown.text
    assert "Chai" in shown.text
    assert "SO-2026-0999" in (await company.say(LI, "where is SO-2026-0999")).text


async def test_a_lead_is_not_for_everybody(company: TradingDesk) -> None:
    assert "did not understand" in (await company.say(SUN, ENGLISH)).text


@pytest.mark.parametrize("typed", ["hello", "he is on holiday", "LED panels", "今天天气不错"])
async def test_small_talk_is_answered_and_not_written(desk: Desk, li: str, typed: str) -> None:
    await desk.say(li, typed)
    assert desk.room.last(li).text.startswith("I did not understand that.")


async def test_in_a_group_only_what_is_said_to_us(desk: Desk, li: str) -> None:
    await desk.say(li, "hello")
    await desk.say(li, ENGLISH, chat_id="group", is_private=False, addressed=False)
    assert "New lead" not in desk.room.last(li).text
    await desk.say(li, ENGLISH, chat_id="group", is_private=False, addressed=True)
    assert desk.room.last(li).lines[0] == "New lead"
    assert "New lead" not in desk.room.last("group").text


async def test_a_door_of_forms_shows_it_where_it_was_typed(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH, forms=True)
    assert desk.room.last(li).labels == ["✅ Save", "Edit", "Cancel"]
    await desk.press(li, "Save", forms=True)
    assert desk.leads() == ["Nordwind Licht GmbH"]


CARD = (
    "姓名：张丽\n公司：上海明珠贸易有限公司\n手机：139 0000 1111\n"
    "邮箱：zhangli@mingzhu.cn\n来源：网站\n需求：毛巾5000条"
)


async def test_another_lead_is_no_answer_to_the_question_that_stands(desk: Desk, li: str) -> None:
    await desk.say(li, "Hans Müller, hans@nordwind-licht.de, wants 2,000 LED panels")
    assert desk.room.last(li).lines[-1].startswith("Company")
    await desk.say(li, CARD)
    assert "Your draft “New lead” is put aside." in desk.room.last(li).text
    assert "Company: 上海明珠贸易有限公司" in desk.room.last(li).text
    await desk.say(li, "website") if "Save" not in str(desk.room.last(li).labels) else None
    await desk.press(li, "Save")
    assert desk.leads() == ["上海明珠贸易有限公司"]
    await desk.say(li, "/continue")
    assert "Contact: Hans Müller" in desk.room.last(li).text


async def test_a_verb_at_a_review_is_a_verb(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH)
    assert "✅ Save" in desk.room.last(li).labels
    await desk.say(li, "leads")
    assert "Is everything right?" not in desk.room.last(li).text
    assert "Continue" in desk.room.last(li).labels
    await desk.press(li, "Continue")
    assert "Company: Nordwind Licht GmbH" in desk.room.last(li).lines


async def test_a_note_names_a_lead_of_ones_own(desk: Desk, li: str) -> None:
    await desk.say(li, ENGLISH)
    await desk.press(li, "Save")
    await desk.say(li, "Nordwind Licht: the samples arrived, they like them")
    assert "About: L-1 Nordwind Licht GmbH" in desk.room.last(li).text
    await desk.press(li, "Save")
    assert desk.room.last(li).text == "Noted for L-1 Nordwind Licht GmbH."
    await desk.press(li, "Undo")


@pytest.mark.parametrize("verb", ["order", "deal", "quote"])
async def test_a_verb_says_so_when_it_knows_no_such_customer(company: TradingDesk, verb: str) -> None:
    lines = (await company.say(LI, f"/{verb} Nobody Ltd")).lines
    assert any("Nobody Ltd" in line for line in lines)
    assert lines[-1].startswith("Customer")
