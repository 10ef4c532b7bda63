"""What a digest looks like: a person's, a team's, and the same sections wherever they are shown."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from bot.cards.screen import Button, Line, Screen, body, muted, title
from crm.core.errors import NotFound
from crm.core.text import T, Text, Words
from crm.core.work import UnitOfWork
from crm.insight.digests import Digest, unpack_gathered
from crm.insight.sections import Section
from crm.people.people import Member, Team

LONGEST_LABEL = 30
"""Characters of a name on a button: many stand under one message."""

LISTS = {
    "approvals": T("Approvals"),
    "deals": T("Pipeline"),
    "orders": T("Orders"),
    "leads": T("Leads"),
    "reminders": T("All my reminders"),
}
"""What lists all of what a section names a part of, as its button says it: verbs, and `reminders`."""

_DIGESTS = Digest.table()


def draw_digest(work: UnitOfWork, digest_id: int, viewer: Member) -> Screen:
    """A digest of this person's, as it was when it was gathered. Raises NotFound."""
    row = work.connection.execute(select(_DIGESTS).where(_DIGESTS.c.id == digest_id)).one_or_none()
    if row is None or row.person_id != viewer.id:
        raise NotFound(T("There is no such digest of yours."))
    return sections_screen(T("Your day · {day}", day=row.local_date), unpack_gathered(row.facts).sections)


def draw_team_digest(work: UnitOfWork, digest_id: int) -> Screen:
    """A team's, as everybody in its chats may read it: without buttons, which would show each what is theirs."""
    row = work.connection.execute(select(_DIGESTS).where(_DIGESTS.c.id == digest_id)).one_or_none()
    if row is None or row.team_id is None:
        raise NotFound(T("There is no such digest."))
    name = work.connection.execute(select(Team.name).where(Team.id == row.team_id)).scalar_one()
    heading = T("{team} · {day}", team=name, day=row.local_date)
    screen = sections_screen(heading, unpack_gathered(row.facts).sections)
    return Screen(screen.lines)


def sections_screen(heading: Text, sections: Sequence[Section]) -> Screen:
    """All sections under a heading; one line where there are none."""
    if not sections:
        return Screen((body(T("Nothing waits for you today.")),))
    lines: list[Line] = [title(heading)]
    for section in sections:
        lines += [title(section.heading), *section_lines(section)]
    return Screen(tuple(lines), tuple(row for row in section_rows(sections) if row))


def section_lines(section: Section) -> list[Line]:
    """Its lines, and what is said of those that are not named."""
    lines = [body(line.text) for line in section.lines]
    if section.more:
        lines.append(muted(T("and {count} more", count=section.more)))
    if section.rest is not None:
        lines.append(muted(section.rest))
    return lines


def section_rows(sections: Iterable[Section]) -> list[tuple[Button, ...]]:
    """A row of buttons for each section: its records, each once in all, and where the rest is listed."""
    rows, known = [], set[str]()
    for section in sections:
        buttons = [button for button in _buttons(section) if button.action not in known]
        known |= {button.action for button in buttons}
        rows.append(tuple(buttons))
    return rows


def _buttons(section: Section) -> list[Button]:
    role = "primary" if section.key == "decisions" else ""
    buttons = [
        Button(_label(line.name), f"{line.about[0]}.open:{line.about[1]}", role)
        for line in section.lines
        if line.about is not None
    ]
    if section.verb and (section.more or section.rest is not None):
        action = "tasks.all" if section.verb == "reminders" else f"verb:{section.verb}"
        buttons.append(Button(_list_label(section), action))
    if section.key == "receivables" and section.more:
        buttons.append(Button(T("All receivables"), "receivables.show"))
    return buttons


def _label(name: Words) -> Words:
    if isinstance(name, str) and len(name) > LONGEST_LABEL:
        return f"{name[: LONGEST_LABEL - 1]}…"
    return name


def _list_label(section: Section) -> Text:
    if section.key == "decisions":
        return T("All {count} decisions", count=len(section.lines) + section.more)
    return LISTS[section.verb]
