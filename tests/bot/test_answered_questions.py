"""Which questions are taken away, and what stays in their place."""

from tests.bot.front_desk import Desk


async def test_what_became_of_a_question_stays_when_the_next_is_asked(desk: Desk, li: str) -> None:
    """The review became "Saved lead", with its buttons: that is no question any more."""
    await desk.log_lead(li)
    await desk.say(li, "/lead Karl")
    saved, asked = desk.room.chat(li)
    assert "Saved lead" in saved.text
    assert "Undo" in saved.labels
    assert asked.lines[-1].startswith("Contact")


async def test_what_was_cancelled_stays_and_can_be_gone_on_with(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    await desk.press(li, "Cancel")
    await desk.say(li, "/lead Karl")
    cancelled, _ = desk.room.chat(li)
    assert cancelled.labels == ["Continue"]


async def test_another_message_that_is_replaced_leaves_the_question_alone(desk: Desk, li: str) -> None:
    await desk.say(li, "/settings")
    settings = desk.room.last(li)
    await desk.say(li, "/lead")
    await desk.press(li, "中文", on=settings)
    await desk.say(li, "万通贸易")
    # The first question is answered and gone; what the press had replaced is still there.
    assert [shown.lines[-1][:3] for shown in desk.room.chat(li)][1:] == ["联系人"]
