"""The conversations of e-mail campaigns: to whom and what; and where a test of one goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.conversations.definition import DERIVED, Answers, Conversation, Field, FieldProblem, World
from bot.conversations.kinds import Line, Passage, Records, Tags
from bot.conversations.kinds.mail_address import MailAddress
from bot.conversations.kinds.several import Countries, SeveralOf
from crm.core.text import T
from crm.sales.campaigns.templates import MOST_SUBJECT, MOST_TEXT, field_names, unknown_field
from crm.sales.customers.customers import GRADES

_TEXTS = ("subject", "text", "subject_zh", "text_zh")


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    """Fields in the texts that there are not, and half of a Chinese pair."""
    problems = []
    for key in _TEXTS:
        unknown = unknown_field(str(answers.get(key) or ""))
        if unknown is not None:
            told = T("There is no field {name}. The fields are {fields}.", name=unknown, fields=field_names())
            problems.append(FieldProblem(key, told))
    for key, other in (("subject_zh", "text_zh"), ("text_zh", "subject_zh")):
        if answers.get(other) and not answers.get(key):
            problems.append(FieldProblem(key, T("In Chinese there are both, or neither.")))
    return problems


def _known(answers: Answers, world: World) -> Mapping[str, Any]:
    return world.recall("own e-mail", "") or {}


def _last_address(answers: Answers, world: World) -> Sequence[str]:
    known = answers.get(DERIVED, {}).get("email")
    return [known] if known else []


CAMPAIGN = Conversation(
    name="campaign",
    version=1,
    title=T("E-mail campaign"),
    check=_check,
    remarks="campaign",
    steps=(
        Field(
            key="name",
            label=T("Campaign name"),
            kind=Line(most=100),
            required=True,
            hint=T("for yourselves, such as Canton Fair 2026; customers do not see it"),
        ),
        Field(
            key="grade",
            label=T("Grade"),
            kind=SeveralOf(GRADES, {}),
            hint=T("which customers get it, such as B, C; skip for all"),
        ),
        Field(
            key="country",
            label=T("Country or region"),
            kind=Countries(),
            hint=T("such as Germany, Austria; skip for all"),
        ),
        Field(
            key="product",
            label=T("Product bought"),
            kind=Records("product"),
            hint=T("customers who have ordered one of them; skip for all"),
        ),
        Field(key="tag", label=T("Tags"), kind=Tags(), hint=T("customers with one of them; skip for all")),
        Field(
            key="subject",
            label=T("Subject"),
            kind=Line(most=MOST_SUBJECT),
            required=True,
            hint=T("what they see first; {fields} are filled in", fields=field_names()),
        ),
        Field(
            key="text",
            label=T("Text", context="e-mail"),
            kind=Passage(most=MOST_TEXT),
            required=True,
            hint=T("all in one message; {fields} are filled in", fields=field_names()),
        ),
        Field(
            key="subject_zh",
            label=T("Chinese subject"),
            kind=Line(most=MOST_SUBJECT),
            seldom=True,
            hint=T("for customers in China, Hong Kong, Macao and Taiwan"),
        ),
        Field(
            key="text_zh",
            label=T("Chinese text"),
            kind=Passage(most=MOST_TEXT),
            seldom=True,
            hint=T("for customers in China, Hong Kong, Macao and Taiwan"),
        ),
    ),
)

CAMPAIGN_TEST = Conversation(
    name="campaign_test",
    version=1,
    title=T("Send a test to myself"),
    reviewed=False,
    derive=_known,
    steps=(
        Field(
            key="email",
            label=T("Your e-mail"),
            kind=MailAddress(),
            required=True,
            hint=T("where the test goes, such as wang@example.com"),
            propose=_last_address,
        ),
    ),
)
