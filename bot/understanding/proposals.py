"""What a model proposes, held against the message and read by the same parsers as what people type."""

import re
from collections.abc import Mapping
from typing import Any

from bot.conversations.deal import MOVE
from bot.conversations.definition import World
from bot.conversations.lead import LEAD
from bot.understanding.answers import checked
from crm.language.capture.orders import read_order_question
from crm.language.capture.understanding import (
    Knowledge,
    MoveReading,
    NoteReading,
    OrderQuestion,
    ReminderReading,
)

_CHOSEN = frozenset({"source", "country"})
"""Fields whose value a model may put in words of its own: the parser knows all there are."""
_ENOUGH = 2
"""Fields without which a lead is hardly one."""


def proposed_lead(proposal: Mapping[str, str], text: str, world: World) -> dict[str, Any] | None:
    """Answers of the lead's form; what does not stand in the message is not believed. All of it goes to the notes."""
    meant = {key: said for key, said in proposal.items() if key in _CHOSEN or _stands_in(said, text)}
    answers = dict(checked(LEAD, meant, world))
    if len(answers) < _ENOUGH or not ({"company", "contact", "reach"} & answers.keys()):
        return None
    return answers | LEAD.known("notes", text, world)


def proposed_reading(
    proposal: Mapping[str, str], text: str, knowledge: Knowledge, world: World
) -> NoteReading | ReminderReading | MoveReading | OrderQuestion | None:
    """A reading of another kind, about a record that there is."""
    match proposal.get("intent"):
        case "order":
            return read_order_question(proposal.get("number", ""))
        case "reminder":
            said = proposal.get("text", "")
            return ReminderReading(said) if said and _stands_in(said, text) else ReminderReading(text)
        case "note":
            customers = knowledge.customers(proposal["customer"]) if proposal.get("customer") else ()
            return NoteReading(customers[0], text) if len(customers) == 1 else None
        case "move":
            stage = MOVE.known("stage", proposal.get("stage") or "-", world).get("stage")
            deals = knowledge.deals(proposal["deal"]) if proposal.get("deal") else ()
            return MoveReading(deals[0], stage) if stage and len(deals) == 1 else None
    return None


def _stands_in(said: str, text: str) -> bool:
    """Every word of it is in the message, whatever the marks and the spaces."""
    bare = _bare(text)
    return all(_bare(part) in bare for part in re.split(r"[\s,，;；/]+", said) if _bare(part))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
