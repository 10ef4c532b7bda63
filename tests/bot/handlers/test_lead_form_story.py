"""An administrator says what a lead's form asks; from then on everybody is asked so, by every door."""

import json
from pathlib import Path

import pytest

from bot.conversations.draft import Draft
from bot.conversations.drawing import form as draw_form
from bot.conversations.lead_form import lead_conversation
from bot.conversations.turns import Turn
from bot.handlers.world import CompanyWorld
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.sales.leads.lead_form import (
    NewField,
    add_field,
    change_field,
    lead_form_as_toml,
    lead_form_mistakes,
    read_form,
    remove_field,
    seed_lead_form,
    set_asked,
)
from tests.bot.trading_desk import LI, XU, TradingDesk

LEAD = ("/lead", "万通贸易", "王经理", "skip", "skip", "Exhibition", "500 lamps", "skip", "skip", "skip", "skip")
"""Up to what stands before the notes."""


async def _add(company: TradingDesk, *told: str) -> None:
    await company.say(XU, "/rules lead form")
    await company.press(XU, "Add a field")
    await company.say(XU, *told)
    await company.press(XU, "Confirm")


async def test_a_field_of_ones_own_is_asked_kept_shown_and_goes_along(company: TradingDesk) -> None:
    await _add(company, "Hall number", "展位号", "text", "yes")
    assert company.last(XU).text.startswith("Hall number\nrequired")
    asked = await company.say(LI, *LEAD)
    assert asked.text.splitlines()[-1].startswith("Hall number")
    refused = await company.say(LI, "skip")
    assert "Hall number" in refused.text.splitlines()[-1]
    await company.say(LI, "3.2 B17", "skip")
    assert "Hall number: 3.2 B17" in company.last(LI).text
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")
    assert "Hall number: 3.2 B17" in company.last(LI).text
    stored = company.desk.rows("SELECT custom FROM leads")[0].custom
    assert (json.loads(stored) if isinstance(stored, str) else stored) == {"x_1": "3.2 B17"}
    await company.press(XU, "Take out")
    assert company.last(XU).text == "Hall number is asked no more. What was told in it stays on the leads."
    assert "Hall number: 3.2 B17" in (await company.say(LI, "/leads 1")).text
    await company.press(LI, "Convert")
    await company.say(LI, "9000 CNY", "1 May 2026")
    await company.press(LI, "Confirm")
    assert "Hall number: 3.2 B17" in str([row.notes for row in company.desk.rows("SELECT notes FROM deals")])


async def test_what_is_captured_or_begun_before_is_asked_for_what_it_lacks(company: TradingDesk) -> None:
    await company.say(LI, *LEAD)
    await _add(company, "Stand", "skip", "one of several", "corner, island", "yes")
    await company.say(XU, "/rules lead form")
    await company.press(XU, "Country or region")
    await company.press(XU, "Require it")
    asked = await company.say(LI, "skip")
    assert asked.text.splitlines()[-1].startswith(("Country or region", "Stand"))
    await company.say(LI, "/cancel", "Met Hans Müller of Ernst Wood GmbH, hans@ernstwood.de, wants 20 lamps")
    captured = company.last(LI)
    assert "Ernst Wood GmbH" in captured.text
    for asked, told in (("Source", "website"), ("Stand", "corner")):
        assert company.last(LI).text.splitlines()[-1].startswith(asked)
        await company.say(LI, told)
    assert company.desk.rows("SELECT count(*) AS n FROM leads")[0].n == 0
    await company.press(LI, "Save")
    assert company.desk.rows("SELECT count(*) AS n FROM leads WHERE status = 'new'")[0].n == 1


async def test_what_is_not_asked_waits_behind_more_fields_and_undo_brings_it_back(company: TradingDesk) -> None:
    await company.say(XU, "规则 线索表单")
    await company.press(XU, "Budget")
    await company.press(XU, "Do not ask")
    assert "not asked" in company.last(XU).text
    await company.say(LI, *LEAD[:-3])
    assert company.last(LI).text.splitlines()[-1].startswith("Next follow-up")
    await company.say(LI, "skip", "skip", "skip")
    assert "More fields" in company.last(LI).labels
    await company.press(XU, "Undo")
    assert "asked, may be skipped" in company.last(XU).text
    await company.say(LI, "/cancel", *LEAD[:-3])
    assert company.last(LI).text.splitlines()[-1].startswith("Budget")
    acts = [row.act for row in company.desk.rows("SELECT act FROM history WHERE entity = 'lead_form' ORDER BY id")]
    assert acts == ["changed", "undone"]


