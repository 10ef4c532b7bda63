"""Our own reader: one kind of message after another, the surest first."""

from datetime import datetime

from crm.language.capture.leads import ENOUGH, read_lead
from crm.language.capture.moves import read_move
from crm.language.capture.noting import read_note, read_talk
from crm.language.capture.orders import read_order_question
from crm.language.capture.reminding import read_wish
from crm.language.capture.understanding import Knowledge, ReminderReading, Understanding
from crm.language.dates import read_date


class Rules:
    """An Understander that needs no model."""

    def understand(self, text: str, *, now: datetime, knowledge: Knowledge) -> Understanding | None:
        said = text.strip()
        found = read_order_question(said) or read_wish(said) or read_move(said, knowledge=knowledge)
        if found is not None:
            return found
        lead = read_lead(said, now=now, knowledge=knowledge)
        is_new = lead is not None and _is_new(lead.reading)
        note = None if is_new else read_note(said, knowledge=knowledge) or read_talk(said, knowledge=knowledge)
        if note is not None:
            return note
        if lead is None:
            return None
        if lead.weight >= ENOUGH:
            return lead.reading
        read = lead.reading
        if read.next_follow_up is not None and not (read.budget or read.source) and _has_words(said, now):
            return ReminderReading(said)
        return None


def _is_new(reading: object) -> bool:
    """Whether it tells how to reach somebody, or what they can spend: that is no note."""
    ways = ("phone", "email", "wechat", "whatsapp", "budget")
    return any(getattr(reading, way) for way in ways)


def _has_words(said: str, now: datetime) -> bool:
    """Whether it says more than the date."""
    return read_date(said, now=now, whole=True) is None
