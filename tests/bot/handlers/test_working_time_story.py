"""Working hours, holidays, quiet hours and the digest: one's own by text and by button, others' by an administrator."""

import pytest
from typer.testing import CliRunner

from bot.cli import app
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.core.text import T
from crm.people.reach import tell
from crm.people.working_time import WorkingTime, working_time_of
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import LI, XU, ZHAO, TradingDesk
from tests.conftest import MakePerson

AT_FIRST = (
    "Working hours: 09:00–18:00",
    "Working days: Mon–Fri",
    "Holidays: China",
    "Quiet hours: none",
    "Digest: 08:30",
)


def about_time(shown: Shown) -> tuple[str, ...]:
    """The lines that say when somebody works."""
    heads = tuple(line.partition(":")[0] for line in AT_FIRST)
    return tuple(line for line in shown.lines if line.startswith(heads) and ": " in line)


def kept(company: TradingDesk, name: str = LI) -> WorkingTime:
    person = next(one for one in company.people if one.name == name)
    with company.desk.database.read() as work:
        return working_time_of(work, person_id=person.id)


def changes(company: TradingDesk) -> list[str]:
    """What the history tells of people, in order, as JSON."""
    rows = company.desk.rows("SELECT changes FROM history WHERE entity = 'person' AND act = 'changed' ORDER BY id")
    return [str(row.changes) for row in rows]


async def test_settings_say_when_one_works(company: TradingDesk) -> None:
    assert about_time(await company.say(LI, "/settings")) == AT_FIRST


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("/settings hours 9:00-18:30", "Working hours: 09:00–18:30"),
        ("设置 工作时间 8点半到17点半", "Working hours: 08:30–17:30"),
        ("/settings days mon-sat", "Working days: Mon–Sat"),
        ("settings days Sun-Thu", "Working days: Sun–Thu"),
        ("settings days Mon, Wed, Sat", "Working days: Mon, Wed, Sat"),
        ("设置 工作日 周一至周六", "Working days: Mon–Sat"),
        ("/settings holidays DE-BY", "Holidays: Germany (BY)"),
        ("设置 节假日 德国", "Holidays: Germany"),
        ("settings holidays none", "Holidays: none"),
        ("/settings quiet 10pm-7am", "Quiet hours: 22:00–07:00"),
        ("设置 免打扰 晚上10点到早上7点", "Quiet hours: 22:00–07:00"),
        ("settings quiet 10-7", "Quiet hours: 22:00–07:00"),
        ("/settings digest 8:15", "Digest: 08:15"),
        ("设置 简报 早上8点", "Digest: 08:00"),
        ("设置 简报 关", "Digest: off"),
    ],
)
async def test_a_line_typed_changes_it_and_shows_what_was_read(company: TradingDesk, typed: str, line: str) -> None:
    shown = await company.say(LI, typed)
    assert line in shown.lines
    assert len(set(about_time(shown)) - set(AT_FIRST)) == 1
    assert len(changes(company)) == 1
    assert about_time(await company.say(LI, "/settings")) == about_time(shown)
    assert line in (await company.say(LI, typed)).lines
    assert len(changes(company)) == 1  # nothing has changed the second time


async def test_it_is_shown_in_chinese(company: TradingDesk) -> None:
    await company.say(LI, "/settings language zh")
    shown = await company.say(LI, "设置 工作日 周日至周四")
    assert any(line.endswith("周日至周四") for line in shown.lines)
    assert any(line.endswith("中国") for line in shown.lines)
    assert any(label.endswith("周一至周五") for label in shown.labels)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("settings hours soon", "9:00-18:00"),
        ("settings hours", "9:00-18:00"),
        ("settings hours 18:00-17:00", "Working hours of 23 hours cannot be"),
        ("settings hours 18:00-18:00", "Working hours of 24 hours cannot be"),
        ("settings days soon", "Mon-Fri"),
        ("settings holidays Atlantis", "China or DE-BY"),
        ("settings holidays DE-XX", "China or DE-BY"),
        ("settings quiet at night", "22:00-7:00, or off"),
        ("settings quiet 22:00-21:00", "Quiet hours of 23 hours cannot be"),
        ("settings digest soon", "8:30, or off"),
    ],
)
async def test_what_is_not_understood_shows_a_right_one_and_changes_nothing(
    company: TradingDesk, typed: str, part: str
) -> None:
    before = kept(company)
    assert part in (await company.say(LI, typed)).text
    assert (kept(company), changes(company)) == (before, [])


