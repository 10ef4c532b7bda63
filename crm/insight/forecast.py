"""The forecast: what the open deals should bring, by the month they are expected to close. Guide 1.2, 4.

An amount counts by the likelihood of its stage; beside it, by how many of its owner's own deals that came so far were
won. Deals on hold do not count; those whose day has gone by are shown apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from crm.core.rules import read_rules, whole_of
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.sales.deals.deals import Deal, DealStage, today_of
from crm.sales.deals.stages import OPEN_STAGES, STAGE
from crm.sales.leads.policy import visible_owners

_DEALS = Deal.table()
_STAYS = DealStage.table()
_PEOPLE = Person.table()
_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Share:
    """Of somebody's closed deals that were in a stage, how many were won."""

    closed: int
    won: int

    @property
    def percent(self) -> Decimal:
        return _PERCENT * self.won / self.closed


@dataclass(slots=True)
class Expected:
    """Open deals and what they come to in the base currency: in full, by the stages' likelihood, and by their owners'
    own shares (the stage's likelihood where somebody has closed too few).
    """

    deals: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    own: Decimal = Decimal(0)

    def add(self, other: "Expected") -> None:
        self.deals += other.deals
        self.amount += other.amount
        self.weighted += other.weighted
        self.own += other.own


@dataclass(slots=True)
class Forecast:
    """`months` by their first day, in order; `slipped`: expected before today; `held`: on hold, in none of the others.

    `owners`: by name, all that is not slipped or held; `shares`: of all these owners together, by
    stage; `enough`: closed deals from which one's own share counts.
    """

    currency: str
    months: dict[date, Expected] = field(default_factory=dict)
    slipped: Expected = field(default_factory=Expected)
    held: Expected = field(default_factory=Expected)
    owners: dict[tuple[int, str], Expected] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)
    enough: int = 0

    @property
    def in_all(self) -> Expected:
        total = Expected()
        for expected in self.months.values():
            total.add(expected)
        return total


def forecast(work: UnitOfWork, *, viewer: Member, owner_id: int | None = None) -> Forecast:
    """The forecast of the deals this person looks after, or of one owner's among them. Two statements and the rules."""
    rules, today = read_rules(work), today_of(work, viewer)
    enough = whole_of(rules, "deals.own_share_from")
    mine = visible_owners(viewer, _DEALS.c.owner_id)
    if owner_id is not None:
        mine = mine & (_DEALS.c.owner_id == owner_id)
    shares = _shares(work, mine)
    found = Forecast(rules["company.base_currency"], enough=enough)
    rows = work.connection.execute(_open_deals().where(mine)).all()
    for row in sorted(rows, key=lambda row: row.expected_close):
        _put(found, row, _expected(row, shares.get((row.owner_id, row.stage)), enough), today)
    found.shares = _together(shares.items())
    return found


def _open_deals() -> Any:
    """One row for each owner, stage, standing and day; what is a month, databases say in different words."""
    d = _DEALS.c
    return (
        select(
            d.owner_id,
            _PEOPLE.c.name,
            d.stage,
            d.on_hold,
            d.expected_close,
            func.count().label("deals"),
            func.sum(d.base_amount, type_=Amount).label("amount"),
        )
        .join(_PEOPLE, _PEOPLE.c.id == d.owner_id)
        .where(d.stage.in_(OPEN_STAGES))
        .group_by(d.owner_id, _PEOPLE.c.name, d.stage, d.on_hold, d.expected_close)
    )


def _shares(work: UnitOfWork, whose: Any) -> dict[tuple[int, str], Share]:
    d, s = _DEALS.c, _STAYS.c
    each = (
        select(d.owner_id, s.stage, d.id, d.stage.label("ended"))
        .join(_STAYS, s.deal_id == d.id)
        .where(whose, d.stage.in_(("won", "lost")), s.stage.in_(OPEN_STAGES))
        .distinct()
        .subquery()
    )
    won = func.sum(case((each.c.ended == "won", 1), else_=0)).label("won")
    query = select(each.c.owner_id, each.c.stage, func.count().label("closed"), won)
    rows = work.connection.execute(query.group_by(each.c.owner_id, each.c.stage))
    return {(row.owner_id, row.stage): Share(int(row.closed), int(row.won)) for row in rows}


def _expected(row: Any, share: Share | None, enough: int) -> Expected:
    likely = Decimal(STAGE[row.stage].probability)
    own = share.percent if share is not None and share.closed >= max(enough, 1) else likely
    return Expected(int(row.deals), row.amount, row.amount * likely / _PERCENT, row.amount * own / _PERCENT)


def _put(found: Forecast, row: Any, expected: Expected, today: date) -> None:
    if row.on_hold:
        found.held.add(expected)
    elif row.expected_close < today:
        found.slipped.add(expected)
    else:
        found.months.setdefault(row.expected_close.replace(day=1), Expected()).add(expected)
        found.owners.setdefault((row.owner_id, row.name), Expected()).add(expected)


def _together(shares: Iterable[tuple[tuple[int, str], Share]]) -> dict[str, Share]:
    sums: dict[str, Share] = {}
    for (_, stage), share in shares:
        before = sums.get(stage, Share(0, 0))
        sums[stage] = Share(before.closed + share.closed, before.won + share.won)
    return {stage: sums[stage] for stage in OPEN_STAGES if stage in sums}
