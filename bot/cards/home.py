"""A person's own page, where a platform has one: what waits for them, what stands in their pipeline, where to begin."""

from bot.cards.away import away_lines
from bot.cards.digest import section_lines, section_rows
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from bot.cards.today import to_do
from crm.core.money import Money
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role
from crm.sales.deals.pipeline import pipeline

_SALES = frozenset({Role.REP, Role.SUPERVISOR})
_SUPERIORS = frozenset({Role.SUPERVISOR, Role.FINANCE, Role.GM})
_EVERYBODY = frozenset(Role)

USUAL: tuple[tuple[str, Text, frozenset[Role]], ...] = (
    ("lead", T("Log a lead"), _SALES),
    ("order", T("Submit an order"), _SALES),
    ("deals", T("Pipeline"), frozenset({*_SALES, Role.GM, Role.ADMIN})),
    ("customer", T("Customers"), _EVERYBODY - {Role.PRODUCTION, Role.LOGISTICS}),
    ("orders", T("Orders"), _EVERYBODY),
    ("approvals", T("Approvals"), _SUPERIORS),
    ("today", T("Today"), _EVERYBODY),
    ("help", T("Help"), _EVERYBODY),
)
"""Verbs with a button here, how it reads, and who has it: nobody who may not use the verb."""


def draw_home(work: UnitOfWork, person_id: int, viewer: Member) -> Screen:
    """The page of this person as things stand now; it is drawn for nobody else."""
    assert person_id == viewer.id, "a page is its owner's"
    lines: list[Line] = away_lines(work, viewer)
    sections = to_do(work, viewer)
    for section in sections:
        lines += [title(section.heading), *section_lines(section)]
    if not sections:
        lines.append(body(T("Nothing waits for you today.")))
    if stages := _pipeline(work, viewer):
        lines += [title(T("Pipeline")), *stages]
    rows = [row for row in section_rows(sections) if row]
    usual = [Button(label, f"verb:{verb}") for verb, label, roles in USUAL if viewer.has(*roles)]
    rows.append(tuple(usual))
    return Screen((*lines, muted(T("Or write to me under Messages."))), tuple(rows))


def _pipeline(work: UnitOfWork, viewer: Member) -> list[Line]:
    """The stages that hold anything, with their totals."""
    if not viewer.has(*_SALES, Role.GM):
        return []
    found = pipeline(work, viewer=viewer, most=1)
    return [
        labelled(
            total.stage.label, T("{count} · {sum}", count=total.count, sum=Money(total.base_amount, found.currency))
        )
        for total in found.stages
        if total.count
    ]
