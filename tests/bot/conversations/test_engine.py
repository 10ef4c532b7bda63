"""The engine by example: answering, going back, skipping, lines, editing, more fields, choices, old drafts."""

from dataclasses import replace
from typing import Any

import pytest

from bot.conversations import engine
from bot.conversations.definition import Conversation, Field, Group
from bot.conversations.disqualify import DISQUALIFY
from bot.conversations.draft import ANOTHER, ASK, EDIT, REVIEW, Draft
from bot.conversations.drawing import draw
from bot.conversations.engine import Fill, Press, Say, apply
from bot.conversations.kinds import Line, OneOf
from bot.conversations.lead import LEAD
from bot.conversations.turns import Turn
from bot.wording import wording
from crm.core.text import T
from tests.bot.conversations.made_up import ORDER, TestWorld, codes, labels, texts

WORLD = TestWorld()
FULL: dict[str, Any] = {
    "title": "Spring",
    "kind": "a",
    "lines": [{"product": "Chai", "quantity": "500"}, {"product": "Chang", "quantity": "200", "discount": "5"}],
    "on": {"at": "2026-03-09T00:00:00+08:00", "minute": False},
}
REVIEWED = Draft(answers=FULL, skipped=("lines.0.discount", "also"), closed=("lines",), place=REVIEW)


def go(draft: Draft, *actions: Say | Press | Fill, conversation: Conversation = ORDER) -> Turn:
    """Carry the actions out one after another; all but the last must be understood and without a problem."""
    turn = Turn(draft)
    for action in actions:
        assert turn.understood
        assert turn.problem is None
        turn = apply(conversation, turn.draft, action, WORLD)
    return turn


def begun(conversation: Conversation = ORDER) -> Draft:
    return engine.begin(conversation, WORLD)


def shown(turn: Turn, conversation: Conversation = ORDER) -> list[str]:
    return list(texts(draw(conversation, turn, WORLD, token="1.1")))


def problem(turn: Turn) -> str:
    assert turn.problem is not None
    return wording("en", "UTC")(turn.problem)


def test_one_question_after_another_to_the_review() -> None:
    turn = go(
        begun(),
        Say("Spring"),
        Say("fair"),
        Say("Chai"),
        Say("500"),
        Press("skip"),
        Press("add"),
        Say("chang"),
        Say("200"),
        Say("95折"),
        Press("enough"),
        Press("skip"),
        Say("next Monday"),
    )
    assert (turn.draft.place, turn.draft.answers) == (REVIEW, FULL)
    done = go(turn.draft, Press("confirm"))
    assert done.complete
    assert done.draft.answers == FULL


def test_what_is_known_is_not_asked() -> None:
    draft = engine.begin(LEAD, WORLD, {"company": "Ernst Handel"})
    assert draft.path == ("contact",)
    assert "Company: Ernst Handel" in shown(Turn(draft), LEAD)


def test_an_answer_that_is_not_understood_is_asked_again_and_nothing_is_lost() -> None:
    draft = go(begun(), Say("Spring"), Say("fair"), Say("Chai")).draft
    turn = go(draft, Say("many"))
    assert problem(turn) == "Please write a quantity, such as 2,000."
    assert turn.draft == draft
    assert go(draft, Say("  \n ")).problem is not None


def test_a_field_that_does_not_apply_is_not_asked() -> None:
    assert go(begun(), Say("Spring"), Say("fair")).draft.path == ("lines", 0, "product")
    assert go(begun(), Say("Spring"), Say("b")).draft.path == ("why",)
    assert go(begun(), Say("Spring"), Press("skip")).draft.path == ("lines", 0, "product")


def test_a_field_that_comes_to_apply_is_asked() -> None:
    turn = go(REVIEWED, Press("go:kind"), Say("b"))
    assert (turn.draft.place, turn.draft.path) == (ASK, ("why",))
    assert go(turn.draft, Say("because")).draft.place == REVIEW


def test_back_goes_back_and_keeps_what_was_said() -> None:
    draft = go(begun(), Say("Spring"), Press("skip"), Say("Chai")).draft
    back = go(draft, Press("back"), Press("back")).draft
    assert (back.path, back.answers["title"], back.answers["lines"]) == (("kind",), "Spring", [{"product": "Chai"}])
    again = go(back, Press("choose:0")).draft
    assert (again.answers["kind"], again.path) == ("a", ("lines", 0, "quantity"))
    first = go(back, Press("back")).draft
    assert first.path == ("title",)
    assert "back" not in codes(draw(ORDER, Turn(first), WORLD, token="1.1"))
    assert not go(first, Press("back")).understood