async def test_only_administrators_change_it(company: TradingDesk) -> None:
    assert "other roles" in (await company.say(LI, "/rules lead form")).text
    with pytest.raises(Forbidden):
        company.desk.write(
            lambda work: add_field(
                work, actor=company.trade.boss, platform="test", field=NewField(label="Hall", kind="text")
            )
        )


async def test_letterhead_is_found_by_a_part_of_its_name(company: TradingDesk) -> None:
    assert "Letterhead" in (await company.say(XU, "规则 抬头")).text


def _own(database: Database, admin: object, **told: object) -> str:
    with database.write() as work:
        return add_field(work, actor=admin, platform="test", field=NewField(**told)).key  # type: ignore[arg-type]


def test_a_page_has_the_same_fields(company: TradingDesk) -> None:
    database, admin = company.trade.database, company.trade.admin
    _own(database, admin, label="Hall", label_zh="展馆", kind="number")
    _own(database, admin, label="Sample taken", kind="yesno", is_required=True)
    with database.read() as work:
        world = CompanyWorld(work, company.trade.rep)
        conversation = lead_conversation(read_form(work))
        page = draw_form(conversation, Turn(Draft()), world, token="1.1", whole=True)
    inputs = {one.key: (one.kind, one.required) for one in page.inputs}
    assert (inputs["x_1"], inputs["x_2"]) == (("text", False), ("choice", True))
    assert list(inputs)[-3:] == ["x_1", "x_2", "notes"]


def test_wrong_fields_are_refused(company: TradingDesk) -> None:
    database, admin = company.trade.database, company.trade.admin
    key = _own(database, admin, label="Hall", label_zh="展馆", kind="text")
    for told in (
        {"label": " ", "kind": "text"},
        {"label": "x" * 41, "kind": "text"},
        {"label": "Way", "kind": "colour"},
        {"label": "Way", "kind": "choice", "choices": ("one",)},
    ):
        with pytest.raises(Invalid):
            _own(database, admin, **told)
    for label in ("hall", "展馆", "Company"):
        with pytest.raises(Conflict):
            _own(database, admin, label=label, kind="text")
    by = {"actor": admin, "platform": "test"}
    with database.write() as work:
        with pytest.raises(Conflict):
            set_asked(work, **by, key="company", is_asked=False, is_required=False)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            remove_field(work, **by, key="budget")  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            change_field(work, **by, key=key, field=NewField(label="Hall", kind="date"))  # type: ignore[arg-type]
    for number in range(9):
        _own(database, admin, label=f"Field {number}", kind="text")
    with pytest.raises(Invalid):
        _own(database, admin, label="One more", kind="text")


def test_it_is_written_to_a_file_and_seeds_another_company(company: TradingDesk, tmp_path: Path) -> None:
    database, admin = company.trade.database, company.trade.admin
    _own(database, admin, label='Hall "3"', label_zh="展馆", kind="choice", choices=("A", "B"), is_required=True)
    with database.write() as work:
        set_asked(work, actor=admin, platform="test", key="budget", is_asked=False, is_required=False)
        text, before = lead_form_as_toml(work), read_form(work)
    assert lead_form_mistakes(text) == []
    assert len(lead_form_mistakes('[[lead_field]]\nkey = "company"\n[[lead_field]]\nlabel = ""\n')) == 2
    file = tmp_path / "tradewind.toml"
    file.write_text(text, "utf-8")
    with database.write() as work:
        assert seed_lead_form(work, file) == 0, "a form that was changed is not seeded"
        work.connection.exec_driver_sql("DELETE FROM lead_form_fields")
        assert seed_lead_form(work, file) == 2
        assert read_form(work).fields == before.fields


async def test_who_referred_them_is_asked_where_a_company_wants_it(company: TradingDesk) -> None:
    await company.say(XU, "/rules lead form")
    await company.press(XU, "Referred by")
    assert "not asked" in company.last(XU).text
    await company.press(XU, "Ask for it")
    await company.say(LI, *LEAD[:-1])
    assert company.last(LI).text.splitlines()[-1].startswith("Referred by")
    await company.say(LI, "Ernst Handel", "skip", "skip")
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")
    assert "Referred by: Ernst Handel" in company.last(LI).text
    await company.press(LI, "Convert")
    await company.say(LI, "9000 CNY", "1 May 2026")
    await company.press(LI, "Confirm")
    assert [row.referred_by for row in company.desk.rows("SELECT referred_by FROM customers ORDER BY id")][-1] == (
        "Ernst Handel"
    )
