"""One e-mail address."""

from dataclasses import dataclass

from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.words import Plain
from crm.core.text import T
from crm.language.contacts import read_contact


@dataclass(frozen=True, slots=True)
class MailAddress(Plain):
    """An e-mail address and nothing else, kept in lower case."""

    def read(self, text: str, world: World) -> Read:
        found = read_contact(text, region=None)
        if found is None or found.email is None or found.email != text.strip().lower():
            return Refused(T("Please write an e-mail address, such as {example}.", example="wang@example.com"))
        return Taken(found.email)
