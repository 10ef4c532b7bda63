"""Answers as services take them: each loaded by its field's kind."""

from typing import Any

from bot.conversations.definition import Answers, Conversation, Field, World


def load_values(conversation: Conversation, answers: Answers, world: World) -> dict[str, Any]:
    """Field key → value; a group's key → its lines. What is not answered is left out, and so is what is derived."""
    values: dict[str, Any] = {}
    for step in conversation.steps:
        if step.key not in answers:
            continue
        if isinstance(step, Field):
            values[step.key] = step.kind.load(answers[step.key], world)
            continue
        values[step.key] = [
            {inner.key: inner.kind.load(line[inner.key], world) for inner in step.fields if inner.key in line}
            for line in answers[step.key]
        ]
    return values
