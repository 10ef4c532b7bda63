"""A fair's cards to be cleaned up: each with what it lacks or who knows the company; the clear ones saved at once."""

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, muted, say, title
from crm.core.text import TN, T, Text, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.fairs.cards import NEEDED, Group, grouped, look_up
from crm.sales.fairs.fairs import get_fair

PAGE = 8
_ON_A_BUTTON = 18


def draw_fair(work: UnitOfWork, fair_id: int, viewer: Member) -> Screen:
    """The first page of them. Raises NotFound."""
    return fair_page(work, viewer, fair_id, 0)


def fair_page(work: UnitOfWork, viewer: Member, fair_id: int, page: int) -> Screen:
    fair = get_fair(work, viewer=viewer, fair_id=fair_id)
    groups = grouped(work, fair_id=fair_id)
    if not groups:
        return say(T("{fair}: all cards are dealt with.", fair=fair.name))
    page = min(page, (len(groups) - 1) // PAGE)
    first = page * PAGE
    shown = [look_up(work, group) for group in groups[first : first + PAGE]]
    heading = TN("{fair}: {n} card to clean up", "{fair}: {n} cards to clean up", n=len(groups), fair=fair.name)
    lines: list[Line] = [title(heading), *(body(_line(group, viewer)) for group in shown)]
    clear = any(group.is_clear for group in (*groups[:first], *shown, *groups[first + PAGE :]))
    rows: list[tuple[Button, ...]] = []
    if clear:
        rows.append((Button(T("Save all clear ones"), f"fair.save:{fair_id}", "primary"),))
    rows += [_row(group) for group in shown]
    turns = [Button(labels.PREVIOUS, f"fair.page:{fair_id}.{page - 1}")] if page else []
    if (page + 1) * PAGE < len(groups):
        turns.append(Button(labels.NEXT, f"fair.page:{fair_id}.{page + 1}"))
        lines.append(muted(T("Page {page}", page=page + 1)))
    return Screen(tuple(lines), tuple([*rows, tuple(turns)] if turns else rows))


def _line(group: Group, viewer: Member) -> Text:
    numbers = "+".join(str(card.number) for card in group.cards)
    return T("{numbers} · {name} · {state}", numbers=numbers, name=group.name, state=_state(group, viewer))


def _state(group: Group, viewer: Member) -> Words:
    if group.known:
        first = group.known[0]
        if first.owner_id == viewer.id:
            return T("known: {name} is yours, {why}", name=first.name, why=first.why)
        if first.owner_name is None:
            return T("known: {name}, {why}", name=first.name, why=first.why)
        return T("known: {name} of {owner}, {why}", name=first.name, owner=first.owner_name, why=first.why)
    if group.lacks:
        return T("lacks: {fields}", fields=[NEEDED[key] for key in group.lacks])
    return T("clear")


def _row(group: Group) -> tuple[Button, ...]:
    """Short enough for both to stand in one row of a phone: a button below another's name is pressed for it."""
    first = group.cards[0]
    line = group.name if not isinstance(group.name, str) else shortened(group.name)
    opened = Button(T("{number}. {line}", number=first.number, line=line), f"fair.card:{first.id}")
    return opened, Button(T("Drop {number}", number=first.number), f"fair.drop:{first.id}", "danger")


def shortened(name: str) -> str:
    return name if len(name) <= _ON_A_BUTTON else f"{name[: _ON_A_BUTTON - 1]}…"