def test_back_shows_the_answer_so_far_and_a_new_one_replaces_it() -> None:
    turn = go(begun(), Say("Spring"), Press("back"))
    assert "So far: Spring" in shown(turn)
    assert go(turn.draft, Say("Autumn")).draft.answers == {"title": "Autumn"}


def test_only_optional_fields_are_skipped() -> None:
    assert not go(begun(), Press("skip")).understood
    turn = go(begun(), Say("Spring"), Press("skip"))
    assert turn.draft.skipped == ("kind",)
    assert "kind" not in turn.draft.answers


def test_skipping_takes_an_earlier_answer_away() -> None:
    assert "kind" not in go(REVIEWED, Press("go:kind"), Press("skip")).draft.answers


def test_the_rest_of_the_optional_ones_are_skipped_at_once() -> None:
    needed = {"company": "E", "contact": "R", "source": "other", "product_need": "lamps"}
    draft = engine.begin(LEAD, WORLD, needed)
    assert draft.path == ("reach",)
    assert "review" in codes(draw(LEAD, Turn(draft), WORLD, token="1.1"))
    turn = go(draft, Press("review"), conversation=LEAD)
    assert (turn.draft.place, turn.draft.answers) == (REVIEW, needed)
    early = engine.begin(LEAD, WORLD, {"company": "E", "contact": "R"})
    assert not go(early, Press("review"), conversation=LEAD).understood


def test_lines_are_added_to_the_most_and_no_further() -> None:
    draft = go(begun(), Say("Spring"), Press("skip")).draft
    for _ in range(3):
        draft = go(draft, Say("Chai"), Say("1"), Press("skip")).draft
        assert draft.place == ANOTHER
        turn = go(draft, Press("add"))
        if turn.problem is None:
            draft = turn.draft
    assert problem(turn) == "There can be at most 3 lines."
    assert len(turn.draft.answers["lines"]) == 3


def test_the_next_line_is_typed_without_pressing_for_it() -> None:
    asked = go(begun(), Say("Spring"), Say("a"), Say("Chai"), Say("500"), Press("skip"))
    assert asked.draft.place == ANOTHER
    again = go(asked.draft, Say("Chang"))
    assert again.draft.answers["lines"] == [{"product": "Chai", "quantity": "500"}, {"product": "Chang"}]
    assert again.draft.path == ("lines", 1, "quantity")
    for neither in ("no idea", "2"):
        stays = go(asked.draft, Say(neither))
        assert stays.draft == asked.draft
        assert problem(stays).startswith("Please choose one of the buttons")


@pytest.mark.parametrize("typed", ["skip", "Skip", "跳过"])
def test_skip_is_no_answer_to_what_is_needed(typed: str) -> None:
    turn = go(begun(), Say(typed))
    assert turn.draft.answers == {}
    assert problem(turn) == "This is needed."


def test_back_from_the_question_for_more_lines() -> None:
    draft = go(begun(), Say("Spring"), Press("skip"), Say("Chai"), Say("1"), Press("skip"), Press("back")).draft
    assert draft.path == ("lines", 0, "discount")


def test_editing_a_field_leads_back_to_the_review() -> None:
    turn = go(REVIEWED, Press("edit"))
    assert turn.draft.place == EDIT
    assert labels(draw(ORDER, turn, WORLD, token="1.1"))[:3] == ["Company", "Source", "Product need"]
    turn = go(turn.draft, Press("choose:0"), Say("Autumn"))
    assert (turn.draft.place, turn.draft.answers) == (REVIEW, {**FULL, "title": "Autumn"})


def test_back_while_editing_changes_nothing() -> None:
    for steps in (
        ("edit", "back"),
        ("edit", "choose:0", "back"),
        ("edit", "choose:2", "choose:1", "back", "back", "back"),
    ):
        turn = go(REVIEWED, *(Press(step) for step in steps))
        assert (turn.draft.place, turn.draft.answers) == (REVIEW, FULL)


def test_a_line_is_edited_added_and_taken_out() -> None:
    lines = go(REVIEWED, Press("edit"), Press("choose:2"))
    assert labels(draw(ORDER, lines, WORLD, token="1.1"))[:2] == ["1. Chai, 500", "2. Chang, 200, −5%"]
    fields = go(lines.draft, Press("choose:1"))
    turn = go(fields.draft, Press("choose:1"), Say("300"))
    assert turn.draft.place == REVIEW
    assert turn.draft.answers["lines"][1] == {"product": "Chang", "quantity": "300", "discount": "5"}
    removed = go(fields.draft, Press("remove"))
    assert (removed.draft.place, removed.draft.answers["lines"]) == (REVIEW, FULL["lines"][:1])
    added = go(lines.draft, Press("add"))
    assert added.draft.path == ("lines", 2, "product")
    assert go(added.draft, Say("Chai"), Say("1"), Press("skip")).draft.place == REVIEW


