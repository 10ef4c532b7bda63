"""The card an approver decides on: everything the decision needs, without a link. Guide 3.1."""

from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.order_lines import line_to_decide, most_telling, the_others, to_a_tenth, to_all_lines
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import DayOf, T, Words
from crm.core.work import UnitOfWork
from crm.orders.approvals import Step
from crm.orders.asking import questions_of
from crm.orders.checks import of_credit
from crm.orders.facts import DecisionFacts, facts_for_everybody, facts_to_decide
from crm.orders.orders import STATUSES
from crm.orders.reasons import reason_words
from crm.people.people import ROLE_NAMES, Member
from crm.sales.agreed_orders import AGREED


def draw_approval(work: UnitOfWork, order_id: int, viewer: Member) -> Screen:
    """The decision card as this person may see it now; once decided it shows the outcome, without buttons."""
    try:
        facts = facts_to_decide(work, order_id=order_id, viewer=viewer)
    except NotFound:  # who had its card may have decided for somebody who is back
        raise NotFound(T("This is not yours to decide any more.")) from None
    all_lines = to_all_lines("approval", order_id, len(facts.lines))
    asking = ask_row(facts)
    return Screen((*_lines(work, facts, viewer.id), *asked_lines(work, facts)), (*_buttons(facts), *asking, *all_lines))


def is_decided(work: UnitOfWork, order_id: int, viewer: Member) -> bool:
    """Whether there is nothing (left) for this person to decide."""
    return not facts_to_decide(work, order_id=order_id, viewer=viewer).choices


def draw_approval_for_everybody(work: UnitOfWork, order_id: int) -> Screen:
    """The decision card as it stands in a team's chat; who is entitled gets the rest privately. domain.md, Orders."""
    facts = facts_for_everybody(work, order_id=order_id)
    details = (Button(labels.OPEN, f"approval.open:{order_id}"),)
    return Screen(_lines(work, facts), (*_buttons(facts), details))


def _lines(work: UnitOfWork, facts: DecisionFacts, viewer_id: int = 0) -> tuple[Line, ...]:
    base = text_rule(work, "company.base_currency")
    lines = [
        *_head(facts),
        *_for_whom(facts, viewer_id),
        *_order_lines(facts),
        *_terms(facts),
        *_margin(facts),
    ]
    lines += [*_credit(facts, base), *_findings(facts, base), *_differences(facts), *_last_orders(facts)]
    return (*lines, *_path(facts), *_waiting(facts))


def ask_row(facts: DecisionFacts) -> tuple[tuple[Button, ...], ...]:
    """`Ask`, for who may decide now."""
    if facts.open_step is None or not {"approve", "override"} & set(facts.choices):
        return ()
    return ((Button(labels.ASK, f"approval.ask:{facts.open_step.id}"),),)


def asked_lines(work: UnitOfWork, facts: DecisionFacts) -> list[Line]:
    """The last questions before the decision and their answers; never in a shared chat."""
    lines = []
    for one in questions_of(work, order_id=facts.order.id)[-SHOWN_QUESTIONS:]:
        lines.append(body(T("{name} asks: “{question}”", name=one.asker_name, question=one.question)))
        if one.answer is not None:
            lines.append(body(T("{name} answers: “{answer}”", name=facts.order.submitter_name, answer=one.answer)))
    return lines


SHOWN_QUESTIONS = 2


def step_words(step: Step) -> Words:
    """`✓ Sales supervisor: 林雅琴` or `● Finance` or `○ General manager`."""
    role, sign = ROLE_NAMES[step.role], _SIGNS[step.status]
    if step.decider:
        if step.reason:
            return T(
                "{sign} {role}: {name}, {reason}",
                sign=sign,
                role=role,
                name=step.decider,
                reason=reason_words(step.reason),
            )
        return T("{sign} {role}: {name}", sign=sign, role=role, name=step.decider)
    return T("{sign} {role}", sign=sign, role=role)


_SIGNS = {
    "waiting": "○",
    "pending": "●",
    "condition": "●",
    "approved": "✓",
    "rejected": "✗",
    "sent_back": "↩",
    "cancelled": "–",
    "skipped": "✓",
}


def _head(facts: DecisionFacts) -> list[Line]:
    order = facts.order
    lines = [
        title(
            T(
                "{number} {customer} ({grade})",
                number=order.number,
                customer=order.customer_name,
                grade=order.customer_grade,
            )
        )
    ]
    if order.status != "pending":
        outcome = "approved" if order.status in AGREED else order.status
        lines.append(body(T("{sign} {status}", sign=_OUTCOMES.get(outcome, "•"), status=STATUSES[outcome])))
        if outcome != order.status:
            lines.append(labelled(T("Status"), STATUSES[order.status]))
    elif facts.open_step is not None and facts.open_step.urgent_at is not None:
        lines.append(body(T("Urgent: {name} asks for a decision now.", name=order.submitter_name)))
    total: Words = T("{total}", total=facts.total)
    if facts.base_total.currency != facts.total.currency:
        total = T("{total} = {base}", total=facts.total, base=facts.base_total)
    return [*lines, labelled(T("Total"), total), labelled(T("Submitted by"), order.submitter_name)]


_OUTCOMES = {"approved": "✅", "rejected": "❌", "sent_back": "↩", "recalled": "↩", "cancelled": "❌"}


def _for_whom(facts: DecisionFacts, viewer_id: int) -> list[Line]:
    """To who stands in for somebody away: for whom they decide."""
    name = facts.away_for.get(viewer_id)
    if name is None or not facts.choices:
        return []
    return [body(T("For {name}, who is away {until}", name=name, until=facts.away_until[viewer_id]))]


