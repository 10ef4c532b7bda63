"""Lists of reminders: what is due, kept true as it is done; and all of them, by pages."""

from datetime import timedelta
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, muted, say, title
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.tasks.tasks import standing_tasks

PAGE = 8
LONGEST_LINE = 100
"""Of what a reminder says, in characters; all of it stands on its card."""


def draw_due(work: UnitOfWork, person_id: int, viewer: Member) -> Screen:
    """The card of what is due now: for who looks, theirs."""
    return due_page(work, viewer, 0)


def due_page(work: UnitOfWork, viewer: Member, page: int) -> Screen:
    """What was due by now and is not done, today's first."""
    by_now = work.now + timedelta(seconds=1)
    rows, total = standing_tasks(work, viewer=viewer, before=by_now, offset=page * PAGE, most=PAGE, today_first=True)
    if total and not rows:
        return due_page(work, viewer, 0)
    if not total:
        return say(T("All that was due is done."))
    heading = TN("{n} reminder is due", "{n} reminders are due", n=total)
    return _page(rows, total, heading, page, "due.page")


def all_page(work: UnitOfWork, viewer: Member, page: int) -> Screen:
    """Every reminder that stands, the next ones first."""
    rows, total = standing_tasks(work, viewer=viewer, offset=page * PAGE, most=PAGE)
    if total and not rows:
        return all_page(work, viewer, 0)
    if not total:
        return say(T("You have no reminders."), Button(T("Set a reminder"), "verb:remind", "primary"))
    return _page(rows, total, TN("{n} reminder", "{n} reminders", n=total), page, "tasks.page")


def _page(rows: list[Any], total: int, heading: Text, page: int, turn: str) -> Screen:
    lines: list[Line] = [
        title(heading),
        *(body(T("{at} · {text}", at=row.due_at, text=_short(row.text))) for row in rows),
    ]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    buttons = [(Button(str(row.text), f"task.open:{row.id}"),) for row in rows]
    turns = [Button(labels.PREVIOUS, f"{turn}:{page - 1}")] if page > 0 else []
    if (page + 1) * PAGE < total:
        turns.append(Button(labels.NEXT, f"{turn}:{page + 1}"))
    return Screen(tuple(lines), tuple([*buttons, tuple(turns)] if turns else buttons))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"
