"""Who is newly given a role that decides gets the cards of what waits for it already. Guide 3.1."""

from sqlalchemy import bindparam, select

from crm.core.copies import CardCopy
from crm.core.events import Events
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, touch_cards
from crm.orders.waiting import waiting_for
from crm.people.people import RolesGiven, find_member
from crm.people.reach import show_card

_COPIES = CardCopy.table()
_HAS = select(_COPIES.c.subject_id).where(_COPIES.c.card == CARD, _COPIES.c.person_id == bindparam("person"))


def tell_new_deciders(events: Events) -> None:
    """Have the cards follow whoever is given a role, in that transaction."""
    events.subscribe(RolesGiven, _given)


def _given(work: UnitOfWork, event: RolesGiven) -> None:
    known = set(work.connection.execute(_HAS, {"person": event.person_id}).scalars())
    for one in waiting_for(work, person=find_member(work, person_id=event.person_id)):
        if one.order_id not in known:
            show_card(work, person_id=event.person_id, card=CARD, subject_id=one.order_id)
        touch_cards(work, order_id=one.order_id)  # they say whom they wait for
