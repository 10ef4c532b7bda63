"""Screens as Telegram gets them: golden, and for any screen at all inside the limits and exactly as typed."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards.screen import Button, Line, Screen, Style, body, labelled, prompt, title
from bot.platforms.telegram.keyboard import BUTTONS, KEYBOARD_BYTES, LABEL_CHARACTERS, Key, shorten
from bot.platforms.telegram.renderer import Drawn, clip, render, units
from bot.wording import wording
from tests.bot.platforms.telegram.screens import GOLDEN, ODD
from tests.counterparts.telegram.formatting import Formatted, clean, read_text
from tests.counterparts.telegram.keyboards import check_markup

FOLDER = Path(__file__).parents[3] / "golden" / "telegram"
EN = wording("en", "Asia/Shanghai")


def sign(action: str) -> str:
    return f"{action}~seal"


def draw(screen: Screen, language: str = "en") -> Drawn:
    return render(screen, wording(language, "Asia/Shanghai"), sign)


def accepted(drawn: Drawn) -> Formatted:
    """The text as Telegram shows it; fails where Telegram would refuse it."""
    shown = read_text(drawn.text, parse_mode="HTML")
    assert 1 <= units(shown.text) <= 4096
    check_markup({"inline_keyboard": [[key.to_json() for key in row] for row in drawn.buttons]})
    return shown


def _packed(key: Key) -> dict[str, str]:
    return {name: value for name, value in asdict(key).items() if name != "url" or value}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    screen, language = GOLDEN[name]
    drawn = draw(screen, language)
    accepted(drawn)
    packed = {"text": drawn.text.split("\n"), "buttons": [[_packed(key) for key in row] for row in drawn.buttons]}
    file = FOLDER / f"{name}.json"
    if request.config.getoption("--golden-write"):
        file.write_text(json.dumps(packed, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert json.loads(file.read_text("utf-8")) == packed


def test_odd_words_come_out_exactly_as_typed() -> None:
    shown = accepted(draw(ODD)).text
    for typed in (
        "<b>&amp; bold</b>",
        "*_[`: '; -- <@U123> <!channel>",
        "מיכל: مرحبا بالعالم",
        "ab\ufffd",
        "👩\u200d👩\u200d👧\u200d👦 🚢",
    ):
        assert typed in shown
    assert "Dear Mr. <Mendel>,\n\n  the price is 5 < 6 & > 4" in shown


def test_too_long_a_text_loses_from_its_longest_lines_and_keeps_what_is_asked() -> None:
    asked = "Notes (optional): anything else worth knowing?"
    fields = [labelled("Company", "Ernst Handel"), labelled("Need", "x" * 5000), labelled("Notes", "万" * 3000)]
    shown = accepted(draw(Screen((*fields, prompt(asked))))).text
    assert units(shown) > 4000
    lines = shown.split("\n")
    assert lines[0] == "Company: Ernst Handel"
    assert lines[1].endswith("x…")
    assert lines[2].endswith("万…")
    assert lines[-1] == asked


def test_far_too_many_lines_keep_the_first_and_the_last() -> None:
    lines = [labelled(f"Field {number}", "value " * 20) for number in range(400)]
    shown = accepted(draw(Screen((*lines, prompt("Which?"))))).text.split("\n")
    assert shown[0].startswith("Field 0: value")
    assert shown[-1] == "Which?"


def test_even_a_prompt_beyond_the_limit_is_sent() -> None:
    shown = accepted(draw(Screen((body("x"), prompt("🚢" * 3000))))).text
    assert shown.startswith("x\n")
    assert shown.endswith("🚢…")


def test_300_buttons_keep_the_way_back() -> None:
    rows: list[tuple[Button, ...]] = [(Button(f"choice {number}", f"c:{number}"),) for number in range(300)]
    rows.append((Button("Back", "back"), Button("Cancel", "cancel")))
    drawn = draw(Screen((body("x"),), tuple(rows)))
    accepted(drawn)
    assert [key.text for key in drawn.buttons[-1]] == ["Back", "Cancel"]
    assert sum(map(len, drawn.buttons)) == BUTTONS


def test_a_heavy_keyboard_gets_shorter_labels_until_telegram_takes_it() -> None:
    rows = [(Button("万" * 80, f"c:{number}:{'x' * 10}"),) for number in range(99)]
    drawn = draw(Screen((body("x"),), (*rows, (Button("Cancel", "cancel"),))))
    assert _bytes(drawn) <= KEYBOARD_BYTES
    assert [drawn.buttons[0][0].text, drawn.buttons[-1][0].text, len(drawn.buttons)] == ["万" * 11 + "…", "Cancel", 100]


def test_a_keyboard_too_heavy_even_so_loses_buttons_and_keeps_the_way_back() -> None:
    rows = [(Button("万" * 80, f"c:{number}:{'x' * 40}"),) for number in range(99)]
    drawn = draw(Screen((body("x"),), (*rows, (Button("Cancel", "cancel"),))))
    assert _bytes(drawn) <= KEYBOARD_BYTES
    assert drawn.buttons[-1][0].text == "Cancel"
    assert 60 < len(drawn.buttons) < 100


def _bytes(drawn: Drawn) -> int:
    packed = [[key.to_json() for key in row] for row in drawn.buttons]
    return len(json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode())


def test_a_button_whose_key_is_too_long_is_left_out_and_the_message_goes() -> None:
    drawn = draw(Screen((body("x"),), ((Button("bad", "x" * 70), Button("good", "y")),)))
    assert [[key.text for key in row] for row in drawn.buttons] == [["good"]]


def refuses(action: str) -> str:
    raise ValueError(action)


def test_a_button_that_cannot_be_sealed_is_left_out() -> None:
    assert render(Screen((body("x"),), ((Button("a", "b"),),)), EN, refuses).buttons == ()


texts = (
    st.text(st.characters(codec=None), max_size=80)
    | st.text(max_size=3000)
    | st.sampled_from(["", "<", "&lt;", "\u202e", "\u200b"])
)
lines = st.builds(Line, st.sampled_from(Style), texts, st.none() | texts)
roles = st.sampled_from(["", "primary", "danger"])
buttons = st.builds(Button, texts, st.text("abc:1", min_size=1, max_size=58), roles)
rows = st.lists(st.lists(buttons, min_size=1, max_size=12).map(tuple), max_size=30)


@given(st.lists(lines, max_size=30), rows, st.sampled_from(["en", "zh_CN"]))
@example([Line(Style.TITLE, "\u202e")], [], "en")
@example([Line(Style.COPY, " ")], [], "en")
def test_any_screen_is_taken(shown: Sequence[Line], keys: Sequence[tuple[Button, ...]], language: str) -> None:
    accepted(draw(Screen(tuple(shown), tuple(keys)), language))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), min_size=1, max_size=10))
def test_any_words_come_out_as_typed(words: list[str]) -> None:
    screen = Screen((body("first"), *map(body, words), body("last")))
    assert accepted(draw(screen)).text == "\n".join(["first", *map(clean, words), "last"])


@given(st.text(max_size=40), st.integers(1, 30))
def test_clip_counts_as_telegram_does(text: str, most: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert units(clip(text, most)) <= most
    if units(text) <= most:
        assert clip(text, most) == text


def test_long_labels() -> None:
    assert len(shorten("x" * 100, LABEL_CHARACTERS)) == LABEL_CHARACTERS


def test_a_long_review_keeps_its_figures_and_what_it_comes_to() -> None:
    """The lines in the middle give way, whole: none is cut before its quantity and price."""
    name = "Stainless steel lunch box with bamboo lid and three compartments"
    lines = [labelled(f"Line {number}", f"{name}, {number}, @ 18.50 CNY") for number in range(1, 101)]
    after = [labelled("Payment terms", "T/T 30/70"), labelled("Total", "CNY 9,000"), body("Goes to: Finance")]
    screen = Screen((title("New order"), *lines, *after, prompt("Shall this be submitted?")))
    shown = accepted(draw(screen)).text.replace("\n\n", "\n").split("\n")
    assert shown[:2] == ["New order", f"Line 1: {name}, 1, @ 18.50 CNY"]
    assert shown[-4:] == [
        "Payment terms: T/T 30/70",
        "Total: CNY 9,000",
        "Goes to: Finance",
        "Shall this be submitted?",
    ]
    of_lines = [line for line in shown if line.startswith("Line ")]
    assert len(of_lines) > 30
    assert all(line.endswith("@ 18.50 CNY") for line in of_lines)
    assert f"… and {100 - len(of_lines)} more lines" in shown
