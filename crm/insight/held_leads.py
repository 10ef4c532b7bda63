"""Leads that look like somebody's, and whose rep has not said what to do: told every morning until they do."""

from sqlalchemy import select

from crm.core.text import T
from crm.insight.ground import Ground
from crm.insight.sections import Line, Section, section
from crm.sales.collisions.holding import HELD_CARD
from crm.sales.leads.leads import Lead, number

_LEADS = Lead.table()


def held_leads(ground: Ground) -> dict[int, list[Section]]:
    """What each has to answer; one statement."""
    readers = ground.of("own")
    c = _LEADS.c
    held = (c.status == "held", c.owner_id.in_([reader.id for reader in readers]))
    rows = ground.work.connection.execute(select(c.id, c.company, c.owner_id).where(*held).order_by(c.id)).all()
    found = {}
    for reader in readers:
        lines = [
            Line(
                T("{number} {company} looks like somebody's", number=number(row.id), company=row.company),
                (HELD_CARD, row.id),
                row.company,
            )
            for row in rows
            if row.owner_id == reader.id
        ]
        found[reader.id] = section("held", T("Leads that wait for your answer"), lines, most=ground.most)
    return found
