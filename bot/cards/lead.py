"""What a lead looks like: its card, its line in a list, and what is said when one is saved."""

from datetime import date, datetime
from typing import Any

from bot.cards import labels
from bot.cards.files import files_on_card
from bot.cards.names import budget_words
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.money import Money
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.language.contacts import show_phone
from crm.language.countries import country_name
from crm.people.people import Member
from crm.sales.catalogue.categories import category_name, list_categories
from crm.sales.deals.policy import can_deal
from crm.sales.leads.cadences import planned_days
from crm.sales.leads.lead_form import read_form, shown_values
from crm.sales.leads.leads import DISQUALIFY_REASONS, OPEN_STATUSES, SOURCES, STATUSES, get_lead, number
from crm.sales.leads.policy import can_change_lead, can_reassign_lead
from crm.sales.leads.pool import can_claim


def draw_lead(work: UnitOfWork, lead_id: int, viewer: Member) -> Screen:
    """The card of a lead as this person may see it now. Raises NotFound."""
    lead = get_lead(work, viewer=viewer, lead_id=lead_id)
    lines = [title(T("{number} {company}", number=number(lead.id), company=lead.company))]
    lines += _facts(work, lead, viewer)
    rows: tuple[tuple[Button, ...], ...] = ()
    if lead.status in OPEN_STATUSES and can_change_lead(viewer, lead) is True:
        rows = _rows(lead.id, viewer)
    elif lead.owner_id is None and lead.status in OPEN_STATUSES and can_claim(viewer) is True:
        rows = ((Button(labels.CLAIM, f"lead.claim:{lead_id}", "primary"),),)
    if lead.status in OPEN_STATUSES and can_reassign_lead(viewer, lead) is True:
        rows = (*rows, (Button(labels.REASSIGN, f"lead.reassign:{lead_id}"),))
    told, to_files = files_on_card(work, viewer, "lead", lead_id, lead)
    return Screen((*lines, *told), (*rows, *to_files))


def lead_line(lead: Any) -> Words:
    """`L-17 万通贸易 · 王经理 · New`"""
    return T(
        "{number} {company} · {contact} · {status}",
        number=number(lead.id),
        company=lead.company,
        contact=lead.contact,
        status=STATUSES[lead.status],
    )


def moment_words(at: datetime, viewer: Member, *, has_time: bool) -> Words:
    local = at.astimezone(viewer.zone)
    return T("{date}", date=local if has_time else local.date())


def length_words(minutes: int) -> Words:
    """`2 h 05 min`, of working time."""
    if minutes < 60:
        return T("{n} min", n=minutes)
    return T("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def _category(work: UnitOfWork, lead: Any, viewer: Member) -> str | None:
    """Its category in the reader's language; one that the catalogue has no more, as it was written."""
    told: str | None = lead.product_category
    if told is None:
        return None
    known = {one.name: one for one in list_categories(work)}
    return category_name(known[told], viewer.language) if told in known else told


def _planned(work: UnitOfWork, lead: Any, viewer: Member) -> list[date]:
    """The days of its plan after the next follow-up."""
    if lead.owner_id is None or lead.status not in OPEN_STATUSES or lead.next_follow_up_at is None:
        return []
    after = lead.next_follow_up_at.astimezone(viewer.zone).date()
    return [day for day in planned_days(work, lead_id=lead.id) if day > after]


def _response(lead: Any) -> Words | None:
    """How soon it was answered, in working time; of one that waits, that it does."""
    if lead.responded_at is not None:
        return T("{at}, after {length}", at=lead.responded_at, length=length_words(lead.response_minutes))
    return T("not yet") if lead.status == "new" and lead.owner_id is not None else None


def _rows(lead_id: int, viewer: Member) -> tuple[tuple[Button, ...], ...]:
    """What may be done with an open lead: after talking to them, to come back to it, to close it."""
    talked = (
        Button(labels.CALLED, f"lead.called:{lead_id}"),
        Button(labels.NO_ANSWER, f"lead.no_answer:{lead_id}"),
    )
    later = (
        Button(labels.REMIND, f"remind.for:lead:{lead_id}"),
        Button(T("Add a note"), f"lead.note:{lead_id}"),
    )
    closed: tuple[Button, ...] = (Button(labels.DISQUALIFY, f"lead.disqualify:{lead_id}", "danger"),)
    if can_deal(viewer) is True:
        closed = (Button(labels.CONVERT, f"lead.convert:{lead_id}", "primary"), *closed)
    return talked, later, closed


def _facts(work: UnitOfWork, lead: Any, viewer: Member) -> list[Line]:
    status: Words = STATUSES[lead.status]
    if lead.status_reason:
        reason = DISQUALIFY_REASONS.get(lead.status_reason, lead.status_reason)
        status = T("{status}: {reason}", status=status, reason=reason)
    money = [None if end is None else Money(end, lead.budget_currency) for end in (lead.budget_low, lead.budget_high)]
    reach = [lead.phone and show_phone(lead.phone), lead.email]
    reach += [lead.wechat and T("WeChat {name}", name=lead.wechat)]
    reach += [lead.whatsapp and T("WhatsApp {name}", name=lead.whatsapp)]
    reach = [way for way in reach if way]
    follow_up = lead.next_follow_up_at
    facts: list[tuple[Words, Words | None]] = [
        (T("Status"), status),
        (T("Contact"), lead.contact),
        (T("Phone or e-mail"), T("{items}", items=reach) if reach else None),
        (T("Country or region"), lead.country and country_name(lead.country, viewer.language)),
        (T("Source"), SOURCES[lead.source]),
        (T("Referred by"), lead.referred_by),
        (T("Product need"), lead.product_need),
        (T("Product category"), _category(work, lead, viewer)),
        (T("Budget"), budget_words(*money)),
        (
            T("Next follow-up"),
            follow_up and moment_words(follow_up, viewer, has_time=lead.next_follow_up_has_time),
        ),
        (T("Planned then"), T("{items}", items=planned) if (planned := _planned(work, lead, viewer)) else None),
        (T("First response"), _response(lead)),
        (T("Tags"), T("{items}", items=list(lead.tags)) if lead.tags else None),
        (T("Notes"), lead.notes),
        (T("Owner"), lead.owner_name),
    ]
    shown = [labelled(label, words) for label, words in facts if words]
    if lead.custom:
        shown += [labelled(label, words) for label, words in shown_values(read_form(work), lead.custom)]
    return [*shown, muted(T("Logged {at}", at=lead.created_at))]
