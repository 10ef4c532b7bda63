"""What the conversations about production may see: which orders are made, who makes, who looks after it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.screen import Choice
from crm.core.errors import NotFound
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.board import BoardOrder, board
from crm.fulfilment.makers import list_makers
from crm.fulfilment.milestones import MILESTONES, milestones_of, next_of
from crm.orders.orders import read_order
from crm.people.people import Member, Role, list_members

Found = tuple[Sequence[Choice], int]


def orders_in_production(work: UnitOfWork, viewer: Member) -> list[BoardOrder]:
    """Those with a milestone to come, the late ones first."""
    return [one for one in board(work, viewer=viewer) if one.milestone is not None]


def search_in_production(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    found = orders_in_production(world.work, world.person)
    fits = [one for one in found if wanted in f"{one.number} {one.customer}".casefold()]
    return [_choice(one) for one in fits[offset : offset + most]], len(fits)


def find_in_production(world: Any, value: str) -> Choice | None:
    order_id = _order_id(world, value)
    if order_id is None:
        return None
    return next((_choice(one) for one in orders_in_production(world.work, world.person) if one.id == order_id), None)


def milestones_to_come(world: Any, order: str) -> Mapping[str, Any] | None:
    """The next milestone of an order, as plain JSON."""
    order_id = _order_id(world, order)
    following = None if order_id is None else next_of(milestones_of(world.work, [order_id]).get(order_id, []))
    return None if following is None else {"next": following.key}


def search_makers(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    names = {row.id: row.name for row in list_makers(world.work)}
    # What is typed names one that is there or a new one, never a part of one.
    fits = [(one, name) for one, name in names.items() if not wanted or wanted == name.casefold()]
    return [Choice(str(one), name) for one, name in fits[offset : offset + most]], len(fits)


def find_maker(world: Any, value: str) -> Choice | None:
    names = {str(row.id): row.name for row in list_makers(world.work)}
    return Choice(value, names[value]) if value in names else None


def search_producers(world: Any, query: str, offset: int, most: int) -> Found:
    wanted = query.strip().casefold()
    people = [one for one in list_members(world.work, active_only=True) if one.has(Role.PRODUCTION)]
    fits = [one for one in people if wanted in one.name.casefold()]
    return [Choice(str(one.id), one.name) for one in fits[offset : offset + most]], len(fits)


def find_producer(world: Any, value: str) -> Choice | None:
    people = [one for one in list_members(world.work, active_only=True) if one.has(Role.PRODUCTION)]
    return next((Choice(value, one.name) for one in people if str(one.id) == value), None)


def _order_id(world: Any, value: str) -> int | None:
    if not value.isdecimal() or len(value) > 15:
        return None
    try:
        return int(read_order(world.work, order_id=int(value), viewer=world.person).id)
    except NotFound:
        return None


def _choice(one: BoardOrder) -> Choice:
    assert one.milestone is not None, "it is being made"
    note = T("{milestone} by {date}", milestone=MILESTONES[one.milestone], date=one.due_on)
    return Choice(str(one.id), f"{one.number} {one.customer}", note)
