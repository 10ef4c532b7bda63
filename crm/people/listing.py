"""One notice about several records: a line for each, with a button that opens it."""

from collections.abc import Sequence

from crm.core.outbox import Lane
from crm.core.text import Text, pack
from crm.core.work import UnitOfWork
from crm.people.reach import put_notice

MOST_LINES = 10


def tell_lines(
    work: UnitOfWork,
    *,
    person_id: int,
    heading: Text,
    lines: Sequence[tuple[Text, tuple[str, int]]],
    key: str,
    lane: Lane = Lane.NOTICE,
    unnamed: int = 0,
) -> None:
    """A notice of several lines, each with the card (`lead`, 17) that its button opens: MOST_LINES and how many more;
    `unnamed`: how many there are besides.

    Facts are frozen, and it goes where `crm.people.reach.tell` sends. The same `key` is never told twice.
    """
    shown = [[pack(line), *about] for line, about in lines[:MOST_LINES]]
    payload = {"notice": pack(heading), "lines": shown, "more": max(0, len(lines) - MOST_LINES) + unnamed}
    put_notice(work, person_id=person_id, payload=payload, key=key, lane=lane)
