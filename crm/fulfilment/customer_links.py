"""Links by which a customer follows one order of theirs: made by sales, revocable, of use for that order alone.

A link names its row; what makes it unguessable is a seal over the row's nonce, which the web's side adds with the
secret key: neither a copy of the database nor the address of another order opens anything. Guide 3.3.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.orders import get_order, lock_order
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.sales.agreed_orders import AGREED

_SENIOR = (Role.SUPERVISOR, Role.GM, Role.ADMIN)


class CustomerLink(Base):
    """One link to one order. `revoked_at` None: it opens."""

    __tablename__ = "customer_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(40))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_LINKS = CustomerLink.table()


def can_send_link(person: Member, order: Any) -> Allowed:
    """Whoever submitted the order, and who is above sales; once it is approved. `order`: a mapping of its columns."""
    if order["status"] not in AGREED:
        return T("A customer follows an order once it is approved.")
    if order["submitter_id"] == person.id or person.has(*_SENIOR):
        return True
    return T("What customers get is sent by who submitted the order.")


def live_link(work: UnitOfWork, *, order_id: int) -> Any:
    """The newest link of an order that still opens, None where there is none."""
    live = select(_LINKS).where(_LINKS.c.order_id == order_id, _LINKS.c.revoked_at.is_(None))
    return work.connection.execute(live.order_by(_LINKS.c.id.desc()).limit(1)).one_or_none()


def open_link(work: UnitOfWork, *, actor: Member, platform: str, order_id: int) -> Any:
    """The order's link, made if there is none that opens. Raises NotFound, Forbidden."""
    lock_order(work, order_id=order_id)
    order = get_order(work, viewer=actor, order_id=order_id).order
    require(can_send_link(actor, order))
    known = live_link(work, order_id=order_id)
    if known is not None:
        return known
    values = {
        "order_id": order_id,
        "nonce": secrets.token_hex(16),
        "made_by_id": actor.id,
        "made_at": work.now,
    }
    work.connection.execute(insert(_LINKS).values(values))
    _changed(work, Actor(actor.id, platform), order_id, "customer's link made")
    return live_link(work, order_id=order_id)


def revoke_links(work: UnitOfWork, *, actor: Member, platform: str, order_id: int) -> None:
    """Let no link to this order open any more. Raises NotFound, Forbidden, Conflict (there is none)."""
    lock_order(work, order_id=order_id)
    order = get_order(work, viewer=actor, order_id=order_id).order
    require(can_send_link(actor, order))
    live = (_LINKS.c.order_id == order_id, _LINKS.c.revoked_at.is_(None))
    if not work.connection.execute(update(_LINKS).where(*live).values(revoked_at=work.now)).rowcount:
        raise Conflict(T("No link to this order opens any more."))
    _changed(work, Actor(actor.id, platform), order_id, "customer's link revoked")


def find_link(work: UnitOfWork, *, link_id: int) -> Any:
    """A link by its number, None where there is none or it was revoked. Whether its seal fits, the caller asks."""
    known = select(_LINKS).where(_LINKS.c.id == link_id, _LINKS.c.revoked_at.is_(None))
    return work.connection.execute(known).one_or_none()


def _changed(work: UnitOfWork, by: Actor, order_id: int, act: str) -> None:
    history.record(work, actor=by, entity="order", entity_id=order_id, act=act)
    copies.touch_card(work, card="order", subject_id=order_id)
