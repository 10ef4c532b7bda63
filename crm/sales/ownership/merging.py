"""Two records of one customer become one: everything of the one goes to the other, and can go back. Guide 5.2.

What goes over is whatever points to a customer: contacts, history, deals, orders, receivables, files, reminders. What
is made of it afterwards follows it back.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Table,
    UniqueConstraint,
    bindparam,
    column,
    exists,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import TN, T, Text
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.sales.customers.contacts import Contact
from crm.sales.customers.customers import Customer, CustomerPrice, get_customer
from crm.sales.customers.grading import GradeProposal, close_proposals
from crm.sales.customers.policy import can_change_customer
from crm.sales.ownership.handing_over import Book, book_of, give

FILLED = (
    "owner_id",
    "country",
    "currency",
    "payment_terms",
    "source",
    "referred_by",
    "potential",
    "influence",
    "notes",
)
"""What the record that stays takes over where it has nothing of its own."""


class CustomerMerge(Base):
    """`moved`: `rows` (table → ids), `of` (entity → ids that name it by kind), `filled` (field → [before, after]),
    `tags`, `owner` (whose it was; the deals, tasks and quotes that changed hands), `main` (its main contacts).
    """

    __tablename__ = "customer_merges"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_MERGES = CustomerMerge.table()
_CUSTOMERS = Customer.table()
_CONTACTS = Contact.table()
# NO KEY: rows that refer to the customers may still be written meanwhile.
_LOCK = (
    select(_CUSTOMERS.c.id)
    .where(_CUSTOMERS.c.id.in_(bindparam("customers", expanding=True)))
    .order_by(_CUSTOMERS.c.id)
    .with_for_update(key_share=True)
)
_STAY = {CustomerMerge.__tablename__, GradeProposal.__tablename__, CustomerPrice.__tablename__, "customers"}
_BY_KIND = (("attachments", "entity", "entity_id"), ("tasks", "about", "about_id"))
_WORDS: dict[str, Callable[[int], Text]] = {
    "contacts": lambda n: TN("{n} contact", "{n} contacts", n=n),
    "communications": lambda n: TN("{n} entry in the history", "{n} entries in the history", n=n),
    "deals": lambda n: TN("{n} deal", "{n} deals", n=n),
    "orders": lambda n: TN("{n} order", "{n} orders", n=n),
    "quotes": lambda n: TN("{n} quote", "{n} quotes", n=n),
    "receivables": lambda n: TN("{n} receivable", "{n} receivables", n=n),
    "attachments": lambda n: TN("{n} file", "{n} files", n=n),
    "tasks": lambda n: TN("{n} reminder", "{n} reminders", n=n),
}


def can_merge(person: Member, kept: Any, merged: Any) -> Allowed:
    """Who may change both: their owner, the supervisor of both owners, an administrator."""
    for customer in (kept, merged):
        allowed = can_change_customer(person, customer)
        if allowed is not True:
            return allowed
    return True


def preview_merge(work: UnitOfWork, *, actor: Member, kept_id: int, merged_id: int) -> list[Text]:
    """What would go over: `2 contacts`, `1 order`. Raises NotFound, Forbidden, Invalid."""
    _both(work, actor, kept_id, merged_id)
    counts = {name: len(ids) for name, ids in _rows_of(work, merged_id, kept_id).items()}
    counts |= {name: len(ids) for name, ids in _named_by_kind(work, merged_id).items()}
    return [say(counts[name]) for name, say in _WORDS.items() if counts.get(name)]


def merge_customers(work: UnitOfWork, *, actor: Member, platform: str, kept_id: int, merged_id: int) -> int:
    """Put everything of `merged_id` to `kept_id`; returns the merge's id.

    Where their owners differ, its open deals and reminders go to the owner of the one that stays. Credit limit, rating,
    grade and own prices are those of the one that stays; so does what there may be once of a customer, such as one
    campaign's e-mail. Raises NotFound, Forbidden, Invalid.
    """
    work.connection.execute(_LOCK, {"customers": [kept_id, merged_id]})
    kept, merged = _both(work, actor, kept_id, merged_id)
    by = Actor(actor.id, platform)
    moved: dict[str, Any] = {"owner": _one_owner(work, by, kept, merged)}
    moved["main"] = _ids(work, select(_CONTACTS.c.id).where(_CONTACTS.c.customer_id == merged_id, _CONTACTS.c.is_main))
    moved["rows"] = _rows_of(work, merged_id, kept_id)
    moved["of"] = _named_by_kind(work, merged_id)
    _point(work, moved, kept_id)
    if _has_main(work, kept_id, but=moved["main"]):
        _set_main(work, moved["main"], is_main=False)
    moved |= _fill(work, kept, merged)
    gone = {"status": "merged", "merged_into_id": kept_id, "changed_at": work.now}
    work.connection.execute(update(_CUSTOMERS).where(_CUSTOMERS.c.id == merged_id).values(gone))
    close_proposals(work, customer_ids=[merged_id])
    values = {"kept_id": kept_id, "merged_id": merged_id, "actor_id": actor.id, "moved": moved, "at": work.now}
    merge_id = int(work.connection.execute(insert(_MERGES).returning(_MERGES.c.id), values).scalar_one())
    _record(work, by, merged_id, "merged", {"status": ("active", "merged"), "into": (None, kept_id)})
    _record(work, by, kept_id, "took over", {"merged": (None, merged_id)})
    return merge_id


def undo_merge(work: UnitOfWork, *, actor: Member, platform: str, merge_id: int) -> Any:
    """Make two of them again, with all that went over and what was made of it since; returns the one that is back.

    Raises NotFound, Forbidden, Conflict (undone already, merged further, handed over since).
    """
    row = work.connection.execute(select(_MERGES).where(_MERGES.c.id == merge_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such merge."))
    kept = get_customer(work, viewer=actor, customer_id=row.kept_id)
    if actor.id != row.actor_id and not actor.has(Role.ADMIN):
        raise Forbidden(T("Only who merged them undoes it, or an administrator."))
    undone = update(_MERGES).where(_MERGES.c.id == merge_id, _MERGES.c.undone_at.is_(None)).values(undone_at=work.now)
    if work.connection.execute(undone).rowcount != 1:
        raise Conflict(T("This merge was undone already."))
    _require_undoable(work, row, kept)
    by, moved = Actor(actor.id, platform), dict(row.moved)
    _set_main(work, moved["main"], is_main=True)
    moved["rows"] = _followers(work, moved["rows"], row.kept_id)
    _point(work, moved, row.merged_id, only_from=row.kept_id)
    _unfill(work, row, kept)
    back = {"status": "active", "merged_into_id": None, "changed_at": work.now}
    work.connection.execute(update(_CUSTOMERS).where(_CUSTOMERS.c.id == row.merged_id).values(back))
    _give_back(work, by, row, kept)
    _record(work, by, row.merged_id, "merge undone", {"status": ("merged", "active")})
    _record(work, by, row.kept_id, "merge undone", {"merged": (row.merged_id, None)})
    return get_customer(work, viewer=actor, customer_id=row.merged_id)


def last_merge(work: UnitOfWork, *, kept_id: int) -> Any:
    """The latest merge into this customer that was not undone, as a row with `name`; None where there is none."""
    query = select(*_MERGES.c, _CUSTOMERS.c.name).join(_CUSTOMERS, _CUSTOMERS.c.id == _MERGES.c.merged_id)
    standing = query.where(_MERGES.c.kept_id == kept_id, _MERGES.c.undone_at.is_(None))
    return work.connection.execute(standing.order_by(_MERGES.c.id.desc()).limit(1)).one_or_none()


def _both(work: UnitOfWork, actor: Member, kept_id: int, merged_id: int) -> tuple[Any, Any]:
    if kept_id == merged_id:
        raise Invalid(T("This is the same customer. Please choose another one."))
    kept = get_customer(work, viewer=actor, customer_id=kept_id)
    merged = get_customer(work, viewer=actor, customer_id=merged_id)
    require(can_merge(actor, kept, merged))
    return kept, merged


def _pointing() -> list[tuple[Table, str]]:
    """Every table with a column that points to a customer, and the column's name."""
    found = []
    for one in Base.metadata.sorted_tables:
        if one.name in _STAY or len(one.primary_key.columns) != 1:
            continue
        found += [(one, key.parent.name) for key in one.foreign_keys if key.column is _CUSTOMERS.c.id]
    return found


