"""What and when, said in one breath wherever it is asked."""

import pytest

from tests.bot.trading_desk import LI, TradingDesk

THREE = "2026年3月3日 周二 15:00"


@pytest.fixture
async def chinese(small_company: TradingDesk) -> TradingDesk:
    await small_company.say(LI, "/settings language zh")
    return small_company


@pytest.mark.parametrize("typed", ["明天下午3点给 Huis & Haard 打电话", "提醒 明天下午3点给 Huis & Haard 打电话"])
async def test_a_date_typed_with_the_text_is_not_asked_again(chinese: TradingDesk, typed: str) -> None:
    shown = await chinese.say(LI, "提醒", typed)
    assert shown.lines[1].endswith(": 给 Huis & Haard 打电话")
    assert shown.lines[2].endswith(THREE)
    assert any("确认" in label for label in shown.labels)


async def test_in_english_too(small_company: TradingDesk) -> None:
    shown = await small_company.say(LI, "remind", "call Hans tomorrow 3pm")
    assert shown.lines[1:3] == ("Text: call Hans", "When: Tue 3 Mar 2026 15:00")


async def test_a_text_that_is_but_a_date_answers_when(small_company: TradingDesk) -> None:
    shown = await small_company.say(LI, "remind", "tomorrow 3pm")
    assert "When: Tue 3 Mar 2026 15:00" in shown.lines
    assert shown.lines[-1].startswith("Text")
    shown = await small_company.say(LI, "prepare the Friday meeting")
    assert "Text: prepare the Friday meeting" in shown.lines
    assert "When: Tue 3 Mar 2026 15:00" in shown.lines


async def test_a_date_gone_by_is_told_and_the_text_kept(small_company: TradingDesk) -> None:
    shown = await small_company.say(LI, "remind", "call Hans yesterday 3pm")
    assert "Text: call Hans" in shown.lines
    assert "is in the past" in shown.lines[-2]
    assert shown.lines[-1].startswith("When")


async def test_words_beside_the_date_are_allowed(chinese: TradingDesk) -> None:
    shown = await chinese.say(LI, "提醒", "寄样品", "明天下午3点提醒我联系 Polder")
    assert shown.lines[1].endswith(": 寄样品")
    assert shown.lines[2].endswith(THREE)


@pytest.mark.parametrize(
    ("typed", "text", "at"),
    [
        ("提醒我后天下午3点给Monte Cavallo发样品", "给Monte Cavallo发样品", "2026年3月4日 周三 15:00"),
        ("明天下午3点提醒我联系 Polder", "联系 Polder", THREE),
        ("提醒明天下午3点联系 Polder", "联系 Polder", THREE),
    ],
)
async def test_understood_without_a_space_and_nothing_written_unasked(
    chinese: TradingDesk, typed: str, text: str, at: str
) -> None:
    shown = await chinese.say(LI, typed)
    assert shown.lines[1].endswith(f": {text}")
    assert shown.lines[2].endswith(at)
    assert chinese.desk.rows("SELECT count(*) AS n FROM tasks")[0].n == 0
    await chinese.press(LI, "确认")
    assert [row.text for row in chinese.desk.rows("SELECT text FROM tasks")] == [text]


async def test_an_answer_to_an_open_question_stays_one(chinese: TradingDesk) -> None:
    shown = await chinese.say(LI, "线索", "提醒我贸易公司")
    assert any(line.endswith(": 提醒我贸易公司") for line in shown.lines)
