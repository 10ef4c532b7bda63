"""Whatever is typed, pressed or filled in: the draft stays clean JSON and can always be drawn."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.screen import pack_screen, unpack_screen
from bot.conversations import engine
from bot.conversations.definition import Conversation, Group
from bot.conversations.disqualify import DISQUALIFY
from bot.conversations.draft import ANOTHER, ASK, EDIT, REVIEW, Draft, get_answer, missing, path_id, read_path, spots
from bot.conversations.drawing import draw
from bot.conversations.engine import Fill, Press, Say
from bot.conversations.lead import LEAD
from bot.conversations.turns import Turn
from tests.bot.conversations.made_up import CATEGORIES, ORDER, PRODUCTS, TestWorld, codes, texts

CONVERSATIONS = (LEAD, ORDER, DISQUALIFY)
WORLDS = (TestWorld("en"), TestWorld("zh_CN"))

ODD = (
    "\x00",
    "a\x00b",
    "\ud800",
    "x\udfffy",
    "שלום \u202egnp.exe",
    "🏮" * 50,
    "长" * 4000,
    "<b>bold</b>",
    "*_[link](x)`~",
    "'; DROP TABLE leads; --",
    "{company} {0} %s %(x)s",
    "1",
    "2",
    "٣",
    "²",
    "9" * 5000,
    "1" + "0" * 400,
    "-1",
    "1e999999",
    "NaN",
    "0/0/0",
    "31/02/2026",
    "30-50k USD",
    "95折",
    "tomorrow",
    "明天下午3点",
    ",，;；、",
    "skip",
    "+49 30 901820",
    "\n\n\t \u2028",
)
SENSIBLE = ("Ernst Handel", "fair", "b", "a", "Chai", "Ch", "2打", "500", "5%", "tomorrow", "12,500 USD", "Category 2")
TEXTS = st.one_of(
    st.sampled_from(ODD), st.sampled_from(SENSIBLE), st.text(st.characters(), max_size=60), st.sampled_from(PRODUCTS)
)
CODES = st.one_of(
    st.sampled_from(
        [
            "skip",
            "back",
            "next",
            "previous",
            "confirm",
            "edit",
            "more",
            "add",
            "enough",
            "remove",
            "done",
            "review",
            "cancel",
            "choose:",
            "choose:0",
            "choose:7",
            "choose:-1",
            "choose:99999999999",
            "go:",
            "go:title",
            "go:company",
            "go:lines.0.product",
            "go:lines.9.product",
            "go:lines",
            "go:x.y",
            "go:lines.0",
        ]
    ),
    st.builds("choose:{}".format, st.integers(0, 9)),
    st.builds("go:{}".format, st.sampled_from(["9" * 5000, "lines." + "9" * 5000 + ".product"])),
    st.text(max_size=10),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    TEXTS, st.none(), st.lists(st.one_of(TEXTS, st.sampled_from(CATEGORIES)), max_size=3), st.booleans(), st.integers()
)


def _paths(conversation: Conversation) -> st.SearchStrategy[str]:
    found = [
        path
        for step in conversation.steps
        for path in (
            [f"{step.key}.{line}.{inner.key}" for line in range(4) for inner in step.fields]
            if isinstance(step, Group)
            else [step.key]
        )
    ]
    return st.one_of(
        st.sampled_from(found), st.sampled_from(["", ".", "lines", "lines.x.product", "lines." + "9" * 5000 + ".x"])
    )


def _is_clean(conversation: Conversation, turn: Turn, world: TestWorld) -> list[str]:
    """The draft survives JSON, stands at a place that is, and its screen can be packed and read; its codes."""
    draft = turn.draft
    packed = json.dumps(draft.to_json())
    assert Draft.from_json(json.loads(packed)) == draft
    assert draft.place in {ASK, ANOTHER, REVIEW, EDIT}
    if draft.place == ASK:
        assert conversation.field(draft.path)
    if turn.complete:
        assert missing(conversation, draft) is None
    screen = draw(conversation, turn, world, token="7.1")
    assert unpack_screen(json.loads(json.dumps(pack_screen(screen)))) == screen
    for language in ("en", "zh_CN"):
        assert all(isinstance(text, str) for text in texts(screen, language))
    return codes(screen)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)
@given(data=st.data())
def test_any_sequence_of_actions_leaves_a_clean_draft(conversation: Conversation, data: st.DataObject) -> None:
    world = data.draw(st.sampled_from(WORLDS))
    draft = engine.begin(conversation, world)
    shown = _is_clean(conversation, Turn(draft), world)
    for _ in range(data.draw(st.integers(1, 12))):
        action = data.draw(
            st.one_of(
                st.builds(Say, TEXTS),
                st.builds(Press, st.sampled_from(shown)),
                st.builds(Press, st.sampled_from(shown)),
                st.builds(Press, CODES),
                st.builds(Fill, st.dictionaries(_paths(conversation), VALUES, max_size=6)),
            )
        )
        turn = engine.apply(conversation, draft, action, world)
        shown = _is_clean(conversation, turn, world)
        draft = turn.draft


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)
@given(data=st.data())
def test_every_button_shown_is_understood(conversation: Conversation, data: st.DataObject) -> None:
    """What is drawn can be pressed: `cancel` is the handlers' business, everything else the engine's."""
    world = WORLDS[0]
    draft = engine.begin(conversation, world)
    for _ in range(8):
        turn = Turn(draft)
        screen = draw(conversation, turn, world, token="7.1")
        for code in codes(screen):
            if code != "cancel":
                assert engine.apply(conversation, draft, Press(code), world).understood, code
        action = data.draw(st.one_of(st.builds(Press, st.sampled_from(codes(screen))), st.builds(Say, TEXTS)))
        draft = engine.apply(conversation, draft, action, world).draft


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)
@given(data=st.data())
def test_any_old_draft_can_be_revived(conversation: Conversation, data: st.DataObject) -> None:
    """Answers under keys that were something else in another version."""
    keys = [step.key for step in conversation.steps] + ["unknown"]
    plain: st.SearchStrategy[Any] = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["product", "quantity", "phone", "at", "minute", "low", "x"]), inner),
        ),
        max_leaves=5,
    )
    answers = data.draw(st.dictionaries(st.sampled_from(keys), plain, max_size=5))
    answers = {key: value for key, value in answers.items() if value is not None}
    draft = Draft(answers=answers, place=data.draw(st.sampled_from([ASK, REVIEW, EDIT])), path=("unknown",))
    world = WORLDS[0]
    revived = engine.revive(conversation, draft, world)
    _is_clean(conversation, Turn(revived), world)
    for path, asked in spots(conversation, revived, seldom=True):
        value = get_answer(revived.answers, path)
        assert value is None or asked.kind.holds(value, world)


# — a form and the steps are one —

_WORD = st.text(st.characters(categories=("L", "Lo")), min_size=1, max_size=20)
LEAD_VALUES = st.fixed_dictionaries(
    {
        "company": _WORD,
        "contact": st.sampled_from(["Roland", "王经理", "<b>", "'; --"]),
        "source": st.sampled_from(["exhibition", "fair", "展会", "web", "Customer referral"]),
        "product_need": st.sampled_from(["500 LED panels", "灯具\n第二行", "🏮 *_["]),
    },
    optional={
        "reach": st.sampled_from(["+49 30 901820", "wang@example.cn", "wechat: wang88 / +49 30 901820"]),
        "country": st.sampled_from(["Germany", "德国", "DE"]),
        "product_category": st.sampled_from(["Category 5", "Lamps of all kinds"]),
        "budget": st.sampled_from(["30-50k USD", "up to 2000", "30万"]),
        "next_follow_up": st.sampled_from(["tomorrow", "next Tuesday 3pm", "25/12"]),
        "tags": st.sampled_from(["Canton Fair 2026, 广交会", "#x"]),
        "notes": st.sampled_from(["line\nline", "{company}"]),
    },
)
_LINE = st.fixed_dictionaries(
    {"product": st.sampled_from(PRODUCTS), "quantity": st.sampled_from(["2打", "500", "1.5"])},
    optional={"discount": st.sampled_from(["5%", "95折"])},
)
ORDER_VALUES = st.builds(
    lambda head, lines: (
        head | {f"lines.{at}.{key}": text for at, line in enumerate(lines) for key, text in line.items()}
    ),
    st.fixed_dictionaries(
        {"title": _WORD, "kind": st.sampled_from(["fair", "b"]), "why": st.just("because"), "on": st.just("tomorrow")},
        optional={"also": st.sampled_from([["Category 2"], ["Category 3", "Category 20"]])},
    ),
    st.lists(_LINE, min_size=1, max_size=3),
).map(lambda values: values if values["kind"] == "b" else {k: v for k, v in values.items() if k != "why"})


def _by_steps(conversation: Conversation, values: Mapping[str, Any], world: TestWorld) -> Turn:
    """Answers one question after another, skips what is not among the values, confirms."""
    turn = Turn(engine.begin(conversation, world))
    for _ in range(60):
        draft = turn.draft
        if turn.complete:
            return turn
        assert turn.problem is None, turn.problem
        if draft.place == REVIEW:
            action: Say | Press = Press("confirm")
        elif draft.picked:
            action = Press("done")  # one name typed in full ticks it, several are the answer
        elif draft.place == ANOTHER:
            more = any(read_path(name)[1:2] == (len(draft.answers["lines"]),) for name in values)
            action = Press("add" if more else "enough")
        else:
            value = values.get(path_id(draft.path))
            said = ", ".join(value) if isinstance(value, list) else value
            action = Press("skip") if said is None else Say(said)
        turn = engine.apply(conversation, draft, action, world)
    raise AssertionError(f"no end: {turn.draft}")


@settings(max_examples=100)
@given(values=LEAD_VALUES, world=st.sampled_from(WORLDS))
def test_a_lead_by_form_is_the_same_as_by_steps(values: dict[str, Any], world: TestWorld) -> None:
    form = engine.apply(LEAD, engine.begin(LEAD, world), Fill(values), world)
    assert form.complete, form.problems
    assert form.draft.answers == _by_steps(LEAD, values, world).draft.answers


@settings(max_examples=100)
@given(values=ORDER_VALUES, world=st.sampled_from(WORLDS))
def test_lines_by_form_are_the_same_as_by_steps(values: dict[str, Any], world: TestWorld) -> None:
    form = engine.apply(ORDER, engine.begin(ORDER, world), Fill(values), world)
    assert form.complete, form.problems
    assert form.draft.answers == _by_steps(ORDER, values, world).draft.answers


@given(values=LEAD_VALUES, wrong=st.sampled_from(["reach", "country", "budget", "next_follow_up"]))
def test_a_form_with_a_problem_says_what_the_step_would_say(values: dict[str, Any], wrong: str) -> None:
    world = WORLDS[0]
    form = engine.apply(LEAD, engine.begin(LEAD, world), Fill({**values, wrong: "qwrtz !"}), world)
    assert set(form.problems) == {wrong}
    assert not form.complete
    asked = Draft().at(ASK, (wrong,))
    assert engine.apply(LEAD, asked, Say("qwrtz !"), world).problem == form.problems[wrong]
    mended = engine.apply(LEAD, form.draft, Fill({wrong: ""}), world)  # the rest is kept
    assert mended.complete
    values.pop(wrong, None)
    assert mended.draft.answers == _by_steps(LEAD, values, world).draft.answers
