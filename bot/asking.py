"""Asks the model about messages that our own rules could not read, and hands in what it proposes like any delivery."""

import asyncio
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from bot.config import Settings
from bot.inbound import PROPOSAL, Inbound
from bot.reception import Reception
from bot.understanding.model import Model, ModelUnavailable
from bot.understanding.questions import claim_questions, settle_question
from crm.core.database import Database
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

EVERY_S = 1
"""How often a process looks: somebody waits."""


def model_of(settings: Settings) -> Model | None:
    """The model of the settings; None where none is set."""
    if not settings.model_url or not settings.model_name:
        return None
    return Model(settings.model_url, settings.model_name, settings.model_key.get_secret_value())


async def ask_model(database: Database, reception: Reception, model: Model, *, timezone: str) -> None:
    """What the ticker runs: every message that waits, each outside of a transaction, several at a time."""
    try:
        waiting = await asyncio.to_thread(claim_questions, database)
    except StoreUnavailable as unavailable:
        log.warning("questions wait for the store", reason=str(unavailable))
        return
    await asyncio.gather(*(_answer(database, reception, model, one, timezone) for one in waiting))


async def _answer(
    database: Database, reception: Reception, model: Model, waiting: tuple[int, Inbound, bool], timezone: str
) -> None:
    question_id, inbound, is_last = waiting
    proposal: dict[str, str] = {}
    if not is_last:  # one on which processes died is not asked about again
        try:
            proposal = await asyncio.to_thread(_ask, database, model, inbound.text, timezone)
        except ModelUnavailable as unavailable:
            log.warning("the model does not answer", reason=str(unavailable))
    handed = replace(
        inbound, kind=PROPOSAL, delivery_id=f"model:{question_id}", values=proposal, trigger=None, replies_to=None
    )
    receipt = await reception.receive(handed)
    if receipt.status in {"handled", "again"}:
        await asyncio.to_thread(settle_question, database, question_id)


def _ask(database: Database, model: Model, text: str, timezone: str) -> dict[str, str]:
    return model.ask(text, now=database.clock().astimezone(ZoneInfo(timezone)))