def _order_lines(facts: DecisionFacts) -> list[Line]:
    shown = [
        labelled(str(number), line_to_decide(line, facts.total.currency)) for number, line in most_telling(facts.lines)
    ]
    return [*shown, *the_others(len(facts.lines))]


def _signed(under: Decimal) -> Words:
    """`−5%` for five per cent less, `+3%` for three more."""
    return T("−{percent}%", percent=to_a_tenth(under)) if under > 0 else T("+{percent}%", percent=to_a_tenth(-under))


def _terms(facts: DecisionFacts) -> list[Line]:
    order = facts.order
    return [
        labelled(T("Price terms"), " ".join(part for part in (order.incoterm, order.place) if part)),
        labelled(T("Payment terms"), order.payment_terms or "–"),
        labelled(T("Delivery"), T("{date}, {place}", date=order.delivery_on, place=order.deliver_to)),
    ]


def _margin(facts: DecisionFacts) -> list[Line]:
    if not facts.shows_margin:
        return []
    margin = T("unknown") if facts.margin is None else T("{percent}%", percent=to_a_tenth(facts.margin))
    lines = [labelled(T("Margin"), margin)]
    if facts.under_list:
        lines.append(labelled(T("Against list"), _signed(facts.under_list)))
    if facts.under_last:
        lines.append(labelled(T("Against last time"), _signed(facts.under_last)))
    return lines


def _credit(facts: DecisionFacts, base: str) -> list[Line]:
    if facts.credit is None:
        return []
    credit, state = facts.credit, facts.credit.state
    before, after = Money(credit.before, base), Money(credit.after, base)
    if state.limit is None:
        used: Words = T("{before} → {after}, no limit set", before=before, after=after)
    else:
        used = T("{before} → {after} of {limit}", before=before, after=after, limit=Money(state.limit, base))
    lines = [labelled(T("Credit used"), used)]
    if state.overdue_base > 0:
        overdue = T("{amount}, {days} days", amount=Money(state.overdue_base, base), days=state.overdue_days)
        lines.append(labelled(T("Overdue"), overdue))
    return lines


def _findings(facts: DecisionFacts, base: str) -> list[Line]:
    """What is odd: of prices, stock and margin as it was submitted, of the customer's credit as it stands now."""
    found = [one for one in facts.findings if one.kind not in _OF_CREDIT]
    if facts.credit is not None:
        found += of_credit(facts.credit, base=base)
    return [problem(one.text) for one in found if one.severity == "warning"]


_OF_CREDIT = {"over_limit", "overdue", "no_limit"}


def _differences(facts: DecisionFacts) -> list[Line]:
    return [
        labelled(
            T("Changed: {what}", what=one.label),
            T("{before} → {after}", before=_shown(one.before), after=_shown(one.after)),
        )
        for one in facts.differences
    ]


def _shown(value: Any) -> Any:
    return "–" if value is None else value


def _last_orders(facts: DecisionFacts) -> list[Line]:
    return [
        muted(
            T(
                "{date} {number} {total} {status}",
                date=DayOf(last.submitted_at),
                number=last.number,
                total=last.total,
                status=STATUSES[last.status],
            )
        )
        for last in facts.last_orders
    ]


def _path(facts: DecisionFacts) -> list[Line]:
    return [body(step_words(step)) for step in facts.path]


def _waiting(facts: DecisionFacts) -> list[Line]:
    if facts.open_step is None or facts.order.status != "pending":
        return []
    if facts.open_step.status == "condition" and facts.open_step.deposit_percent is None:
        name, until = facts.order.submitter_name, facts.open_step.condition_until
        if until is None:
            return [muted(T("{name} has to accept the condition", name=name))]
        return [muted(T("{name} has to accept the condition by {date}", name=name, date=until))]
    if facts.open_step.status == "condition":
        asked = facts.open_step.deposit_percent
        return [
            muted(T("{name} has to accept a deposit of {percent}%", name=facts.order.submitter_name, percent=asked))
        ]
    if not facts.waits_for:
        return [problem(T("Nobody can decide on this step; the administrators were told."))]
    return [muted(T("Waiting for: {names}", names=[_asked(facts, member) for member in facts.waits_for]))]


def _asked(facts: DecisionFacts, member: Member) -> Words:
    away = facts.away_for.get(member.id)
    return member.name if away is None else T("{name} for {other}", context="asked", name=member.name, other=away)


def _buttons(facts: DecisionFacts) -> tuple[tuple[Button, ...], ...]:
    step = facts.open_step
    if step is None:
        return ()
    # The step's id is in the key: a card drawn for an earlier step can't decide on a later one.
    made = {
        choice: Button(label, f"approval.{choice}:{step.id}", role, mark)
        for choice, (label, role, mark) in _CHOICES.items()
        if choice in facts.choices
    }
    rows = (
        ("approve", "reject"),
        ("condition", "send_back"),
        ("override", "deposit"),
        ("accept_condition", "decline_condition"),
    )
    drawn = (tuple(made[choice] for choice in row if choice in made) for row in rows)
    return tuple(row for row in drawn if row)


_CHOICES = {
    "approve": (labels.APPROVE, "primary", "✅"),
    "reject": (labels.REJECT, "danger", "❌"),
    "override": (labels.OVERRIDE, "primary", ""),
    "deposit": (labels.LARGER_DEPOSIT, "", ""),
    "condition": (labels.CONDITION, "", ""),
    "send_back": (labels.SEND_BACK, "", ""),
    "accept_condition": (labels.ACCEPT_CONDITION, "primary", ""),
    "decline_condition": (labels.DECLINE_CONDITION, "", ""),
}
