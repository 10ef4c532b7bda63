"""A form under the hands that fill it in: whatever is typed or pressed, nothing typed is lost and nothing breaks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.screen import Form, pack_form, unpack_form
from bot.conversations import engine
from bot.conversations.changing import change
from bot.conversations.definition import Conversation, Field, Group
from bot.conversations.draft import Draft
from bot.conversations.drawing import form
from bot.conversations.engine import Fill
from bot.conversations.kinds import Line, OneOf
from bot.conversations.lead import LEAD
from bot.conversations.turns import Turn
from bot.conversations.values import load_values
from bot.handlers import guided
from bot.platforms.slack.modal import redrawn, render_form
from bot.platforms.slack.payloads import form_values
from bot.wording import wording
from crm.core.text import T
from tests.bot.conversations.made_up import ORDER, TestWorld
from tests.bot.conversations.test_engine_properties import CODES, LEAD_VALUES, ORDER_VALUES, TEXTS, VALUES, _paths
from tests.counterparts.slack.blocks import problems_of_view
from tests.counterparts.slack.shown import initial_values, inputs, kept_values, stored_blocks

WORLD = TestWorld()
WORDS = wording("en", "UTC")
REGISTERED = [guide.conversation for guide in guided._GUIDES.values()]
PRESSES = st.sampled_from(["more", "add:lines", "add:title", "add:", "shortcut:same", "shortcut:", "edit", ""])


def fields_of(conversation: Conversation) -> Iterator[Field]:
    for step in conversation.steps:
        yield from (step,) if isinstance(step, Field) else step.fields


def with_read(conversation: Conversation) -> Conversation:
    """The same, with lines that can be written together: `Chai;Chang`, five of each."""

    def read(text: str, answers: Any, world: Any) -> Any:
        return [{"product": name, "quantity": "5"} for name in text.split(";")]

    steps = tuple(replace(step, read=read) if isinstance(step, Group) else step for step in conversation.steps)
    return replace(conversation, steps=steps)


def page(conversation: Conversation, changed: Any) -> Form:
    turn = Turn(changed.draft, problems=changed.problems)
    return form(conversation, turn, WORLD, token="7.1", typed=changed.typed, longest=0, whole=False)


def values_of(drawn: Form) -> dict[str, Any]:
    return {field.key: field.value for field in drawn.inputs}


@pytest.mark.parametrize("conversation", [LEAD, ORDER, with_read(ORDER)], ids=["lead", "lines", "pasted"])
@given(data=st.data())
def test_any_change_leaves_a_form_that_can_be_drawn_with_all_that_was_typed(
    conversation: Conversation, data: st.DataObject
) -> None:
    paths = st.one_of(_paths(conversation), st.just("lines.paste"))
    draft = engine.begin(conversation, WORLD)
    for _ in range(data.draw(st.integers(1, 4))):
        values = data.draw(st.dictionaries(paths, VALUES, max_size=8))
        changed = change(conversation, draft, values, data.draw(st.one_of(paths, PRESSES, CODES)), WORLD)
        draft = changed.draft
        assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft
        drawn = page(conversation, changed)
        assert unpack_form(json.loads(json.dumps(pack_form(drawn)))) == drawn
        assert problems_of_view(render_form(drawn, WORDS)) == []
        shown = {field.key: field for field in drawn.inputs}
        for name, raw in values.items():
            if name in shown and shown[name].kind in {"text", "long"} and isinstance(raw, str) and raw.strip():
                assert shown[name].value == raw
        again = page(conversation, change(conversation, draft, values_of(drawn), "", WORLD))
        assert values_of(again) == values_of(drawn), "a change of nothing changes nothing"


@given(data=st.data())
def test_what_stands_in_slacks_client_stays_there(data: st.DataObject) -> None:
    """The client keeps what was typed under unchanged ids, and takes ours under new ones."""
    conversation = with_read(ORDER)
    draft = engine.begin(conversation, WORLD)
    view = render_form(form(conversation, Turn(draft), WORLD, token="7.1", longest=0, whole=False), WORDS)
    blocks = stored_blocks(view["blocks"])
    state = initial_values(blocks)
    for _ in range(data.draw(st.integers(1, 8))):
        fields = [control for control in inputs(blocks).values() if control.element["type"] == "plain_text_input"]
        what = data.draw(st.sampled_from([*(control.block["block_id"] for control in fields), "more", "add:lines"]))
        for block, element in fields:
            if block["block_id"] == what:
                text = data.draw(TEXTS)[:3000].encode("utf-8", "replace").decode().replace("\x00", "")
                state[what][element["action_id"]] = {"type": "plain_text_input", "value": text or None}
        before = form_values(state)
        changed = change(conversation, draft, before, what, WORLD)
        draft = changed.draft
        drawn = redrawn(render_form(page(conversation, changed), WORDS), {"blocks": blocks, "state": {"values": state}})
        blocks = stored_blocks(drawn["blocks"])
        state = kept_values(state, blocks)
        after = form_values(state)
        typed = {name: text.strip() for name, text in before.items() if isinstance(text, str) and text.strip()}
        assert {name: (after.get(name) or "").strip() for name in typed} == typed
    assert problems_of_view(drawn) == []


@given(values=LEAD_VALUES, what=PRESSES)
def test_a_lead_after_changes_is_the_same_as_at_once(values: dict[str, Any], what: str) -> None:
    _same_after_changes(LEAD, values, what)


@given(values=ORDER_VALUES, what=PRESSES)
def test_lines_after_changes_are_the_same_as_at_once(values: dict[str, Any], what: str) -> None:
    _same_after_changes(ORDER, values, what)


def _same_after_changes(conversation: Conversation, values: Mapping[str, Any], what: str) -> None:
    draft = engine.begin(conversation, WORLD)
    for count in range(1, len(values) + 1):
        draft = change(conversation, draft, dict(list(values.items())[:count]), what, WORLD).draft
    changed = change(conversation, draft, values, what, WORLD)
    at_once = engine.apply(conversation, engine.begin(conversation, WORLD), Fill(values), WORLD)
    handed_in = values_of(page(conversation, changed))
    later = engine.apply(conversation, changed.draft, Fill(handed_in), WORLD)
    assert later.complete, later.problems
    assert load_values(conversation, later.draft.answers, WORLD) == load_values(
        conversation, at_once.draft.answers, WORLD
    )


# — defaults —

TERMS = {"a": "cash", "b": "net 60"}
ASKING = Conversation(
    name="asking",
    version=1,
    title=T("New lead"),
    steps=(
        Field(
            key="who",
            label=T("Source"),
            kind=OneOf({one: T("Other") for one in "abc"}, {}),
            required=True,
            decides=True,
        ),
        Field(
            key="terms",
            label=T("Notes"),
            kind=Line(most=5),
            required=True,
            default=lambda answers, world: TERMS.get(answers.get("who", "")),
        ),
        Field(
            key="extra",
            label=T("Tags"),
            kind=Line(),
            seldom=True,
            default=lambda answers, world: TERMS.get(answers.get("who", "")),
        ),
    ),
)


@pytest.mark.parametrize(
    ("was", "typed", "now", "shown"),
    [
        (None, None, "a", "cash"),
        ("a", "cash", "b", "net 60"),
        ("a", " cash ", "b", "net 60"),
        ("a", "mine", "b", "mine"),
        ("a", "much too long", "b", "much too long"),
        ("a", "cash", "c", None),
        ("a", "", "a", "cash"),
        ("a", "cash", None, None),
    ],
)
def test_a_default_is_put_where_nothing_of_the_persons_own_stands(
    was: str | None, typed: str | None, now: str | None, shown: str | None
) -> None:
    draft = engine.begin(ASKING, WORLD, {} if was is None else {"who": was})
    changed = change(ASKING, draft, {"who": now, "terms": typed}, "who", WORLD)
    assert values_of(page(ASKING, changed))["terms"] == shown
    assert changed.problems == {}


def test_what_is_seldom_and_emptied_stays_empty_until_its_default_is_another() -> None:
    draft = engine.begin(ASKING, WORLD, {"who": "a"})
    opened = change(ASKING, draft, {"who": "a", "terms": "cash"}, "more", WORLD)
    assert values_of(page(ASKING, opened))["extra"] is None
    other = change(ASKING, opened.draft, {"who": "b", "terms": "cash", "extra": None}, "who", WORLD)
    assert values_of(page(ASKING, other))["extra"] == "net 60"


def test_a_form_begins_with_the_defaults_of_what_is_known() -> None:
    draft = engine.begin(ASKING, WORLD, {"who": "b"})
    first = form(ASKING, Turn(draft), WORLD, token="1.1", whole=False)
    assert values_of(first) == {"who": "b", "terms": "net 60"}
    assert [button.code for button in first.buttons] == ["more"]


def test_only_the_field_that_was_left_says_what_is_wrong_with_it() -> None:
    draft = engine.begin(ORDER, WORLD)
    values = {"title": "x" * 51, "on": "whenever", "lines.0.quantity": "many"}
    assert set(change(ORDER, draft, values, "on", WORLD).problems) == {"on"}
    assert change(ORDER, draft, values, "more", WORLD).problems == {}


def test_a_field_left_empty_is_still_asked_for_step_by_step() -> None:
    draft = engine.begin(LEAD, WORLD)
    changed = change(LEAD, draft, {"company": "Ernst Handel", "contact": "Roland", "reach": ""}, "company", WORLD)
    assert changed.draft.skipped == ()


def test_lines_are_added_up_to_the_most_there_may_be() -> None:
    draft, values = engine.begin(ORDER, WORLD), {}
    for lines in (2, 3, 3):
        drawn = page(ORDER, change(ORDER, draft, values, "add:lines", WORLD))
        values = values_of(drawn)
        assert len({field.key.split(".")[1] for field in drawn.inputs if field.key.startswith("lines.")}) == lines
    assert [button.code for button in drawn.buttons] == ["more"], "no further line"
    kept = change(ORDER, draft, values, "", WORLD).draft
    assert "lines" not in kept.answers, "the draft keeps no empty lines"


def test_an_answer_that_stopped_to_apply_stands_again_with_the_choice_that_wants_it() -> None:
    first = change(ORDER, engine.begin(ORDER, WORLD), {"kind": "b", "why": "because"}, "kind", WORLD)
    second = change(ORDER, first.draft, {"kind": "a", "why": "because"}, "kind", WORLD)
    assert "why" not in values_of(page(ORDER, second))
    third = change(ORDER, second.draft, {"kind": "b"}, "kind", WORLD)
    assert values_of(page(ORDER, third))["why"] == "because"


def test_lines_written_together_come_behind_the_others() -> None:
    conversation = with_read(ORDER)
    values = {"title": "x", "on": "tomorrow", "lines.0.product": "Tofu", "lines.paste": "Chai;Chang"}
    lacking = engine.apply(conversation, engine.begin(conversation, WORLD), Fill(values), WORLD)
    assert not lacking.complete
    values = {
        **values,
        "lines.0.product": "Chai",
        "lines.0.quantity": "1",
        "lines.1.product": "",
        "lines.1.quantity": "",
    }
    turn = engine.apply(conversation, lacking.draft, Fill(values), WORLD)
    assert turn.complete, turn.problems
    assert [line["product"] for line in turn.draft.answers["lines"]] == ["Chai", "Chai", "Chang"]
    alone = {"title": "x", "on": "tomorrow", "lines.0.product": "", "lines.paste": "Chai;Chang"}
    turn = engine.apply(conversation, engine.begin(conversation, WORLD), Fill(alone), WORLD)
    assert turn.complete, turn.problems
    assert [line["product"] for line in turn.draft.answers["lines"]] == ["Chai", "Chang"]
    many = engine.apply(
        conversation, engine.begin(conversation, WORLD), Fill({**alone, "lines.paste": "Chai;" * 3 + "Chai"}), WORLD
    )
    assert set(many.problems) == {"lines.paste"}


def test_whatever_hangs_on_an_answer_names_who_decides() -> None:
    """Where fields come and go or have defaults, a form must know what to be drawn anew for."""
    for conversation in [*REGISTERED, ORDER]:
        hang = [asked.key for asked in fields_of(conversation) if asked.when is not None or asked.default is not None]
        decide = {asked.key for asked in fields_of(conversation) if asked.decides}
        assert bool(hang) == bool(decide), conversation.name
    of = {one.name: {asked.key for asked in fields_of(one) if asked.decides} for one in REGISTERED}
    assert (of["order"], of["move"]) == ({"customer", "product"}, {"deal", "stage"})
