"""docs/permissions.md from the code: who may use which verb, who may do what, and where the record counts too."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

import crm
from bot.handlers import VERBS
from bot.wording import wording
from crm.core.text import Text
from crm.people.people import ROLE_NAMES, Member, Role

HEAD = """# Who may what

Of a person who has this one role; with several roles, what any of them may. This page is generated (`make docs`).

## Verbs

What can be typed. Somebody else is told in one sentence that the verb is for other roles, and nothing happens.

"""
ACTS = """
## Acts

What the permission functions of `crm` say where nothing but the person counts.

"""
RECORDS = """
## Where the record counts

These also look at whose record it is, at its team and its status. Like those above they are asked when a button is
drawn and again when it is pressed.

"""
Rule = Callable[[Member], object]


def render_permissions() -> str:
    """Return docs/permissions.md as the code says it."""
    words = wording("en", "UTC")
    verbs = [
        (_code(verb.name, *verb.synonyms), words(verb.summary), [verb.is_for(one_of(role)) for role in Role])
        for verb in VERBS
    ]
    acts = [
        (_act(name), _reason(rule), [rule(one_of(role)) is True for role in Role])
        for name, rule in _rules()
        if _asks_of_person_alone(rule)
    ]
    of_records = [
        f"- **{_act(name)}** (`{rule.__module__}`): {' '.join(rule.__doc__.split())}\n"
        for name, rule in _rules()
        if rule.__doc__ and not _asks_of_person_alone(rule)
    ]
    return (
        HEAD
        + _table(("verb", "what it does"), verbs)
        + ACTS
        + _table(("act", "what the others are told"), sorted(acts, key=lambda act: act[0]))
        + RECORDS
        + "".join(sorted(of_records))
    )


def rules_of_person() -> dict[str, Rule]:
    """Every public function of crm that says of a person alone whether they may, by its name."""
    return {name: rule for name, rule in _rules() if _asks_of_person_alone(rule)}


def _rules() -> Iterator[tuple[str, Rule]]:
    for found in pkgutil.walk_packages(crm.__path__, "crm."):
        if found.name.startswith("crm.migrations"):
            continue
        module = import_module(found.name)
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == found.name and name.startswith("can_"):
                yield name, rule


def one_of(role: Role) -> Member:
    """Somebody with this role alone."""
    return Member(0, "This person", "en", "UTC", None, None, is_active=True, roles=frozenset({role}))


def _asks_of_person_alone(rule: Rule) -> bool:
    parameters = list(inspect.signature(rule).parameters.values())
    return len(parameters) == 1 and parameters[0].annotation is Member


def _act(name: str) -> str:
    return name.removeprefix("can_").replace("_", " ")


def _reason(rule: Rule) -> str:
    """The first reason given to anybody; a function without one hides what it is about."""
    told = (rule(one_of(role)) for role in Role)
    return next((wording("en", "UTC")(one) for one in told if isinstance(one, Text)), "(it is left out)")


def _table(heads: tuple[str, str], rows: list[tuple[str, str, list[bool]]]) -> str:
    names = [wording("en", "UTC")(ROLE_NAMES[role]) for role in Role]
    lines = [[*heads, *names], ["---", "---", *[":-:" for _ in names]]]
    lines += [[first, second, *("✓" if may else "" for may in allowed)] for first, second, allowed in rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _code(*names: str) -> str:
    return " ".join(f"`{name}`" for name in names)
