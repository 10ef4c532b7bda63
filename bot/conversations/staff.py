"""Somebody of the company: added, or put in another place. For administrators."""

from bot.conversations.definition import Conversation, Field
from bot.conversations.kinds import Line, OneOf, Record, Records
from crm.core.text import T

_PLACE = (
    Field(key="roles", label=T("Roles"), kind=Records("role"), required=True, hint=T("one or several")),
    Field(key="team", label=T("Team"), kind=Record("team", open=True), hint=T("choose one, or write a new one")),
    Field(
        key="superior",
        label=T("Superior"),
        kind=Record("superior"),
        hint=T("skip it for the usual one"),
    ),
)

NEW_PERSON = Conversation(
    name="new_person",
    version=1,
    title=T("Add somebody"),
    steps=(
        Field(key="name", label=T("Name"), kind=Line(most=100), required=True, hint=T("the full name")),
        *_PLACE,
        Field(
            key="language",
            label=T("Language"),
            kind=OneOf({"zh_CN": T("Chinese"), "en": T("English")}, {"zh_CN": ("中文",), "en": ("英文",)}),
            required=True,
        ),
    ),
)
CHANGE_PERSON = Conversation(name="change_person", version=1, title=T("Roles and team"), steps=_PLACE)
