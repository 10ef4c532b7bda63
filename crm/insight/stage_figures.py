"""The key figure of each stage, from history alone, each with the deals it comes from. Guide 2.3.

A deal counts in the period in which it last left the stage. What cannot be known of it (a quote sent outside has no
lines) is left out and counted as such, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from crm.core.text import T, Text
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.insight.quoted import Quoted, quoted_for
from crm.people.calendar import WorkCalendar, calendars_of
from crm.people.people import Member
from crm.sales.deals.deals import DEAL_ROWS, Deal, DealStage
from crm.sales.deals.stages import STAGE, Stage
from crm.sales.leads.leads import Lead
from crm.sales.leads.policy import visible_owners

_DEALS = Deal.table()
_STAYS = DealStage.table()
_LEADS = Lead.table()
_PERCENT = Decimal(100)
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Valued:
    """One deal's part in a figure; `basis`: what it was worked out from."""

    deal_id: int
    title: str
    customer_name: str
    owner_name: str
    value: Decimal
    basis: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigure:
    """`unit`: `hours` (of work) or `percent`. `unknown`: deals that left the stage and say nothing of it."""

    key: str
    label: Text
    stage: Stage
    unit: str
    deals: tuple[Valued, ...]
    unknown: int

    @property
    def mean(self) -> Decimal | None:
        """Of its deals, each alike; None where there are none."""
        return sum((one.value for one in self.deals), Decimal(0)) / len(self.deals) if self.deals else None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the values are worked out from, read once for many deals."""

    quotes: Mapping[int, Sequence[Quoted]]
    leads: Mapping[int, Any]
    offered: Mapping[int, Decimal]
    calendars: Mapping[int, WorkCalendar]


_Found = tuple[Decimal, Text] | None
_Work = Callable[[Any, _Ground], _Found]


def stage_figures(
    work: UnitOfWork, *, viewer: Member, since: datetime, until: datetime, owner_id: int | None = None
) -> list[StageFigure]:
    """The figures of the deals this person looks after, or of one owner's, that left a stage from `since` to before
    `until`; in the order of the stages.
    """
    left = _left(work, viewer, since, until, owner_id)
    rows = {row.id: row for row in _read(work, sorted({deal for deals in left.values() for deal in deals}))}
    ground = _ground(work, rows)
    return [_figure(key, [rows[deal] for deal in left.get(_OF[key][1], ())], ground) for key in _OF]


def _figure(key: str, rows: Sequence[Any], ground: _Ground) -> StageFigure:
    label, stage, unit, worked_out = _OF[key]
    valued, unknown = [], 0
    for row in rows:
        found = worked_out(row, ground)
        if found is None:
            unknown += 1
        else:
            valued.append(Valued(row.id, row.title, row.customer_name, row.owner_name, *found))
    return StageFigure(key=key, label=label, stage=STAGE[stage], unit=unit, deals=tuple(valued), unknown=unknown)


def _response(row: Any, ground: _Ground) -> _Found:
    """Working hours from the inquiry to the first answer: a lead's to the minute, else in working days."""
    lead, calendar = ground.leads.get(row.lead_id or 0), ground.calendars[row.owner_id]
    if lead is not None and lead.response_minutes is not None:
        return Decimal(lead.response_minutes) / 60, T("the lead's first contact")
    told = row.facts.get("first_response_on")
    if told is None:
        return None
    came = calendar.today(row.created_at if lead is None else lead.created_at)
    answered = date.fromisoformat(told)
    days = calendar.working_days(came, answered) if answered > came else 0
    return Decimal(days) * _hours_a_day(calendar), T("the day of the answer, as it was told")


def _needs(row: Any, ground: _Ground) -> _Found:
    """Of product and quantity, what the last quote covers."""
    quotes = ground.quotes.get(row.id, ())
    if not quotes or row.quantity is None or (row.product_id is None and not row.product_text):
        return None
    last = quotes[-1]
    offered = sum((line.quantity for line in last.lines if line.is_of(row)), Decimal(0))
    met = (offered > 0) + (offered >= row.quantity)
    return _PERCENT * met / 2, T("product and quantity in quote {quote}", quote=last.number)


def _accuracy(row: Any, ground: _Ground) -> _Found:
    """The first quote, in per cent of the final price."""
    offer, final = _offer(row, ground), _final(row)
    if offer is None or final is None:
        return None
    amount, basis = offer
    return _PERCENT * amount / final, basis


