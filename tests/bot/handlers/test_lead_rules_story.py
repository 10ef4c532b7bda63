"""Administrators see, try, add, reorder and take out the rules by which leads find their owner, in the chat."""

from functools import partial

from bot.cards.lead import draw_lead
from crm.people.people import Role
from crm.sales.catalogue.categories import add_category
from crm.sales.collisions.intake import receive_lead
from crm.sales.leads.leads import LeadDetails
from tests.bot.trading_desk import LI, XU, TradingDesk
from tests.conftest import MakeLead, MakePerson


def _catalogue(company: TradingDesk) -> None:
    company.desk.write(partial(add_category, name="LED panels", name_zh="LED面板", keywords="led panel 面板"))


async def test_rules_are_tried_moved_and_taken_out(company: TradingDesk, make_person: MakePerson) -> None:
    _catalogue(company)
    make_person("Qian", Role.REP, team="South")
    await company.say(XU, "rules leads add LED panels + DE + website -> north", "规则 线索 添加 LED面板 + 欧洲 → Qian")
    shown = company.last(XU)
    assert "1. LED panels, Germany, Website inquiry → North" in shown.text
    assert "2. LED panels, Europe → Qian" in shown.text
    assert "would go to Li, by rule 1." in (await company.say(XU, "rules leads try LED panels + Germany")).text
    assert "would go to Qian, by rule 2." in (await company.say(XU, "rules leads try LED panels + France")).text
    await company.press(XU, "2. LED panels, Europe → Qian", on=shown)
    await company.press(XU, "Move up", on=company.desk.room.seen[shown.ref])
    moved = company.desk.room.seen[shown.ref]
    assert moved.labels == ["Move down", "Edit", "Take out", "Who gets a lead that comes in"]
    assert "would go to Qian, by rule 1." in (await company.say(XU, "rules leads try LED panels + Germany")).text
    await company.press(XU, "Take out", on=moved)
    out = company.desk.room.seen[shown.ref]
    assert "Qian" not in (await company.say(XU, "rules leads")).text
    await company.press(XU, "Undo", on=out)
    assert "1. LED panels, Europe → Qian" in (await company.say(XU, "rules leads")).text
    assert "This rule is back already." in await company.press(XU, "Undo", on=out)
    acts = company.desk.rows("SELECT act FROM history WHERE entity = 'assignment_rule' ORDER BY id")
    assert [row.act for row in acts] == ["added", "added", "moved", "deleted", "added", "restored"]


async def test_a_rule_is_added_and_changed_by_form(company: TradingDesk, make_person: MakePerson) -> None:
    _catalogue(company)
    make_person("Qian", Role.REP, team="South")
    await company.say(XU, "rules leads")
    await company.press(XU, "Add a rule")
    assert company.last(XU).lines[-1].startswith("Product category")
    await company.press(XU, "LED panels")
    assert "Nothing called Atlantis" in (await company.say(XU, "Atlantis")).text
    await company.say(XU, "germany", "Website inquiry")
    assert company.last(XU).lines[-1].startswith("Goes to")
    assert {"North", "South", "Qian"} <= set(company.last(XU).labels)
    await company.say(XU, "north")
    review = company.last(XU).text
    assert "Region: Germany" in review
    assert "Goes to: North" in review
    await company.press(XU, "Confirm")
    assert "1. LED panels, Germany, Website inquiry → North" in company.last(XU).text
    await company.press(XU, "Edit")
    await company.press(XU, "Edit")
    await company.press(XU, "Goes to")
    await company.press(XU, "Qian")
    await company.press(XU, "Confirm")
    assert "1. LED panels, Germany, Website inquiry → Qian" in company.last(XU).text
    entry = company.desk.rows("SELECT act FROM history WHERE entity = 'assignment_rule' ORDER BY id")[-1]
    assert entry.act == "changed"


