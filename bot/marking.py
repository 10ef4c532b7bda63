"""What became of messages that were to be sent, written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.parcels import Parcel
from crm.core import copies, outbox
from crm.core.work import UnitOfWork
from crm.people import reach
from crm.people.quiet import hold

TRIES = 5
"""How often a message is tried whose failing nobody has a name for, before it is given up."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a parcel: `sent` (with its reference), `dropped`, `dead`, `held` (for its reader's quiet hours),
    `stuck` (the chat must wait) or `puzzling` (it failed in a way that has no name). `tried`: the platform was asked.
    """

    parcel: Parcel
    state: str
    ref: str | None = None
    error: str = ""
    wait: float | None = None
    unreachable: bool = False
    tried: bool = True


def mark_results(work: UnitOfWork, results: Sequence[Result], *, chat_id: int, token: str) -> bool:
    """Write down what became of a batch, in its order; True when the lease has been given back."""
    for result in results:
        if result.state in {"stuck", "puzzling"} and not _given_up(work, result):
            outbox.pause_chat(work, chat_id=chat_id, token=token, seconds=result.wait)
            return True
        if result.unreachable:
            _mark_unreachable(work, chat_id, result)
        else:
            _mark_one(work, result)
    reached = any(result.state == "sent" for result in results) and not results[-1].unreachable
    return outbox.release_chat(work, chat_id=chat_id, token=token, reached=reached)


def _given_up(work: UnitOfWork, result: Result) -> bool:
    if result.parcel.row_id is None:
        return result.state == "puzzling"
    if not result.tried:
        return False
    tries = outbox.mark_failed(work, row_id=result.parcel.row_id, error=result.error)
    return result.state == "puzzling" and tries >= TRIES


def _mark_unreachable(work: UnitOfWork, chat_id: int, result: Result) -> None:
    """Its copies of cards are left as they are: they are mended when somebody reads there again."""
    if result.parcel.row_id is not None:
        outbox.mark_failed(work, row_id=result.parcel.row_id, error=result.error)
    reach.leave_chat(work, chat_id=chat_id, reason=result.error)


def _mark_one(work: UnitOfWork, result: Result) -> None:
    parcel = result.parcel
    if parcel.row_id is not None and parcel.held_until is not None and result.state == "held":
        hold(work, row_id=parcel.row_id, until=parcel.held_until)
        return
    if parcel.copy_id is not None:
        ref = result.ref if result.state == "sent" else None
        copies.mark_drawn(work, copy_id=parcel.copy_id, version=parcel.version, message_ref=ref)
    if parcel.row_id is not None and result.state == "sent":
        outbox.mark_sent(work, row_id=parcel.row_id, message_ref=result.ref)
    elif parcel.row_id is not None and result.state == "dropped":
        outbox.mark_dropped(work, row_id=parcel.row_id, reason=result.error)
    elif parcel.row_id is not None:
        outbox.mark_dead(work, row_id=parcel.row_id, error=result.error)
