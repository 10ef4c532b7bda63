"""A rule for leads by form: added, changed, moved, taken out and put back; and who would get a lead, tried."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, title
from bot.conversations.rule import ASSIGNMENT_RULE, TRY_ASSIGNMENT
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.leads.rules import SHOW, Case, reach_lines, rule_list, rule_words, trial
from bot.request import Reply, Request
from crm.core.errors import NotFound
from crm.core.text import T
from crm.people.permissions import require
from crm.sales.leads.assignment_rules import (
    AssignmentRule,
    NewRule,
    add_assignment_rule,
    assignment_rules,
    can_change_assignment,
    change_assignment_rule,
    delete_assignment_rule,
    move_assignment_rule,
    restore_assignment_rule,
)


def show(request: Request) -> Reply:
    require(can_change_assignment(request.person))
    return Reply((rule_list(request),))


def turn_page(request: Request) -> Reply:
    require(can_change_assignment(request.person))
    return Reply((rule_list(request, min(record_id(request.argument.partition(":")[0]), 100)),), replaces=True)


def open_rule(request: Request) -> Reply:
    require(can_change_assignment(request.person))
    return Reply((_rule(request, record_id(request.argument)),), replaces=True)


def start_add(request: Request) -> Reply:
    return begin(request, RULE_GUIDE)


def start_change(request: Request) -> Reply:
    require(can_change_assignment(request.person))
    rule = _find(request, record_id(request.argument))
    told = {"category": rule.category, "region": rule.region, "source": rule.source}
    told["to"] = rule.team_name or rule.person_name
    answers = {key: value for key, value in told.items() if value is not None}
    return begin(request, RULE_GUIDE, answers=answers, subject_id=rule.id)


def submit_rule(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    case = {name: values.get(name) for name in ("category", "region", "source")}
    rule = NewRule(to=values["to"], **case)
    if subject_id is None:
        written = add_assignment_rule(request.work, **_by(request), rule=rule)
    else:
        written = change_assignment_rule(request.work, **_by(request), rule_id=subject_id, rule=rule)
    return Reply((_rule(request, written.id),))


def start_try(request: Request) -> Reply:
    return begin(request, TRY_GUIDE)


def submit_try(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return Reply((trial(request, Case(values.get("category"), values.get("region"), values.get("source"))),))


def move_up(request: Request) -> Reply:
    return _moved(request, up=True)


def move_down(request: Request) -> Reply:
    return _moved(request, up=False)


def take_out(request: Request) -> Reply:
    rule = _find(request, record_id(request.argument))
    words = rule_words(request, rule)
    entry_id = delete_assignment_rule(request.work, **_by(request), rule_id=rule.id)
    undo = Button(labels.UNDO, f"lead_rules.undo:{entry_id}")
    return Reply((Screen((title(T("Taken out")), body(words)), ((undo,), (SHOW,))),), replaces=True)


def undo(request: Request) -> Reply:
    rule = restore_assignment_rule(request.work, **_by(request), entry_id=record_id(request.argument))
    return Reply((_rule(request, rule.id),), replaces=True)


def _moved(request: Request, *, up: bool) -> Reply:
    rule_id = record_id(request.argument)
    move_assignment_rule(request.work, **_by(request), rule_id=rule_id, up=up)
    return Reply((_rule(request, rule_id),), replaces=True)


def _rule(request: Request, rule_id: int) -> Screen:
    """One rule and what may be done with it."""
    rule, rules = _find(request, rule_id), assignment_rules(request.work)
    last = len(rules)
    order = []
    if rule.position > 1:
        order.append(Button(T("Move up"), f"lead_rules.up:{rule_id}"))
    if rule.position < last:
        order.append(Button(T("Move down"), f"lead_rules.down:{rule_id}"))
    change = (
        Button(labels.EDIT, f"lead_rules.change:{rule_id}"),
        Button(T("Take out"), f"lead_rules.out:{rule_id}", "danger"),
    )
    lines = (title(T("A rule for leads")), body(rule_words(request, rule)), *reach_lines(rule, rules))
    return Screen(lines, tuple(row for row in (tuple(order), change, (SHOW,)) if row))


def _find(request: Request, rule_id: int) -> AssignmentRule:
    for rule in assignment_rules(request.work):
        if rule.id == rule_id:
            return rule
    raise NotFound(T("There is no such rule any more."))


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


RULE_GUIDE = register(Guide(ASSIGNMENT_RULE, can_change_assignment, submit_rule))
TRY_GUIDE = register(Guide(TRY_ASSIGNMENT, can_change_assignment, submit_try))
PRESSES = {
    "lead_rules.show": show,
    "lead_rules.page": turn_page,
    "lead_rules.open": open_rule,
    "lead_rules.add": start_add,
    "lead_rules.change": start_change,
    "lead_rules.try": start_try,
    "lead_rules.up": move_up,
    "lead_rules.down": move_down,
    "lead_rules.out": take_out,
    "lead_rules.undo": undo,
}