def _key(one: Table) -> Any:
    return one.primary_key.columns[0]


def _rows_of(work: UnitOfWork, customer_id: int, kept_id: int) -> dict[str, list[int]]:
    """What points to a customer, but what the other has already and may have once."""
    rows = {}
    for one, name in _pointing():
        theirs = select(_key(one)).where(one.c[name] == customer_id, *_not_twice(one, name, kept_id))
        rows[one.name] = _ids(work, theirs)
    return {name: ids for name, ids in rows.items() if ids}


def _not_twice(one: Table, name: str, kept_id: int) -> list[ColumnElement[bool]]:
    """For every unique key that the customer is a part of: that the other has no row of the same key."""
    keys = [list(index.columns) for index in one.indexes if index.unique]
    keys += [list(key.columns) for key in one.constraints if isinstance(key, UniqueConstraint)]
    found: list[ColumnElement[bool]] = []
    for columns in keys:
        if one.c[name] in columns:
            other = one.alias()
            same = [other.c[column.name] == column for column in columns if column is not one.c[name]]
            found.append(~exists().where(other.c[name] == kept_id, *same))
    return found


def _named_by_kind(work: UnitOfWork, customer_id: int) -> dict[str, list[int]]:
    """What names a record by its kind and id."""
    found = {}
    for name, kind, key in _BY_KIND:
        one = table(name, column("id", Id), column(kind), column(key))
        found[name] = _ids(work, select(one.c.id).where(one.c[kind] == "customer", one.c[key] == customer_id))
    return {name: ids for name, ids in found.items() if ids}