async def test_it_takes_a_few_presses_on_a_phone(company: TradingDesk) -> None:
    await company.say(LI, "/settings")
    await company.press(LI, "Working time")
    page = company.last(LI)
    assert page.lines[0] == "Your working time"
    assert page.labels == [
        "Quiet hours 21:00–08:00",
        "Quiet hours 22:00–07:00",
        "Work Mon–Sat",
        "Work Sun–Thu",
        "Hours 08:30–17:30",
        "Hours 09:30–18:30",
        "Holidays: Germany",
        "Holidays: United States",
        "No holidays",
        "Digest at 08:00",
        "Digest at 08:30",
        "Digest at 09:00",
        "No digest",
    ]
    assert await company.press(LI, "Quiet hours 22:00–07:00") == "Saved."
    assert "Quiet hours: 22:00–07:00" in company.last(LI).lines
    assert company.last(LI).labels[:2] == ["Quiet hours 21:00–08:00", "No quiet hours"]
    for label in ("Work Sun–Thu", "No digest", "No quiet hours", "Send me the digest"):
        await company.press(LI, label)
    assert about_time(company.last(LI)) == ("Working hours: 09:00–18:00", "Working days: Sun–Thu", *AT_FIRST[2:])
    assert company.last(LI).ref == page.ref  # all of it in the one message
    assert len(changes(company)) == 5


async def test_hours_holidays_and_the_digest_are_pressed_too(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/settings")
    await company.press(LI, "Working time")
    for label in ("Hours 08:30–17:30", "Holidays: Germany", "Digest at 09:00"):
        assert await company.press(LI, label) == "Saved."
        assert label not in company.last(LI).labels
    shown = about_time(company.last(LI))
    assert (shown[0], shown[2], shown[4]) == ("Working hours: 08:30–17:30", "Holidays: Germany", "Digest: 09:00")
    await company.press(LI, "No holidays")
    assert about_time(company.last(LI))[2] == "Holidays: none"


async def test_the_digests_hour_is_that_of_ones_roles(company: TradingDesk) -> None:
    assert "Digest: 08:30, 18:00" in (await company.say(ZHAO, "/settings")).lines
    with company.desk.database.write() as work:
        set_rule(work, actor=SYSTEM, key="digests.supervisor_at", value="17:45")
    assert "Digest: 08:30, 17:45" in (await company.say(ZHAO, "/settings")).lines


@pytest.mark.parametrize("off", ["settings quiet off", "设置 免打扰 关闭", "settings quiet 8:00-8:00"])
async def test_quiet_hours_are_given_up_again(small_company: TradingDesk, off: str) -> None:
    await small_company.say(LI, "settings quiet 22-7")
    assert "Quiet hours: none" in (await small_company.say(LI, off)).lines


async def test_a_digest_switched_on_again_comes_when_it_did(company: TradingDesk) -> None:
    await company.say(LI, "settings digest 7:45", "settings digest off")
    assert "Digest: 07:45" in (await company.say(LI, "settings digest on")).lines


async def test_an_administrator_sets_it_for_others(company: TradingDesk) -> None:
    shown = await company.say(XU, "/people hours li 8-17")
    assert (shown.lines[0], shown.labels) == ("Working time of Li", [])
    assert "Working hours: 08:00–17:00" in shown.lines
    assert kept(company, XU).hours != kept(company).hours
    await company.say(XU, "人员 节假日 Li 德国 BY", "people quiet Li from 22 to 7")
    assert (kept(company).holidays, kept(company).quiet is not None) == ("DE-BY", True)
    assert about_time(await company.say(XU, "people digest Li")) == about_time(await company.say(LI, "settings"))
    assert (await company.say(XU, "people hours Nobody 8-17")).text == "There is nobody named Nobody 8-17."
    assert changers(company) == [company.trade.admin.id] * 3


async def test_nobody_else_does(company: TradingDesk) -> None:
    before = kept(company, XU)
    await company.say(LI, "/people hours Xu 8-17")
    assert kept(company, XU) == before


def changers(company: TradingDesk) -> list[int]:
    query = "SELECT person_id FROM history WHERE entity = 'person' AND act = 'changed' ORDER BY id"
    return [row.person_id for row in company.desk.rows(query)]


@pytest.fixture
def command(sqlite: Database, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    make_person("Li Na", at=sqlite)
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", sqlite.url)
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def test_the_command_line_takes_the_same_words(command: CliRunner) -> None:
    said = command.invoke(app, ["people", "hours", "li na", "8:30-17:30"])
    assert said.exit_code == 0
    for word, value in (("days", "mon-sat"), ("holidays", "Germany Bayern"), ("quiet", "22-7"), ("digest", "off")):
        said = command.invoke(app, ["people", word, "Li Na", value])
    assert said.output.replace("\n", " ").strip() == (
        "Li Na: Working hours: 08:30–17:30 · Working days: Mon–Sat · Holidays: Germany (BY) · "
        "Quiet hours: 22:00–07:00 · Digest: off"
    )
    assert command.invoke(app, ["people", "quiet", "Li Na", "soon"]).exit_code == 1


def test_the_list_of_messages_says_what_is_held(command: CliRunner, sqlite: Database) -> None:
    with sqlite.write() as work:
        tell(work, person_id=1, text=T("Settings"))
    waiting = command.invoke(app, ["outbox", "list", "--all"]).output
    assert "Held until" in waiting
    with sqlite.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET not_before = '2026-03-02 23:00:00'")
    assert "2026-03-02 23:00 UTC" in command.invoke(app, ["outbox", "list", "--all"]).output
