"""Disqualifying taken back: a lead closed by mistake is as it was. Guide 2.1."""

from datetime import timedelta

from sqlalchemy import update

from crm.core import copies, history
from crm.core.errors import Conflict
from crm.core.history import Actor
from crm.core.rules import decimal_rule
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.company_keys import keep_keys
from crm.sales.leads.leads import OPEN_STATUSES, Lead, get_lead, number
from crm.sales.leads.policy import can_change_lead
from crm.sales.tasks.follow_ups import take_up_again

_LEADS = Lead.table()


def undo_disqualify(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """The lead is open again, in the status it had, with the reminders that ended with it; the days that its plan still
    had are not. Raises NotFound, Forbidden, Conflict (it is not disqualified, was changed since, or too long ago).
    """
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, row))
    last = history.history_of(work, entity="lead", entity_id=lead_id)[-1]
    hours = timedelta(hours=float(decimal_rule(work, "customers.undo_hours")))
    if row.status != "disqualified" or last.act != "disqualified" or last.at + hours < work.now:
        raise Conflict(T("Lead {number} can't be opened again like this any more.", number=number(lead_id)))
    before = last.changes["status"][0]
    status = before if before in OPEN_STATUSES else "new"
    values = {"status": status, "status_reason": None, "changed_at": work.now}
    this = (_LEADS.c.id == lead_id, _LEADS.c.status == "disqualified")
    if work.connection.execute(update(_LEADS).where(*this).values(**values)).rowcount != 1:
        raise Conflict(T("Lead {number} can't be opened again like this any more.", number=number(lead_id)))
    by = Actor(actor.id, platform)
    keep_keys(work, kind="lead", record_id=lead_id, name=row.company)
    take_up_again(work, by=by, about=("lead", lead_id), ended_at=last.at)
    changes = {"status": ("disqualified", status)}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act="disqualifying undone", changes=changes)
    copies.touch_card(work, card="lead", subject_id=lead_id)
