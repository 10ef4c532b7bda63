"""Several things told at once, each with a button that opens its card."""

from collections.abc import Sequence

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, muted
from crm.core.text import T, Text

IN_A_ROW = 5


def draw_told(heading: Text, told: Sequence[tuple[Text, str, int]], more: int = 0) -> Screen:
    """Numbered lines, and a button of that number for each, with the card (`lead`, 17) it opens; one alone: Open."""
    if len(told) == 1:
        line, kind, record = told[0]
        return Screen((body(heading), body(line)), ((Button(labels.OPEN, f"{kind}.open:{record}"),),))
    lines = [body(T("{number}. {line}", number=n, line=line)) for n, (line, _, _) in enumerate(told, 1)]
    if more:
        lines.append(muted(T("… and {count} more", count=more)))
    buttons = [Button(str(n), f"{kind}.open:{record}") for n, (_, kind, record) in enumerate(told, 1)]
    rows = tuple(tuple(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW))
    return Screen((body(heading), *lines), rows)
