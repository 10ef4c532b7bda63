"""The administrator's verbs: people and their codes, rules, the catalogue."""

from bot.cards.away import name_words
from bot.cards.names import product_name, product_note
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from bot.handlers.company import staff
from bot.handlers.company.staff_world import ROLE_WORDS
from bot.handlers.customers.customers import paging, record_id
from bot.handlers.verbs import Verb
from bot.handlers.working_time.working_time import change_of_others
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T, Text, Words
from crm.people.absence import absences_now
from crm.people.identities import issue_code, linked_platforms
from crm.people.people import ROLE_NAMES, Member, Role, find_by_name, find_member, list_members, set_roles, team_names
from crm.people.permissions import require
from crm.sales.catalogue.products import find_products

PAGE = 8
PEOPLE = 30


def people(request: Request) -> Reply:
    """`people` lists everybody; `people code NAME` gives a one-time code; `people roles NAME rep gm` changes roles,
    `people hours NAME 9:00-18:00` (days, holidays, quiet, digest) when they work.
    """
    what, _, rest = request.argument.partition(" ")
    match what.casefold():
        case "":
            return _list_people(request)
        case "code" | "绑定码":
            return _give_code(request, rest)
        case "roles" | "role" | "角色":
            return _change_roles(request, rest)
    changed = change_of_others(request, what, rest)
    if changed is not None:
        return changed
    raise Invalid(
        T(
            "Write people, people code NAME, or people roles NAME and the roles; "
            "people hours NAME 9:00-18:00 for working time (also days, holidays, quiet, digest)."
        )
    )


def give_code(request: Request) -> Reply:
    require(staff.can_change_people(request.person))
    return _give_code(request, find_member(request.work, person_id=record_id(request.argument)).name)


def turn_people(request: Request) -> Reply:
    require(staff.can_change_people(request.person))
    page = min(record_id(request.argument.partition(":")[0]), 10_000)
    return Reply((_page_of_people(request, page),), replaces=True)


def _list_people(request: Request) -> Reply:
    return Reply((_page_of_people(request, 0),))


def _page_of_people(request: Request, page: int) -> Screen:
    teams, linked = team_names(request.work), linked_platforms(request.work)
    lines: list[Line] = [title(T("People"))]
    away = absences_now(request.work)
    members = list_members(request.work)
    shown = members[page * PEOPLE : (page + 1) * PEOPLE]
    for member in shown:
        told = T(
            "{roles} · {team} · {linked}",
            roles=_role_names(member),
            team=teams.get(member.team_id or 0, "–"),
            linked=", ".join(linked.get(member.id, ())) or "–",
        )
        lines.append(labelled(name_words(member, away.get(member.id)), told))
    lines.append(muted(T("A code to link somebody: people code NAME")))
    buttons = [Button(member.name, f"staff.open:{member.id}") for member in shown]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    add = (Button(T("Add somebody"), "staff.add", "primary"),)
    return Screen(tuple(lines), (*rows, *paging("people.page", page, len(members), size=PEOPLE), add))


def _give_code(request: Request, name: str) -> Reply:
    """The code, and how it is used on each platform that there is."""
    member = find_by_name(request.work, name=name)
    code = issue_code(request.work, actor=Actor(request.person.id, request.platform), person_id=member.id)
    lines = [body(T("The code for {name}, once and within a day: {code}", name=member.name, code=code))]
    if request.settings.telegram_token.get_secret_value():
        bot = request.bots.get("telegram")
        way: Words = f"https://t.me/{bot}?start={code}" if bot else T("/start {code} in a chat with the bot", code=code)
        lines.append(labelled("Telegram", way))
    if request.settings.slack_bot_token.get_secret_value():
        lines.append(labelled("Slack", f"/crm start {code}"))
    return Reply((Screen(tuple(lines)),))


def _change_roles(request: Request, argument: str) -> Reply:
    """The words at the end that are roles, in either language; what stands before them is the name."""
    words = argument.replace(",", " ").replace("，", " ").replace("、", " ").split()
    roles: list[Role] = []
    while words and (role := ROLE_WORDS.get(words[-1].casefold())):
        roles.append(role)
        words.pop()
    if not roles or not words:
        raise Invalid(T("Write the name, then the roles: people roles NAME {roles}", roles=" ".join(Role)))
    member = find_by_name(request.work, name=" ".join(words))
    actor = Actor(request.person.id, request.platform)
    member = set_roles(request.work, actor=actor, person_id=member.id, roles=roles)
    return Reply((say(T("The roles of {name} are now: {roles}", name=member.name, roles=_role_names(member))),))


def _role_names(member: Member) -> Text:
    return T("{items}", items=[ROLE_NAMES[role] for role in sorted(member.roles)])


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
    Verb("products", ("产品",), T("the catalogue"), products),
)
PRESSES = {"products.page": turn_page, "people.page": turn_people, "staff.code": give_code}
