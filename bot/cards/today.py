"""What waits for somebody now, the most pressing first: for the verb `today`, and for a page of their own."""

from collections.abc import Sequence

from bot.cards.digest import sections_screen
from bot.cards.screen import Screen
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.insight.digests import gather, parts_of
from crm.insight.ground import Reader
from crm.insight.sections import Section
from crm.people.people import Member

MOST_ON_PAGE = 5
"""Of each kind on a page of one's own, which has more to show."""


def draw_today(work: UnitOfWork, viewer: Member) -> Screen:
    """Every digest of this person's as it would read now: nothing is kept, and nothing counts as said."""
    return sections_screen(T("Today"), _gathered(work, viewer))


def to_do(work: UnitOfWork, viewer: Member) -> Sequence[Section]:
    """What they have to do themselves, short."""
    return _gathered(work, viewer, own_only=True, most=MOST_ON_PAGE)


def _gathered(
    work: UnitOfWork, viewer: Member, *, own_only: bool = False, most: int | None = None
) -> Sequence[Section]:
    local = work.now.astimezone(viewer.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    reader = Reader(viewer, parts_of(viewer, own_only=own_only), local.date(), midnight, names_all=True)
    return gather(work, [reader], most=most)[viewer.id].sections