def test_what_was_skipped_moves_up_with_its_line() -> None:
    answers = {**FULL, "lines": [{"product": "Chai", "quantity": "1", "discount": "5"}, {"product": "Chang"}]}
    draft = replace(REVIEWED, answers=answers, skipped=("lines.1.discount", "also"), place=EDIT, path=("lines", 0))
    turn = go(draft, Press("remove"))
    assert turn.draft.skipped == ("lines.0.discount", "also")
    assert turn.draft.path == ("lines", 0, "quantity")


def test_the_last_line_taken_out_is_asked_for_again() -> None:
    draft = replace(REVIEWED, answers={**FULL, "lines": FULL["lines"][:1]}, place=EDIT, path=("lines", 0))
    turn = go(draft, Press("remove"))
    assert turn.draft.path == ("lines", 0, "product")
    assert go(turn.draft, Say("Chai"), Say("2"), Press("skip")).draft.place == REVIEW


def test_seldom_fields_wait_behind_more_fields() -> None:
    turn = go(REVIEWED, Press("more"))
    asked = []
    while turn.draft.place == ASK:
        asked.append(turn.draft.path)
        turn = go(turn.draft, Press("skip"))
        if turn.draft.place == REVIEW and "more" in codes(draw(ORDER, turn, WORLD, token="1.1")):
            turn = go(turn.draft, Press("more"))
    assert asked == [("lines", 0, "remark"), ("lines", 1, "remark"), ("amount",), ("words",), ("reason",)]
    assert turn.draft.answers == FULL
    assert not go(turn.draft, Press("more")).understood


def test_a_seldom_field_is_answered_and_shown() -> None:
    turn = go(REVIEWED, Press("go:amount"), Say("12.5k USD"))
    assert turn.draft.place == REVIEW
    assert "Phone or e-mail: USD 12,500" in shown(turn)


def test_a_number_means_the_choice_shown() -> None:
    draft = go(begun(), Say("Spring"), Press("skip")).draft
    assert go(draft, Say("2")).draft.answers["lines"] == [{"product": "Chang"}]
    assert problem(go(draft, Say("99"))) == "Nothing called 99 was found. Part of the name is enough."
    assert go(draft, Say("Chang"), Say("2")).draft.answers["lines"][0]["quantity"] == "2"  # where figures are asked


def test_what_several_match_is_asked() -> None:
    draft = go(begun(), Say("Spring"), Press("skip")).draft
    turn = go(draft, Say("cha"))
    assert problem(turn) == "Several match cha. Which one?"
    assert turn.draft.offered == ("Chai", "Chang")
    assert apply(ORDER, turn.draft, Press("choose:1"), WORLD).draft.answers["lines"] == [{"product": "Chang"}]


def test_choices_come_in_pages() -> None:
    at_also = engine.apply(ORDER, REVIEWED, Press("go:also"), WORLD).draft
    pages = [at_also]
    while "next" in codes(draw(ORDER, Turn(pages[-1]), WORLD, token="1.1")):
        pages.append(go(pages[-1], Press("next")).draft)
    assert [len(page.offered) for page in pages] == [8, 8, 4]
    assert not go(pages[-1], Press("next")).understood
    assert not go(at_also, Press("previous")).understood
    assert go(pages[-1], Press("previous")).draft == pages[1]


def test_several_are_ticked_over_the_pages() -> None:
    at_also = engine.apply(ORDER, REVIEWED, Press("go:also"), WORLD).draft
    assert go(at_also, Press("done")).problem is not None
    ticked = go(at_also, Press("choose:0"), Press("choose:1"), Press("next"), Press("choose:0"), Press("previous"))
    assert ticked.draft.picked == ("Category 1", "Category 2", "Category 9")
    turn = go(ticked.draft, Press("choose:0"), Press("done"))
    assert turn.draft.answers["also"] == ["Category 2", "Category 9"]
    assert turn.draft.place == REVIEW


def test_a_choice_that_is_gone_meanwhile_is_not_taken() -> None:
    draft = go(begun(), Say("Spring"), Press("skip")).draft
    turn = apply(ORDER, draft, Press("choose:0"), TestWorld(gone=("Chai",)))
    assert problem(turn) == "That choice is not there any more. Please choose again."
    assert "Chai" not in turn.draft.offered
    late = apply(ORDER, REVIEWED, Press("confirm"), TestWorld(gone=("Chang",)))
    assert not late.complete
    assert late.draft.path == ("lines", 1, "product")


def test_what_the_conversation_checks_is_asked_again() -> None:
    turn = go(replace(REVIEWED, answers={**FULL, "title": "forbidden"}), Press("confirm"))
    assert not turn.complete
    assert (turn.draft.path, turn.problem is not None) == (("title",), True)
    filled = apply(ORDER, REVIEWED, Fill({"title": "forbidden"}), WORLD)
    assert (filled.complete, set(filled.problems)) == (False, {"title"})


