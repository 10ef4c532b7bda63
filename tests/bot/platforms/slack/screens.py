"""What the renderers are shown: ordinary screens and forms, and the worst there can be."""

from datetime import UTC, datetime
from decimal import Decimal

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
from crm.core.money import Money
from crm.core.text import T

ODD = "<b>x</b> *bold* _it_ `c` ```f``` '; -- <@U123> <!channel> & &amp; שלום\u202e 👩‍👧 :tada:"

LEAD = Screen(
    (
        title(T("New lead")),
        labelled(T("Company"), "阳光贸易 <b>Sun</b>"),
        labelled(
            T("Budget"), T("{low} to {high}", low=Money(Decimal(30000), "USD"), high=Money(Decimal(50000), "USD"))
        ),
        muted(T("Logged {at}", at=datetime(2030, 1, 2, 3, 4, tzinfo=UTC))),
        problem(T("This is needed.")),
        Line(Style.COPY, "Dear Anna,\n<b>thank</b> you & see ```code``` <@U1>"),
        prompt(T("Is everything right?")),
    ),
    (
        (Button(T("Confirm"), "c:1.1:confirm", "primary", "✅"),),
        (Button(T("Edit"), "c:1.1:edit"), Button(T("Cancel"), "c:1.1:cancel", "danger")),
        (Button("Ernst Handel", "c:1.1:choose:0", note="Graz · A"),),
    ),
)

FORM = Form(
    T("New lead"),
    "1.1~sealed",
    (
        Input("company", T("Company"), "text", True, T("the firm's name, as on its card"), "阳光贸易 <b>"),
        Input(
            "source",
            T("Source"),
            "choice",
            True,
            None,
            "referral",
            (
                Choice("exhibition", T("Exhibition")),
                Choice("referral", T("Customer referral"), T("Notes")),
            ),
        ),
        Input("customer", T("Product category"), "search", False, None, "7", (Choice("7", "Ernst Handel", "Graz"),)),
        Input("lines.0.product", T("{label} {number}", label=T("Product need"), number=1), "text", False),
        Input("notes", T("Notes"), "long", False, None, "one\ntwo", (), T("This is needed.")),
    ),
    T("Confirm"),
    T("Cancel"),
)

TAGGED = Form(
    T("Tags"),
    "t",
    (Input("tags", T("Tags"), "choices", False, None, ["a", "c"], tuple(Choice(v, v.upper()) for v in "abc")),),
    T("Confirm"),
    T("Cancel"),
)

WORST = Screen(
    (
        title("T" * 400),
        *(labelled("L" * 200, ODD * 60) for _ in range(60)),
        *(muted(f"m{number} {ODD}") for number in range(60)),
        body(" \n "),
        body("\x00\ud800"),
        Line(Style.COPY, "&" * 9000),
        prompt("the end"),
    ),
    tuple((Button(f"choice {number} " + "很" * 100, f"c:1:choose:{number}", note="n" * 200),) for number in range(300)),
)


def worst_form(count: int = 120, *, options: int = 300, value: str = "v") -> Form:
    kinds = ("text", "long", "choice", "search")
    inputs = tuple(
        Input(
            f"lines.{number}.{kinds[number % 4]}",
            "很长" * 2000,
            kinds[number % 4],
            number % 3 == 0,
            "h" * 3000,
            value if number % 4 < 2 else "2",
            tuple(Choice(f"{at % 299}", f"{at} " + "字" * 100, "n" * 200) for at in range(options)),
            "p" * 5000 if number % 5 == 0 else None,
        )
        for number in range(count)
    )
    return Form("长" * 60, "t" * 60, inputs, "S" * 60, "C" * 60)
