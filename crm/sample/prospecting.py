"""Stories of the sample company's leads: some become customers, most come to nothing, some are still open."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.leads.leads import advance_lead, disqualify_lead, log_lead, withdraw_lead
from crm.sales.leads.pool import claim_lead, release_lead
from crm.sales.ownership.conversion import convert_lead
from crm.sample.buying import buying, credit, new_buyer
from crm.sample.diary import Story
from crm.sample.firms import as_lead
from crm.sample.pursuing import Wish, make_wish, progress, title_for
from crm.sample.setting import Firm, Setting, door


def converted_lead(setting: Setting, firm: Firm, *, begin: date) -> Story:
    """A lead that becomes a customer with a deal, and mostly goes on buying."""
    rep = setting.people[firm.rep]
    yield setting.on(rep, begin)
    wish, lead_id = _log(setting, firm, rep)
    told: dict[str, Any] = {"actor": rep, "platform": door(rep), "lead_id": lead_id}
    yield setting.later(rep, (0, 2))
    advance_lead(setting.work, **told, to_status="contacted")
    yield setting.later(rep, (2, 9))
    advance_lead(setting.work, **told, to_status="qualified")
    yield setting.later(rep, (1, 6))
    amount = Money(setting.price(wish.goods, firm.currency, off=wish.off) * wish.quantity, firm.currency)
    converted = convert_lead(setting.work, **told, title=title_for(setting, rep, wish), amount=amount)
    buyer = new_buyer(setting, firm, converted.customer_id)
    if setting.may(65):
        setting.diary.begin(credit(setting, buyer))
    setting.diary.begin(progress(setting, buyer, converted.deal_id, wish, ends="won" if setting.may(70) else "lost"))
    if setting.may(75):
        yield setting.later(rep, (50, 100))
        yield from buying(setting, buyer)


def fruitless_lead(setting: Setting, firm: Firm, *, begin: date, withdrawn: bool) -> Story:
    """A lead that leads nowhere, or was entered by mistake and is taken back."""
    rep = setting.people[firm.rep]
    yield setting.on(rep, begin)
    _, lead_id = _log(setting, firm, rep)
    if withdrawn:
        withdraw_lead(setting.work, actor=rep, platform=door(rep), lead_id=lead_id)
        return
    yield setting.later(rep, (1, 6))
    if setting.may(70):
        advance_lead(setting.work, actor=rep, platform=door(rep), lead_id=lead_id, to_status="contacted")
        yield setting.later(rep, (3, 25))
    reason = setting.words(rep, "disqualify")
    disqualify_lead(setting.work, actor=rep, platform=door(rep), lead_id=lead_id, reason=reason)


def open_lead(setting: Setting, firm: Firm, *, begin: date, status: str, follow_up: date) -> Story:
    """A lead that somebody is at; its next follow-up is near, or was."""
    rep = setting.people[firm.rep]
    yield setting.on(rep, begin)
    _, lead_id = _log(setting, firm, rep, follow_up=follow_up)
    for reached in ("contacted", "qualified")[: ("new", "contacted", "qualified").index(status)]:
        yield setting.soon(rep, (2, 20))
        advance_lead(setting.work, actor=rep, platform=door(rep), lead_id=lead_id, to_status=reached)


def pooled_lead(setting: Setting, firm: Firm, *, begin: date, claimed: bool) -> Story:
    """A lead that its owner gave up: in the pool, or claimed from there by a colleague."""
    rep = setting.people[firm.rep]
    yield setting.on(rep, begin)
    _, lead_id = _log(setting, firm, rep)
    yield setting.later(rep, (6, 14))
    reason = setting.words(rep, "release")
    release_lead(setting.work, actor=rep, platform=door(rep), lead_id=lead_id, reason=reason)
    if claimed:
        colleague = next(one for one in setting.all_of(Role.REP) if one.team_id == rep.team_id and one != rep)
        yield setting.later(colleague, (1, 5))
        claim_lead(setting.work, actor=colleague, platform=door(colleague), lead_id=lead_id)


def _log(setting: Setting, firm: Firm, rep: Member, *, follow_up: date | None = None) -> tuple[Wish, int]:
    wish = make_wish(setting, weight=1.2)
    facts = setting.facts_of(wish.goods, wish.quantity, rep)
    notes = setting.words(rep, "lead_notes") if setting.may(60) else None
    details = as_lead(firm, need=setting.words(rep, "need", **facts), category=wish.goods.category, notes=notes)
    if setting.may(50):
        amount = wish.quantity * wish.goods.list_price
        low = Decimal(round(amount / 1000)) * 800
        details = replace(details, budget_low=low, budget_high=low * 2, budget_currency="USD")
    if follow_up is not None:
        details = replace(details, next_follow_up_at=setting.on(rep, follow_up).replace(hour=0, minute=0, second=0))
    return wish, log_lead(setting.work, actor=rep, platform=door(rep), details=details)