def test_presses_that_do_not_fit_change_nothing() -> None:
    for draft, code in (
        (begun(), "confirm"),
        (begun(), "edit"),
        (begun(), "more"),
        (begun(), "enough"),
        (begun(), "choose:0"),
        (begun(), "go:kind"),
        (REVIEWED, "skip"),
        (REVIEWED, "done"),
        (REVIEWED, "remove"),
        (REVIEWED, "next"),
        (REVIEWED, "go:why"),
        (REVIEWED, "nonsense"),
    ):
        turn = apply(ORDER, draft, Press(code), WORLD)
        assert (turn.understood, turn.draft) == (False, draft), code


def test_a_conversation_of_one_question_ends_with_its_answer() -> None:
    draft = begun(DISQUALIFY)
    assert go(draft, Press("choose:1"), conversation=DISQUALIFY).complete
    turn = go(draft, Say("They only wanted a sample"), conversation=DISQUALIFY)
    assert turn.complete
    assert turn.draft.answers == {"reason": "They only wanted a sample"}
    for typed in ("no budget", wording("zh_CN", "UTC")(T("No budget"))):
        assert go(draft, Say(typed), conversation=DISQUALIFY).draft.answers == {"reason": "no_budget"}


@pytest.mark.parametrize("length", [200, 201])
def test_what_is_too_long_is_said(length: int) -> None:
    turn = go(begun(LEAD), Say("x" * length), conversation=LEAD)
    if length > 200:
        assert problem(turn) == "That is 201 characters long; at most 200 fit here."
    else:
        assert turn.problem is None


# — a form —


def test_a_form_that_is_not_whole_says_what_is_missing() -> None:
    turn = apply(ORDER, begun(), Fill({"title": "Spring", "lines.1.product": "Chai", "on": "yesterday"}), WORLD)
    assert set(turn.problems) == {"lines.1.quantity", "on"}  # a line left blank is none
    assert turn.draft.answers["title"] == "Spring"
    form = draw(ORDER, turn, WORLD, token="1.1").form
    assert form is not None
    shown = {field.key: (field.value, field.problem is not None) for field in form.inputs}
    assert shown["title"] == ("Spring", False)
    assert shown["lines.1.product"] == ("Chai", False)
    assert shown["on"] == (None, True)


def test_a_form_keeps_to_the_most_lines() -> None:
    values = {
        f"lines.{line}.{key}": text for line in range(9) for key, text in (("product", "Chai"), ("quantity", "1"))
    }
    turn = apply(ORDER, begun(), Fill({"title": "Spring", "on": "tomorrow", **values}), WORLD)
    assert turn.complete
    assert len(turn.draft.answers["lines"]) == 3


def test_a_form_choice_that_does_not_exist_is_a_problem() -> None:
    turn = apply(ORDER, REVIEWED, Fill({"also": ["Category 1", "Category 99"], "kind": "zzz"}), WORLD)
    assert set(turn.problems) == {"also", "kind"}


def test_unknown_fields_of_a_form_are_left_aside() -> None:
    turn = apply(ORDER, REVIEWED, Fill({"evil": "x", "lines.0.evil": "y", "": "z"}), WORLD)
    assert turn.complete
    assert turn.draft.answers == FULL


# — versions —


def _changed(*steps: Field | Group) -> Conversation:
    return Conversation(name="made_up", version=2, title=T("New lead"), steps=steps)


def test_an_old_draft_keeps_what_still_holds() -> None:
    newer = _changed(*ORDER.steps, Field(key="new", label=T("Budget"), kind=Line(), required=True))
    draft = engine.revive(newer, REVIEWED, WORLD)
    assert (draft.place, draft.path, draft.answers) == (ASK, ("new",), FULL)


def test_an_old_draft_loses_what_no_field_asks_for() -> None:
    kind = Field(key="kind", label=T("Source"), kind=OneOf({"z": T("Other")}, {}), required=True)
    draft = engine.revive(_changed(kind), REVIEWED, WORLD)
    assert (draft.path, draft.answers) == (("kind",), {})


def test_a_field_that_became_lines_is_asked_anew() -> None:
    title = Group(key="title", label=T("Company"), fields=(Field(key="a", label=T("Contact"), kind=Line()),))
    draft = engine.revive(_changed(title), REVIEWED, WORLD)
    assert draft.path == ("title", 0, "a")
    lines = Field(key="lines", label=T("Company"), kind=Line(), required=True)
    assert engine.revive(_changed(lines), REVIEWED, WORLD).answers == {}
