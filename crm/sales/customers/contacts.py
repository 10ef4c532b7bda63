"""The people of a customer, and how each is reached."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, Text, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.language.contacts import email_domain, read_contact
from crm.language.names import search_key
from crm.sales.searching import fits, has_words

WAYS = ("phone", "email", "wechat", "whatsapp")
"""How one is reached; phone and WhatsApp in E.164 where the number is a possible one, else as it was written."""

_FEWEST_DIGITS = 7  # fewer are no number of their own without the area's code


class Contact(Base):
    """One person of a customer's; `is_main` is who one asks for first."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(Text)
    position: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40), index=True)
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    email_domain: Mapped[str | None] = mapped_column(String(255), index=True)
    wechat: Mapped[str | None] = mapped_column(String(100), index=True)
    whatsapp: Mapped[str | None] = mapped_column(String(40), index=True)
    is_main: Mapped[bool]


_CONTACTS = Contact.table()
_INSERT = insert(_CONTACTS).returning(_CONTACTS.c.id)


def contacts_of(work: UnitOfWork, *, customer_ids: Iterable[int]) -> list[Any]:
    """The contacts of customers the reader may see, as rows of `contacts`: the main one first, then as added."""
    query = select(_CONTACTS).where(_CONTACTS.c.customer_id.in_(list(customer_ids)))
    order = (_CONTACTS.c.customer_id, _CONTACTS.c.is_main.desc(), _CONTACTS.c.id)
    return list(work.connection.execute(query.order_by(*order)).all())


def insert_contact(work: UnitOfWork, *, customer_id: int, name: str, is_main: bool, **more: str | None) -> int:
    """Write one contact; `more` is `position` and the WAYS. Permission and history are the customer's."""
    values = {"customer_id": customer_id, "name": name, "search_key": search_key(name), "is_main": is_main}
    values["email_domain"] = email_domain(more.get("email") or "")
    blank = dict.fromkeys(("position", *WAYS))
    return int(work.connection.execute(_INSERT, blank | more | values).scalar_one())


def update_contact(work: UnitOfWork, *, contact_id: int, name: str, **more: str | None) -> None:
    """Write a contact anew; `more` as in `insert_contact`."""
    values = {"name": name, "search_key": search_key(name), **more}
    if "email" in more:
        values["email_domain"] = email_domain(more["email"] or "")
    work.connection.execute(update(_CONTACTS).where(_CONTACTS.c.id == contact_id).values(values))


def customers_reached_by(query: str) -> Any:
    """A select of the ids of customers one of whose contacts is called so, or has exactly this phone or e-mail."""
    typed = query.strip()
    ways: list[ColumnElement[bool]] = []
    if has_words(query):
        ways.append(fits(_CONTACTS.c.search_key, query))
    read = read_contact(typed, region=None)
    if read is not None and read.email is not None:
        ways.append(_CONTACTS.c.email == read.email)
    ways.extend(_has_number(read.phone if read is not None else None, typed))
    return select(_CONTACTS.c.customer_id).where(or_(*ways))


def _has_number(e164: str | None, typed: str) -> list[ColumnElement[bool]]:
    """The number itself; one written as at home (`030 901820`) is the end of it behind the country's code."""
    columns = (_CONTACTS.c.phone, _CONTACTS.c.whatsapp)
    ways = [column == number for number in {e164, typed} if number for column in columns]
    digits = "".join(character for character in typed if character.isdigit() and character.isascii()).lstrip("0")
    if not typed.strip("0123456789 ()-./") and len(digits) >= _FEWEST_DIGITS:
        ways += [column.endswith(digits, autoescape=True) for column in columns]
    return ways
