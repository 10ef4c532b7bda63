"""The words around the chats: on buttons, fields and signs of the page itself, in both languages."""

from collections.abc import Mapping

from bot.cards import labels
from bot.wording import wording
from crm.core.text import T, Text
from crm.people.people import LANGUAGES

_WORDS: Mapping[str, Text] = {
    "add_line": labels.ADD_LINE,
    "choose": T("Choose…"),
    "close": T("Close {name}", name="{name}"),
    "copied": T("Copied"),
    "copy": T("Copy"),
    "earlier": T("Show earlier messages"),
    "empty": T("Nothing here yet. Type help to see what one can do."),
    "failed": T("Not sent"),
    "form": T("Form"),
    "jump": T("New messages"),
    "line": T("Line {n}", n="{n}"),
    "message": T("Message"),
    "new": T("{n} new", n="{n}"),
    "nobody": T("There is nobody here yet. Add people with: tradewind people add NAME --role rep"),
    "nothing": T("Nothing found"),
    "offline": T("No connection. Trying again…"),
    "open": T("Open a chat"),
    "optional": T("(optional)"),
    "remove_line": labels.REMOVE_LINE,
    "send": T("Send"),
    "steps": T("Step by step"),
    "switch": T("Chats"),
    "typing": T("Writing…"),
    "waiting": T("Waiting to be sent"),
    "welcome": T("Who would you like to be?"),
    "welcome_hint": T("Open several people side by side: what one of them decides, the others see at once."),
}


def page_words() -> dict[str, dict[str, str]]:
    """By language and name; `{name}` and `{n}` are filled in by the page."""
    return {language: {name: wording(language, "UTC")(text) for name, text in _WORDS.items()} for language in LANGUAGES}
