"""Deals that stand still: the rep hears at once, the supervisor when they have for long. Guide 2.3.

A digest names those that are new or a week worse, and counts the others; what there was no room for is named the
next time. Asked for, all are named.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from crm.core.said import Finding
from crm.core.said_to import news_to
from crm.core.text import TN, T, Text
from crm.insight.ground import Ground, Reader, days_words
from crm.insight.sections import Line, Section, section
from crm.sales.deals.deals import number
from crm.sales.deals.stages import STAGE
from crm.sales.deals.stale import StaleDeal, stale_deals

OWN, TEAM = "stale_deal", "stale_deal_team"
"""As what it counts as said (`crm.core.said`)."""


def own_stale_deals(ground: Ground) -> dict[int, list[Section]]:
    """Each rep's own."""
    readers = ground.of("rep")
    theirs: dict[int, list[StaleDeal]] = defaultdict(list)
    for one in stale_deals(ground.work, owners=[reader.id for reader in readers], rules=ground.rules):
        theirs[one.deal.owner_id].append(one)
    new = _new(ground, OWN, readers, theirs)
    return {reader.id: _section(ground, "stale", theirs[reader.id], new.get(reader.id)) for reader in readers}


def stale_deals_of_teams(ground: Ground) -> dict[int, list[Section]]:
    """Those of each supervisor's team that have been stale for long; their own are the rep's part, if they sell."""
    readers = ground.of("supervisor")
    since = ground.number("watches.stale_to_supervisor_days")
    found = stale_deals(ground.work, owners=ground.teams, rules=ground.rules)
    long = [one for one in found if one.days_over >= since]
    theirs = {reader.id: [one for one in long if one.deal.owner_id in ground.team(reader)] for reader in readers}
    for reader in readers:
        if "rep" in reader.parts:
            theirs[reader.id] = [one for one in theirs[reader.id] if one.deal.owner_id != reader.id]
    new = _new(ground, TEAM, readers, theirs)
    return {
        reader.id: _section(ground, "stale_team", theirs[reader.id], new.get(reader.id), of_team=True)
        for reader in readers
    }


def _new(
    ground: Ground, watch: str, readers: Iterable[Reader], theirs: Mapping[int, list[StaleDeal]]
) -> dict[int, set[int]]:
    """The ids of the deals that are news, by reader; who is not there has all of them named."""
    told = [reader for reader in readers if not reader.names_all]
    if not told:
        return {}
    standing = [
        (Finding(one.deal.id, reader.id, 1 + one.weeks_over), one.since)
        for reader in told
        for one in theirs.get(reader.id, ())
    ]
    people = [reader.id for reader in told]
    news = news_to(ground.work, watch=watch, people=people, standing=standing, most=ground.most)
    by_reader: dict[int, set[int]] = {reader.id: set() for reader in told}
    for one in news:
        by_reader[one.person_id].add(one.subject_id)
    return by_reader


def _section(
    ground: Ground, key: str, found: list[StaleDeal], new: set[int] | None, *, of_team: bool = False
) -> list[Section]:
    named = found if new is None else [one for one in found if one.deal.id in new]
    others = len(found) - len(named)
    rest = None
    if others:
        rest = TN("{n} stands still as before", "{n} others stand still as before", n=others)
        if not named:
            rest = TN("{n} deal stands still as before", "{n} deals stand still as before", n=others)
    lines = (Line(_words(one, of_team=of_team), ("deal", one.deal.id), _name(one)) for one in named)
    heading = T("Standing still for long") if of_team else T("Deals that stand still")
    return section(key, heading, lines, most=ground.most, rest=rest, verb="deals")


def _words(one: StaleDeal, *, of_team: bool) -> Text:
    facts = {
        "deal": one.deal.title,
        "customer": one.deal.customer_name,
        "stage": STAGE[one.deal.stage].label,
        "days": days_words(max(1, one.days_over)),
    }
    if of_team:
        return T("{person}: {deal} · {customer} · {stage} · {days} too long", person=one.deal.owner_name, **facts)
    return T("{deal} · {customer} · {stage} · {days} too long", **facts)


def _name(one: StaleDeal) -> str:
    return f"{number(one.deal.id)} {one.deal.title}"
