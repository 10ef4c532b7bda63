"""What concerns oneself: greeting, help, settings, and getting linked."""

from bot.cards.screen import Button, Screen, labelled, muted, say, title
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.people.people import ROLE_NAMES, set_language, set_timezone

LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


def greet(request: Request) -> Reply:
    """`start` from somebody who is linked already."""
    hello = T("You are linked as {name}.", name=request.person.name)
    return Reply((say(hello, Button(T("Help"), "verb:help")),))


def settings(request: Request) -> Reply:
    """`settings`; `settings language en` and `settings timezone Europe/Berlin` change them at once."""
    what, _, value = request.argument.partition(" ")
    if what.casefold() in {"language", "语言"}:
        return change_language(request, value.strip())
    if what.casefold() in {"timezone", "zone", "时区"}:
        return change_timezone(request, value.strip())
    if what:
        raise Invalid(T("Write settings language en, or settings timezone Europe/Berlin."))
    person = request.person
    lines = (
        title(T("Your settings")),
        labelled(T("Name"), person.name),
        labelled(T("Roles"), T("{items}", items=[ROLE_NAMES[role] for role in sorted(person.roles)])),
        labelled(T("Language"), LANGUAGE_NAMES[person.language]),
        labelled(T("Time zone"), person.timezone),
        muted(T("To change the zone, write: settings timezone Europe/Berlin")),
    )
    others = [code for code in LANGUAGE_NAMES if code != person.language]
    row = tuple(Button(LANGUAGE_NAMES[code], f"settings.language:{code}") for code in others)
    return Reply((Screen(lines, (row,)),))


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
    Verb("settings", ("设置",), T("your language and time zone"), settings),
)
PRESSES = {"settings.language": press_language}
