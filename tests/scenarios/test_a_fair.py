"""A fair and the weeks after it: sixty cards of three reps, and what becomes of each, told by the rows and the chats.

Set TRADEWIND_FAIR to a file to read what everybody said and was sent.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.core.history import HistoryEntry
from crm.insight.stage_figures import stage_figures
from crm.orders.quotes.quotes import Quote
from crm.people.people import Person, find_by_name, find_member
from crm.sales.deals.deals import Deal
from crm.sales.fairs.fairs import FairCard
from crm.sales.leads.leads import Lead
from tests.conftest import Clock
from tests.scenarios.fair import ANNA, BEGINS, GM, LI_WEI, SUPERVISOR, ZHOU_TING, Fair, Voice, opened
from tests.scenarios.fair_cards import CARDS
from tests.scenarios.fair_evening import afternoon, evening
from tests.scenarios.fair_figures import figures_by_hand
from tests.scenarios.fair_weeks import deals_open, first_days, later_weeks, lead_of, order_of

_H, _P = HistoryEntry.table().c, Person.table().c
_C, _L, _D, _Q = FairCard.table().c, Lead.table().c, Deal.table().c, Quote.table().c


def test_a_fair(tmp_path: Path, clock: Clock) -> None:
    with opened(f"sqlite:///{tmp_path / 'fair.db'}", tmp_path, clock) as (fair, voices):
        afternoon(fair, voices)
        evening(fair, voices)
        _every_card_is_somewhere(fair)
        first_days(fair, voices)
        deals_open(fair, voices)
        later_weeks(fair, voices)
        fair.keep()
        if os.environ.get("TRADEWIND_FAIR"):
            Path(os.environ["TRADEWIND_FAIR"]).write_text(str(fair), "utf-8")
        _what_became_of_them(fair)
        _everybody_heard_once(fair)
        _figures_are_explained(fair, voices)


def _every_card_is_somewhere(fair: Fair) -> None:
    """Sixty cards: as many leads as people met, nothing twice, no card left, every company by its right name."""
    cards = _rows(fair, select(_C.text, _C.status, _L.company, _L.status.label("lead")).join(Lead.table()))
    met = {one.text: one for cards_of in CARDS.values() for one in cards_of}
    assert Counter(row.status for row in cards) == {"saved": 60}
    assert [row.text for row in cards if met[row.text].fate != "joined" and row.company != met[row.text].company] == []
    fates = Counter(one.fate for one in met.values())
    leads = Counter(_rows(fair, select(_L.status).where(_L.created_at >= BEGINS)))
    assert leads == {("new",): fates["lead"] + fates["anyway"], ("noted",): fates["note"] + fates["given"]}
    names = _rows(fair, select(_L.company).where(_L.created_at >= BEGINS, _L.status == "new"))
    assert len(names) == len(set(names))


def _what_became_of_them(fair: Fair) -> None:
    deals = _rows(fair, select(_D.title, _D.stage).where(_D.created_at >= BEGINS))
    assert Counter(row.stage for row in deals) == {"won": 2, "lost": 2, "needs": 2, "quotation": 1, "initial": 1}
    quotes = _rows(fair, select(_Q.version, _Q.status, _Q.price_status).where(_Q.created_at >= BEGINS).order_by(_Q.id))
    assert [tuple(row) for row in quotes] == [
        (1, "accepted", "approved"),
        (1, "superseded", "free"),
        (1, "expired", "free"),
        (1, "accepted", "free"),
        (2, "accepted", "free"),
    ]
    assert order_of(fair, "万通贸易").status == "waiting_deposit"
    assert _owners(fair, "重庆山城工具") == [LI_WEI, None, ZHOU_TING, None]  # left alone, claimed, left alone again
    assert _owners(fair, "Ernst Handel GmbH")[:2] == [ANNA, ZHOU_TING]


def _owners(fair: Fair, company: str) -> list[str | None]:
    """Who has had a lead, one after the other, by its history."""
    of_lead = (_H.entity == "lead", _H.entity_id == lead_of(fair, company).id)
    names = dict(_rows(fair, select(_P.id, _P.name)))
    changes = _rows(fair, select(_H.changes).where(*of_lead).order_by(_H.id))
    return [names.get(row.changes["owner"][1]) for row in changes if "owner" in row.changes]


def _everybody_heard_once(fair: Fair) -> None:
    """Each of these is told to whom it concerns, and not again; who did not answer is called a second time."""
    assert [at.day for at in fair.told(LI_WEI, "跟进：南京金陵纺织: 床品四件套1200套")] == [17, 20]
    for name, part in (
        (ANNA, "brought 1 open quote under the lowest margin"),
        (SUPERVISOR, "EUR 汇率由"),
        (LI_WEI, "可以发出了"),
    ):
        assert len(fair.told(name, part)) == 1, f"{name}: {part}"


def _figures_are_explained(fair: Fair, voices: dict[str, Voice]) -> None:
    """What the chat says of the stages is what the history comes to, deal by deal."""
    by_hand = figures_by_hand(fair)
    with fair.house.database.read() as work:
        viewer = find_member(work, person_id=find_by_name(work, name=GM).id)
        found: Any = stage_figures(work, viewer=viewer, since=BEGINS, until=fair.clock.now)
        known = {one.key: (len(one.deals), round(one.mean, 6)) for one in found if one.key in by_hand}
    assert known == by_hand
    shown = by_hand["signed"][1]
    voices[GM].tell("漏斗 指标", f"签约率 {round(shown, 1)}%")


def _rows(fair: Fair, query: Any) -> list[Any]:
    with fair.house.database.read() as work:
        return list(work.connection.execute(query))
