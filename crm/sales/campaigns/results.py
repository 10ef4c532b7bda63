"""What became of a campaign's mails, by customer; and opting out of all campaigns from one of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, select, update

from crm.core import copies
from crm.core.history import Actor
from crm.core.work import UnitOfWork
from crm.sales.campaigns.audience import CHINESE
from crm.sales.campaigns.blocks import block
from crm.sales.campaigns.campaigns import CARD, template_for
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.customers.customers import Customer

_MAILS = CampaignMail.table()
_CAMPAIGNS = Campaign.table()
_CUSTOMERS = Customer.table()
_ORDER = case({"bounced": 0, "failed": 1, "sending": 2, "waiting": 3, "sent": 4}, value=_MAILS.c.status, else_=9)


def mail_results(work: UnitOfWork, *, campaign_id: int, offset: int, most: int) -> Sequence[Any]:
    """The mails of a campaign with their customers, what needs a look first: opted out, bounced, failed, the rest."""
    mails = (*(column for column in _MAILS.c if column.name != "created_at"), _CUSTOMERS.c.name.label("customer_name"))
    query = select(*mails).join(_CUSTOMERS, _CUSTOMERS.c.id == _MAILS.c.customer_id)
    mine = (_MAILS.c.campaign_id == campaign_id, _MAILS.c.person_id.is_(None))
    order = (_MAILS.c.opted_out_at.is_(None), _ORDER, _MAILS.c.id)
    return work.connection.execute(query.where(*mine).order_by(*order).offset(offset).limit(most)).all()


def language_of_mail(work: UnitOfWork, *, mail_id: int) -> str | None:
    """The language its reader was written in; None where there is no such mail."""
    query = (
        select(_CAMPAIGNS, _CUSTOMERS.c.country)
        .join(_MAILS, _MAILS.c.campaign_id == _CAMPAIGNS.c.id)
        .outerjoin(_CUSTOMERS, _CUSTOMERS.c.id == _MAILS.c.customer_id)
        .where(_MAILS.c.id == mail_id)
    )
    row = work.connection.execute(query).one_or_none()
    return None if row is None else template_for(row, "zh_CN" if row.country in CHINESE else "en").language


def has_opted_out(work: UnitOfWork, *, mail_id: int) -> bool:
    """Whether whoever got this mail has said so by it already."""
    said = select(_MAILS.c.opted_out_at).where(_MAILS.c.id == mail_id)
    return work.connection.execute(said).scalar_one_or_none() is not None


def opt_out(work: UnitOfWork, *, mail_id: int, platform: str) -> bool:
    """Whoever got this mail wants none any more, for ever. False where there is no such mail; twice is once.

    A test has no reader: nothing is noted.
    """
    row = work.connection.execute(select(_MAILS).where(_MAILS.c.id == mail_id)).one_or_none()
    if row is None or row.email is None:
        return False
    if row.person_id is not None:
        return True
    first = update(_MAILS).where(_MAILS.c.id == mail_id, _MAILS.c.opted_out_at.is_(None))
    work.connection.execute(first.values(opted_out_at=work.now))
    block(work, by=Actor(None, platform), email=row.email, reason="opted_out", campaign_id=row.campaign_id)
    copies.touch_card(work, card=CARD, subject_id=row.campaign_id)
    return True
