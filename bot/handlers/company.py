"""The administrator's verbs: people and their codes, rules, the catalogue."""

from bot.cards.names import product_name, product_note
from bot.cards.screen import Line, Screen, labelled, muted, say, title
from bot.handlers.customers import paging, record_id
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rules import read_rules, set_rule
from crm.core.text import T, Words
from crm.people.identities import issue_code, linked_platforms
from crm.people.people import ROLE_NAMES, Role, find_by_name, list_members, team_names
from crm.sales.products import find_products

PAGE = 8


def people(request: Request) -> Reply:
    """`people` lists everybody; `people code NAME` gives a one-time code."""
    what, _, name = request.argument.partition(" ")
    if what.casefold() in {"code", "绑定码"}:
        member = find_by_name(request.work, name=name)
        actor = Actor(request.person.id, request.platform)
        code = issue_code(request.work, actor=actor, person_id=member.id)
        told = T("The code for {name}, once and within a day: {code}", name=member.name, code=code)
        return Reply((say(told),))
    if what:
        raise Invalid(T("Write people, or people code NAME."))
    teams, linked = team_names(request.work), linked_platforms(request.work)
    lines: list[Line] = [title(T("People"))]
    for member in list_members(request.work):
        roles: Words = T("{items}", items=[ROLE_NAMES[role] for role in sorted(member.roles)])
        told = T(
            "{roles} · {team} · {linked}",
            roles=roles,
            team=teams.get(member.team_id or 0, "–"),
            linked=", ".join(linked.get(member.id, ())) or "–",
        )
        lines.append(labelled(member.name if member.is_active else T("{name} (disabled)", name=member.name), told))
    lines.append(muted(T("A code to link somebody: people code NAME")))
    return Reply((Screen(tuple(lines)),))


def rules(request: Request) -> Reply:
    """`rules` shows the numbers of the trade; `rules orders.floor_margin 12` changes one."""
    key, _, value = request.argument.partition(" ")
    if key and not value.strip():
        raise Invalid(T("Write rules, or the rule and its new value: rules orders.floor_margin 12"))
    if key:
        actor = Actor(request.person.id, request.platform)
        set_rule(request.work, actor=actor, key=key.strip(), value=value)
        return Reply((say(T("{key} is now {value}.", key=key, value=value.strip())),))
    lines = [title(T("Rules"))]
    lines += [labelled(name, number) for name, number in sorted(read_rules(request.work).items())]
    lines.append(muted(T("To change one: rules orders.floor_margin 12")))
    return Reply((Screen(tuple(lines)),))


def products(request: Request) -> Reply:
    """`products` pages through the catalogue; with a text, what fits."""
    return Reply((_page(request, request.argument, 0),))


def turn_page(request: Request) -> Reply:
    page, _, query = request.argument.partition(":")
    return Reply((_page(request, query, min(record_id(page), 10_000)),), replaces=True)


def _page(request: Request, query: str, page: int) -> Screen:
    rows, total = find_products(request.work, query=query, offset=page * PAGE, most=PAGE)
    if not total:
        return say(T("No product fits “{text}”.", text=query[:60]) if query else T("There are no products yet."))
    lines: list[Line] = [title(T("Products"))]
    lines += [labelled(product_name(row, request.person.language), product_note(row)) for row in rows]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    return Screen(tuple(lines), paging("products.page", page, total, query))


_ADMIN = frozenset({Role.ADMIN})
VERBS = (
    Verb("people", ("人员",), T("people and their one-time codes"), people, _ADMIN),
    Verb("rules", ("规则",), T("the numbers of the trade"), rules, _ADMIN),
    Verb("products", ("产品",), T("the catalogue"), products),
)
PRESSES = {"products.page": turn_page}
