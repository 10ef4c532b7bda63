"""A button pressed by typing its label: `确认` at the review, `skip` under a question."""

from bot.cards import labels
from bot.conversations.definition import Conversation, World
from bot.conversations.draft import ASK
from bot.conversations.drawing import draw
from bot.conversations.sessions import Session
from bot.conversations.turns import Turn
from bot.wording import wording
from crm.core.text import Text


def typed_press(conversation: Conversation, session: Session, text: str, world: World) -> str | None:
    """The code of the button whose label was typed, where a label cannot be an answer; None for anything else."""
    wanted = text.strip().casefold()
    if session.draft.place == ASK:
        asked = conversation.field(session.draft.path)
        return "skip" if not asked.required and wanted in _said(labels.SKIP) else None
    screen = draw(conversation, Turn(session.draft), world, token=session.token, with_form=False)
    for row in screen.rows:
        for button in row:
            if isinstance(button.label, Text) and wanted in _said(button.label):
                return button.action.split(":", 2)[2]
    return None


def _said(label: Text) -> set[str]:
    """A label in every language."""
    return {wording(language, "UTC")(label).casefold() for language in ("en", "zh_CN")}
