"""A company in which everything is as long and as odd as it may be, and conversations at all of their places."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from bot.conversations import engine
from bot.conversations.definition import DERIVED, Conversation, Field, Group, Kind, Taken, World
from bot.conversations.draft import ANOTHER, ASK, EDIT, REVIEW, Draft, Path, path_id
from bot.conversations.engine import Fill, Say
from bot.conversations.turns import PAGE, Turn, open_place
from bot.handlers.world import CompanyWorld
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.fulfilment.makers import MakerDetails, save_maker
from crm.fulfilment.making import MOST_WORDS
from crm.fulfilment.milestones import Dates, add_milestones, change, milestones_of
from crm.fulfilment.plans import Plan
from crm.fulfilment.shipments import Departure, add_shipment
from crm.insight.digests import KINDS, Digest
from crm.insight.due_digests import DueDigest, tell_due
from crm.insight.grades import pack_score, score_of
from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.orders import Order, read_lines
from crm.orders.quotes.drafts import QuoteDraft
from crm.orders.quotes.writing import write_quote
from crm.orders.submission import submit_order
from crm.people.people import Member, Role, add_person
from crm.sales.campaigns.campaigns import CampaignDetails, prepare_campaign
from crm.sales.campaigns.rows import Campaign
from crm.sales.campaigns.segments import MOST_VALUES
from crm.sales.catalogue.categories import add_category
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.collisions.handover_requests import ask_for_handover
from crm.sales.collisions.holding import hold_lead
from crm.sales.customers.communications import add_note
from crm.sales.customers.customers import CustomerDetails, create_customer
from crm.sales.customers.grading import GradeProposal
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.deals.stages import FACTS
from crm.sales.fairs.fairs import begin_fair, fair_now, keep_card
from crm.sales.leads.leads import LeadDetails, log_lead
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import LONGEST_TEXT, Task

RECORDS = 300
LANGUAGES = ("en", "zh_CN")
ODDITIES = (
    "Ernst Handel Gesellschaft mbH & Co. KG auf Aktien ",
    "深圳市万通国际进出口贸易有限责任公司",
    "👩‍👩‍👧‍👦🚢 ",
    "שלום\u202e مرحبا \u200f",
    "<b>&amp;</b><a href='x'>&nbsp;",
    "*_~`<!channel> <@U1> ```\\ :tada: ",
    "'; DROP TABLE -- {0} %s ",
)
_LONGEST_TEXTS = (
    "999,999,999.99999999 USD",
    "999,999,999.99 USD",
    "99,999,999 USD",
    "1000-99,999,999 USD",
    "999,999,999",
    "99.99%",
    "9%",
    "2030-12-24 15:00",
    "2026-02-28",
    "2026-12-31",
    "FOB " + "很长的港口" * 12,
    "FOB Ningbo",
    "USD",
    "中国",
    "China",
    "x" * 60 + "@" + "very-long-domain" * 3 + ".example.com",
    "wang@example.cn",
    ", ".join(f"{number}{'标签' * 25}" for number in range(20)),
)
"""One of these is understood by every kind that does not take any words at all; the first that is, is taken."""


def long_name(number: int, most: int = 200) -> str:
    """So many characters, no two numbers alike."""
    return (f"{number} " + ODDITIES[number % len(ODDITIES)] * most)[: most - 1] + "末"


class Extremes:
    """300 customers, products, deals and categories; orders of 20 and of 500 lines; a lead with everything told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        roles = {role.value: role for role in (Role.REP, Role.SUPERVISOR, Role.FINANCE, Role.GM, Role.ADMIN)}
        with database.write() as work:
            self.people = {
                name: add_person(
                    work,
                    actor=SYSTEM,
                    name=long_name(at, 60),
                    roles=[role],
                    language="en",
                    timezone="Asia/Shanghai",
                    team="队" * 30,
                )
                for at, (name, role) in enumerate(roles.items())
            }
            self.rep = self.people["rep"]
            more = {"language": "en", "timezone": "Asia/Shanghai"}
            add_person(work, actor=SYSTEM, name=long_name(9, 60), roles=[Role.PRODUCTION], **more)  # looks after makers
            for number in range(RECORDS):
                add_category(work, name=long_name(number, 100), name_zh=f"{number}{'类' * 90}")
            self.products = [self._product(work, number) for number in range(RECORDS)]
            self.customers = [self._customer(work, number) for number in range(RECORDS)]
            self.deals = [self._deal(work, number) for number in range(RECORDS)]
            for _ in range(3):
                add_note(work, actor=self.rep, platform="test", customer_id=self.customers[0], text=ODDITIES[3] * 200)
            self.lead = log_lead(work, actor=self.rep, platform="test", details=_lead())
            about = (("lead", self.lead), ("customer", self.customers[0]), ("deal", self.deals[0]))
            self.proposals = [self._proposal(work, customer) for customer in self.customers[:12]]
            self.tasks = [
                add_task(
                    work,
                    actor=self.rep,
                    platform="test",
                    text=long_name(at, LONGEST_TEXT),
                    due_at=work.now + timedelta(hours=1),
                    about=record,
                )
                for at, record in enumerate(about)
            ]
            row = {"person_id": self.rep.id, "status": "told", "created_at": work.now, "due_at": work.now}
            due = [row | {"text": long_name(at, LONGEST_TEXT)} for at in range(RECORDS)]
            work.connection.execute(insert(Task.table()), due)
            self.campaigns = [self._campaign(work), self._campaign(work)]
            running = {"status": "running", "trouble": "sender", "started_by_id": self.rep.id}
            mine = Campaign.table().c.id == self.campaigns[1]
            work.connection.execute(update(Campaign.table()).where(mine).values(**running))
        self.orders = [self._order(20), self._order(500)]
        self.shipped = self._shipped()
        self.milestones = self._made()
        self.quotes = [self._quote(20), self._quote(100)]
        with database.write() as work:
            details = _lead()
            supervisor = self.people["supervisor"]
            self.held = hold_lead(work, actor=supervisor, platform="test", details=details)
            asked = {"lead_id": self.held, "kind": "lead", "record_id": self.lead}
            self.handover = ask_for_handover(work, actor=supervisor, platform="test", **asked)
            self.fair = begin_fair(work, actor=self.rep, name=long_name(1, 60))
            fair = fair_now(work, actor=self.rep)
            for number in range(RECORDS // 10):
                answers = {"company": long_name(number), "contact": long_name(number + 1)}
                keep_card(work, fair=fair, text=long_name(number, 1_000), answers=answers, photo=None)
        self.digests = self._digests()

    def subjects(self) -> dict[str, list[int]]:
        """Records for each kind of card, those with the most to show."""
        return {
            "lead": [self.lead],
            "customer": self.customers[:7],
            "deal": self.deals[:7],
            "order": [*self.orders, self.shipped],
            "milestone": self.milestones,
            "approval": self.orders,
            "home": [person.id for person in self.people.values()],
            "task": self.tasks,
            "due": [self.rep.id],
            "digest": list(self.digests),
            "grade": self.proposals[:2],
            "grades": [self.people["supervisor"].id],
            "campaign": self.campaigns,
            "quote": self.quotes,
            "held_lead": [self.held],
            "handover": [self.handover],
            "fair": [self.fair],
        }

    def viewers(self, card: str, subject: int) -> list[str]:
        """Roles of those who may ask for it: a page is its owner's alone."""
        if card == "digest":
            return [self.digests[subject]]
        if card in {"grade", "grades"}:
            return ["supervisor", "gm"]
        if card in {"fair", "held_lead"}:
            return ["rep" if card == "fair" else "supervisor"]
        return [role for role, person in self.people.items() if card not in {"home", "due"} or person.id == subject]

    def person(self, role: str, language: str) -> Member:
        return replace(self.people[role], language=language)

    def world(self, work: UnitOfWork, language: str) -> CompanyWorld:
        return CompanyWorld(work, self.person("rep", language))

    def _digests(self) -> dict[int, str]:
        """A digest for each role, of today; their ids, and whose they are."""
        with self.database.write() as work:
            day = work.now.astimezone(self.rep.zone).date()
            due = [DueDigest(person, day, (role,)) for role, person in self.people.items() if role in KINDS]
            tell_due(work, due)
            rows = work.connection.execute(select(Digest.id, Digest.kind)).all()
        return {row.id: row.kind for row in rows}

    def _product(self, work: UnitOfWork, number: int) -> int:
        details = ProductDetails(
            sku=f"{number}-{'SKU' * 18}",
            name=long_name(number),
            name_zh=long_name(number + 1),
            unit="箱" * 20,
            currency="CNY",
            list_price=Decimal("99999999.9999"),
            cost=Decimal(1),
            stock=Decimal(999_999_999),
        )
        return save_product(work, actor=SYSTEM, details=details)[0]

    def _customer(self, work: UnitOfWork, number: int) -> int:
        name = long_name(number)
        told = CustomerDetails(
            name=name,
            contact=name,
            country="BA",
            currency="CNY",
            payment_terms=name,
            tags=["标" * 60] * 20,
            notes=name * 20,
        )
        return create_customer(work, actor=self.rep, platform="test", details=told)

    def _campaign(self, work: UnitOfWork) -> int:
        countries = ["CN", "DE", "US", "BO", "VE", "GB", "KP", "CD", "MK", "FM", "TZ"]
        segment = {"grade": ["A", "B", "C"], "product": self.products[:MOST_VALUES], "country": countries}
        text = "{company} {contact} " * 100
        details = CampaignDetails(name=long_name(3, 100), subject="{company}" * 15, text=text, segment=segment)
        return prepare_campaign(work, actor=self.rep, platform="test", details=details)

    def _proposal(self, work: UnitOfWork, customer: int) -> int:
        score = replace(score_of(work, customer_id=customer), proposed="A")
        told = {"customer_id": customer, "month": work.now.date(), "grade_from": "C", "grade_to": "A"}
        row = told | {"parts": pack_score(score), "status": "open", "created_at": work.now}
        table = GradeProposal.table()
        return int(work.connection.execute(insert(table).returning(table.c.id), row).scalar_one())

    def _deal(self, work: UnitOfWork, number: int) -> int:
        details = DealDetails(
            customer_id=self.customers[number % 7],
            title=long_name(number),
            amount=Money(Decimal("99999999.99"), "CNY"),
            expected_close=date(2026, 12, 31),
            product_id=self.products[number],
            notes=long_name(number) * 10,
        )
        return open_deal(work, actor=self.rep, platform="test", details=details)

    def _quote(self, count: int) -> int:
        draft = QuoteDraft(
            customer_id=self.customers[1],
            lines=tuple(
                LineDraft(product_id=product, quantity=Decimal("9999.999"), unit_price=Decimal("0.00000001"))
                for product in itertools.islice(itertools.cycle(self.products), count)
            ),
            incoterm="FOB",
            place=long_name(3, 60),
            payment_terms=long_name(5, 200),
            valid_until=date(2099, 12, 31),
            lead_time=long_name(6, 200),
            notes=long_name(2, 10_000),
        )
        with self.database.write() as work:
            return write_quote(work, actor=self.rep, platform="test", draft=draft)

    def _order(self, count: int) -> int:
        draft = OrderDraft(
            customer_id=self.customers[1],
            lines=tuple(
                LineDraft(product_id=product, quantity=Decimal("9999.999"), unit_price=Decimal("123.45678901"))
                for product in itertools.islice(itertools.cycle(self.products), count)
            ),
            customer_po=long_name(1, 100),
            incoterm="FOB",
            place=long_name(3, 60),
            delivery_on=date(2026, 12, 31),
            deliver_to=long_name(4, 300),
            payment_terms=long_name(5, 200),
            packing=long_name(6, 2000),
            notes=long_name(2, 10_000),
        )
        with self.database.write() as work:
            return submit_order(work, actor=self.rep, platform="test", draft=draft)

    def _shipped(self) -> int:
        """An order that has left in part, in as many shipments as have buttons of their own and more."""
        order = self._order(20)
        table = Order.table()
        with self.database.write() as work:
            work.connection.execute(update(table).where(table.c.id == order).values(status="partly_shipped"))
            line = read_lines(work, order_id=order)[0].id
            for _ in range(7):
                told = {"mode": "pickup", "carrier": long_name(1, 200), "tracking": long_name(2, 100)}
                on = {"shipped_on": date(2026, 12, 31), "expected_on": date(2026, 12, 31)}
                departure = Departure(**told, **on, quantities={line: Decimal(1)})
                add_shipment(work, order_id=order, recorded_by=self.rep.id, departure=departure)
        return order

    def _made(self) -> list[int]:
        """An order that is being made, late and with a long problem; its milestones. Its maker has the longest name."""
        order = self._order(20)
        table, day = Order.table(), date(2026, 12, 31)
        with self.database.write() as work:
            work.connection.execute(update(table).where(table.c.id == order).values(status="approved"))
            work.connection.execute(insert(Plan.table()).values(order_id=order, ready_on=day, first_ready_on=day))
            add_milestones(work, order_id=order, dates=Dates(day, day, day, day), person_id=None)
            rows = milestones_of(work, [order])[order]
            change(work, [row.id for row in rows], problem=long_name(3, MOST_WORDS))
            details = MakerDetails(name=long_name(4), category=long_name(5, 100), per_day=Decimal(1))
            save_maker(work, actor=self.people["admin"], platform="test", details=details)
        return [row.id for row in rows]


def longest_answers(conversation: Conversation, world: World, *, lines: int) -> dict[str, Any]:
    """Every field answered at its longest, groups with so many lines, and whatever could be asked asked for."""
    answers: dict[str, Any] = {}
    for at, step in enumerate(conversation.steps):
        if isinstance(step, Field):
            answers[step.key] = _longest(step.kind, world, at)
        else:
            kept = [{inner.key: _longest(inner.kind, world, at) for inner in step.fields} for at in range(7)]
            answers[step.key] = [kept[at % 7] for at in range(lines)]
    return answers | {DERIVED: {"lacks": tuple(FACTS), "reason": "lost"}}


def turns(conversation: Conversation, world: World) -> Iterator[tuple[str, Turn]]:
    """A turn at every place, named: nothing and everything answered, after nonsense, on the first and last page."""
    full = longest_answers(conversation, world, lines=20)
    for path, _ in places(conversation):
        for name, answers in (("empty", {}), ("full", full)):
            draft = open_place(
                conversation, Draft(answers=answers, place=ASK, path=path, returning=bool(answers)), world
            )
            yield f"{path_id(path)} {name}", Turn(draft)
            last = replace(draft, page=max(0, (draft.total - 1) // PAGE))
            yield f"{path_id(path)} {name} last page", Turn(open_place(conversation, last, world))
            yield f"{path_id(path)} {name} nonsense", engine.apply(conversation, draft, Say(NONSENSE), world)
    groups = [step for step in conversation.steps if isinstance(step, Group)]
    for count in (20, 500) if groups else (20,):
        answers = longest_answers(conversation, world, lines=count)
        for draft in (
            Draft(answers=answers, place=REVIEW),
            Draft(answers=answers, place=EDIT),
            *(Draft(answers=answers, place=ANOTHER, path=(group.key,)) for group in groups),
            *(Draft(answers=answers, place=EDIT, path=(group.key,)) for group in groups),
            *(Draft(answers=answers, place=EDIT, path=(group.key, count - 1)) for group in groups),
        ):
            named = f"{draft.place} {path_id(draft.path)} {count}"
            yield named, Turn(open_place(conversation, draft, world))


def forms(conversation: Conversation, world: World) -> Iterator[tuple[str, Turn, dict[str, str]]]:
    """A turn for every form, and what was typed: empty, full, very many lines, something wrong everywhere."""
    yield "empty", Turn(Draft()), {}
    groups = any(isinstance(step, Group) for step in conversation.steps)
    for count in (20, 500) if groups else (20,):
        yield f"full {count}", Turn(Draft(answers=longest_answers(conversation, world, lines=count))), {}
    full = Draft(answers=longest_answers(conversation, world, lines=20))
    everything = {path_id(path): NONSENSE for path, _ in places(conversation)}
    yield "nonsense", engine.apply(conversation, full, Fill(everything), world), everything


def places(conversation: Conversation) -> Iterator[tuple[Path, Field]]:
    for step in conversation.steps:
        if isinstance(step, Field):
            yield (step.key,), step
        else:
            yield from (((step.key, 0, inner.key), inner) for inner in step.fields)


NONSENSE = "".join(ODDITIES) * 60


def _lead() -> LeadDetails:
    return LeadDetails(
        company=long_name(1),
        contact=long_name(2),
        source="other",
        product_need=long_name(3, 4000),
        wechat=long_name(4, 60),
        country="BA",
        budget_low=Decimal("99999999.99"),
        budget_high=Decimal("999999999.99"),
        budget_currency="USD",
        tags=["签" * 60] * 20,
        notes=long_name(5, 10_000),
    )


def _longest(kind: Kind, world: World, at: int) -> Any:
    """The stored value of the longest that this kind takes."""
    choices, total = kind.offer("", world, offset=0, most=RECORDS)
    if kind.widget not in {"text", "long"} and total:
        return choices[at % len(choices)].value
    most = getattr(kind, "most", 0)
    texts = [long_name(at, most)] if most and kind.widget in {"text", "long"} else []
    for text in (*texts, *_LONGEST_TEXTS):
        match kind.read(text, world):
            case Taken(value):
                return value
    raise AssertionError(f"nothing fits {kind}")
