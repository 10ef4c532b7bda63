"""The offset moves past what is done, never past what waits."""

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.telegram.window import MOST, Window


def test_one_that_waits_holds_the_offset_and_not_the_others() -> None:
    window = Window()
    assert window.offset is None
    assert [window.admit(number) for number in (10, 11, 12)] == [True, True, True]
    window.settle(12)
    window.settle(10)
    assert window.offset == 11
    assert [window.admit(number) for number in (11, 12, 13)] == [False, False, True]
    window.settle(11)
    assert window.offset == 13
    window.settle(13)
    assert (window.offset, window.is_idle) == (14, True)


def test_full_is_when_nothing_newer_can_be_shown() -> None:
    window = Window()
    for number in range(1, MOST + 1):
        window.admit(number)
    assert window.is_full
    for number in range(2, MOST + 1):
        window.settle(number)
    assert window.is_full
    window.settle(1)
    assert not window.is_full


def test_one_done_while_a_poll_is_under_way_is_not_taken_from_it() -> None:
    window = Window()
    window.admit(10)
    assert window.ask() == 10
    window.settle(10)
    assert [window.admit(10), window.admit(11)] == [False, True]
    assert window.ask() == 11


def test_an_old_one_shown_once_more_is_taken_once_more() -> None:
    window = Window()
    window.admit(10)
    window.settle(10)
    assert window.ask() == 11
    assert window.admit(10)
    assert window.offset == 10
    window.settle(10)
    assert window.offset == 11


@given(st.lists(st.integers(1, 30), unique=True), st.randoms())
def test_everything_below_the_offset_is_settled(numbers: list[int], random: object) -> None:
    window = Window()
    for number in numbers:
        window.admit(number)
    waiting = set(numbers)
    random.shuffle(numbers)  # type: ignore[attr-defined]
    for number in numbers:
        window.settle(number)
        waiting.discard(number)
        assert window.offset is not None
        assert all(other >= window.offset for other in waiting)
    assert window.offset == (max(numbers) + 1 if numbers else None)
