"""What concerns oneself: greeting, help, settings, and getting linked."""

from dataclasses import replace

from bot.cards.away import away_lines
from bot.cards.links import read_link
from bot.cards.screen import Button, Screen, labelled, muted, say, title
from bot.cards.working_time import working_time_lines
from bot.handlers.customers.customers import open_customer
from bot.handlers.deals.deals import open_card as open_deal
from bot.handlers.groups import group_settings
from bot.handlers.leads.leads import open_lead
from bot.handlers.orders.approvals import open_card as open_approval
from bot.handlers.orders.orders import open_order
from bot.handlers.verbs import Handler, Verb
from bot.handlers.working_time.working_time import PRESSES as OF_WORKING_TIME
from bot.handlers.working_time.working_time import change_own
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T, Words
from crm.people.people import ROLE_NAMES, set_language, set_timezone
from crm.people.preferences import notify_on, platforms_of, set_notify_on

LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}
_OPENERS: dict[str, Handler] = {
    "lead": open_lead,
    "customer": open_customer,
    "deal": open_deal,
    "order": open_order,
    "approval": open_approval,
}


def greet(request: Request) -> Reply:
    """`start` from somebody who is linked already; `start order-31` (a link) opens that card."""
    link = read_link(request.argument)
    if link is not None:
        kind, record = link
        return _OPENERS[kind](replace(request, argument=record))
    hello = T("You are linked as {name}.", name=request.person.name)
    return Reply((say(hello, Button(T("Help"), "verb:help")),))


def settings(request: Request) -> Reply:
    """`settings`; with `language en`, `timezone Europe/Berlin`, `quiet 22:00-7:00` and so on they are changed at once.

    In a shared chat the word alone asks who may say so which team the chat belongs to.
    """
    what, _, value = request.argument.partition(" ")
    if what.casefold() in {"language", "语言"}:
        return change_language(request, value.strip())
    if what.casefold() in {"timezone", "zone", "时区"}:
        return change_timezone(request, value.strip())
    if what.casefold() in {"notify", "notices", "通知"}:
        return change_notices(request, value.strip())
    changed = change_own(request, what, value.strip())
    if changed is not None:
        return changed
    if what:
        raise Invalid(
            T(
                "Write settings language en, settings timezone Europe/Berlin, settings notify last, "
                "or settings quiet 22:00-7:00."
            )
        )
    return group_settings(request) or Reply((_settings_screen(request),))


def _settings_screen(request: Request) -> Screen:
    person = request.person
    chosen = notify_on(request.work, person_id=person.id)
    lines = (
        title(T("Your settings")),
        labelled(T("Name"), person.name),
        labelled(T("Roles"), T("{items}", items=[ROLE_NAMES[role] for role in sorted(person.roles)])),
        labelled(T("Language"), LANGUAGE_NAMES[person.language]),
        labelled(T("Time zone"), person.timezone),
        labelled(T("Notices go to"), _platform_name(chosen)),
        *away_lines(request.work, person),
        *working_time_lines(request.work, person.id, person.language),
        muted(T("To change the zone, write: settings timezone Europe/Berlin")),
    )
    others = [code for code in LANGUAGE_NAMES if code != person.language]
    row = (
        *(Button(LANGUAGE_NAMES[code], f"settings.language:{code}") for code in others),
        Button(T("Working time"), "settings.working_time"),
    )
    linked = platforms_of(request.work, person_id=person.id)
    offered = [platform for platform in (*linked, None) if platform != chosen] if len(linked) > 1 or chosen else []
    to_there = tuple(
        Button(T("Notices: {where}", where=_platform_name(one)), f"settings.notify:{one or _LAST}") for one in offered
    )
    return Screen(lines, (row, to_there) if to_there else (row,))


def press_notices(request: Request) -> Reply:
    return change_notices(request, request.argument, replaces=True)


def change_notices(request: Request, where: str, *, replaces: bool = False) -> Reply:
    """Send the person's notices to this platform, or to the one used last."""
    named = where.casefold()
    platform = _PLATFORM_WORDS.get(named, named)
    if not platform:
        raise Invalid(T("Write settings notify telegram, slack, web or last."))
    actor = Actor(request.person.id, request.platform)
    chosen = None if platform == _LAST else platform
    set_notify_on(request.work, actor=actor, person_id=request.person.id, platform=chosen)
    done = T("Your notices go to {where} now. What waits for your decision goes to all.", where=_platform_name(chosen))
    return Reply((say(done),), replaces=replaces)


_LAST = "last"
_PLATFORM_NAMES: dict[str | None, Words] = {
    None: T("the platform used last"),
    "telegram": "Telegram",
    "slack": "Slack",
    "web": T("the browser chat"),
}
_PLATFORM_WORDS = {"电报": "telegram", "browser": "web", "浏览器": "web", "最近": _LAST, "上次": _LAST}


def _platform_name(platform: str | None) -> Words:
    return _PLATFORM_NAMES.get(platform, platform or "")


def press_language(request: Request) -> Reply:
    return change_language(request, request.argument, replaces=True)


def change_language(request: Request, language: str, *, replaces: bool = False) -> Reply:
    known = {"zh": "zh_CN", "zh_cn": "zh_CN", "chinese": "zh_CN", "中文": "zh_CN", "en": "en", "english": "en"}
    code = known.get(language.casefold(), language)
    actor = Actor(request.person.id, request.platform)
    set_language(request.work, actor=actor, person_id=request.person.id, language=code)
    done = T("Your language is now {language}.", language=LANGUAGE_NAMES[code])
    return Reply((say(done),), replaces=replaces)


def change_timezone(request: Request, timezone: str) -> Reply:
    actor = Actor(request.person.id, request.platform)
    set_timezone(request.work, actor=actor, person_id=request.person.id, timezone=timezone)
    return Reply((say(T("Your time zone is now {zone}.", zone=timezone)),))


def help_screen(request: Request, verbs: tuple[Verb, ...]) -> Screen:
    """What this person can do, a line a verb, the usual ones as buttons."""
    mine = [verb for verb in verbs if verb.is_for(request.person)]
    lines = [title(T("What I can do for you"))]
    lines += [labelled(verb.spoken(request.person.language), verb.summary) for verb in mine]
    lines.append(muted(T("Type a word, or press a button.")))
    row = tuple(Button(verb.spoken(request.person.language), f"verb:{verb.name}") for verb in mine if verb.usual)
    return Screen(tuple(lines), (row,) if row else ())


VERBS = (
    Verb("start", ("绑定",), T("link this chat account with a one-time code"), greet),
    Verb("settings", ("设置",), T("your language, time zone, working time and notices"), settings),
)
PRESSES = {"settings.language": press_language, "settings.notify": press_notices, **OF_WORKING_TIME}
