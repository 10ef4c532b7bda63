"""One person of a customer's: added, or changed."""

from dataclasses import replace

from bot.conversations.definition import Conversation, Field
from bot.conversations.fields import REACH
from bot.conversations.kinds import Line
from crm.core.text import T

_STEPS = (
    Field(key="contact", label=T("Contact"), kind=Line(most=200), required=True, hint=T("the person's name")),
    Field(key="position", label=T("Position"), kind=Line(most=100), hint=T("such as buyer, owner or accountant")),
    REACH,
)

ADD_CONTACT = Conversation(name="add_contact", version=1, title=T("Add a contact"), about="customer", steps=_STEPS)
EDIT_CONTACT = Conversation(
    name="edit_contact",
    version=1,
    title=T("Change a contact"),
    steps=(_STEPS[0], *(replace(step, seldom=True) for step in _STEPS[1:])),
)
"""Begun with what is known, so that it opens at its review."""
