"""A small company with a customer and two products, and short words for what is done to orders."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update

from crm.core import history
from crm.core.database import Database
from crm.core.history import SYSTEM, HistoryEntry
from crm.core.outbox import OutboxEntry
from crm.core.rates import set_rate
from crm.core.rules import set_rule
from crm.core.text import unpack
from crm.ledger.credit import Reservation
from crm.orders.approvals import Step, of_round, states, steps_of
from crm.orders.conditions import accept_condition, decline_condition
from crm.orders.decisions import Decided, Decision, decide
from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.facts import DecisionFacts, decision_facts
from crm.orders.orders import RESERVING, Order, read_plain
from crm.orders.prefill import draft_of_order
from crm.orders.review import OrderReview, review_order
from crm.orders.submission import recall_order, resubmit_order, submit_order
from crm.people.people import Member, Role
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.customers import Customer, CustomerDetails, create_customer, set_credit_limit

TODAY = date(2026, 3, 2)
LATER = date(2026, 5, 1)
MakePerson = Callable[..., Member]


class Trade:
    """Zhao leads Li's team; Sun is finance, Chen the general manager, Xu the administrator."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.database = database
        self.boss = make_person("Zhao", Role.SUPERVISOR, team="North", at=database)
        self.rep = make_person("Li", team="North", at=database)
        self.finance = make_person("Sun", Role.FINANCE, at=database)
        self.gm = make_person("Chen", Role.GM, at=database)
        self.admin = make_person("Xu", Role.ADMIN, at=database)
        self.customer = self.add_customer("Ernst Handel")
        self.chai = self.add_product("CHAI", "Chai", cost="10")
        self.chang = self.add_product("CHANG", "Chang", cost="10")

    def add_customer(self, name: str, owner: Member | None = None, *, limit: str | None = "1000000") -> int:
        with self.database.write() as work:
            told = CustomerDetails(name=name, country="AT", currency="CNY")
            customer = create_customer(work, actor=owner or self.rep, platform="test", details=told)
        self.set_limit(limit, customer)
        return customer

    def set_limit(self, limit: str | None, customer: int | None = None) -> None:
        amount = None if limit is None else Decimal(limit)
        with self.database.write() as work:
            set_credit_limit(
                work, actor=self.finance, platform="test", customer_id=customer or self.customer, limit=amount
            )

    def add_product(self, sku: str, name: str, *, price: str = "20", cost: str | None = None, **more: Any) -> int:
        told = {"currency": "CNY", "list_price": Decimal(price), "stock": Decimal(100_000), **more}
        details = ProductDetails(sku=sku, name=name, cost=None if cost is None else Decimal(cost), **told)
        with self.database.write() as work:
            return save_product(work, actor=SYSTEM, details=details)[0]

    def rate(self, currency: str, rate: str, day: date = date(2026, 1, 1)) -> None:
        with self.database.write() as work:
            set_rate(work, currency=currency, valid_from=day, rate=Decimal(rate))

    def rule(self, key: str, value: str) -> None:
        with self.database.write() as work:
            set_rule(work, actor=SYSTEM, key=key, value=value)

    def line(self, quantity: str = "100", price: str = "20", *, product: int | None = None, **more: Any) -> LineDraft:
        return LineDraft(product_id=product or self.chai, quantity=Decimal(quantity), unit_price=Decimal(price), **more)

    def draft(self, *lines: LineDraft, **told: Any) -> OrderDraft:
        values = {
            "customer_id": self.customer,
            "incoterm": "FOB",
            "place": "Ningbo",
            "delivery_on": LATER,
            "deliver_to": "Hamburg",
            "payment_terms": "30% deposit, 70% before shipment",
            **told,
        }
        return OrderDraft(lines=lines or (self.line(),), **values)

    def of(self, total: str) -> OrderDraft:
        """A draft that comes to exactly this, with a margin of half."""
        product = self.add_product(f"P-{total}", "One piece", price=total, cost=str(Decimal(total) / 2))
        return self.draft(self.line("1", total, product=product))

    def review(self, draft: OrderDraft, actor: Member | None = None) -> OrderReview:
        with self.database.read() as work:
            return review_order(work, actor=actor or self.rep, draft=draft)

    def submit(self, draft: OrderDraft | None = None, actor: Member | None = None) -> int:
        with self.database.write() as work:
            return submit_order(work, actor=actor or self.rep, platform="test", draft=draft or self.draft())

    def resubmit(self, order: int, draft: OrderDraft | None = None, actor: Member | None = None) -> None:
        with self.database.write() as work:
            draft = draft or draft_of_order(work, actor=actor or self.rep, order_id=order)
            resubmit_order(work, actor=actor or self.rep, platform="test", order_id=order, draft=draft)

    def recall(self, order: int, actor: Member | None = None) -> None:
        with self.database.write() as work:
            recall_order(work, actor=actor or self.rep, platform="test", order_id=order)

    def press(
        self, order: int, actor: Member, decision: Decision = "approve", *, role: Role | None = None, **more: Any
    ) -> Decided:
        """Press on the open step (or the one of `role` in this round)."""
        return self.press_step(self.step(order, role).id, actor, decision, **more)

    def press_step(self, step_id: int, actor: Member, decision: Decision = "approve", **more: Any) -> Decided:
        with self.database.write() as work:
            return decide(work, actor=actor, platform="test", step_id=step_id, decision=decision, **more)

    def answer(self, order: int, *, accept: bool, actor: Member | None = None) -> None:
        act = accept_condition if accept else decline_condition
        with self.database.write() as work:
            act(work, actor=actor or self.rep, platform="test", order_id=order)

    def step(self, order: int, role: Role | None = None) -> Step:
        for step in self.path(order):
            if step.role is role or (role is None and step.status in {"pending", "condition"}):
                return step
        raise LookupError(f"{role or 'no step'} in {states(self.path(order))}")

    def path(self, order: int) -> list[Step]:
        """The steps of the present round."""
        with self.database.read() as work:
            number = read_plain(work, order_id=order).round
            return of_round(steps_of(work, order_id=order), number)

    def states(self, order: int) -> list[str]:
        return states(self.path(order))

    def order(self, order: int) -> Any:
        with self.database.read() as work:
            return read_plain(work, order_id=order)

    def status(self, order: int) -> str:
        return str(self.order(order).status)

    def facts(self, order: int, viewer: Member) -> DecisionFacts:
        with self.database.read() as work:
            return decision_facts(work, order_id=order, viewer=viewer)

    def history(self, order: int) -> list[HistoryEntry]:
        with self.database.read() as work:
            return history.history_of(work, entity="order", entity_id=order)

    def told(self, person: Member) -> list[str]:
        """The notices written for somebody, in the catalogue's words with their facts."""
        return [_words(payload["notice"]) for payload in self._payloads(person) if "notice" in payload]

    def cards(self, person: Member) -> list[tuple[str, int]]:
        """The cards written for somebody who has no chat yet."""
        return [tuple(payload["card"]) for payload in self._payloads(person) if "card" in payload]

    def disable(self, person: Member) -> None:
        from crm.people.people import disable_person

        with self.database.write() as work:
            disable_person(work, actor=SYSTEM, person_id=person.id)

    def merge(self, customer: int) -> None:
        with self.database.write() as work:
            table = Customer.table()
            work.connection.execute(update(table).where(table.c.id == customer).values(status="merged"))

    def reserved(self) -> dict[int, Decimal]:
        """What each order holds of its customer's credit."""
        with self.database.read() as work:
            rows = work.connection.execute(
                select(Reservation.order_id, Reservation.base_amount).where(Reservation.released_at.is_(None))
            )
            return {row.order_id: row.base_amount for row in rows}

    def expected_reservations(self) -> dict[int, Decimal]:
        with self.database.read() as work:
            rows = work.connection.execute(select(Order.id, Order.base_total).where(Order.status.in_(RESERVING)))
            return {row.id: row.base_total for row in rows}

    def count(self, model: Any) -> int:
        with self.database.read() as work:
            return int(work.connection.execute(select(func.count()).select_from(model)).scalar_one())

    def _payloads(self, person: Member) -> list[dict[str, Any]]:
        query = select(OutboxEntry.payload).where(OutboxEntry.person_id == person.id).order_by(OutboxEntry.id)
        with self.database.read() as work:
            return list(work.connection.execute(query).scalars())


def _words(packed: Any) -> str:
    text = unpack(packed)
    return str(text.message.format(**{name: _shown(fact) for name, fact in text.facts.items()}))


def _shown(fact: Any) -> Any:
    return f"{fact.normalize():f}" if isinstance(fact, Decimal) else getattr(fact, "message", fact)
