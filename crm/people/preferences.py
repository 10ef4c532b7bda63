"""What people choose for themselves: where their notices go."""

from sqlalchemy import select, update

from crm.core import history
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.people import Person

_PEOPLE = Person.table()
_IDENTITIES = ChatIdentity.table()


def platforms_of(work: UnitOfWork, *, person_id: int) -> list[str]:
    """The platforms on which this person has an account."""
    query = select(_IDENTITIES.c.platform).where(_IDENTITIES.c.person_id == person_id)
    return list(work.connection.execute(query.distinct().order_by(_IDENTITIES.c.platform)).scalars())


def notify_on(work: UnitOfWork, *, person_id: int) -> str | None:
    """The platform this person's notices go to; None: the one used last."""
    return work.connection.execute(select(_PEOPLE.c.notify_on).where(_PEOPLE.c.id == person_id)).scalar()


def set_notify_on(work: UnitOfWork, *, actor: Actor, person_id: int, platform: str | None) -> None:
    """Send this person's notices to a platform they are linked on; None: to the one used last. Raises Invalid."""
    if platform is not None and platform not in platforms_of(work, person_id=person_id):
        raise Invalid(T("You are not linked there. Ask your administrator for a code first."))
    before = notify_on(work, person_id=person_id)
    if before == platform:
        return
    work.connection.execute(update(_PEOPLE).where(_PEOPLE.c.id == person_id).values(notify_on=platform))
    changes = {"notify_on": (before, platform)}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)
