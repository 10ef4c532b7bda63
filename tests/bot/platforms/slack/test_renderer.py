"""Screens as messages: golden files for both languages, and Slack's own rules for everything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.screen import Button, Line, Screen, Style, body
from bot.platforms.slack.renderer import render
from bot.platforms.slack.text import cut, length, shorten
from bot.wording import wording
from tests.bot.platforms.slack.screens import LEAD, ODD, WORST
from tests.counterparts.slack.blocks import problems_of_blocks
from tests.counterparts.slack.shown import text_of

GOLDEN = Path(__file__).parents[3] / "golden" / "slack"
WORDS = wording("en", "Asia/Shanghai")


def sign(action: str) -> str:
    return f"{action}~sealed"


def same_as_golden(request: pytest.FixtureRequest, name: str, drawn: Any) -> None:
    file = GOLDEN / f"{name}.json"
    text = json.dumps(drawn, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--golden-write"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text


def check(screen: Screen, language: str = "en") -> str:
    """Slack takes it; returns what one sees."""
    drawn = render(screen, wording(language, "Asia/Shanghai"), sign)
    assert problems_of_blocks(drawn.blocks, where="message", at_most=50) == []
    assert 0 < len(drawn.text) <= 3000
    return text_of(drawn.blocks)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_message(request: pytest.FixtureRequest, language: str) -> None:
    check(LEAD, language)
    drawn = render(LEAD, wording(language, "Asia/Shanghai"), sign)
    same_as_golden(request, f"message.{language}", {"text": drawn.text, "blocks": drawn.blocks})


def test_somebodys_words_are_shown_as_they_are() -> None:
    for style in set(Style) - {Style.COPY}:
        assert ODD in check(Screen((Line(style, ODD, "label" if style is Style.FIELD else None),)))
    drawn = render(Screen((body(ODD),)), WORDS, sign)
    assert "<" not in drawn.text
    assert json.dumps(drawn.blocks).count("mrkdwn") == 0


def test_what_is_to_be_copied_cannot_leave_its_block() -> None:
    drawn = render(Screen((Line(Style.COPY, "a ``` <!channel> & b"),)), WORDS, sign)
    [block] = drawn.blocks
    text = block["text"]["text"]
    assert text.startswith("```\n")
    assert text.endswith("\n```")
    assert text.count("```") == 2
    assert "&lt;!channel&gt; &amp; b" in text


def test_a_long_copy_is_not_cut_through_an_escape() -> None:
    drawn = render(Screen((Line(Style.COPY, "&" * 4000),)), WORDS, sign)
    parts = [block["text"]["text"][4:-4] for block in drawn.blocks]
    assert all(part == "&amp;" * (len(part) // 5) for part in parts)
    assert sum(len(part) for part in parts) == 20_000


def test_the_worst_screen_is_taken_and_still_asks() -> None:
    shown = check(WORST)
    assert shown.endswith("the end")


@pytest.mark.parametrize("count", [1, 5, 6, 300, 2000])
def test_any_number_of_buttons(count: int) -> None:
    one_row = Screen((), (tuple(Button(f"b{number}", f"a{number}") for number in range(count)),))
    check(one_row)
    check(Screen((body("x" * 200_000),), tuple((button,) for button in one_row.rows[0])))


def test_an_empty_screen_is_still_a_message() -> None:
    check(Screen(()))
    check(Screen((body(""),), ((Button("", "a"),),)))


def test_a_choices_note_stands_beside_its_button() -> None:
    drawn = render(Screen((), ((Button("Ernst Handel", "a", note="Graz · A"),),)), WORDS, sign)
    [block] = drawn.blocks
    assert block["text"]["text"] == "Graz · A"
    assert block["accessory"]["value"] == "a~sealed"


@given(st.text(), st.integers(2, 40))
def test_cutting_loses_nothing_and_fits(text: str, most: int) -> None:
    head, tail = cut(text, most)
    assert head + tail == text
    assert length(head) <= most
    assert length(shorten(text, most)) <= most


@given(
    st.lists(st.tuples(st.sampled_from(Style), st.text(max_size=80)), max_size=8),
    st.lists(st.lists(st.text(max_size=90), max_size=7), max_size=4),
)
def test_any_words_make_a_message_that_slack_takes(lines: list[tuple[Style, str]], rows: list[list[str]]) -> None:
    check(
        Screen(
            tuple(Line(style, text) for style, text in lines),
            tuple(tuple(Button(label, "a") for label in row) for row in rows),
        )
    )
