"""The files under a record: how many its card tells of, and the list of them."""

from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, labelled, title
from crm.core.files import attachments_of, count_attachments
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.orders.file_policy import can_have_files
from crm.people.people import Member

MOST = 20


def files_on_card(
    work: UnitOfWork, viewer: Member, entity: str, entity_id: int, record: Any
) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """A line and a row for the card of a record that has files, as far as they are for this person."""
    count = count_attachments(work, entity=entity, entity_id=entity_id)
    if not count or can_have_files(viewer, entity, record) is not True:
        return [], ()
    return [labelled(labels.FILES, T("{count}", count=count))], ((_to_list(entity, entity_id),),)


def draw_files(work: UnitOfWork, entity: str, entity_id: int, name: Words) -> Screen:
    """The newest files of a record; a press on one has it sent."""
    rows = attachments_of(work, entity=entity, entity_id=entity_id, most=MOST)
    lines: list[Line] = [title(T("Files of {name}", name=name))]
    lines += [labelled(row.name, T("{size}, {at}", size=size_words(row.size), at=row.created_at)) for row in rows]
    return Screen(tuple(lines), tuple((Button(row.name, f"files.send:{row.id}"),) for row in rows))


def size_words(size: int) -> str:
    """Bytes as people say them: `340 KB`, `2.1 MB`."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def _to_list(entity: str, entity_id: int) -> Button:
    return Button(labels.FILES, f"files.of:{entity}.{entity_id}")
