"""What conversations about leads may see: who may have one, and whom a rule may give leads to."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.names import budget_words
from bot.cards.screen import Choice, Line, body, labelled
from bot.handlers.customers.world import find_seller, search_sellers
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.text import T
from crm.language.countries import search_countries
from crm.language.regions import REGIONS, read_region, region_name
from crm.people.people import find_member, team_names
from crm.sales.leads.leads import get_lead, number
from crm.sales.leads.reassignment import may_take

Found = tuple[Sequence[Choice], int]
_EVERYBODY = 10_000


def remark_lead(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """Which lead it is about: one presses the button of one of many."""
    try:
        lead = get_lead(world.work, viewer=world.person, lead_id=world.subject_id or 0)
    except NotFound:
        return ()
    named = T("{number} {company} · {contact}", number=number(lead.id), company=lead.company, contact=lead.contact)
    ends = [None if end is None else Money(end, lead.budget_currency) for end in (lead.budget_low, lead.budget_high)]
    budget = budget_words(*ends)
    return (body(named), *([] if budget is None else [labelled(T("Budget"), budget)]))


def search_regions(world: Any, query: str, offset: int, most: int) -> Found:
    """Regions, then countries; what names one of them as a whole is that one."""
    named = read_region(query) if query.strip() else None
    if named is not None:
        return [_region(world, named)], 1
    wanted = query.strip().casefold()
    fits = [key for key in REGIONS if wanted in region_name(key, world.language).casefold()]
    fits += search_countries(query, world.language)
    return [_region(world, key) for key in fits[offset : offset + most]], len(fits)


def find_region(world: Any, value: str) -> Choice | None:
    return _region(world, value) if value in REGIONS or read_region(value) == value else None


def _region(world: Any, key: str) -> Choice:
    return Choice(key, region_name(key, world.language))


def search_receivers(world: Any, query: str, offset: int, most: int) -> Found:
    """Teams, then people in sales, by their names, which the rules know them by."""
    wanted = query.strip().casefold()
    teams = [Choice(name, name, T("a team")) for name in sorted(team_names(world.work).values())]
    people, _ = search_sellers(world, "", 0, _EVERYBODY)
    taken = {one.value.casefold() for one in teams}
    sellers = [Choice(str(one.label), one.label, one.note) for one in people if str(one.label).casefold() not in taken]
    fits = [one for one in (*teams, *sellers) if wanted in one.value.casefold()]
    return fits[offset : offset + most], len(fits)


def find_receiver(world: Any, value: str) -> Choice | None:
    found, _ = search_receivers(world, value, 0, _EVERYBODY)
    return next((one for one in found if one.value == value), None)


def search_lead_takers(world: Any, query: str, offset: int, most: int) -> Found:
    """Offered are those who may have this lead; of another one that is typed the check says why not."""
    fits, _ = search_sellers(world, query, 0, _EVERYBODY)
    if not query.strip() and world.subject_id is not None:
        fits = [one for one in fits if not lead_taker_facts(world, one.value)]
    return fits[offset : offset + most], len(fits)


find_lead_taker = find_seller


def lead_taker_facts(world: Any, key: str) -> Mapping[str, Any]:
    """Why this person cannot have the lead that the conversation is about; nothing where they can."""
    if not key.isdecimal():
        return {}
    try:
        lead = get_lead(world.work, viewer=world.person, lead_id=world.subject_id or 0)
        giver = None if lead.owner_id is None else find_member(world.work, person_id=lead.owner_id)
        allowed = may_take(world.person, lead, giver, find_member(world.work, person_id=int(key)))
    except NotFound as error:
        return {"problem": error.text}
    return {} if allowed is True else {"problem": allowed}
