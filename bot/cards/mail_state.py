"""Whether a customer gets e-mail campaigns: a line on the customer's card where an address gets none."""

from bot.cards.screen import Line, labelled
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.sales.campaigns.blocks import REASONS, blocks_of


def mail_state_lines(work: UnitOfWork, customer_id: int) -> list[Line]:
    told = [
        T("{email}: {reason}", email=one.email, reason=REASONS[one.reason])
        for one in blocks_of(work, customer_id=customer_id)
    ]
    return [labelled(T("E-mail campaigns"), T("{items}", items=told))] if told else []