def _discount(row: Any, ground: _Ground) -> _Found:
    """What was given off the list where the quote knows it, else off the first offer; in per cent."""
    offer, final, quotes = _offer(row, ground), _final(row), ground.quotes.get(row.id, ())
    if final is None:
        return None
    if quotes and (listed := quotes[-1].listed_in(row)):
        return _PERCENT * (listed - final) / listed, T("the list prices of quote {quote}", quote=quotes[-1].number)
    if offer is None or not offer[0]:
        return None
    amount, basis = offer
    return _PERCENT * (amount - final) / amount, basis


def _signed(row: Any, ground: _Ground) -> _Found:
    """Whether the contract was signed: of those that came to it, the share that was won."""
    won = row.stage == "won"
    return Decimal(100 if won else 0), T("won") if won else T("not won")


_OF: Mapping[str, tuple[Text, str, str, _Work]] = {
    "response": (T("Response time"), "initial", "hours", _response),
    "needs": (T("Needs matched"), "needs", "percent", _needs),
    "accuracy": (T("Quote accuracy"), "negotiation", "percent", _accuracy),
    "discount": (T("Discount given"), "negotiation", "percent", _discount),
    "signed": (T("Sign rate"), "contract", "percent", _signed),
}
"""By key: label, the stage whose leaving counts, unit, how it is worked out. A quote is measured by the final price,
which is known when the negotiation is over.
"""


def _offer(row: Any, ground: _Ground) -> tuple[Decimal, Text] | None:
    """The first that was offered, in the deal's currency: our quote, else the amount expected when one went out."""
    quotes = ground.quotes.get(row.id, ())
    if quotes:
        return quotes[0].total_in(row), T("quote {quote}", quote=quotes[0].number)
    if row.facts.get("quote_sent_on") is None or row.id not in ground.offered:
        return None
    return ground.offered[row.id], T("the amount expected when the quote went out")


def _final(row: Any) -> Decimal | None:
    told = row.facts.get("final_price")
    return None if told is None else Decimal(told)


def _left(
    work: UnitOfWork, viewer: Member, since: datetime, until: datetime, owner_id: int | None
) -> dict[str, list[int]]:
    """By stage, the deals that last left it in this time, the oldest first."""
    mine = visible_owners(viewer, _DEALS.c.owner_id)
    if owner_id is not None:
        mine = mine & (_DEALS.c.owner_id == owner_id)
    last = func.max(_STAYS.c.left_at, type_=UTCDateTime)
    query = (
        select(_STAYS.c.stage, _STAYS.c.deal_id)
        .join(_DEALS, _DEALS.c.id == _STAYS.c.deal_id)
        .where(mine)
        .group_by(_STAYS.c.stage, _STAYS.c.deal_id)
        # Who is there again has not left it.
        .having(last >= since, last < until, func.count() == func.count(_STAYS.c.left_at))
        .order_by(_STAYS.c.deal_id)
    )
    found: dict[str, list[int]] = {}
    for stage, deal_id in work.connection.execute(query):
        found.setdefault(stage, []).append(deal_id)
    return found


def _read(work: UnitOfWork, ids: Sequence[int]) -> list[Any]:
    rows: list[Any] = []
    for start in range(0, len(ids), _MOST_AT_ONCE):
        rows += work.connection.execute(DEAL_ROWS.where(_DEALS.c.id.in_(ids[start : start + _MOST_AT_ONCE])))
    return rows


def _ground(work: UnitOfWork, rows: Mapping[int, Any]) -> _Ground:
    quotes, offered = quoted_for(work, deal_ids=list(rows))
    lead_ids = [row.lead_id for row in rows.values() if row.lead_id is not None]
    leads: dict[int, Any] = {}
    for start in range(0, len(lead_ids), _MOST_AT_ONCE):
        some = _LEADS.c.id.in_(lead_ids[start : start + _MOST_AT_ONCE])
        query = select(_LEADS.c.id, _LEADS.c.created_at, _LEADS.c.response_minutes).where(some)
        leads |= {lead.id: lead for lead in work.connection.execute(query)}
    return _Ground(quotes, leads, offered, calendars_of(work, {row.owner_id for row in rows.values()}))


def _hours_a_day(calendar: WorkCalendar) -> Decimal:
    begins, ends = calendar.hours_of(date(2026, 3, 2))
    return Decimal(int((ends - begins).total_seconds())) / 3600
