"""What the people of the sample company find when they first open a chat: the present, not 18 months of messages."""

from datetime import timedelta

from sqlalchemy import select

from crm.core import outbox
from crm.core.outbox import OutboxEntry
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD
from crm.orders.waiting import waiting_for
from crm.people.people import list_members

_STILL_NEWS = timedelta(days=4)
_KEPT = (
    select(OutboxEntry.id, OutboxEntry.person_id, OutboxEntry.payload, OutboxEntry.created_at)
    .where(OutboxEntry.status == "pending")
    .order_by(OutboxEntry.id)
)


def forget_what_is_past(work: UnitOfWork) -> None:
    """Drop the messages kept for people without a chat, but for what still waits for their decision (one card of each
    order, however old) and what else they were told in the last days.
    """
    waiting = {(person.id, line.order_id) for person in list_members(work) for line in waiting_for(work, person=person)}
    cards: dict[tuple[int, int], int] = {}
    past = []
    for row_id, person_id, payload, created_at in work.connection.execute(_KEPT):
        card, subject_id = payload.get("card") or (None, 0)
        if card == CARD:
            past.append(cards.pop((person_id, subject_id), None))
            cards[person_id, subject_id] = row_id
        elif created_at < work.now - _STILL_NEWS:
            past.append(row_id)
    past += [row_id for subject, row_id in cards.items() if subject not in waiting]
    for row_id in filter(None, past):
        outbox.mark_dropped(work, row_id=row_id, reason="of the sample company's history")
