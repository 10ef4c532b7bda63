"""What the page is given to show. Golden files: look at what changes in them before keeping it (`--golden-write`)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cards.screen import (
    Button,
    Choice,
    Form,
    Input,
    Line,
    Screen,
    Style,
    body,
    labelled,
    muted,
    problem,
    prompt,
    title,
)
from bot.gateway import Message
from bot.platforms.web.forms import MOST_CHOICES, MOST_INPUTS, draw_form
from bot.platforms.web.renderer import MOST_BUTTONS, MOST_CHARACTERS, MOST_LINES, draw
from bot.wording import wording
from crm.core.money import Money
from crm.core.text import T

GOLDEN = Path(__file__).parents[3] / "golden" / "web"

AWKWARD = "<b>bold</b> *_[x](y) '; -- <@U123> <!channel> & \u202eمرحبا\u202c 🚢 ${x} {name} \\n\ttab\nline"

CHOSEN = Choice("7", "Ernst Handel")
SCREENS = {
    "question": Screen(
        (
            title("New lead"),
            labelled("Company", AWKWARD),
            labelled("Budget", T("{amount}", amount=Money(Decimal("620000.5"), "CNY"))),
            problem("That is no phone number."),
            prompt("Contact: who you spoke to"),
        ),
        ((Button("Back", "back:1"), Button("Skip", "skip:1")), (Button("Cancel", "cancel:1"),)),
    ),
    "decision": Screen(
        (
            title("Order 17"),
            body("Two lines\nof text"),
            muted("Sent by Anna Berg"),
            Line(Style.COPY, "Dear 王经理,\n…"),
        ),
        (
            (
                Button("Approve", "order.approve:17", role="primary", mark="✅"),
                Button("Reject", "order.reject:17", "danger"),
            ),
            (Button("Chai", "pick:1", note="10 boxes x 20 bags"),),
        ),
    ),
    "form": Screen(
        (prompt("Customer?"),),
        ((Button("Cancel", "cancel:1"),),),
        Form(
            T("New order"),
            "12.3~seal",
            (
                Input("customer", T("Customer"), "search", True, T("part of the name is enough"), "7", (CHOSEN,)),
                Input("terms", AWKWARD, "choice", False, AWKWARD, None, (Choice("a", AWKWARD, AWKWARD), CHOSEN)),
                Input("tags", "Tags", "choices", False, value=["7"], choices=(CHOSEN,)),
                Input("lines.0.quantity", T("{label} {number}", label="Quantity", number=1), "text", True, value="x"),
                Input("notes", T("Notes"), "long", False, value=AWKWARD, problem=T("This is needed.")),
            ),
            T("Submit"),
            T("Cancel"),
        ),
    ),
}


def message(screen: Screen, language: str = "en", sign=lambda action: f"{action}~seal") -> Message:
    return Message(
        chat_id="person-1", is_private=True, screen=screen, wording=wording(language, "Asia/Shanghai"), sign=sign
    )


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_screens_are_drawn_as_before(request: pytest.FixtureRequest, name: str, language: str):
    path = GOLDEN / f"{name}.{language}.json"
    drawn = json.dumps(draw(message(SCREENS[name], language)), ensure_ascii=False, indent=2) + "\n"
    if request.config.getoption("--golden-write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn)
    assert drawn == path.read_text()


def test_somebodys_words_come_through_as_they_were_typed():
    drawn = draw(message(Screen((body(AWKWARD), labelled(AWKWARD, AWKWARD)), ((Button(AWKWARD, "a"),),))))
    assert drawn["lines"][0]["text"] == AWKWARD
    assert drawn["lines"][1] == {"style": "field", "text": AWKWARD, "label": AWKWARD}
    assert drawn["rows"][0][0]["label"] == AWKWARD


def test_the_longest_things_are_shortened_and_the_question_stays():
    lines = (*(body(str(number)) for number in range(2 * MOST_LINES)), prompt("x" * (2 * MOST_CHARACTERS)))
    rows = tuple((Button(f"choice {number}", f"pick:{number}"),) for number in range(2 * MOST_BUTTONS))
    drawn = draw(message(Screen(lines, rows)))
    assert len(drawn["lines"]) == MOST_LINES
    assert drawn["lines"][-1]["style"] == "prompt"
    assert len(drawn["lines"][-1]["text"]) == MOST_CHARACTERS
    assert drawn["lines"][-1]["text"].endswith("…")
    assert [row[0]["label"] for row in drawn["rows"]] == [f"choice {number}" for number in range(MOST_BUTTONS)]


def test_a_form_of_any_size_is_drawn():
    choices = tuple(Choice(str(number), str(number)) for number in range(MOST_CHOICES + 5))
    asked = tuple(Input(f"field {number}", "x", "text", False) for number in range(MOST_INPUTS))
    form = Form("f", "1.1", (Input("list", "x", "choice", False, choices=choices), *asked), "s", "c")
    drawn = draw_form(form, wording("en", "UTC"))
    assert len(drawn["inputs"]) == MOST_INPUTS
    assert len(drawn["inputs"][0]["choices"]) == MOST_CHOICES


def test_a_row_that_is_too_long_is_cut_where_the_buttons_end():
    rows = (tuple(Button(str(number), f"a:{number}") for number in range(MOST_BUTTONS + 5)), (Button("last", "b"),))
    drawn = draw(message(Screen((), rows)))
    assert [len(row) for row in drawn["rows"]] == [MOST_BUTTONS]


def test_a_button_that_cannot_be_sealed_is_left_out_rather_than_the_message():
    def sign(action: str) -> str:
        if action == "too long":
            raise ValueError(action)
        return action

    drawn = draw(
        message(
            Screen((body("x"),), ((Button("a", "too long"), Button("b", "b")), (Button("c", "too long"),))), sign=sign
        )
    )
    assert [[button["label"] for button in row] for row in drawn["rows"]] == [["b"]]
