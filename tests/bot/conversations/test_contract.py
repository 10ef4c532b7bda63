"""What people and their help texts rely on: labels in both languages, and a last line that asks for one field."""

import re
from collections.abc import Iterator

import pytest

from bot.cards import labels
from bot.cards.screen import Style
from bot.conversations.definition import Conversation, Field, Group
from bot.conversations.draft import ANOTHER, ASK, REVIEW, Draft, Path, path_id
from bot.conversations.drawing import draw
from bot.conversations.engine import Press, apply
from bot.conversations.lead import LEAD
from bot.conversations.turns import Turn
from bot.handlers import guided
from bot.wording import wording
from tests.bot.conversations.made_up import ORDER, TestWorld
from tests.bot.conversations.made_up import labels as labels_on

REGISTERED = [guide.conversation for guide in guided._GUIDES.values()]
LANGUAGES = ("en", "zh_CN")
LEAD_LABELS = (
    ("company", "Company", "公司名称", True),
    ("contact", "Contact", "联系人", True),
    ("reach", "Phone or e-mail", "电话或邮箱", False),
    ("country", "Country or region", "国家或地区", False),
    ("source", "Source", "来源", True),
    ("product_need", "Product need", "产品需求", True),
    ("product_category", "Product category", "产品类别", False),
    ("budget", "Budget", "预算范围", False),
    ("next_follow_up", "Next follow-up", "下次跟进", False),
    ("tags", "Tags", "标签", False),
    ("notes", "Notes", "备注", False),
)
BUTTONS = {
    "SAVE": ("Save", "保存"),
    "CONFIRM": ("Confirm", "确认"),
    "SUBMIT": ("Submit", "提交审批"),
    "EDIT": ("Edit", "修改"),
    "BACK": ("Back", "上一步"),
    "SKIP": ("Skip", "跳过"),
    "CANCEL": ("Cancel", "取消"),
    "CONTINUE": ("Continue", "继续填写"),
    "ADD_LINE": ("Add another line", "再加一行"),
    "NO_MORE_LINES": ("No more lines", "明细完成"),
    "NEXT": ("Next", "下一页"),
    "PREVIOUS": ("Previous", "前一页"),
    "MORE_FIELDS": ("More fields", "更多字段"),
    "UNDO": ("Undo", "撤销"),
    "DISQUALIFY": ("Disqualify", "标为无效"),
}


def _places(conversation: Conversation) -> Iterator[tuple[Path, Field]]:
    for step in conversation.steps:
        if isinstance(step, Field):
            yield (step.key,), step
        else:
            yield from (((step.key, 0, inner.key), inner) for inner in step.fields)


def _labels(conversation: Conversation, language: str) -> set[str]:
    words = wording(language, "UTC")
    return {words(asked.label) for _, asked in _places(conversation)}


def _names(text: str, label: str) -> bool:
    """Whether a text speaks of a field; in English as whole words, whatever their case."""
    if label.isascii():
        return re.search(rf"\b{re.escape(label)}\b", text, re.IGNORECASE) is not None
    return label in text


def _last_line(conversation: Conversation, draft: Draft, language: str) -> str:
    screen = draw(conversation, Turn(draft), TestWorld(language), token="1.1")
    assert screen.lines[-1].style is Style.PROMPT
    assert [line.style for line in screen.lines].count(Style.PROMPT) == 1
    return wording(language, "UTC")(screen.lines[-1].words)


FIELDS = [
    pytest.param(conversation, path, asked, language, id=f"{conversation.name}-{path_id(path)}-{language}")
    for conversation in REGISTERED
    for path, asked in _places(conversation)
    for language in LANGUAGES
]


@pytest.mark.parametrize(("conversation", "path", "asked", "language"), FIELDS)
def test_the_last_line_asks_for_the_field_and_no_other(
    conversation: Conversation, path: Path, asked: Field, language: str
) -> None:
    label = wording(language, "UTC")(asked.label)
    line = _last_line(conversation, Draft(place=ASK, path=path), language)
    assert line.startswith(label)
    rest = line.removeprefix(label)
    others = _labels(conversation, language) - {label}
    assert [other for other in others if _names(rest, other)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("conversation", [*REGISTERED, ORDER], ids=lambda one: one.name)
def test_where_no_field_is_asked_none_is_named(conversation: Conversation, language: str) -> None:
    groups = [step for step in conversation.steps if isinstance(step, Group)]
    drafts = [Draft(place=ANOTHER, path=(group.key,)) for group in groups] + [Draft(place=REVIEW)]
    for draft in drafts:
        line = _last_line(conversation, draft, language)
        assert [label for label in _labels(conversation, language) if _names(line, label)] == []


def test_the_fields_of_a_lead() -> None:
    en, zh = wording("en", "UTC"), wording("zh_CN", "UTC")
    fields = [(asked.key, en(asked.label), zh(asked.label), asked.required) for _, asked in _places(LEAD)]
    assert tuple(fields) == LEAD_LABELS


@pytest.mark.parametrize("name", BUTTONS)
def test_the_labels_of_buttons(name: str) -> None:
    label = getattr(labels, name)
    assert (wording("en", "UTC")(label), wording("zh_CN", "UTC")(label)) == BUTTONS[name]


def test_a_review_ends_with_confirm_or_submit() -> None:
    review = Draft(place=REVIEW)
    lead = draw(LEAD, Turn(review), TestWorld(), token="1.1")
    assert labels_on(lead) == ["Confirm", "Edit", "Cancel"]
    order = draw(ORDER, Turn(review), TestWorld(), token="1.1")
    assert labels_on(order) == ["Submit", "Edit", "More fields", "Cancel"]


def test_every_button_carries_session_and_turn() -> None:
    world = TestWorld()
    turn = apply(ORDER, Draft(place=REVIEW), Press("edit"), world)
    screen = draw(ORDER, turn, world, token="123456789012.9999")
    actions = [button.action for row in screen.rows for button in row]
    assert all(action.startswith("c:123456789012.9999:") for action in actions)
    assert max(len(action.encode()) for action in actions) <= 64 - 9  # what the seal leaves
    assert screen.form is not None
    assert screen.form.token == "123456789012.9999"
