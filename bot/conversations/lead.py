"""The conversation `lead`: what a rep is asked about somebody who may become a customer. Guide 2.1."""

from collections.abc import Sequence

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, World
from bot.conversations.fields import COUNTRY, NOTES, REACH
from bot.conversations.kinds import Budget, Line, OneOf, Passage, Record, Tags, When
from bot.conversations.proposals import follow_ups
from crm.core.text import T
from crm.sales.leads.leads import SOURCES

SOURCE_WORDS = {
    "exhibition": ("展会", "fair", "trade fair", "expo", "show", "广交会"),
    "website": ("网站询盘", "网站", "询盘", "web", "inquiry"),
    "referral": ("老客户推荐", "客户推荐", "推荐", "referred"),
    "b2b": ("B2B平台", "平台", "b2b", "alibaba", "阿里巴巴"),
    "outreach": ("主动开发", "开发信", "cold", "cold call"),
    "other": ("其他", "其它"),
}


def _category(answers: Answers, world: World) -> Sequence[str]:
    found, _ = world.search("category for", str(answers.get("product_need", "")), offset=0, most=1)
    return [choice.value for choice in found]


LEAD = Conversation(
    name="lead",
    version=1,
    title=T("New lead"),
    steps=(
        Field(
            key="company",
            label=T("Company"),
            kind=Line(most=200),
            required=True,
            hint=T("the firm's name, as on its card"),
        ),
        Field(key="contact", label=T("Contact"), kind=Line(most=200), required=True, hint=T("who you spoke to")),
        REACH,
        COUNTRY,
        Field(
            key="source",
            label=T("Source"),
            kind=OneOf(SOURCES, SOURCE_WORDS),
            required=True,
            hint=T("how did you meet?"),
        ),
        Field(
            key="product_need",
            label=T("Product need"),
            kind=Passage(most=4000),
            required=True,
            hint=T("what they want to buy, and how much"),
        ),
        Field(
            key="product_category",
            label=T("Product category"),
            kind=Record("category", open=True),
            hint=T("choose, or type it"),
            propose=_category,
        ),
        Field(key="budget", label=T("Budget"), kind=Budget(), hint=T("such as 30-50k USD")),
        Field(
            key="next_follow_up",
            label=T("Next follow-up"),
            kind=When(with_time=True),
            hint=T("when to get back to them, such as next Tuesday 3pm"),
            propose=follow_ups,
        ),
        Field(key="tags", label=T("Tags"), kind=Tags(), hint=T("such as Canton Fair 2026; commas between several")),
        NOTES,
    ),
)


def _may_take(answers: Answers, world: World) -> Sequence[FieldProblem]:
    """Whether they may have it, as the service will ask."""
    found = world.recall("lead's taker", str(answers.get("to", ""))) or {}
    return [FieldProblem("to", found["problem"])] if "problem" in found else ()


REASSIGN_LEAD = Conversation(
    name="reassign_lead",
    version=1,
    title=T("Reassign a lead"),
    check=_may_take,
    reviewed=False,
    steps=(
        Field(
            key="to",
            label=T("New owner"),
            kind=Record("lead's taker"),
            required=True,
            hint=T("who looks after it from now on"),
        ),
    ),
)
