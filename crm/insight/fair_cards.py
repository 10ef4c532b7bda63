"""Cards of a fair that nobody has cleaned up: told every morning until somebody does."""

from sqlalchemy import func, select

from crm.core.text import TN, T
from crm.insight.ground import Ground
from crm.insight.sections import Line, Section, section
from crm.sales.fairs.fairs import Fair, FairCard

_FAIRS, _CARDS = Fair.table(), FairCard.table()


def fair_cards(ground: Ground) -> dict[int, list[Section]]:
    """What each has collected on days before and not made leads of; one statement."""
    readers = ground.of("own")
    c = _FAIRS.c
    waiting = (
        select(c.id, c.person_id, c.name, c.local_date, func.count().label("cards"))
        .join(_CARDS, _CARDS.c.fair_id == c.id)
        .where(_CARDS.c.status == "open", c.person_id.in_([reader.id for reader in readers]))
        .group_by(c.id, c.person_id, c.name, c.local_date)
        .order_by(c.id)
    )
    rows = ground.work.connection.execute(waiting).all()
    found = {}
    for reader in readers:
        lines = [
            Line(
                TN("{fair}: {n} card to clean up", "{fair}: {n} cards to clean up", n=row.cards, fair=row.name),
                ("fair", row.id),
                row.name,
            )
            for row in rows
            if row.person_id == reader.id and row.local_date < reader.day
        ]
        found[reader.id] = section("fairs", T("Cards of a fair"), lines, most=ground.most)
    return found
