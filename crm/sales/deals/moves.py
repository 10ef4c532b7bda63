"""Deals brought from stage to stage, with what the stages ask for, and a reason where one is due. Guide 2.3."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from crm.core import copies
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor, history_of
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.sales.deals.deals import (
    NO_HOLD,
    Deal,
    DealStage,
    changed_by,
    enter_stage,
    get_deal,
    hold_fast,
    number,
    record_deal,
    stand_of,
    today_of,
)
from crm.sales.deals.events import DealChanged
from crm.sales.deals.facts import Told, read_facts
from crm.sales.deals.holds import drop_hold_reminder, hold_before
from crm.sales.deals.policy import can_change_deal
from crm.sales.deals.stages import FACTS, STAGE, missing_facts, reasons_for
from crm.sales.tasks.follow_ups import end_told, take_up_again

_DEALS = Deal.table()
_STAYS = DealStage.table()
_PEOPLE = Person.table()
_LEAVE = (
    update(_STAYS)
    .where(_STAYS.c.deal_id == bindparam("of_deal"), _STAYS.c.left_at.is_(None))
    .values(left_at=bindparam("at"))
)


def move_deal(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    deal_id: int,
    to_stage: str,
    facts: Mapping[str, Any] | None = None,
    reason: str | None = None,
    from_stage: str | None = None,
) -> None:
    """Bring a deal into another stage, with the facts told for it (see `deal_facts.read_facts`).

    Forwards all facts of the stages left behind must be there; skipping, going back and losing need a reason: a key
    of `reasons_for`, or words. `from_stage`: the stage it was seen in, where that matters. A move ends being on hold.
    Raises NotFound, Forbidden, Invalid (a fact or the reason is missing or wrong), Conflict (it is in another stage
    than was thought; the text says since when and by whom).
    """
    row = get_deal(work, viewer=actor, deal_id=deal_id)
    require(can_change_deal(actor, row))
    if to_stage not in STAGE:
        raise Invalid(T("There is no such stage."))
    if to_stage == row.stage or from_stage not in {None, row.stage}:
        raise _moved_already(work, row)
    told = read_facts(work, facts or {}, currency=row.currency, today=today_of(work, actor))
    _want_facts(row, told, to_stage)
    reason = _wanted_reason(row.stage, to_stage, reason)
    # Clocks of several machines may differ a little: a stay is never shorter than nothing.
    at = max(work.now, row.stage_since)
    new = {
        "stage": to_stage,
        "stage_since": at,
        "facts": row.facts | told.facts,
        "lost_reason": reason if to_stage == "lost" else None,
        "changed_at": work.now,
        **NO_HOLD,
        **told.columns,
    }
    as_seen = (
        _DEALS.c.stage == row.stage,
        _DEALS.c.stage_since == row.stage_since,
        _DEALS.c.changed_at == row.changed_at,
    )
    if work.connection.execute(update(_DEALS).where(_DEALS.c.id == row.id, *as_seen).values(**new)).rowcount != 1:
        raise _moved_already(work, row, seen_in=row.stage)
    work.connection.execute(_LEAVE, {"of_deal": row.id, "at": at})
    enter_stage(work, deal_id=row.id, stage=to_stage, at=at, actor=actor, reason=reason)
    before = stand_of(row._mapping)  # noqa: SLF001 - Row's public way
    work.emit(DealChanged(row.id, before, replace(before, stage=to_stage, stage_since=at, on_hold=False)))
    changes = {"stage": (row.stage, to_stage), **changed_by(row, told)}
    if row.on_hold:
        changes["on_hold"] = (True, False)
        drop_hold_reminder(work, by=Actor(actor.id, platform), deal=row)
    written: Any = {"actor": actor, "platform": platform, "deal_id": row.id}
    record_deal(work, **written, act="moved", changes=changes, reason=reason)
    if to_stage == "lost":
        end_told(work, by=Actor(actor.id, platform), about=("deal", row.id))
    copies.touch_card(work, card="deal", subject_id=row.id)
    copies.touch_card(work, card="customer", subject_id=row.customer_id)


def undo_move(work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, stage: str) -> str:
    """Take back that a deal was brought into this stage, as if it had never left the one before; returns that one.

    The stay is gone and the days before count on: a stale deal is no fresher for a slip. What was told with the move
    stays; the hold and the reminders that it ended are back.
    Raises NotFound, Forbidden, Conflict (moved or changed since).
    """
    row = hold_fast(work, viewer=actor, deal_id=deal_id)
    require(can_change_deal(actor, row))
    ways = select(_STAYS).where(_STAYS.c.deal_id == deal_id).order_by(_STAYS.c.id.desc()).limit(2)
    way = work.connection.execute(ways).all()
    if len(way) < 2 or row.stage != stage or way[0].stage != stage:
        raise Conflict(T("The deal was moved on since."))
    if row.changed_at > way[0].entered_at:
        raise Conflict(T("Deal {number} was changed since. Please move it back instead.", number=number(deal_id)))
    slip, before = way
    by = Actor(actor.id, platform)
    move = next(one for one in reversed(history_of(work, entity="deal", entity_id=deal_id)) if one.act == "moved")
    reminders = take_up_again(work, by=by, about=("deal", deal_id), ended_at=move.at)
    hold = hold_before(work, deal_id=deal_id, reminders=reminders) if "on_hold" in move.changes else {}
    work.connection.execute(delete(_STAYS).where(_STAYS.c.id == slip.id))
    work.connection.execute(update(_STAYS).where(_STAYS.c.id == before.id).values(left_at=None))
    new = {
        "stage": before.stage,
        "stage_since": before.entered_at,
        "lost_reason": None,
        "changed_at": work.now,
        **NO_HOLD,
        **hold,
    }
    work.connection.execute(update(_DEALS).where(_DEALS.c.id == deal_id).values(**new))
    was = stand_of(row._mapping)  # noqa: SLF001 - Row's public way
    back = replace(was, stage=before.stage, stage_since=before.entered_at, on_hold=bool(hold))
    work.emit(DealChanged(deal_id, was, back))
    changes: dict[str, tuple[Any, Any]] = {"stage": (stage, before.stage)}
    if hold:
        changes["on_hold"] = (False, True)
    record_deal(work, actor=actor, platform=platform, deal_id=deal_id, act="move undone", changes=changes)
    copies.touch_card(work, card="deal", subject_id=deal_id)
    copies.touch_card(work, card="customer", subject_id=row.customer_id)
    return str(before.stage)


def _want_facts(row: Any, told: Told, to_stage: str) -> None:
    missing = missing_facts(_After(row, told), to_stage)
    if missing:
        labels = [FACTS[fact] for fact in missing]
        raise Invalid(T("Still missing for {stage}: {facts}.", stage=STAGE[to_stage].label, facts=labels))


def _wanted_reason(from_stage: str, to_stage: str, reason: str | None) -> str | None:
    reason = " ".join((reason or "").split())[:2_000]
    if reason:
        return reason
    if not reasons_for(from_stage, to_stage):
        return None
    if to_stage == "lost":
        raise Invalid(T("Please say why the deal is lost."))
    raise Invalid(T("Please say why: this move skips stages or goes back."))


class _After:
    """The deal as it would be with what was just told."""

    def __init__(self, row: Any, told: Told) -> None:
        self.stage = row.stage
        self.product_id = told.columns.get("product_id", row.product_id)
        self.product_text = told.columns.get("product_text", row.product_text)
        self.quantity = told.columns.get("quantity", row.quantity)
        self.facts = row.facts | told.facts


def _moved_already(work: UnitOfWork, row: Any, *, seen_in: str | None = None) -> Conflict:
    query = (
        select(_STAYS.c.stage, _STAYS.c.entered_at, _PEOPLE.c.name)
        .join(_PEOPLE, _PEOPLE.c.id == _STAYS.c.person_id)
        .where(_STAYS.c.deal_id == row.id, _STAYS.c.left_at.is_(None))
    )
    now = work.connection.execute(query).one()
    if seen_in == now.stage:
        return Conflict(T("Deal {number} was changed just now. Please look at it again.", number=number(row.id)))
    return Conflict(
        T(
            "Deal {number} is in “{stage}” since {at}; {name} moved it there.",
            number=number(row.id),
            stage=STAGE[now.stage].label,
            at=now.entered_at,
            name=now.name,
        )
    )
