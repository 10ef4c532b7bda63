"""A modal at the person's side: filling a field in, reading suggestions, what a submission's answer does."""

from datetime import date
from typing import Any

from .blocks import options_of, problems_of_options, problems_of_view
from .limits import DEFAULT_MIN_QUERY, VIEW_STACK
from .shown import NotShownError, inputs, option_reading
from .workspace import OpenView, Workspace

Json = dict[str, Any]

_ANSWERS = {
    "errors": {"response_action", "errors"},
    "update": {"response_action", "view"},
    "push": {"response_action", "view"},
    "clear": {"response_action"},
}


def filled(element: Json, answer: Any, *, where: str) -> Json:
    """The state of a field after a person put `answer` in; NotShownError where the field does not take it."""
    kind = element["type"]
    if kind == "plain_text_input":
        if answer is not None and not isinstance(answer, str):
            raise NotShownError(f"{where}: a text input takes text, not {answer!r}")
        if answer and "\n" in answer and not element.get("multiline"):
            raise NotShownError(f"{where}: a line break in a text input of one line")
        return {"type": kind, "value": answer or None}
    if kind == "datepicker":
        if answer is not None:
            answer = answer.isoformat() if isinstance(answer, date) else date.fromisoformat(answer).isoformat()
        return {"type": kind, "selected_date": answer}
    if kind == "checkboxes":
        chosen = [option_reading(options_of(element), text, where=where) for text in answer or []]
        return {"type": kind, "selected_options": chosen}
    option = None if answer is None else option_reading(options_of(element), str(answer), where=where)
    return {"type": kind, "selected_option": option}


def check_query(element: Json, text: str, *, where: str) -> None:
    """Slack asks the app only from so many characters on, three where nothing else is said."""
    if element["type"] != "external_select":
        raise NotShownError(f"{where}: no external list, {element['type']}")
    least = element.get("min_query_length", DEFAULT_MIN_QUERY)
    if len(text) < least:
        raise NotShownError(f"{where}: Slack asks for suggestions from {least} characters on, {text!r} has {len(text)}")


def suggested(answer: Json | None) -> tuple[list[Json], list[str]]:
    """The options in the answer to a block_suggestion, and what Slack would refuse in it."""
    problems = problems_of_options(answer)
    return ([], problems) if problems else (options_of(answer or {}), [])


def plain(state: Json) -> Any:
    """A field's state as a person would tell it: text, ISO date, option's text or texts."""
    if "selected_options" in state:
        return [option["text"]["text"] for option in state["selected_options"]]
    if "selected_option" in state:
        return state["selected_option"]["text"]["text"]
    return state["value"] if "value" in state else state["selected_date"]


def submitted(workspace: Workspace, view: OpenView, shown: list[Json], answer: Json | None) -> None:
    """Do to the modal what the acknowledgement of its submission says.

    `shown` are the blocks that were submitted.
    An answer that Slack would refuse is a violation and leaves the modal as it is.
    """
    problems = _problems(workspace, view, shown, answer)
    workspace.violations += [f"view_submission: {problem}" for problem in problems]
    if problems or not workspace.is_open(view):
        return
    if not answer:
        workspace.close_view(view)
    elif answer["response_action"] == "clear":
        workspace.stacks[view.user].clear()
    elif answer["response_action"] == "errors":
        view.errors = dict(answer["errors"])
    elif answer["response_action"] == "update":
        workspace.redraw(view, answer["view"])
    else:
        workspace.new_view(view.user, answer["view"], under=view)


def _problems(workspace: Workspace, view: OpenView, shown: list[Json], answer: Json | None) -> list[str]:
    if not answer:
        return []
    action = answer.get("response_action")
    if action not in _ANSWERS or answer.keys() != _ANSWERS[action]:
        return [f"no such answer: {answer!r}"]
    if action == "errors":
        errors = answer["errors"]
        if not isinstance(errors, dict) or not errors:
            return [f"errors must name a block: {errors!r}"]
        known = {control.block["block_id"] for control in inputs(shown).values()}
        wrong = [f"error for {key!r}, which is no input block of the view" for key in errors.keys() - known]
        return wrong + [f"error text {text!r}" for text in errors.values() if not isinstance(text, str) or not text]
    if action in {"update", "push"}:
        problems = problems_of_view(answer["view"])
        if not problems and answer["view"]["type"] != "modal":
            problems = ["a modal expected"]
        if action == "push" and len(workspace.stacks.get(view.user, [])) >= VIEW_STACK:
            problems.append(f"at most {VIEW_STACK} views on each other")
        return problems
    return []
