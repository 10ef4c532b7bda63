"""What an acknowledgement says, by what became of the delivery. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.cards.labels import CLOSE
from bot.platforms.slack.modal import redrawn, render_form, render_note
from bot.platforms.slack.renderer import notice
from bot.platforms.slack.text import ELLIPSIS, section, shorten
from bot.reception import Receipt
from bot.wording import Wording
from crm.core.text import T

Json = dict[str, Any]

SAVING = T("Saving…")
NOT_SAVED = T("Nothing was saved. Please try again in a moment.")

_ERROR = 1000
_VIEW_KEYS = ("type", "callback_id", "private_metadata", "notify_on_close", "title", "submit", "close", "blocks")


def toast_of(receipt: Receipt, wording: Wording) -> str:
    """What to tell the person in passing; empty for nothing."""
    if receipt.toast:
        return receipt.toast
    defaults = {"kept": SAVING, "unavailable": NOT_SAVED}
    return wording(defaults[receipt.status]) if receipt.status in defaults else ""


def command_answer(toast: str) -> Json:
    """The acknowledgement of a command, which only the person sees."""
    if not toast:
        return {}
    drawn = notice(toast)
    return {"response_type": "ephemeral", "text": drawn.text, "blocks": drawn.blocks}


def form_answer(receipt: Receipt, view: Json, wording: Wording) -> Json:
    """The acknowledgement of a form: what is wrong with it, a fuller one, that it is being saved, or closed."""
    if receipt.status == "kept":
        text = receipt.toast or SAVING
        title = str((view.get("title") or {}).get("text") or ELLIPSIS)
        return {"response_action": "update", "view": render_note(title, text, CLOSE, wording)}
    if receipt.status == "unavailable":
        return _with_problems({"": toast_of(receipt, wording)}, view)
    if receipt.form is not None:
        fuller = redrawn(render_form(receipt.form, receipt.wording or wording), view)
        # A field that has no room in the view either cannot show what is wrong with it.
        if set(receipt.problems) <= {block.get("block_id") for block in fuller["blocks"]}:
            return {"response_action": "update", "view": fuller}
    if receipt.problems:
        return _with_problems(receipt.problems, view)
    return {"response_action": "clear"}


def changed_view(receipt: Receipt, view: Json, wording: Wording) -> Json | None:
    """What an open form becomes after something in it was changed; None where it stays as it is."""
    if receipt.form is not None:
        return redrawn(render_form(receipt.form, receipt.wording or wording), view)
    told = toast_of(receipt, wording)
    return _with_heading(told, view) if told else None


def _with_problems(problems: Mapping[str, str], view: Json) -> Json:
    """Slack shows an error under an input of the very view only: what has no such place stands under the first."""
    fields = [str(block["block_id"]) for block in view.get("blocks") or () if block.get("type") == "input"]
    if not fields:
        return {"response_action": "update", "view": _with_heading("\n".join(problems.values()), view)}
    errors: dict[str, list[str]] = {}
    for path, problem in problems.items():
        errors.setdefault(path if path in fields else fields[0], []).append(problem)
    return {
        "response_action": "errors",
        "errors": {path: shorten("\n".join(found), _ERROR) or ELLIPSIS for path, found in errors.items()},
    }


def _with_heading(text: str, view: Json) -> Json:
    """The same view with a problem on top."""
    kept = {key: view[key] for key in _VIEW_KEYS if view.get(key) is not None}
    heading = section(f"⚠️ {text}") | {"block_id": "problem"}
    blocks = [block for block in view.get("blocks") or () if block.get("block_id") != "problem"]
    return kept | {"blocks": [heading, *blocks][:100]}
