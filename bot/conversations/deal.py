"""The conversations `deal` and `move`: opening a deal, and moving it on. Guide 2.3."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.conversations.definition import (
    DERIVED,
    Answers,
    Conversation,
    Field,
    FieldProblem,
    Kind,
    Proposals,
    World,
)
from bot.conversations.fields import AMOUNT, CUSTOMER, EXPECTED_CLOSE, NOTES, TITLE
from bot.conversations.kinds import Amount, Chips, Line, OneOf, Passage, Quantity, Record, When
from bot.conversations.proposals import common_payment_terms, today
from crm.core.text import T, Text
from crm.sales.deals.stages import BACK_REASONS, FACTS, LOST_REASONS, SKIP_REASONS, STAGES

_STAGE_WORDS = {
    "initial": ("初步接触", "contact", "初步"),
    "needs": ("需求确认", "needs", "需求"),
    "quotation": ("方案报价", "quote", "报价"),
    "negotiation": ("商务谈判", "谈判"),
    "contract": ("合同签订", "签约", "合同"),
    "won": ("赢单", "成交"),
    "lost": ("丢单", "输单"),
}


def deal_defaults(answers: Answers, world: World) -> Mapping[str, Any]:
    return world.recall("new deal", str(answers.get("customer", ""))) or {}


DEAL = Conversation(
    name="deal",
    version=1,
    title=T("New deal"),
    derive=deal_defaults,
    steps=(
        CUSTOMER,
        TITLE,
        Field(key="product", label=T("Product"), kind=Record("product"), hint=T("choose, or type part of its name")),
        AMOUNT,
        EXPECTED_CLOSE,
        NOTES,
    ),
)


def _lacks(answers: Answers, world: World) -> Mapping[str, Any]:
    """What the chosen deal still lacks for the chosen stage, and what moving it there needs a reason for."""
    deal, stage = answers.get("deal"), answers.get("stage")
    if not deal or not stage:
        return {}
    return world.recall("move", f"{deal}>{stage}") or {}


def _asks(fact: str) -> Callable[[Answers], bool]:
    return lambda answers: fact in answers.get(DERIVED, {}).get("lacks", ())


def _asks_reason(kind: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get(DERIVED, {}).get("reason") == kind


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    if answers.get(DERIVED, {}).get("stands_there"):
        return [FieldProblem("stage", T("The deal stands there already. Please choose another stage."))]
    return []


def _fact(key: str, kind: Kind, hint: Text, propose: Proposals | None = None) -> Field:
    return Field(key=key, label=FACTS[key], kind=kind, required=True, when=_asks(key), hint=hint, propose=propose)


def _reason(kind: str, chips: Mapping[str, Text]) -> Field:
    return Field(
        key=f"reason_{kind}",
        label=T("Reason"),
        kind=Chips(chips),
        required=True,
        when=_asks_reason(kind),
        hint=T("choose, or write it"),
    )


MOVE = Conversation(
    name="move",
    version=1,
    title=T("Move a deal"),
    derive=_lacks,
    check=_check,
    steps=(
        Field(
            key="deal",
            label=T("Deal"),
            kind=Record("deal"),
            required=True,
            hint=T("choose, or type its number"),
            decides=True,
        ),
        Field(
            key="stage",
            label=T("New stage"),
            kind=OneOf({stage.key: stage.label for stage in STAGES}, _STAGE_WORDS),
            required=True,
            hint=T("where does it stand now?"),
            decides=True,
        ),
        _fact("first_response_on", When(past=True), T("the day you first answered them"), today),
        _fact("product", Record("product", open=True), T("choose, or type part of its name")),
        _fact("quantity", Quantity(), T("such as 2,000")),
        _fact("need", Passage(most=2000), T("what they really want, in a sentence or two")),
        _fact("quote_sent_on", When(past=True), T("the day it went out, noted as sent outside"), today),
        _fact("final_price", Amount(), T("the total agreed, such as 12,500 USD")),
        _fact("payment_terms", Line(most=200), T("choose, or write them"), common_payment_terms),
        _fact("contract_number", Line(most=100), T("as it stands on the paper")),
        _fact("signed_on", When(past=True), T("a day, such as today or 25/12"), today),
        _reason("lost", LOST_REASONS),
        _reason("back", BACK_REASONS),
        _reason("skip", SKIP_REASONS),
    ),
)
