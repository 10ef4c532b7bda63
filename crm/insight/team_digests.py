"""What a team's own chats are told in the morning: what everybody there may know, and nothing of margin, cost, credit
or whom to reach where. Guide 1.2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.money import Money
from crm.core.outbox import Chat, Lane
from crm.core.rules import read_rules, whole_of
from crm.core.text import TN, T
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.insight.digests import Digest, Gathered
from crm.insight.figures import DayFigure, company_zone
from crm.insight.sections import Line, Section, section
from crm.orders.approvals import ApprovalStep
from crm.orders.orders import Order
from crm.people.calendar import CALENDAR_COLUMNS, WorkCalendar, read_calendar
from crm.people.people import Person, PersonRole, Role
from crm.people.team_chats import TeamChat, post_card
from crm.sales.deals.deals import DEAL_ROWS, Deal
from crm.sales.deals.stages import OPEN_STAGES

CARD = "team_digest"

_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_DIGESTS = Digest.table()
_DEALS = Deal.table()
_ORDERS = Order.table()
_STEPS = ApprovalStep.table()
_FIGURES = DayFigure.table()
# The first supervisor's clock is the team's; a team without one has no morning of its own.
_LEADERS = (
    select(_PEOPLE.c.team_id, *CALENDAR_COLUMNS, TeamChat.created_at)
    .join(_ROLES, _ROLES.c.person_id == _PEOPLE.c.id)
    .join(TeamChat, TeamChat.team_id == _PEOPLE.c.team_id)
    .join(Chat, Chat.id == TeamChat.chat_id)
    .where(_PEOPLE.c.is_active, _ROLES.c.role == Role.SUPERVISOR.value, Chat.unreachable_since.is_(None))
    .order_by(_PEOPLE.c.id, TeamChat.created_at)
)
_TOLD = select(_DIGESTS.c.team_id, _DIGESTS.c.local_date).where(
    _DIGESTS.c.team_id.is_not(None), _DIGESTS.c.local_date >= bindparam("since", type_=Date)
)
_KEEP = update(_DIGESTS).where(_DIGESTS.c.id == bindparam("digest")).values(facts=bindparam("said"))


@dataclass(frozen=True, slots=True)
class DueTeam:
    """A team's digest for a local day; `since` and `until`: the day it worked last, whole."""

    team_id: int
    day: date
    since: datetime
    until: datetime


def due_team_digests(work: UnitOfWork) -> list[DueTeam]:
    """The teams with chats whose time has come and who were not told; three statements."""
    rules = read_rules(work)
    due: dict[int, DueTeam] = {}
    seen: set[int] = set()
    for row in work.connection.execute(_LEADERS):
        if row.team_id in seen:
            continue
        seen.add(row.team_id)
        found = _due(row.team_id, read_calendar(*row[1:-1]), row.created_at, work.now, rules)
        if found is not None:
            due[row.team_id] = found
    if not due:
        return []
    rows = work.connection.execute(_TOLD, {"since": min(one.day for one in due.values())})
    told = {(row.team_id, row.local_date) for row in rows}
    return [one for team_id, one in sorted(due.items()) if (team_id, one.day) not in told]


def tell_team_digests(work: UnitOfWork, due: Sequence[DueTeam]) -> int:
    """Post each team's digest into its chats, once; returns how many teams were told, in this transaction."""
    rows = [
        {"team_id": one.team_id, "kind": "team", "local_date": one.day, "facts": {}, "created_at": work.now}
        for one in due
    ]
    claimed = work.connection.execute(_INSERT[work.connection.dialect.name], rows)
    mine = {row.team_id: row.id for row in claimed}
    told = [one for one in due if one.team_id in mine]
    for one in told:
        said = Gathered(tuple(_sections(work, one))).pack()
        work.connection.execute(_KEEP, {"digest": mine[one.team_id], "said": said})
        post_card(work, team_id=one.team_id, card=CARD, subject_id=mine[one.team_id], lane=Lane.DIGEST)
    return len(told)


