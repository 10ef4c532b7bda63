"""Draws a form as the page's JSON, and the choices found for what is typed into one of its fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.cards.screen import Choice, Form, Input
from bot.wording import Wording

MOST_INPUTS = 500
MOST_CHOICES = 300


def draw_form(form: Form, wording: Wording) -> dict[str, Any]:
    """`{title, token, session, inputs: [...], submit, close}`; `session` is the same for every form of one draft.

    An input: `{key, label, kind, required, value, hint?, choices?, problem?}`, its choices `[{value, label, note?}]`.
    """
    return {
        "title": wording(form.title),
        "token": form.token,
        "session": form.token.partition(".")[0],
        "inputs": [_input(field, wording) for field in form.inputs[:MOST_INPUTS]],
        "submit": None if form.submit is None else wording(form.submit),
        "close": wording(form.close),
    }


def draw_choices(choices: Iterable[Choice], wording: Wording | None = None) -> list[dict[str, str]]:
    """Choices as the page lists them; without `wording`, drawn ones."""
    drawn = []
    for choice in list(choices)[:MOST_CHOICES]:
        words = {"label": choice.label} | ({} if choice.note is None else {"note": choice.note})
        texts = {name: text if wording is None else wording(text) for name, text in words.items()}
        drawn.append({"value": choice.value} | {name: str(text) for name, text in texts.items()})
    return drawn


def _input(field: Input, wording: Wording) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "key": field.key,
        "label": wording(field.label),
        "kind": field.kind,
        "required": field.required,
        "value": _value(field.value),
    }
    if field.hint is not None:
        drawn["hint"] = wording(field.hint)
    if field.choices:
        drawn["choices"] = draw_choices(field.choices, wording)
    if field.problem is not None:
        drawn["problem"] = wording(field.problem)
    return drawn


def _value(value: Any) -> str | list[str]:
    if value is None or isinstance(value, Mapping):
        return ""
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
