"""The shape of verbs and presses: what is typed or pressed, and who answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.request import Reply, Request
from crm.core.text import Text
from crm.people.people import Member, Role

Handler = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Verb:
    """A word people type. `synonyms` count in every language setting; `roles` empty: everybody.

    `parks`: using it puts an active conversation aside; `usual`: it has a button under the help.
    """

    name: str
    synonyms: tuple[str, ...]
    summary: Text
    handler: Handler
    roles: frozenset[Role] = frozenset()
    parks: bool = True
    usual: bool = False

    def spoken(self, language: str) -> str:
        """The word for it in this language."""
        return self.synonyms[0] if language == "zh_CN" and self.synonyms else self.name

    def is_for(self, person: Member) -> bool:
        return not self.roles or person.has(*self.roles)
