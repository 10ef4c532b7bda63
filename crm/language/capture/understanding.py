"""What a message can be understood as, and what a reader of messages may ask of the company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from crm.language.dates import Reading
from crm.language.money import BudgetReading


@dataclass(frozen=True, slots=True)
class Named:
    """A record of the company: its value as conversations keep it (an id), and its name."""

    value: str
    name: str


class Knowledge(Protocol):
    """What a reader may ask of the company: searched, never all in memory."""

    @property
    def region(self) -> str | None:
        """ISO country whose national phone numbers are understood."""
        ...

    @property
    def currency(self) -> str:
        """The base currency, for amounts written without one."""
        ...

    def customers(self, name: str) -> Sequence[Named]:
        """Those whose name fits, at most two."""
        ...

    def leads(self, name: str) -> Sequence[Named]:
        """Open ones whose company fits, at most two."""
        ...

    def deals(self, query: str) -> Sequence[Named]:
        """Open deals by number, title or customer, at most two."""
        ...

    def category(self, need: str) -> str | None:
        """The product category that a need seems to mean."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadReading:
    """Somebody who may become a customer. `notes`: what no field took. `source`: a key of the lead's sources."""

    company: str | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None
    wechat: str | None = None
    whatsapp: str | None = None
    country: str | None = None
    source: str | None = None
    product_need: str | None = None
    product_category: str | None = None
    budget: BudgetReading | None = None
    next_follow_up: Reading | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderReading:
    """`text`: all that was said; the reminder's own reader takes the date out of it."""

    text: str


@dataclass(frozen=True, slots=True)
class NoteReading:
    """For a customer's history, or with `deal` for a deal's, with `lead` for a lead's."""

    customer: Named | None
    text: str
    deal: Named | None = None
    lead: Named | None = None


@dataclass(frozen=True, slots=True)
class MoveReading:
    """`stage`: the key of a deal's stage. `deal` None: it was not named clearly, and is asked."""

    deal: Named | None
    stage: str


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """Where an order stands."""

    number: str


Understanding: TypeAlias = LeadReading | ReminderReading | NoteReading | MoveReading | OrderQuestion


class Understander(Protocol):
    """Reads messages. None where it is not sure: no reading is better than a wrong one."""

    def understand(self, text: str, *, now: datetime, knowledge: Knowledge) -> Understanding | None: ...