def _point(work: UnitOfWork, moved: Mapping[str, Any], customer_id: int, *, only_from: int | None = None) -> None:
    """Let all these rows point to this customer (`only_from`: those that still point to that one)."""
    for one, name in _pointing():
        _point_rows(work, one, _key(one), name, moved["rows"].get(one.name, ()), customer_id, only_from)
    for name, kind, key in _BY_KIND:
        one_of = table(name, column("id", Id), column(kind), column(key))
        _point_rows(work, one_of, one_of.c.id, key, moved["of"].get(name, ()), customer_id, only_from)


def _point_rows(
    work: UnitOfWork, one: Any, id_of: Any, name: str, ids: Sequence[int], customer_id: int, only_from: int | None
) -> None:
    if not ids:
        return
    where = [id_of.in_(ids)] + ([] if only_from is None else [one.c[name] == only_from])
    work.connection.execute(update(one).where(*where).values({name: customer_id}))
    if one.name in {"deals", "orders", "quotes"}:
        copies.touch_each(work, card=one.name.removesuffix("s"), subject_ids=list(ids))


def _followers(work: UnitOfWork, rows: Mapping[str, list[int]], kept_id: int) -> dict[str, list[int]]:
    """The same rows, and those made since of one of them: an order of its deal, a receivable of its order."""
    found = {name: list(ids) for name, ids in rows.items()}
    for _ in range(3):  # deal, order, receivable: no longer chain is known
        for one, name in _pointing():
            known = found.get(one.name, [])
            for key in one.foreign_keys:
                parents = found.get(key.column.table.name, [])
                if not parents or key.column.table is one or key.column.table is _CUSTOMERS:
                    continue
                of_them = (one.c[name] == kept_id, key.parent.in_(parents), _key(one).not_in(known))
                known = known + _ids(work, select(_key(one)).where(*of_them))
            if known:
                found[one.name] = known
    return found


