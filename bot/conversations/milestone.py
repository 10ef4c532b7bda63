"""The conversations about production: what is reported of a milestone, and who makes what. Guide 3.2."""

from collections.abc import Mapping
from typing import Any

from bot.conversations.definition import DERIVED, Answers, Conversation, Field, World
from bot.conversations.kinds import Chips, Line, OneOf, Quantity, Record, When
from crm.core.text import T
from crm.fulfilment.making import MOST_WORDS, PROBLEMS
from crm.fulfilment.milestones import MILESTONES

STATUSES = {"done": T("Done"), "late": T("Late", context="button"), "problem": T("Problem", context="button")}
_STATUS_WORDS = {
    "done": ("已完成", "完成", "好了", "ok", "ready"),
    "late": ("延期", "延迟", "晚了", "推迟", "delayed"),
    "problem": ("有问题", "问题", "出问题", "issue"),
}
_MILESTONE_WORDS = {
    "materials": ("原料采购", "原料", "原料到齐", "material"),
    "started": ("生产开始", "开工", "开始生产", "start"),
    "quality": ("质检完成", "质检", "验货", "inspection", "qc"),
    "ready": ("可发货", "完工", "可以发货"),
}


_DAYS_WORDS = {
    "12345": ("周一至周五", "5", "五天", "双休"),
    "123456": ("周一至周六", "6", "六天", "单休"),
    "1234567": ("每天", "7", "七天"),
}


def _of_order(answers: Answers, world: World) -> Mapping[str, Any]:
    order = answers.get("order")
    return {} if not order else world.recall("milestones", str(order)) or {}


def _next(answers: Answers, world: World) -> str | None:
    found = answers.get(DERIVED, {}).get("next")
    return None if found is None else str(found)


def _is(*statuses: str) -> Any:
    return lambda answers: answers.get("status") in statuses


MILESTONE = Conversation(
    name="milestone",
    version=1,
    title=T("Production progress"),
    derive=_of_order,
    steps=(
        Field(
            key="order",
            label=T("Order"),
            kind=Record("order in production"),
            required=True,
            hint=T("choose, or type its number"),
            decides=True,
        ),
        Field(
            key="milestone",
            label=T("Milestone"),
            kind=OneOf(MILESTONES, _MILESTONE_WORDS),
            required=True,
            hint=T("which one?"),
            default=_next,
        ),
        Field(
            key="status",
            label=T("Status"),
            kind=OneOf(STATUSES, _STATUS_WORDS),
            required=True,
            hint=T("how does it stand?"),
            decides=True,
        ),
        Field(
            key="until",
            label=T("New date"),
            kind=When(),
            required=True,
            when=_is("late"),
            hint=T("when will it be?"),
        ),
        Field(
            key="then",
            label=T("New date"),
            kind=When(),
            when=_is("problem"),
            hint=T("when will it be, if you know?"),
        ),
        Field(
            key="problem",
            label=T("Problem"),
            kind=Chips(PROBLEMS, most=MOST_WORDS),
            required=True,
            when=_is("problem"),
            hint=T("choose, or write it"),
        ),
    ),
)

MAKER = Conversation(
    name="maker",
    version=1,
    title=T("Who makes what"),
    steps=(
        Field(
            key="maker",
            label=T("Maker"),
            kind=Record("maker", open=True),
            required=True,
            hint=T("a factory or supplier: choose one, or write a new one"),
        ),
        Field(
            key="category",
            label=T("Product category"),
            kind=Record("category", open=True),
            required=True,
            hint=T("choose, or type it"),
        ),
        Field(
            key="per_day",
            label=T("Capacity a day"),
            kind=Quantity(),
            required=True,
            hint=T("in the products' unit, such as 500"),
        ),
        Field(
            key="days",
            label=T("Working days"),
            kind=OneOf(
                {"12345": T("Monday to Friday"), "123456": T("Monday to Saturday"), "1234567": T("Every day")},
                _DAYS_WORDS,
            ),
            required=True,
            hint=T("when is work done there?"),
        ),
        Field(
            key="holidays",
            label=T("Holidays"),
            kind=Line(most=10),
            hint=T("a country whose holidays are kept, such as CN or DE-BY"),
        ),
        Field(
            key="person",
            label=T("Looked after by"),
            kind=Record("producer"),
            hint=T("who is asked about its milestones; skip it for all of production"),
        ),
    ),
)
