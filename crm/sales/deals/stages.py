"""The stages of a deal: how likely, how long, what to do there, and what must be known to leave. Guide 2.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from crm.core.rules import whole_of
from crm.core.text import T, Text, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`probability` in per cent; `days_rule`: the rule with its usual and longest days; `needs`: keys of FACTS."""

    key: str
    label: Text
    probability: int
    days_rule: str | None = None
    checklist: tuple[Text, ...] = ()
    needs: tuple[str, ...] = ()


FACTS = {
    "first_response_on": T("First response on"),
    "product": T("Product"),
    "quantity": T("Quantity"),
    "need": T("Confirmed need"),
    "quote_sent_on": T("Quote sent on"),
    "final_price": T("Final price"),
    "payment_terms": T("Payment terms"),
    "contract_number": T("Contract number"),
    "signed_on": T("Signed on"),
}
"""What a stage may ask for before a deal leaves it."""

STAGES = (
    Stage(
        key="initial",
        label=T("Initial contact"),
        probability=20,
        days_rule="deals.initial_days",
        checklist=(
            T("Answer the first inquiry"),
            T("Learn the basic need"),
            T("Find out who decides"),
        ),
        needs=("first_response_on",),
    ),
    Stage(
        key="needs",
        label=T("Needs confirmed"),
        probability=40,
        days_rule="deals.needs_days",
        checklist=(
            T("Dig into the details of the need"),
            T("Settle product, specification and quantity"),
            T("Ask for budget, date and destination"),
        ),
        needs=("product", "quantity", "need"),
    ),
    Stage(
        key="quotation",
        label=T("Quotation", context="deal stage"),
        probability=60,
        days_rule="deals.quotation_days",
        checklist=(
            T("Make a detailed offer"),
            T("Send the quote, or note it as sent outside"),
            T("Ask what the customer thinks of it"),
        ),
        needs=("quote_sent_on",),
    ),
    Stage(
        key="negotiation",
        label=T("Negotiation"),
        probability=80,
        days_rule="deals.negotiation_days",
        checklist=(
            T("Agree on the price"),
            T("Agree on the payment terms"),
            T("Settle delivery date and price terms"),
        ),
        needs=("final_price", "payment_terms"),
    ),
    Stage(
        key="contract",
        label=T("Contract", context="deal stage"),
        probability=95,
        days_rule="deals.contract_days",
        checklist=(
            T("Send the contract"),
            T("Confirm the last details and sign"),
            T("File the signed contract"),
        ),
        needs=("contract_number", "signed_on"),
    ),
    Stage(key="won", label=T("Won"), probability=100),
    Stage(key="lost", label=T("Lost"), probability=0),
)

STAGE = {stage.key: stage for stage in STAGES}
OPEN_STAGES = tuple(stage.key for stage in STAGES if stage.days_rule is not None)
ROAD = (*OPEN_STAGES, "won")
"""The stages in which a deal goes forwards; `lost` lies beside the road."""

LOST_REASONS = {
    "price": T("Price"),
    "delivery": T("Delivery time"),
    "quality": T("Quality"),
    "competitor": T("Competitor"),
    "budget": T("No budget"),
    "silence": T("Silence"),
    "other": T("Other", context="reason a deal was lost"),
}
SKIP_REASONS = {
    "repeat": T("A customer who orders again"),
    "urgent": T("The customer is in a hurry"),
    "late_entry": T("Entered afterwards"),
}
BACK_REASONS = {
    "need_changed": T("The need has changed"),
    "requote": T("A new quote is wanted"),
    "entered_wrongly": T("Entered wrongly"),
    "reopened": T("The customer is back"),
}
HOLD_REASONS = {
    "budget_later": T("The budget comes later"),
    "project_late": T("Their project is late"),
    "season": T("Out of season"),
    "our_side": T("We are not ready"),
}
_REASONS = {**LOST_REASONS, **SKIP_REASONS, **BACK_REASONS, **HOLD_REASONS}


def reason_words(reason: str) -> Words:
    """A reason as shown: the words of a chip for its key, somebody's own words as they are."""
    return _REASONS.get(reason, reason)


def reasons_for(from_stage: str, to_stage: str) -> Mapping[str, Text]:
    """The chips to offer for the reason of a move; empty where the move needs no reason."""
    if to_stage == "lost":
        return LOST_REASONS
    if is_back(from_stage, to_stage):
        return BACK_REASONS
    return SKIP_REASONS if skipped(from_stage, to_stage) else {}


def is_back(from_stage: str, to_stage: str) -> bool:
    """Whether a move leads backwards; taking a closed deal up again does."""
    if to_stage in {from_stage, "lost"}:
        return False
    return from_stage == "lost" or ROAD.index(to_stage) < ROAD.index(from_stage)


def skipped(from_stage: str, to_stage: str) -> tuple[str, ...]:
    """The stages that a forward move leaves out."""
    if "lost" in {from_stage, to_stage}:
        return ()
    return ROAD[ROAD.index(from_stage) + 1 : ROAD.index(to_stage)]


def missing_facts(deal: Any, to_stage: str) -> list[str]:
    """The keys of FACTS that must still be told before this deal may go to `to_stage`, in the order of the stages.

    A forward move wants the facts of every stage before the new one, skipped ones included; so does taking up a
    lost deal. Back and to `lost` nothing is wanted (but a reason: `reasons_for`).
    """
    if to_stage == "lost" or (deal.stage != "lost" and is_back(deal.stage, to_stage)):
        return []
    before = ROAD[: ROAD.index(to_stage)]
    return [fact for key in before for fact in STAGE[key].needs if not _is_known(deal, fact)]


def expected_close_for(stage: str, today: date, rules: Mapping[str, str]) -> date:
    """The day a deal that enters `stage` today would be won if every stage to come takes its usual days."""
    if stage not in OPEN_STAGES:
        return today
    to_come = OPEN_STAGES[OPEN_STAGES.index(stage) :]
    return today + timedelta(days=sum(longest_days(key, rules) for key in to_come))


def longest_days(stage: str, rules: Mapping[str, str]) -> int:
    """The upper bound of an open stage's length, by the rules (`crm.core.rules.read_rules`); ten years at most."""
    rule = STAGE[stage].days_rule
    assert rule is not None
    return whole_of(rules, rule)


def days_in_stage(deal: Any, now: datetime) -> int:
    """Whole days since the deal came into its stage, those on hold left out."""
    return max((_counted_until(deal, now) - _counted_since(deal)).days, 0)


def is_stale(deal: Any, now: datetime, rules: Mapping[str, str]) -> bool:
    """Whether an open deal that is not on hold has been in its stage for longer than the stage's upper bound."""
    if deal.stage not in OPEN_STAGES or deal.on_hold:
        return False
    return bool(now - _counted_since(deal) > timedelta(days=longest_days(deal.stage, rules)))


def _counted_since(deal: Any) -> datetime:
    return cast(datetime, deal.counted_since or deal.stage_since)


def _counted_until(deal: Any, now: datetime) -> datetime:
    return cast(datetime, deal.held_since or now) if deal.on_hold else now


def _is_known(deal: Any, fact: str) -> bool:
    if fact == "product":
        return deal.product_id is not None or bool(deal.product_text)
    if fact == "quantity":
        return deal.quantity is not None
    return bool(deal.facts.get(fact))
