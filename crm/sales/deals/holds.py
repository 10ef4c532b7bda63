"""Deals on hold: for a reason, until a day on which their owner is reminded. Not counted meanwhile. Guide 2.3."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.rules import text_rule
from crm.core.text import T, unpack
from crm.core.work import UnitOfWork
from crm.people.people import Member, find_member
from crm.people.permissions import require
from crm.sales.deals.deals import OFF_HOLD, Deal, hold_fast, record_deal, stand_of, today_of
from crm.sales.deals.events import DealChanged
from crm.sales.deals.facts import read_words
from crm.sales.deals.policy import can_change_deal
from crm.sales.deals.stages import HOLD_REASONS, OPEN_STAGES
from crm.sales.tasks.tasks import STANDING, Task, insert_task

LONGEST = timedelta(days=2 * 365)

_DEALS = Deal.table()
_TASKS = Task.table()


def hold_deal(
    work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, reason: str, until: date, reminder: str
) -> None:
    """Put an open deal on hold until a day to come; on its morning the owner is reminded in the words `reminder`.

    `reason`: a key of HOLD_REASONS, or words. Raises NotFound, Forbidden, Invalid, Conflict (closed, or on hold).
    """
    row = hold_fast(work, viewer=actor, deal_id=deal_id)
    require(can_change_deal(actor, row))
    if row.stage not in OPEN_STAGES:
        raise Conflict(T("The deal is closed."))
    if row.on_hold:
        raise Conflict(T("The deal is on hold already."))
    today = today_of(work, actor)
    if not today < until <= today + LONGEST:
        raise Invalid(T("A deal is on hold until a day to come, within two years."))
    reason = reason if reason in HOLD_REASONS else read_words(reason, most=2_000)
    new = {
        "on_hold": True,
        "hold_reason": reason,
        "hold_until": until,
        "held_since": work.now,
        "hold_task_id": _remind(work, Actor(actor.id, platform), row, until, reminder),
    }
    changes = {"on_hold": (False, True), "hold_until": (None, until)}
    _write(work, row, new)
    record_deal(work, actor=actor, platform=platform, deal_id=row.id, act="held", changes=changes, reason=reason)


def resume_deal(work: UnitOfWork, *, actor: Member, platform: str, deal_id: int) -> None:
    """Go on with a deal that was on hold; the days it was do not count. Raises NotFound, Forbidden, Conflict."""
    row = hold_fast(work, viewer=actor, deal_id=deal_id)
    require(can_change_deal(actor, row))
    if not row.on_hold:
        raise Conflict(T("The deal is not on hold."))
    rested = work.now - max(row.held_since or work.now, row.stage_since)
    _write(work, row, {**OFF_HOLD, "counted_since": (row.counted_since or row.stage_since) + rested})
    drop_hold_reminder(work, by=Actor(actor.id, platform), deal=row)
    record_deal(work, actor=actor, platform=platform, deal_id=row.id, act="resumed", changes={"on_hold": (True, False)})


def drop_hold_reminder(work: UnitOfWork, *, by: Actor, deal: Any) -> None:
    """Nobody need be reminded any more of the day until which it was on hold."""
    if deal.hold_task_id is None:
        return
    standing = (_TASKS.c.id == deal.hold_task_id, _TASKS.c.status.in_(STANDING))
    dropped = update(_TASKS).where(*standing).values(status="dropped", ended_at=work.now).returning(_TASKS.c.person_id)
    person_id = work.connection.execute(dropped).scalar()
    if person_id is not None:
        history.record(work, actor=by, entity="task", entity_id=deal.hold_task_id, act="dropped")
        copies.touch_card(work, card="task", subject_id=deal.hold_task_id)
        copies.touch_card(work, card="due", subject_id=person_id)


def hold_before(work: UnitOfWork, *, deal_id: int, reminders: Collection[int]) -> dict[str, Any]:
    """The columns of the hold that a move has ended, from its history; `reminders`: those that are back with it."""
    held = next(
        (one for one in reversed(history.history_of(work, entity="deal", entity_id=deal_id)) if one.act == "held"), None
    )
    if held is None:
        return {}
    tasks = select(_TASKS.c.id).where(_TASKS.c.id.in_(reminders), _TASKS.c.status == "open").order_by(_TASKS.c.id)
    return {
        "on_hold": True,
        "hold_reason": held.reason,
        "hold_until": unpack(held.changes["hold_until"][1]),
        "held_since": held.at,
        "hold_task_id": work.connection.execute(tasks).scalars().first(),
    }


def _remind(work: UnitOfWork, by: Actor, row: Any, until: date, words: str) -> int:
    owner = find_member(work, person_id=row.owner_id)
    morning = time.fromisoformat(text_rule(work, "tasks.morning_at"))
    at = datetime.combine(until, morning, owner.zone)
    told = {"text": words, "has_time": False, "about": "deal", "about_id": row.id}
    return insert_task(work, by=by, person_id=row.owner_id, due_at=at, **told)


def _write(work: UnitOfWork, row: Any, new: dict[str, Any]) -> None:
    work.connection.execute(update(_DEALS).where(_DEALS.c.id == row.id).values(**new, changed_at=work.now))
    before = stand_of(row._mapping)  # noqa: SLF001 - Row's public way
    work.emit(DealChanged(row.id, before, replace(before, on_hold=new["on_hold"])))
    copies.touch_card(work, card="deal", subject_id=row.id)
