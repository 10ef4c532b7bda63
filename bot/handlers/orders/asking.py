"""`Ask` before deciding, and the submitter's answer."""

from collections.abc import Mapping
from typing import Any

from bot.cards.screen import say
from bot.conversations.decisions import ANSWER, ASK
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.request import Reply, Request
from crm.core.text import T
from crm.orders.asking import answer_question, ask_submitter, check_answerable
from crm.orders.decisions import check_open
from crm.orders.orders import read_plain


def start_ask(request: Request) -> Reply:
    step_id = record_id(request.argument)
    check_open(request.work, actor=request.person, step_id=step_id)  # said before any question
    return begin(request, ASK_GUIDE, subject_id=step_id)


def submit_ask(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id = ask_submitter(
        request.work,
        actor=request.person,
        platform=request.platform,
        step_id=subject_id or 0,
        question=values["question"],
    )
    name = read_plain(request.work, order_id=order_id).submitter_name
    return Reply((say(T("{name} was asked. The answer comes to the card; the order still waits for you.", name=name)),))


def start_answer(request: Request) -> Reply:
    order_id = record_id(request.argument)
    check_answerable(request.work, actor=request.person, order_id=order_id)
    return begin(request, ANSWER_GUIDE, subject_id=order_id)


def submit_answer(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    asked = answer_question(
        request.work,
        actor=request.person,
        platform=request.platform,
        order_id=subject_id or 0,
        answer=values["answer"],
    )
    return Reply((say(T("Your answer went to {name}.", name=asked.asker_name)),))


def _open(request: Request, step_id: int) -> None:
    check_open(request.work, actor=request.person, step_id=step_id)


def _waits(request: Request, order_id: int) -> None:
    check_answerable(request.work, actor=request.person, order_id=order_id)


ASK_GUIDE = register(Guide(ASK, anybody, submit_ask, _open))
ANSWER_GUIDE = register(Guide(ANSWER, anybody, submit_answer, _waits))
PRESSES = {"approval.ask": start_ask, "order.answer": start_answer}
