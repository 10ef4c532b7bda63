"""A lead, from the first word to the last button, as somebody in a chat lives through it."""

from decimal import Decimal

import pytest

from crm.core.database import Database
from crm.people.people import Role
from crm.sales.collisions.intake import receive_lead
from crm.sales.leads.leads import LeadDetails
from tests.bot.front_desk import Desk
from tests.conftest import Clock, MakePerson


async def test_a_lead_step_by_step(desk: Desk, li: str) -> None:
    await desk.say(li, "lead")
    assert desk.room.last(li).text == "New lead\nCompany: the firm's name, as on its card"
    for words in (
        "Ernst Handel",
        "Roland Mendel",
        "+49 30 901820",
        "Germany",
        "fair",
        "500 LED panels",
        "Lighting",
        "30-50k USD",
        "next Tuesday 3pm",
        "Canton Fair 2026, 广交会",
        "Speaks German",
    ):
        await desk.say(li, words)
    review = desk.room.last(li)
    assert review.text == (
        "New lead\n"
        "Company: Ernst Handel\n"
        "Contact: Roland Mendel\n"
        "Phone or e-mail: +49 30 901820\n"
        "Country or region: Germany\n"
        "Source: Exhibition\n"
        "Product need: 500 LED panels\n"
        "Product category: Lighting\n"
        "Budget: USD 30,000 to USD 50,000\n"
        "Next follow-up: Tue 10 Mar 2026 15:00\n"
        "Tags: Canton Fair 2026, 广交会\n"
        "Notes: Speaks German\n"
        "Is everything right?"
    )
    assert review.labels == ["✅ Confirm", "Edit", "Cancel"]
    await desk.press(li, "Confirm")
    saved = desk.room.last(li)
    assert (saved.ref, saved.text) == (review.ref, "Saved lead L-1: Ernst Handel")
    assert saved.labels == ["Open", "Undo", "Another lead"]
    (lead,) = desk.rows("SELECT * FROM leads")
    assert (lead.company, lead.contact, lead.phone, lead.country) == (
        "Ernst Handel",
        "Roland Mendel",
        "+4930901820",
        "DE",
    )
    assert (lead.source, lead.product_category, lead.budget_currency) == ("exhibition", "Lighting", "USD")
    assert Decimal(lead.budget_low) / 10_000 == 30_000
    assert [row.status for row in desk.rows("SELECT status FROM conversation_sessions")] == ["done"]


async def test_the_same_in_chinese(desk: Desk, make_person: MakePerson) -> None:
    wang = desk.link(make_person("王思琪", language="zh_CN"))
    await desk.say(wang, "线索")
    assert desk.room.last(wang).lines[-1].startswith("公司名称")
    for words in (
        "万通贸易",
        "王经理",
        "跳过",
        "德国",
        "展会",
        "五百盏灯",
        "跳过",
        "30万",
        "明天下午3点",
        "跳过",
        "跳过",
    ):
        await desk.say(wang, words)
    assert "预算范围: CNY 300,000" in desk.room.last(wang).lines
    assert "来源: 展会" in desk.room.last(wang).lines
    await desk.say(wang, "确认")
    assert desk.leads() == ["万通贸易"]
    assert "L-1" in desk.room.last(wang).text


async def test_a_form_writes_the_same_row_as_the_steps(desk: Desk, li: str) -> None:
    values = {
        "company": "Ernst Handel",
        "contact": "王经理",
        "reach": "wechat: wang88 / +49 30 901820",
        "country": "德国",
        "source": "fair",
        "product_need": "500 LED panels",
        "product_category": "Lamps",
        "budget": "30-50k USD",
        "next_follow_up": "next Tuesday 3pm",
        "tags": "#a, b",
        "notes": "<b>",
    }
    await desk.say(li, "lead")
    for words in values.values():
        await desk.say(li, words)
    await desk.press(li, "Confirm")
    await desk.say(li, "/lead", forms=True, trigger="t1")
    page = desk.room.last(li)
    assert page.form is not None
    assert (page.trigger, page.labels) == ("t1", ["Continue"])
    assert [field.key for field in page.form.inputs] == list(values)
    receipt = await desk.fill(li, values, token=page.form.token)
    assert (receipt.status, receipt.problems) == ("handled", {})
    await desk.press(li, "Log anyway")  # it is the same company, of course
    steps, form = desk.rows("SELECT * FROM leads ORDER BY id")
    assert steps._asdict() | {"id": 0} == form._asdict() | {"id": 0}