def _one_owner(work: UnitOfWork, by: Actor, kept: Any, merged: Any) -> list[Any]:
    """Open deals and reminders of the one that goes belong to the owner of the other from now on."""
    if merged.owner_id is None or kept.owner_id is None or merged.owner_id == kept.owner_id:
        return [merged.owner_id, [], [], []]
    book = book_of(work, person_id=merged.owner_id, customer_ids=[merged.id])
    book = Book(deals=book.deals, tasks=book.tasks, quotes=book.quotes)
    give(work, by=by, book=book, from_id=merged.owner_id, to_id=kept.owner_id, act="handed over")
    return [merged.owner_id, list(book.deals), list(book.tasks), list(book.quotes)]


def _give_back(work: UnitOfWork, by: Actor, row: Any, kept: Any) -> None:
    owner_id, deals, tasks, quotes = row.moved["owner"]
    if not deals and not tasks and not quotes:
        return
    theirs = book_of(work, person_id=kept.owner_id, customer_ids=[row.merged_id])
    book = Book(
        deals=tuple(set(deals) & set(theirs.deals)),
        tasks=tuple(_tasks_of(work, kept.owner_id, tasks)),
        quotes=tuple(set(quotes) & set(theirs.quotes)),
    )
    give(work, by=by, book=book, from_id=kept.owner_id, to_id=owner_id, act="taken back")


def _tasks_of(work: UnitOfWork, person_id: int, task_ids: Sequence[int]) -> list[int]:
    """Those of these reminders that are still this person's."""
    one = table("tasks", column("id", Id), column("person_id", Id))
    return _ids(work, select(one.c.id).where(one.c.id.in_(task_ids), one.c.person_id == person_id))


def _fill(work: UnitOfWork, kept: Any, merged: Any) -> dict[str, Any]:
    filled = {
        name: [None, getattr(merged, name)]
        for name in FILLED
        if getattr(kept, name) is None and getattr(merged, name) is not None
    }
    tags = [tag for tag in merged.tags if tag not in kept.tags]
    values = {name: after for name, (_, after) in filled.items()} | {"changed_at": work.now}
    if tags:
        values["tags"] = [*kept.tags, *tags]
    work.connection.execute(update(_CUSTOMERS).where(_CUSTOMERS.c.id == kept.id).values(values))
    return {"filled": filled, "tags": tags}


def _unfill(work: UnitOfWork, row: Any, kept: Any) -> None:
    """Take back what was taken over, except where it was changed since."""
    filled = {name: before for name, (before, after) in row.moved["filled"].items() if getattr(kept, name) == after}
    tags = [tag for tag in kept.tags if tag not in row.moved["tags"]]
    values = filled | {"tags": tags, "changed_at": work.now}
    work.connection.execute(update(_CUSTOMERS).where(_CUSTOMERS.c.id == row.kept_id).values(values))


def _require_undoable(work: UnitOfWork, row: Any, kept: Any) -> None:
    if kept.status != "active":
        raise Conflict(T("{name} was merged further since: undo that first.", name=kept.name))
    entries = history.HistoryEntry.table().c
    since = (entries.entity == "customer", entries.entity_id == row.kept_id, entries.at > row.at)
    handed = select(func.count()).where(*since, entries.act == "handed over")
    if work.connection.execute(handed).scalar_one():
        raise Conflict(T("{name} was handed over since: its deals are another's now.", name=kept.name))


def _has_main(work: UnitOfWork, customer_id: int, *, but: Sequence[int]) -> bool:
    mains = _ids(work, select(_CONTACTS.c.id).where(_CONTACTS.c.customer_id == customer_id, _CONTACTS.c.is_main))
    return bool(set(mains) - set(but))


def _set_main(work: UnitOfWork, contact_ids: Sequence[int], *, is_main: bool) -> None:
    if contact_ids:
        work.connection.execute(update(_CONTACTS).where(_CONTACTS.c.id.in_(contact_ids)).values(is_main=is_main))


def _ids(work: UnitOfWork, query: Any) -> list[int]:
    return sorted(work.connection.execute(query).scalars())


def _record(work: UnitOfWork, by: Actor, customer_id: int, act: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    history.record(work, actor=by, entity="customer", entity_id=customer_id, act=act, changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer_id)
