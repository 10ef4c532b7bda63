"""`rules leads`: who gets the leads that come in by themselves; seen, and added or tried in one line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.cards.screen import Button, Line, Screen, body, muted, say, title
from bot.conversations.lead import LEAD
from bot.handlers.customers.customers import paging
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.text import T, Text, Words
from crm.language.regions import REGIONS, read_region, region_name
from crm.people.people import team_names
from crm.people.permissions import require
from crm.sales.catalogue.categories import category_called, category_name, list_categories
from crm.sales.leads.assignment import find_assignee
from crm.sales.leads.assignment_rules import (
    AssignmentRule,
    NewRule,
    above_of,
    add_assignment_rule,
    assignment_rules,
    can_change_assignment,
)
from crm.sales.leads.leads import SOURCES, LeadDetails

WORDS = frozenset({"leads", "lead", "线索"})
"""What follows `rules` for this table."""
_ADD = frozenset({"add", "添加", "新增"})
_TRY = frozenset({"try", "test", "预览", "试"})
_ANY = frozenset({"any", "all", "*", "任意", "全部", "所有"})
_PARTS = re.compile(r"\s*[+＋×]\s*")
_ARROW = re.compile(r"\s*(?:->|→|=>|＞|－>)\s*")
PAGE = 10
SHOW = Button(T("Who gets a lead that comes in"), "lead_rules.show")


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule, or a lead to be tried, is about; None: any."""

    category: str | None = None
    region: str | None = None
    source: str | None = None


def lead_rules(request: Request, told: str) -> Reply:
    """`rules leads`; `rules leads add LED + DE + website -> Team North`; `rules leads try LED + DE`."""
    require(can_change_assignment(request.person))
    act, _, rest = told.strip().partition(" ")
    if not act:
        return Reply((rule_list(request),))
    if act.casefold() in _ADD and rest.strip():
        return _add(request, rest)
    if act.casefold() in _TRY and rest.strip():
        return Reply((trial(request, _read(request, rest)),))
    raise Invalid(_how(request))


def _how(request: Request) -> Text:
    """How a rule is written, with a category and a team that this company has."""
    categories = list_categories(request.work)
    category = category_name(categories[0], request.person.language) if categories else T("any")
    team = next(iter(sorted(team_names(request.work).values())), T("a team"))
    return T(
        "Write: rules leads add {category} + Germany + website -> {team}, or: rules leads try {category} + Germany",
        category=category,
        team=team,
    )


def _add(request: Request, told: str) -> Reply:
    parts = _ARROW.split(told, maxsplit=1)
    if len(parts) != 2:
        raise Invalid(_how(request))
    case = _read(request, parts[0])
    rule = NewRule(to=parts[1], category=case.category, region=case.region, source=case.source)
    add_assignment_rule(request.work, actor=request.person, platform=request.platform, rule=rule)
    return Reply((rule_list(request),))


def trial(request: Request, case: Case) -> Screen:
    """Who would get a lead like this at this moment."""
    country = case.region if case.region not in REGIONS else None
    if case.region in REGIONS:
        country = min(REGIONS[case.region or ""][1])
    details = LeadDetails(
        company="?",
        contact="?",
        product_need="",
        source=case.source or "website",
        country=country,
        product_category=case.category,
    )
    found = find_assignee(request.work, details=details)
    what = case_words(request, replace(case, source=details.source))
    if found is None:
        return say(T("A lead for {what} would go to the pool: no rule fits, or nobody is there.", what=what), SHOW)
    facts: dict[str, Any] = {"what": what, "name": found.name, "n": found.rule.position}
    return say(T("A lead for {what} would go to {name}, by rule {n}.", **facts), SHOW)


def _read(request: Request, told: str) -> Case:
    """`LED + Germany + website`, in any order and either language. Raises Invalid."""
    case = Case()
    for part in filter(None, (piece.strip() for piece in _PARTS.split(told))):
        if part.casefold() in _ANY:
            continue
        field, value = _meaning(request, part)
        if getattr(case, field) is not None:
            raise Invalid(
                T("“{part}” is a second {field}: one rule takes one of each.", part=part, field=_FIELDS[field])
            )
        case = replace(case, **{field: value})
    return case


_FIELDS = {"category": T("product category"), "region": T("region"), "source": T("source")}


def _meaning(request: Request, part: str) -> tuple[str, str]:
    categories = list_categories(request.work)
    exact = [one for one in categories if part.casefold() in (one.name.casefold(), one.name_zh.casefold())]
    if exact:
        return "category", exact[0].name
    region = read_region(part)  # before the sources: DE is a part of "trade fair"
    if region is not None:
        return "region", region
    source = LEAD.known("source", part, CompanyWorld(request.work, request.person)).get("source")
    if source is not None:
        return "source", str(source)
    meant = category_called(categories, part)
    if meant is not None:
        return "category", meant.name
    known = [category_name(one, request.person.language) for one in categories]
    raise Invalid(
        T("“{part}” is no product category, region or source. The categories are: {known}", part=part, known=known)
    )


def rule_list(request: Request, page: int = 0) -> Screen:
    """A page of the rules, each a button that opens it."""
    rules = assignment_rules(request.work)
    shown = rules[page * PAGE : (page + 1) * PAGE]
    lines: list[Line] = [title(T("Who gets a lead that comes in"))]
    lines += [body(rule_words(request, rule)) for rule in shown]
    lines += [line for rule in shown for line in reach_lines(rule, rules)]
    last = T("Whatever no rule fits goes to the pool. What a rep logs stays theirs.")
    lines += [muted(last), muted(_how(request))]
    rows = [(Button(rule_words(request, rule), f"lead_rules.open:{rule.id}"),) for rule in shown]
    acts = (Button(T("Add a rule"), "lead_rules.add", "primary"), Button(T("Try it"), "lead_rules.try"))
    numbers = (Button(T("Numbers for leads"), "rules.section:leads"),)
    return Screen(tuple(lines), (*rows, *paging("lead_rules.page", page, len(rules)), acts, numbers))


def rule_words(request: Request, rule: AssignmentRule) -> Words:
    what = case_words(request, Case(rule.category, rule.region, rule.source))
    return T("{n}. {what} → {to}", n=rule.position, what=what, to=rule.team_name or rule.person_name or "–")


def reach_lines(rule: AssignmentRule, rules: Sequence[AssignmentRule]) -> list[Line]:
    """What is to be said of a rule below one that takes all its leads."""
    above = above_of(rules, rule)
    if above is None:
        return []
    said = T("Rule {n} gets a lead only while nobody of rule {above} is there.", n=rule.position, above=above.position)
    return [muted(said)]


def case_words(request: Request, case: Case) -> Words:
    language = request.person.language
    told: list[Words] = []
    if case.category is not None:
        names = {one.name: one.name_zh for one in list_categories(request.work)}
        told.append(names.get(case.category, case.category) if language == "zh_CN" else case.category)
    if case.region is not None:
        told.append(region_name(case.region, language))
    if case.source is not None:
        told.append(SOURCES[case.source])
    return T("{items}", items=told) if told else T("any lead")