async def test_a_form_with_problems_stays_open_and_is_handed_in_again(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t1")
    form = desk.room.last(li).form
    assert form is not None
    wrong = {"company": "Ernst", "contact": "R", "source": "zzz", "product_need": "lamps", "reach": "nowhere"}
    receipt = await desk.fill(li, wrong, token=form.token)
    assert set(receipt.problems) == {"source", "reach"}
    assert "phone number with its country code" in receipt.problems["reach"]
    assert desk.leads() == []
    receipt = await desk.fill(li, {**wrong, "source": "fair", "reach": ""}, token=form.token)
    assert receipt.problems == {}
    assert desk.leads() == ["Ernst"]
    again = await desk.fill(li, {**wrong, "source": "fair", "reach": ""}, token=form.token)
    assert again.toast == "This is saved already."
    assert desk.leads() == ["Ernst"]


async def test_what_a_form_was_understood_as_is_said(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst", forms=True, trigger="t1")
    form = desk.room.last(li).form
    assert form is not None
    values = {"company": "Ernst", "contact": "R", "source": "fair", "product_need": "lamps"}
    await desk.fill(li, values | {"budget": "30-50k USD", "next_follow_up": "31/12/2026 15:00"}, token=form.token)
    saved = desk.room.last(li).text
    assert "Budget: USD 30,000 to USD 50,000" in saved
    assert "Next follow-up: Thu 31 Dec 2026 15:00" in saved


async def test_a_form_closed_with_nothing_in_it_is_offered_once(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead", forms=True, trigger="t1")
    form = desk.room.last(li).form
    assert form is not None
    await desk.close_form(li, token=form.token)
    closed = desk.room.last(li)
    assert closed.labels == ["Continue"]
    await desk.say(li, "/leads")
    assert "Continue" not in desk.room.last(li).labels
    await desk.press(li, "Continue", on=closed, forms=True, trigger="t2")
    assert desk.room.last(li).form is not None


async def test_a_form_closed_can_be_continued(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst", forms=True, trigger="t1")
    form = desk.room.last(li).form
    assert form is not None
    await desk.close_form(li, token=form.token)
    assert desk.room.last(li).text == "“New lead” is closed; nothing was saved."
    late = await desk.fill(li, {"company": "Late"}, token=form.token)
    assert "put aside" in late.toast
    await desk.press(li, "Continue", forms=True, trigger="t2")
    again = desk.room.last(li)
    assert again.form is not None
    assert again.trigger == "t2"
    needed = {"company": "Ernst", "contact": "R", "source": "fair", "product_need": "lamps"}
    await desk.fill(li, needed, token=again.form.token)
    assert desk.leads() == ["Ernst"]


async def test_undo(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    saved = desk.room.last(li)
    await desk.press(li, "Undo")
    assert desk.room.last(li).text == "Lead L-1 is taken back."
    receipt = await desk.press(li, "Undo", on=saved)
    assert receipt.toast == "Lead L-1 was taken back already."
    assert [row.act for row in desk.rows("SELECT act FROM history WHERE entity='lead' ORDER BY id")] == [
        "logged",
        "undone",
    ]
    await desk.say(li, "leads")
    assert desk.room.last(li).text == "You have no open leads."


async def test_a_lead_is_opened_and_disqualified(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    await desk.press(li, "Open")
    card = desk.room.last(li)
    assert card.lines[0] == "L-1 Ernst Handel"
    assert "Disqualify" in card.labels
    await desk.press(li, "Disqualify")
    assert desk.room.last(li).lines[-1] == "Reason: choose, or write it"
    await desk.press(li, "No budget")
    assert desk.room.last(li).text == "Lead L-1 is disqualified."
    shown = desk.room.seen[card.ref]
    assert "Status: Disqualified: No budget" in shown.lines
    assert (shown.labels, shown.edits) == ([], 1)
    late = await desk.press(li, "Disqualify", on=card)
    await desk.press(li, "No budget")
    assert late.status == "handled"
    (lead,) = desk.rows("SELECT status, status_reason FROM leads")
    assert tuple(lead) == ("disqualified", "no_budget")
    assert len(desk.rows("SELECT 1 FROM history WHERE act = 'disqualified'")) == 1


async def test_leads_in_pages(desk: Desk, li: str) -> None:
    for number in range(1, 11):
        await desk.log_lead(li, f"Company {number}")
    await desk.say(li, "我的线索")
    first = desk.room.last(li)
    assert first.lines[0] == "10 open leads"
    assert first.labels[0] == "L-10 Company 10"
    await desk.press(li, "Next")
    second = desk.room.last(li)
    closing = ["Convert", "Disqualify"]
    labels = ["L-2 Company 2", *closing, "L-1 Company 1", *closing, "Previous"]
    assert (second.ref, second.labels) == (first.ref, labels)
    await desk.press(li, "Previous")
    assert desk.room.last(li).labels == first.labels


async def test_another_verb_puts_the_draft_aside_and_continue_resumes_it(desk: Desk, li: str) -> None:
    await desk.say(li, "lead")
    await desk.say(li, "Ernst Handel")
    await desk.say(li, "/leads")
    assert desk.room.last(li).labels == ["Log a lead", "Continue"]
    await desk.press(li, "Continue")
    assert desk.room.last(li).text == "New lead\nCompany: Ernst Handel\nContact: who you spoke to"
    await desk.say(li, "/help")
    await desk.say(li, "继续填写")
    assert desk.room.last(li).lines[-1] == "Contact: who you spoke to"


async def test_a_second_conversation_puts_the_first_aside(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead First")
    await desk.say(li, "/lead Second")
    assert desk.room.last(li).lines[0] == "Your draft “New lead” is put aside."
    await desk.say(li, "/continue")
    states = [row.status for row in desk.rows("SELECT status FROM conversation_sessions ORDER BY id")]
    assert states == ["parked", "active"]


@pytest.mark.parametrize("words", ["cancel", "CANCEL", "取消", "/cancel", " /取消 "])
async def test_cancel_always_works(desk: Desk, li: str, words: str) -> None:
    await desk.say(li, "/lead Ernst")
    await desk.say(li, words)
    assert desk.room.last(li).text == "“New lead” is cancelled; nothing was saved."
    await desk.say(li, "Roland")
    assert desk.leads() == []
    await desk.press(li, "Continue")
    assert "Company: Ernst" in desk.room.last(li).lines


async def test_words_that_begin_with_cancel_are_an_answer(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead")
    await desk.say(li, "Cancel Culture Textiles Ltd")
    assert "Company: Cancel Culture Textiles Ltd" in desk.room.last(li).lines


async def test_verbs_are_answers_inside_a_conversation_unless_slashed(desk: Desk, li: str) -> None:
    await desk.say(li, "lead")
    await desk.say(li, "Help")
    assert "Company: Help" in desk.room.last(li).lines


async def test_cancel_by_button_and_nothing_to_cancel(desk: Desk, li: str) -> None:
    await desk.say(li, "cancel")
    assert desk.room.last(li).text == "There is nothing to cancel."
    await desk.say(li, "/lead Ernst")
    asked = desk.room.last(li)
    await desk.press(li, "Cancel")
    assert desk.room.last(li).ref == asked.ref
    assert "cancelled" in desk.room.last(li).text


async def test_a_draft_that_nobody_touched_for_30_days_is_over(desk: Desk, li: str, clock: Clock) -> None:
    from bot.app import keep_house

    await desk.say(li, "/lead Ernst")
    asked = desk.room.last(li)
    await desk.say(li, "/leads")
    clock.move(days=30)
    keep_house(desk.database)
    await desk.say(li, "/continue")
    await desk.say(li, "/leads")
    clock.move(days=30, seconds=1)
    keep_house(desk.database)
    receipt = await desk.press(li, "Continue")
    assert receipt.toast == "This draft is too old to be continued."
    assert (await desk.press(li, "Cancel", on=asked)).toast == "This draft is too old to be continued."
    await desk.say(li, "/continue")
    assert desk.room.last(li).text == "There is nothing to continue here."


async def test_continue_with_a_number_of_ones_own_drafts_only(desk: Desk, li: str, make_person: MakePerson) -> None:
    anna = desk.link(make_person("Anna"))
    await desk.say(li, "/lead Secret")
    for number in ("1", "0", "99999999999999999999999999", "²"):
        await desk.say(anna, f"/continue {number}")
        assert desk.room.last(anna).text == "There is nothing to continue here.", number


async def test_a_draft_of_another_chat_is_not_continued_here(desk: Desk, li: str) -> None:
    """Its buttons and answers belong where it was begun."""
    await desk.say(li, "/lead Ernst")
    await desk.say(li, "/leads")
    await desk.say(li, "/lead Other")
    await desk.say(li, "/continue 1", chat_id="another chat")
    assert desk.room.last("another chat").text == "There is nothing to continue here."
    states = [row.status for row in desk.rows("SELECT status FROM conversation_sessions ORDER BY id")]
    assert states == ["parked", "active"]


async def test_who_may_not_log_leads_is_told_so(desk: Desk, make_person: MakePerson) -> None:
    clerk = desk.link(make_person("Huang", Role.PRODUCTION))
    await desk.say(clerk, "lead")
    assert desk.room.last(clerk).text == "lead is for other roles than yours."
    await desk.say(clerk, "help")
    assert not any(line.startswith(("lead:", "leads:")) for line in desk.room.last(clerk).lines)


async def test_settings(desk: Desk, li: str) -> None:
    await desk.say(li, "settings")
    assert "Roles: Sales rep" in desk.room.last(li).lines
    await desk.press(li, "中文")
    assert desk.room.last(li).text != "Your language is now 中文."
    await desk.say(li, "设置 语言 en")
    assert desk.room.last(li).text == "Your language is now English."
    await desk.say(li, "settings timezone Europe/Berlin")
    assert desk.room.last(li).text == "Your time zone is now Europe/Berlin."
    await desk.say(li, "settings timezone Berlin")
    assert desk.room.last(li).text.startswith("Berlin is not a time zone")
    await desk.say(li, "settings language fr")
    assert desk.room.last(li).text == "The languages are zh_CN and en."
    (person,) = desk.rows("SELECT language, timezone FROM people")
    assert tuple(person) == ("en", "Europe/Berlin")


@pytest.mark.parametrize("words", ["hello", "", "   ", "/", "///", "/nonsense", "🏮"])
async def test_words_that_mean_nothing_get_an_answer(desk: Desk, li: str, words: str) -> None:
    await desk.say(li, words)
    assert desk.room.last(li).text == "I did not understand that. Type help to see what I can do."


async def test_a_conversation_that_no_longer_exists_says_so(desk: Desk, li: str, database: Database) -> None:
    await desk.say(li, "/lead Ernst")
    desk.write(lambda work: work.connection.exec_driver_sql("UPDATE conversation_sessions SET conversation = 'gone'"))
    await desk.say(li, "Roland")
    assert desk.room.last(li).text == "This draft belongs to an older version and cannot be continued."


async def test_a_draft_of_an_older_version_is_looked_over(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    older = (
        """UPDATE conversation_sessions SET version = 0, state = '{"answers": {"company": "Ernst", "contact": "R","""
        """ "source": "fax", "product_need": "lamps", "gone": 1}, "place": "review", "path": []}'"""
    )
    desk.write(lambda work: work.connection.exec_driver_sql(older))
    await desk.say(li, "+49 30 901820")  # the first that is open now
    assert desk.room.last(li).text.startswith("New lead\nCompany: Ernst\nContact: R\nPhone or e-mail: +49 30 901820\n")
    await desk.say(li, "skip")
    assert desk.room.last(li).lines[-1] == "Source: how did you meet?"
    assert [row.version for row in desk.rows("SELECT version FROM conversation_sessions")] == [1]


async def test_leads_by_tag_and_by_name(desk: Desk, li: str) -> None:
    tagged = {"Amsel": "Canton Fair 2026", "Biber": "广交会2026, VIP", "Dachs": "skip"}
    for company, tags in tagged.items():
        await desk.say(li, f"/lead {company}")
        for words in ("Roland", "skip", "skip", "other", "lamps", "skip", "skip", "skip", tags, "skip"):
            await desk.say(li, words)
        await desk.press(li, "Confirm")
    await desk.say(li, "/leads #canton fair")
    assert desk.room.last(li).lines[0] == "1 open lead · #canton fair"
    assert desk.room.last(li).labels == ["L-1 Amsel", "Convert", "Disqualify"]
    await desk.say(li, "我的线索 ＃广交会")
    assert desk.room.last(li).labels[0] == "L-2 Biber"
    await desk.say(li, "/leads #nothing")
    assert desk.room.last(li).text == "No open lead of yours has the tag “nothing”."
    await desk.say(li, "/leads dachs")
    assert desk.room.last(li).lines[0] == "L-3 Dachs"
    await desk.say(li, "/leads zebra")
    assert desk.room.last(li).text == "No open lead of yours fits “zebra”."


async def test_what_waits_in_the_pool_is_named_and_claimed(desk: Desk, li: str) -> None:
    told = LeadDetails(company="Huis & Haard", contact="Jan", source="website", product_need="lamps")
    desk.write(lambda work: receive_lead(work, details=told, platform="web", received_from="form"))
    await desk.say(li, "/leads")
    assert desk.room.last(li).text == "You have no open leads; 1 waits in the pool."
    await desk.say(li, "/lead L-1")
    assert desk.room.last(li).labels == ["Claim"]
    await desk.press(li, "Claim")
    assert "Planned then: Thu 5 Mar 2026, Mon 9 Mar 2026" in desk.room.last(li).lines
    assert "First response: not yet" in desk.room.last(li).lines
    await desk.press(li, "Called")
    await desk.say(li, "/lead L-1")
    assert any("First response: " in line and line.endswith("after 0 min") for line in desk.room.last(li).lines)


async def test_disqualifying_is_taken_back(desk: Desk, li: str, clock: Clock) -> None:
    await desk.log_lead(li, "Amsel GmbH")
    before = desk.rows("SELECT status, next_follow_up_at FROM leads")
    reminders = desk.rows("SELECT status FROM tasks ORDER BY id")
    for _ in range(2):
        await desk.press(li, "Open")
        await desk.press(li, "Disqualify")
        await desk.say(li, "wrong number")
        await desk.press(li, "Undo")
        assert desk.room.last(li).text == "Lead L-1 is open again."
        assert desk.rows("SELECT status, next_follow_up_at FROM leads") == before
        assert desk.rows("SELECT status FROM tasks ORDER BY id") == reminders
    assert desk.rows("SELECT count(*) AS n FROM company_keys WHERE kind = 'lead'")[0].n > 0
    await desk.press(li, "Open")
    await desk.press(li, "Disqualify")
    await desk.say(li, "wrong number")
    clock.move(days=2)
    await desk.press(li, "Undo")
    assert desk.rows("SELECT status FROM leads")[0].status == "disqualified"


async def test_a_budget_range_is_shown_and_the_amount_asked(desk: Desk, li: str) -> None:
    await desk.say(li, "Met Hans Müller of Nordwind GmbH at Canton Fair, wants 2,000 LED panels, 30-50k USD")
    await desk.press(li, "Save")
    await desk.press(li, "Open")
    await desk.press(li, "Convert")
    shown = desk.room.last(li)
    assert "Budget: USD 30,000 to USD 50,000" in shown.lines
    assert shown.lines[-1].startswith("Amount")
