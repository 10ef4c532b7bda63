"""The administrator's verb `rules`: the numbers of the trade by section, each changed by a press or in one line."""

from collections.abc import Mapping
from typing import Any

from bot.cards.rule_names import RULES, SECTIONS, rule_name
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from bot.conversations.rule import RULE
from bot.handlers.company import approval_policy
from bot.handlers.guided import Guide, begin, register
from bot.handlers.leads import form as lead_form
from bot.handlers.leads import rules as lead_rules
from bot.handlers.orders import production
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.errors import NotFound
from crm.core.history import Actor
from crm.core.rules import read_rules, set_rule, shipped
from crm.core.text import T, Text
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require

_NOTHING = ("-", "—", "无")
_EMPTY = "—"


def rules(request: Request) -> Reply:
    """`rules` shows the sections, `rules orders` one of them; `rules orders.floor_margin 12` changes a number."""
    if " ".join(request.argument.split()).casefold() in lead_form.WORDS:
        return lead_form.lead_form(request)
    if request.argument.strip().casefold() in approval_policy.WORDS:
        return approval_policy.approval_policy(request)
    if request.argument.strip().casefold() in production.MAKER_WORDS:
        return production.makers(request)
    key, _, value = request.argument.partition(" ")
    if key.casefold() in lead_rules.WORDS:
        return lead_rules.lead_rules(request, value)
    called = _by_name(request)
    if called in SECTIONS:
        return Reply((_section(request, called),))
    if called is not None:
        return begin(request, RULE_GUIDE, answers={"rule": called})
    if key in SECTIONS:
        return Reply((_section(request, key),))
    if key and value.strip():
        return _changed(request, key, value)
    if key in RULES:
        return begin(request, RULE_GUIDE, answers={"rule": key})
    if key:
        raise NotFound(T("There is no rule {key}.", key=key[:80]))
    return Reply((_sections(),))


def show_sections(request: Request) -> Reply:
    require(can_set_rules(request.person))
    return Reply((_sections(),), replaces=True)


def show_section(request: Request) -> Reply:
    require(can_set_rules(request.person))
    if request.argument not in SECTIONS:
        raise NotFound(T("There is no rule {key}.", key=request.argument[:80]))
    return Reply((_section(request, request.argument),), replaces=True)


def start_change(request: Request) -> Reply:
    return begin(request, RULE_GUIDE, answers={"rule": request.argument} if request.argument in RULES else {})


def submit_change(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return _changed(request, values["rule"], values["value"])


def _by_name(request: Request) -> str | None:
    """The section or the rule whose button has this label, in either language."""
    wanted = request.argument.strip().casefold()
    for names in (SECTIONS, RULES):
        for key, label in names.items():
            if wanted in _labels(label):
                return key
    near = [key for key, label in SECTIONS.items() if wanted and any(wanted in said for said in _labels(label))]
    return near[0] if len(near) == 1 else None


def _labels(label: Text) -> list[str]:
    return [wording(language, "UTC")(label).casefold() for language in ("en", "zh_CN")]


def can_set_rules(person: Member) -> Allowed:
    return True if person.has(Role.ADMIN) else T("Rules are changed by an administrator.")


def _changed(request: Request, key: str, value: str) -> Reply:
    require(can_set_rules(request.person))
    told = "" if value.strip() in _NOTHING else value.strip()
    actor = Actor(request.person.id, request.platform)
    set_rule(request.work, actor=actor, key=key, value=told, called=rule_name(key))
    section = key.partition(".")[0]
    back = Button(SECTIONS[section], f"rules.section:{section}") if section in SECTIONS else None
    said = T("{rule}: {value}", rule=rule_name(key), value=told or _EMPTY)
    return Reply((Screen((title(T("Rule changed")), body(said)), ((back,),) if back else ()),))


def _sections() -> Screen:
    known = {key.partition(".")[0] for key in shipped()}
    buttons = [Button(name, f"rules.section:{key}") for key, name in SECTIONS.items() if key in known]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Screen((title(T("Rules")), muted(T("Choose what to look at."))), rows)


def _section(request: Request, section: str) -> Screen:
    own = {key: value for key, value in read_rules(request.work).items() if key.partition(".")[0] == section}
    lines: list[Line] = [title(SECTIONS[section])]
    lines += [labelled(rule_name(key), value or _EMPTY) for key, value in own.items()]
    buttons = [(Button(rule_name(key), f"rules.change:{key}"),) for key in own if key not in _FIXED]
    if section == "leads":
        buttons += [(lead_rules.SHOW,), (lead_form.SHOW,)]
    if section == "orders":
        buttons.append((approval_policy.SHOW,))
    if section == "production":
        buttons.append((production.SHOW_MAKERS,))
    lines.append(muted(_HOW if buttons else T("These were chosen before the first start, and stay.")))
    return Screen(tuple(lines), (*buttons, (Button(T("All sections"), "rules.sections"),)))


_FIXED = ("company.base_currency", "company.timezone")
_HOW: Text = T("Press the one to change.")
RULE_GUIDE = register(Guide(RULE, can_set_rules, submit_change))
VERBS = (Verb("rules", ("规则",), T("the numbers of the trade"), rules, frozenset({Role.ADMIN})),)
PRESSES = {
    "rules.sections": show_sections,
    "rules.section": show_section,
    "rules.change": start_change,
}