def _due(
    team_id: int, calendar: WorkCalendar, tied_at: datetime, now: datetime, rules: Mapping[str, str]
) -> DueTeam | None:
    at, late = time.fromisoformat(rules["digests.team_at"]), timedelta(hours=float(rules["digests.late_hours"]))
    day = calendar.today(now)
    due_at = datetime.combine(day, at, calendar.zone).astimezone(UTC)
    if not (due_at <= now < due_at + late and tied_at <= due_at and calendar.is_working_day(day)):
        return None
    last = next((d for d in (day - timedelta(days=n) for n in range(1, 15)) if calendar.is_working_day(d)), day)
    since = datetime.combine(min(last, day - timedelta(days=1)), time(), calendar.zone)
    return DueTeam(team_id, day, since, datetime.combine(day, time(), calendar.zone))


def _sections(work: UnitOfWork, due: DueTeam) -> Iterable[Section]:
    rules = read_rules(work)
    base, most = rules["company.base_currency"], whole_of(rules, "digests.lines")
    members = list(work.connection.execute(select(_PEOPLE.c.id).where(_PEOPLE.c.team_id == due.team_id)).scalars())
    yield from section("won", T("Won"), [Line(_won(row)) for row in _won_deals(work, due, members)], most=most)
    lines = []
    count, amount = _approved(work, due, members)
    if count:
        lines.append(
            Line(TN("{n} order approved: {sum}", "{n} orders approved: {sum}", n=count, sum=Money(amount, base)))
        )
    if waiting := _waiting(work, members):
        lines.append(Line(TN("{n} order waits for a decision", "{n} orders wait for a decision", n=waiting)))
    count, amount = _pipeline(work, members)
    if count:
        worth = TN("{n} open deal worth {sum}", "{n} open deals worth {sum}", n=count, sum=Money(amount, base))
        lines.append(Line(worth))
    yield from section("team", T("The team"), lines, most=most)


def _won_deals(work: UnitOfWork, due: DueTeam, members: Sequence[int]) -> list[Any]:
    then = (_DEALS.c.stage_since >= due.since, _DEALS.c.stage_since < due.until)
    query = DEAL_ROWS.where(_DEALS.c.owner_id.in_(members), _DEALS.c.stage == "won", *then)
    return list(work.connection.execute(query.order_by(_DEALS.c.base_amount.desc(), _DEALS.c.id)))


def _won(row: Any) -> Any:
    amount = Money(row.amount, row.currency)
    return T(
        "{person}: {deal} · {customer} · {amount}",
        person=row.owner_name,
        deal=row.title,
        customer=row.customer_name,
        amount=amount,
    )


def _approved(work: UnitOfWork, due: DueTeam, members: Sequence[int]) -> tuple[int, Decimal]:
    """Orders approved on those days, by the figures kept of them."""
    zone = company_zone(work)
    first, last = due.since.astimezone(zone).date(), (due.until - timedelta(seconds=1)).astimezone(zone).date()
    query = select(func.sum(_FIGURES.c["count"]), func.sum(_FIGURES.c.base_amount, type_=Amount)).where(
        _FIGURES.c.measure == "approved", _FIGURES.c.day.between(first, last), _FIGURES.c.person_id.in_(members)
    )
    count, amount = work.connection.execute(query).one()
    return int(count or 0), amount or Decimal(0)


def _waiting(work: UnitOfWork, members: Sequence[int]) -> int:
    query = (
        select(func.count())
        .select_from(_STEPS.join(_ORDERS, _ORDERS.c.id == _STEPS.c.order_id))
        .where(text("approval_steps.status = 'pending'"), _ORDERS.c.submitter_id.in_(members))
    )
    return int(work.connection.execute(query).scalar_one())


def _pipeline(work: UnitOfWork, members: Sequence[int]) -> tuple[int, Decimal]:
    query = select(func.count(), func.sum(_DEALS.c.base_amount, type_=Amount)).where(
        _DEALS.c.owner_id.in_(members), _DEALS.c.stage.in_(OPEN_STAGES)
    )
    count, amount = work.connection.execute(query).one()
    return int(count), amount or Decimal(0)


def _insert(dialect: Any) -> Any:
    return dialect.insert(_DIGESTS).on_conflict_do_nothing().returning(_DIGESTS.c.id, _DIGESTS.c.team_id)


_INSERT: dict[str, Any] = {"sqlite": _insert(sqlite), "postgresql": _insert(postgresql)}
