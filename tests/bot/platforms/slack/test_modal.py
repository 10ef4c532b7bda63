"""Forms as modals: golden files for both languages, and Slack's own rules for the worst of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import labels
from bot.cards.screen import Choice, Form, FormButton, Input, body, labelled
from bot.platforms.slack.modal import option, redrawn, render_form
from bot.wording import wording
from tests.bot.platforms.slack.screens import FORM, ODD, TAGGED, worst_form
from tests.bot.platforms.slack.test_renderer import WORDS, same_as_golden
from tests.counterparts.slack.blocks import problems_of_view


def form(*inputs: Input) -> Form:
    return Form("t", "token", inputs, "s", "c")


def element(field: Input) -> dict[str, object]:
    [block] = render_form(form(field), WORDS)["blocks"]
    return dict(block["element"])


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_form(request: pytest.FixtureRequest, language: str) -> None:
    view = render_form(FORM, wording(language, "Asia/Shanghai"))
    assert problems_of_view(view) == []
    same_as_golden(request, f"modal.{language}", view)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_form_with_several_choices(request: pytest.FixtureRequest, language: str) -> None:
    same_as_golden(request, f"modal-choices.{language}", render_form(TAGGED, wording(language, "Asia/Shanghai")))


def test_an_options_text_goes_on_in_its_description() -> None:
    drawn = option(Choice("1", "x" * 100, "a note"), WORDS)
    assert drawn["text"]["text"] == "x" * 74 + "…"
    assert drawn["description"]["text"] == "…" + "x" * 26 + " · a note"
    assert "description" not in option(Choice("1", "short"), WORDS)


def test_long_lists_are_searched() -> None:
    many = tuple(Choice(str(number), f"c{number}") for number in range(101))
    chosen = element(Input("k", "l", "choice", True, None, "100", many))
    assert chosen["type"] == "external_select"
    assert chosen["min_query_length"] == 0
    assert chosen["initial_option"]["text"]["text"] == "c100"
    assert element(Input("k", "l", "choice", True, None, "99", many[:100]))["type"] == "static_select"
    assert element(Input("k", "l", "choices", True, None, ["3"], many))["type"] == "multi_external_select"
    assert element(Input("k", "l", "choice", True))["type"] == "external_select"


def test_a_choice_that_is_gone_is_not_chosen() -> None:
    gone = element(Input("k", "l", "choice", True, None, "z", (Choice("a", "A"),)))
    assert "initial_option" not in gone


def test_a_value_too_long_for_slack_is_shown_and_kept() -> None:
    view = render_form(
        form(Input("need", "Need", "long", True, None, "x" * 3001), Input("a", "A", "text", False)), WORDS
    )
    assert [block["type"] for block in view["blocks"]] == ["section", "input"]
    assert problems_of_view(view) == []


def test_the_worst_forms_are_taken() -> None:
    for worst in (worst_form(), worst_form(100, options=100), worst_form(60, value="字" * 3000), worst_form(0)):
        view = render_form(worst, WORDS)
        assert problems_of_view(view) == []


def test_of_too_many_fields_the_required_ones_stay() -> None:
    inputs = [Input(f"f{number}", "Field", "text", number % 3 == 0) for number in range(150)]
    view = render_form(form(*inputs), WORDS)
    assert problems_of_view(view) == []
    shown = [block["block_id"] for block in view["blocks"][:-1]]
    assert len(shown) == 99
    assert {field.key for field in inputs if field.required} <= set(shown)
    assert shown == sorted(shown, key=lambda key: int(key[1:]))
    assert "step by step" in view["blocks"][-1]["elements"][0]["text"]


def lines(count: int, **more: object) -> list[Input]:
    keys = ("product", "quantity", "unit_price", "discount")
    return [Input(f"lines.{at}.{key}", key, "text", key != "discount", **more) for at in range(count) for key in keys]  # type: ignore[arg-type]


def test_what_others_hang_on_is_told_at_once() -> None:
    view = render_form(
        form(
            Input("a", "A", "search", True, refreshes=True),
            Input("b", "B", "text", True, refreshes=True),
            Input("c", "C", "long", True, refreshes=True),
            Input("d", "D", "text", True),
        ),
        WORDS,
    )
    assert problems_of_view(view) == []
    # Enter makes a new line in a passage: it could not be told from the end of it.
    assert [block.get("dispatch_action") for block in view["blocks"]] == [True, True, None, None]


def test_buttons_stand_below_their_field_and_at_the_end() -> None:
    buttons = (FormButton("add:lines", labels.ADD_LINE, "lines.0.discount"), FormButton("more", labels.MORE_FIELDS))
    drawn = Form("t", "token", (*lines(1), Input("terms", "Terms", "text", True)), "s", "c", (), buttons)
    view = render_form(drawn, WORDS)
    assert problems_of_view(view) == []
    assert [block["type"] for block in view["blocks"]] == [*["input"] * 4, "actions", "input", "actions"]
    assert [block["elements"][0]["value"] for block in view["blocks"] if block["type"] == "actions"] == [
        "add:lines",
        "more",
    ]


def test_no_line_is_offered_that_would_not_fit() -> None:
    def blocks(count: int) -> list[dict[str, Any]]:
        button = FormButton("add:lines", labels.ADD_LINE, f"lines.{count - 1}.discount")
        view = render_form(Form("t", "token", tuple(lines(count)), "s", "c", (), (button,)), WORDS)
        assert problems_of_view(view) == []
        return list(view["blocks"])

    assert blocks(21)[-1]["type"] == "actions"
    assert "No further lines" in blocks(23)[-1]["elements"][0]["text"]


def test_of_too_many_lines_those_give_way_that_are_known() -> None:
    ending = [Input(key, key, "text", True) for key in ("terms", "date")]
    view = render_form(form(*lines(40, value="5"), *ending), WORDS)
    assert problems_of_view(view) == []
    kept = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    assert kept[-2:] == ["terms", "date"], "what nobody has said yet has its place"
    assert kept[0] == "lines.0.product"
    assert "Not every field fits" in view["blocks"][-1]["elements"][0]["text"]


def test_what_stands_in_a_field_keeps_its_ids_and_what_we_change_gets_others() -> None:
    chosen = Choice("1", "Chai")
    opened = render_form(
        form(Input("a", "A", "text", True), Input("b", "B", "text", True, value="x"), Input("c", "C", "search", True)),
        WORDS,
    )
    state = {"a": {"value": {"type": "plain_text_input", "value": "typed"}}}
    drawn = render_form(
        form(
            Input("a", "A", "text", True, value="typed"),
            Input("b", "B", "text", True, value="y"),
            Input("c", "C", "search", True, value="1", choices=(chosen,)),
            Input("d", "D", "text", True),
        ),
        WORDS,
    )
    once = redrawn(drawn, opened | {"state": {"values": state}})
    ids = [block["element"]["action_id"] for block in once["blocks"]]
    assert ids == ["value", "value.1", "value.1", "value"]
    again = redrawn(render_form(form(Input("b", "B", "text", True, value="z")), WORDS), once)
    assert again["blocks"][0]["element"]["action_id"] == "value.2"


def test_a_form_that_is_over_only_says_so() -> None:
    view = render_form(Form("t", "", (), None, "c", (body("This is saved already."),)), WORDS)
    assert problems_of_view(view) == []
    assert "submit" not in view
    assert view["notify_on_close"] is False


def test_what_a_form_is_about_stands_above_its_fields() -> None:
    asked = Input("reason", "Reason", "text", True)
    about = (labelled("Order", "SO-2026-0001 Ernst Handel"), *(body("x" * 3000) for _ in range(40)))
    view = render_form(Form("t", "token", (asked,), "s", "c", about), WORDS)
    assert problems_of_view(view) == []
    assert "SO-2026-0001 Ernst Handel" in view["blocks"][0]["text"]["text"]
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == ["reason"]
    assert len(view["blocks"]) < 10, "the question stays in sight"


def test_odd_paths_and_values() -> None:
    view = render_form(
        form(
            Input("a", ODD, "text", False, ODD, ODD),
            Input("a", "twice", "text", False),
            Input("", "none", "text", False),
            Input("p" * 256, "long", "text", False),
            Input("b", "", "choice", False, "", "x", (Choice("x", ""), Choice("x", "again"), Choice("v" * 151, "v"))),
            Input("c", "two lines", "text", False, None, "1\n2"),
            Input("d", "number", "text", False, None, 12),
        ),
        WORDS,
    )
    assert problems_of_view(view) == []
    first = view["blocks"][0]
    assert first["label"]["text"] == first["hint"]["text"] == first["element"]["initial_value"] == ODD
    assert [block["block_id"] for block in view["blocks"]] == ["a", "b", "c", "d"]


@given(
    st.lists(
        st.builds(
            Input,
            key=st.text(min_size=1, max_size=8),
            label=st.text(max_size=30),
            kind=st.sampled_from(["text", "long", "choice", "search"]),
            required=st.booleans(),
            hint=st.none() | st.text(max_size=30),
            value=st.none() | st.text(max_size=200),
            choices=st.lists(st.builds(Choice, st.text(max_size=160), st.text(max_size=90)), max_size=4).map(tuple),
        ),
        max_size=6,
    )
)
def test_any_words_make_a_modal_that_slack_takes(inputs: list[Input]) -> None:
    assert problems_of_view(render_form(form(*inputs), WORDS)) == []
