"""Who is away, and who decides for whom meanwhile, as it is said on other screens."""

from bot.cards.screen import Line, labelled
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.absence import Away, absences_now
from crm.people.people import Member


def away_lines(work: UnitOfWork, viewer: Member) -> list[Line]:
    """That this person is away themselves, and for whom they have been asked to decide; mostly nothing."""
    away = absences_now(work)
    lines = [labelled(T("Away"), _until(away[viewer.id]))] if viewer.id in away else []
    named = [one for one in away.values() if one.delegate_id == viewer.id]
    return [*lines, *(labelled(T("You decide for"), _named(one)) for one in named)]


def name_words(member: Member, away: Away | None) -> Words:
    """A name in a list of people: `Wang Fang (away through Fri 6 Mar 2026)`."""
    if not member.is_active:
        return T("{name} (disabled)", name=member.name)
    if away is None:
        return member.name
    return T("{name} (away {until})", name=member.name, until=away.until_words)


def _until(away: Away) -> Words:
    if away.delegate_name is None:
        return T("{until}", until=away.until_words)
    return T("{until}, {name} decides", until=away.until_words, name=away.delegate_name)


def _named(away: Away) -> Words:
    return T("{name} {until}", name=away.name, until=away.until_words)
