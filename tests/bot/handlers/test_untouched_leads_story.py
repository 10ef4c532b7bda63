"""Leads left alone, as their owners live through it: told a day before, then they are in the pool."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.core import files
from crm.core.history import SYSTEM
from crm.core.work import UnitOfWork
from crm.people.people import disable_person
from crm.sales.leads import untouched as untouched_leads
from crm.sales.leads.leads import Lead, advance_lead
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.pool import claim_lead, release_lead, return_untouched
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import end_task
from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, ZHAO, TradingDesk
from tests.bot.watching import change, leave, tick_at
from tests.conftest import Clock, MakeLead, MakePerson

LEAD = "L-1 Ernst Handel, untouched since Mon 2 Mar 2026"
GOING = "1 lead goes back to the pool on Thu 12 Mar 2026. A call, a note or a new date keeps it with you."
GONE = "1 lead went back to the pool: nothing was done about it for too long."


def _lead(company: TradingDesk, lead_id: int = 1) -> Any:
    table = Lead.table()
    with company.desk.database.read() as work:
        return work.connection.execute(select(table).where(table.c.id == lead_id)).one()


async def test_told_a_day_before_and_back_to_the_pool(
    company: TradingDesk, clock: Clock, make_lead: MakeLead, make_person: MakePerson
) -> None:
    make_lead(company.trade.rep)
    assert await tick_at(company, clock, 11, 8, 59) == 0
    assert await tick_at(company, clock, 11, 9) == 1
    assert company.last(LI).lines == (GOING, LEAD)
    assert company.last(LI).labels == ["Open"]
    assert await tick_at(company, clock, 11, 17, 59) == 0
    assert await tick_at(company, clock, 12, 8, 59) == 0
    assert _lead(company).owner_id == company.trade.rep.id
    assert await tick_at(company, clock, 12, 9) == 1
    assert company.last(LI).lines == (GONE, LEAD)
    assert _lead(company).owner_id is None
    assert await tick_at(company, clock, 12, 9, 1) == 0
    assert company.notices(LI, "back to the pool") == 2
    assert company.notices(ZHAO, "pool") == 0
    await company.press(LI, "Open")
    assert "L-1 Ernst Handel" in company.last(LI).text
    await company.say(LI, "/pool")
    assert await company.press(LI, "Claim L-1") == "You had lead L-1 before; it is for a colleague now."
    assert _lead(company).owner_id is None
    row = company.desk.rows("SELECT person_id, reason FROM history WHERE act = 'released'")[0]
    assert (row.person_id, row.reason) == (None, "untouched")
    wang = make_person("Wang")
    company.desk.write(lambda work: claim_lead(work, actor=wang, platform="test", lead_id=1))
    assert _lead(company).touched_at == clock.now


async def test_opened_from_the_notice_and_kept_by_a_note(
    company: TradingDesk, clock: Clock, make_lead: MakeLead
) -> None:
    make_lead(company.trade.rep)
    await tick_at(company, clock, 11, 9)
    await company.press(LI, "Open")
    assert company.last(LI).lines[0] == "L-1 Ernst Handel"
    rep = company.trade.rep
    company.desk.write(lambda work: add_lead_note(work, actor=rep, platform="test", lead_id=1, text="called"))
    for day in (11, 12, 13):
        assert await tick_at(company, clock, day, 12) == 0
    assert _lead(company).owner_id == rep.id
    assert await tick_at(company, clock, 20, 8, 59) == 0
    assert await tick_at(company, clock, 20, 9) == 1  # and the same again: seven working days later
    assert await tick_at(company, clock, 23, 9) == 1
    assert _lead(company).owner_id is None


def _called(work: UnitOfWork, company: TradingDesk) -> None:
    end_task(work, actor=company.trade.rep, platform="test", task_id=1, act="called")


TOUCHES: dict[str, Callable[[UnitOfWork, TradingDesk], Any]] = {
    "status": lambda work, company: advance_lead(
        work, actor=company.trade.rep, platform="test", lead_id=1, to_status="contacted"
    ),
    "note": lambda work, company: add_lead_note(
        work, actor=company.trade.rep, platform="test", lead_id=1, text="asked for samples"
    ),
    "reminder": lambda work, company: add_task(
        work,
        actor=company.trade.rep,
        platform="test",
        text="call",
        due_at=work.now + timedelta(minutes=1),
        about=("lead", 1),
    ),
    "called": _called,
}


@pytest.mark.parametrize("touch", list(TOUCHES))
async def test_whatever_the_owner_does_counts(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead, touch: str
) -> None:
    company = small_company
    at = company.desk.database
    make_lead(company.trade.rep, at=at)
    if touch == "called":
        company.desk.write(lambda work: TOUCHES["reminder"](work, company))
    clock.move(days=3)
    company.desk.write(lambda work: TOUCHES[touch](work, company))
    assert _lead(company).touched_at == clock.now


async def test_a_file_counts_too(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    await company.say(LI, "/leads")
    await company.press(LI, next(label for label in company.last(LI).labels if "Ernst Handel" in label))

    def keep(work: UnitOfWork) -> None:
        file_id = files.keep_file(work, content=b"drawing", mime="text/plain")
        told = {"entity": files.UNATTACHED, "entity_id": company.trade.rep.id, "person_id": company.trade.rep.id}
        files.attach(work, file_id=file_id, name="drawing.txt", **told)

    company.desk.write(keep)
    clock.move(days=3)
    desk = company.desk
    button = desk.keys.seal("file.attach:1.lead.1", platform="test", chat_id=LI)
    await desk.take(desk.inbound(LI, "press", button=button, message_ref=company.last(LI).ref))
    assert "Files: 1" in company.last(LI).lines
    assert _lead(company).touched_at == clock.now


async def test_what_others_do_does_not(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    before = _lead(company).touched_at
    clock.move(days=3)
    boss = company.trade.boss
    company.desk.write(lambda work: add_lead_note(work, actor=boss, platform="test", lead_id=1, text="please call"))
    company.desk.write(lambda work: advance_lead(work, actor=boss, platform="test", lead_id=1, to_status="contacted"))
    about = ("lead", 1)
    later = clock.now + timedelta(days=1)
    company.desk.write(
        lambda work: add_task(work, actor=boss, platform="test", text="ask Li", due_at=later, about=about)
    )
    assert _lead(company).touched_at == before


@pytest.mark.parametrize("planned", ["follow-up", "reminder"])
async def test_one_that_is_planned_counts_from_that_day(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead, planned: str
) -> None:
    company = small_company
    day = datetime(2026, 3, 16, 1, tzinfo=UTC)
    told = {"next_follow_up_at": day} if planned == "follow-up" else {}
    make_lead(company.trade.rep, at=company.desk.database, **told)
    if planned == "reminder":
        rep = company.trade.rep
        company.desk.write(
            lambda work: add_task(work, actor=rep, platform="test", text="call", due_at=day, about=("lead", 1))
        )
    assert await tick_at(company, clock, 12, 9) == 0
    clock.now = day
    tell_reminders(company.desk.database)
    assert await tick_at(company, clock, 25, 8, 59) == 0
    assert await tick_at(company, clock, 25, 9) == 1
    assert company.notices(LI, "untouched since Mon 16 Mar 2026") == 1


async def test_days_away_do_not_count(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    leave(company, company.trade.rep, after=2, days=2)  # Wednesday 9:30 to Friday 9:30
    assert await tick_at(company, clock, 13, 9) == 0
    assert await tick_at(company, clock, 16, 8, 59) == 0
    assert await tick_at(company, clock, 16, 9) == 1
    leave(company, company.trade.rep, days=1.5)
    assert await tick_at(company, clock, 17, 12) == 0
    assert _lead(company).owner_id is not None  # not while they are away
    assert await tick_at(company, clock, 18, 9) == 0  # the seventh day, Monday and Tuesday being none
    assert await tick_at(company, clock, 19, 9) == 1
    assert _lead(company).owner_id is None


async def test_chinese_new_year_does_not_count(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    clock.now = datetime(2026, 2, 12, 2, tzinfo=UTC)  # Thursday; worked: 13, 14, 24 to 28 of February
    make_lead(company.trade.rep, at=company.desk.database)
    assert await tick_at(company, clock, 27, 18, month=2) == 0
    assert await tick_at(company, clock, 28, 8, 59, month=2) == 0
    assert await tick_at(company, clock, 28, 9, month=2) == 1  # a Saturday that is worked
    assert await tick_at(company, clock, 2, 9) == 1
    assert _lead(company).owner_id is None


async def test_nobody_loses_a_lead_untold(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    """Nothing ran for a month: it is said first, and the lead goes on the next working day."""
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    assert await tick_at(company, clock, 3, 8, month=4) == 0
    assert await tick_at(company, clock, 3, 10, month=4) == 1
    assert "on Tue 7 Apr 2026" in company.last(LI).text  # Qingming on the 6th
    assert await tick_at(company, clock, 3, 17, month=4) == 0
    assert await tick_at(company, clock, 4, 10, month=4) == 0
    assert await tick_at(company, clock, 7, 9, month=4) == 1
    assert _lead(company).owner_id is None


async def test_told_of_an_earlier_time_is_not_told(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead
) -> None:
    """Told, touched, and left alone again while nothing ran: it is told again first."""
    company, rep = small_company, small_company.trade.rep
    make_lead(rep, at=company.desk.database)
    await tick_at(company, clock, 11, 9)
    clock.move(hours=1)
    company.desk.write(lambda work: add_lead_note(work, actor=rep, platform="test", lead_id=1, text="called"))
    assert await tick_at(company, clock, 26, 10) == 1
    assert _lead(company).owner_id == rep.id
    assert company.notices(LI, "goes back to the pool on") == 2
    assert await tick_at(company, clock, 27, 9) == 1
    assert _lead(company).owner_id is None


async def test_a_touch_at_the_same_moment_wins(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = small_company
    make_lead(company.trade.rep, at=company.desk.database)
    await tick_at(company, clock, 11, 9)
    real = return_untouched

    def just_touched(work: UnitOfWork, **told: Any) -> bool:
        table = Lead.table()
        work.connection.execute(update(table).values(touched_at=work.now))
        return real(work, **told)

    monkeypatch.setattr(untouched_leads, "return_untouched", just_touched)
    await tick_at(company, clock, 12, 9)
    assert _lead(company).owner_id == company.trade.rep.id
    assert company.notices(LI, "went back") == 0


async def test_of_somebody_disabled_it_goes_without_a_word(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead
) -> None:
    company, rep = small_company, small_company.trade.rep
    make_lead(rep, at=company.desk.database)
    company.desk.write(lambda work: disable_person(work, actor=SYSTEM, person_id=rep.id))
    before = len(company.desk.outbox())
    await tick_at(company, clock, 11, 12)
    assert _lead(company).owner_id == rep.id
    await tick_at(company, clock, 12, 12)
    assert _lead(company).owner_id is None
    assert len(company.desk.outbox()) == before


async def test_a_berliner_in_berlins_hours(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    change(company, company.trade.rep, timezone="Europe/Berlin", holidays="DE")
    make_lead(company.trade.rep, at=company.desk.database)  # 2:30 there, on the same Monday
    assert await tick_at(company, clock, 11, 15, 59) == 0
    assert await tick_at(company, clock, 11, 16) == 1
    assert await tick_at(company, clock, 12, 15, 59) == 0
    assert await tick_at(company, clock, 12, 16) == 1
    assert _lead(company).owner_id is None


async def test_many_are_one_notice(small_company: TradingDesk, clock: Clock, make_lead: MakeLead) -> None:
    company = small_company
    for number in range(12):
        make_lead(company.trade.rep, at=company.desk.database, company=f"Firm {number}")
    assert await tick_at(company, clock, 11, 9) == 1
    shown = company.last(LI)
    assert shown.lines[0].startswith("12 leads go back to the pool on Thu 12 Mar 2026.")
    assert len(shown.lines) == 12
    assert shown.lines[-1] == "… and 2 more"
    assert shown.labels == [str(number) for number in range(1, 11)]
    assert await tick_at(company, clock, 12, 9) == 1
    assert company.last(LI).lines[0].startswith("12 leads went back to the pool")


async def test_closed_given_back_or_never_owned_is_none(
    small_company: TradingDesk, clock: Clock, make_lead: MakeLead
) -> None:
    company, rep = small_company, small_company.trade.rep
    for _ in range(2):
        make_lead(rep, at=company.desk.database)
    company.desk.write(lambda work: release_lead(work, actor=rep, platform="test", lead_id=1))
    company.desk.write(lambda work: work.connection.execute(update(Lead.table()).values(status="converted")))
    assert await tick_at(company, clock, 12, 9) == 0
    company.trade.rule("watches.untouched_days", "0")
    company.desk.write(lambda work: work.connection.execute(update(Lead.table()).values(status="new")))
    assert await tick_at(company, clock, 12, 9, 1) == 0