async def test_who_would_get_a_lead_is_tried_by_form(company: TradingDesk) -> None:
    _catalogue(company)
    await company.say(XU, "rules leads add LED panels + Europe -> North", "rules leads")
    await company.press(XU, "Try it")
    await company.say(XU, "LED面板", "德国", "exhibition")
    await company.press(XU, "Confirm")
    assert company.last(XU).text == "A lead for LED panels, Germany, Exhibition would go to Li, by rule 1."


async def test_many_rules_are_paged(small_company: TradingDesk) -> None:
    company = small_company
    for country in ("DE", "FR", "NL", "BE", "AT", "PL", "IT", "ES", "PT", "DK", "SE", "FI"):
        await company.say(XU, f"rules leads add {country} -> North")
    first = await company.say(XU, "rules leads")
    assert sum("→ North" in label for label in first.labels) == 10
    await company.press(XU, "Next")
    assert "12. Finland → North" in company.desk.room.seen[first.ref].text


async def test_what_is_wrong_is_said(company: TradingDesk) -> None:
    _catalogue(company)
    assert "nobody named Nobody" in (await company.say(XU, "rules leads add website -> Nobody")).text
    assert "no product category, region or source" in (await company.say(XU, "rules leads add Mars -> North")).text
    assert "one rule takes one of each" in (await company.say(XU, "rules leads add DE + FR -> North")).text
    assert "Write: rules leads add" in (await company.say(XU, "rules leads add DE North")).text
    assert company.desk.rows("SELECT id FROM assignment_rules") == []


async def test_a_lead_that_comes_in_reaches_its_owner_at_once(company: TradingDesk) -> None:
    _catalogue(company)
    await company.say(XU, "rules leads add Europe -> North")
    told = LeadDetails(
        company="Huis & Haard", contact="Jan", source="website", product_need="500 LED panels", country="NL"
    )
    receive = partial(receive_lead, details=told, platform="web", received_from="contact form")
    received = company.desk.write(receive)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    card = company.last(LI)
    assert card.text.startswith("L-1 Huis & Haard")
    assert "Product category: LED panels" in card.text
    assert "Next follow-up: Mon 2 Mar 2026" in card.text
    assert card.labels[:2] == ["Called", "No answer"]
    assert received.owner_id == company.trade.rep.id


async def test_the_example_works_as_it_stands_and_a_keyword_will_do(company: TradingDesk) -> None:
    _catalogue(company)
    shown = await company.say(XU, "rules leads")
    example = shown.text.partition("Write: ")[2].partition(", or:")[0]
    assert "LED panels" in example
    assert "1. LED panels, Germany, Website inquiry → North" in (await company.say(XU, example)).text
    assert "by rule 1" in (await company.say(XU, "rules leads try panel + Germany + website")).text


async def test_the_same_rule_twice_and_one_below_a_wider_one_are_said(company: TradingDesk) -> None:
    _catalogue(company)
    await company.say(XU, "rules leads add LED panels + Europe -> North")
    assert "Rule 1 says the same already." in (await company.say(XU, "rules leads add LED面板 + 欧洲 -> north")).text
    shown = await company.say(XU, "rules leads add LED panels + Germany -> Li")
    assert "Rule 2 gets a lead only while nobody of rule 1 is there." in shown.text


async def test_rules_are_found_by_their_buttons_label(company: TradingDesk) -> None:
    assert "Company name in English" in (await company.say(XU, "规则 公司抬头")).text
    assert "E-mails a minute" in (await company.say(XU, "rules E-mail campaigns")).text


def test_a_card_names_the_category_in_its_readers_language(
    company: TradingDesk, make_person: MakePerson, make_lead: MakeLead
) -> None:
    _catalogue(company)
    wang = make_person("Wang", language="zh_CN")
    lead = make_lead(wang, product_category="LED panels")
    with company.desk.database.read() as work:
        lines = draw_lead(work, lead, wang).lines
    assert any("LED面板" in str(line) for line in lines)
