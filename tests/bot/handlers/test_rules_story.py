"""The numbers of the trade, as an administrator finds and changes them on a phone."""

from bot.cards.rule_names import RULES, SECTIONS
from crm.core.rules import shipped, text_rule
from tests.bot.trading_desk import LI, XU, TradingDesk


def rule(company: TradingDesk, key: str) -> str:
    with company.desk.database.read() as work:
        return text_rule(work, key)


def test_every_rule_has_a_name_and_every_section_a_heading() -> None:
    assert set(RULES) >= set(shipped())
    assert set(SECTIONS) >= {key.partition(".")[0] for key in shipped()}


async def test_a_rule_is_found_by_its_section_and_changed_by_a_press(small_company: TradingDesk) -> None:
    company = small_company
    shown = await company.say(XU, "/rules")
    assert "Orders and approval" in shown.labels
    assert len(shown.lines) == 2  # no wall of a hundred numbers
    await company.press(XU, "Orders and approval")
    shown = company.last(XU)
    assert any("under a margin of (%)" in line and line.endswith("10") for line in shown.lines)
    await company.press(XU, "The general manager decides under a margin of (%)")
    assert company.last(XU).lines[-1].startswith("New value")
    told = await company.say(XU, "12")
    assert told.lines[-1] == "The general manager decides under a margin of (%): 12"
    assert rule(company, "orders.floor_margin") == "12"


async def test_a_wrong_value_is_told_and_nothing_is_changed(small_company: TradingDesk) -> None:
    company = small_company
    told = await company.say(XU, "/rules orders.floor_margin twelve")
    assert told.text == "“The general manager decides under a margin of (%)” takes a number, such as 10."
    told = await company.say(XU, "/rules tasks.morning_at nine")
    assert told.text == "“A day without a time means” takes a time of day, such as 09:00."
    assert rule(company, "orders.floor_margin") == "10"
    assert "There is no rule orders.flor" in (await company.say(XU, "/rules orders.flor 12")).text


async def test_the_letterhead_takes_words_and_may_be_emptied(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(XU, "/rules letterhead.name Bright Horizon Ltd.")
    assert rule(company, "letterhead.name") == "Bright Horizon Ltd."
    told = await company.say(XU, "/规则 letterhead.name -")
    assert told.lines[-1] == "Company name in English: —"
    assert rule(company, "letterhead.name") == ""


async def test_what_was_chosen_before_the_first_start_has_no_button(small_company: TradingDesk) -> None:
    shown = await small_company.say(XU, "/rules company")
    assert shown.labels == ["All sections"]


async def test_only_an_administrator_changes_rules(small_company: TradingDesk) -> None:
    company = small_company
    told = await company.say(LI, "/rules orders.floor_margin 1")
    assert rule(company, "orders.floor_margin") == "10"
    assert told.text == "rules is for other roles than yours."
