"""The counterpart's tables say what the published description of the Bot API says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.telegram import rules
from tests.counterparts.telegram.rules import METHODS, OBJECTS, Fields

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "data" / "specs" / "telegram_api.json"

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not DESCRIPTION.exists():
        pytest.skip("the published description of the Bot API is not here")
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return found


def table(fields: Fields) -> dict[str, tuple[list[str], bool]]:
    return {name: (list(field.types), field.required) for name, field in fields.items()}


def published_table(entry: dict[str, Any]) -> dict[str, tuple[list[str], bool]]:
    return {field["name"]: (field["types"], field["required"]) for field in entry.get("fields", [])}


@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_what_is_published(published: dict[str, Any], method: str) -> None:
    assert table(METHODS[method]) == published_table(published["methods"][method])


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_has_the_fields_that_are_published(published: dict[str, Any], name: str) -> None:
    assert table(OBJECTS[name]) == published_table(published["types"][name])


@pytest.mark.parametrize(
    ("kind", "entry", "field", "pattern", "limit"),
    [
        ("methods", "sendMessage", "text", r"1-(\d+) characters", rules.TEXT_UNITS),
        ("methods", "sendDocument", "caption", r"0-(\d+) characters", rules.CAPTION_UNITS),
        ("types", "InlineKeyboardButton", "callback_data", r"1-(\d+) bytes", rules.CALLBACK_DATA_BYTES),
        ("methods", "answerCallbackQuery", "text", r"0-(\d+) characters", rules.ANSWER_CHARACTERS),
        ("methods", "setMyCommands", "commands", r"At most (\d+) commands", rules.COMMANDS),
        ("types", "BotCommand", "command", r"1-(\d+) characters", rules.COMMAND_CHARACTERS),
        ("types", "BotCommand", "description", r"1-(\d+) characters", rules.COMMAND_DESCRIPTION_CHARACTERS),
        ("methods", "setMyDescription", "description", r"0-(\d+) characters", rules.BOT_DESCRIPTION_CHARACTERS),
        ("methods", "getUpdates", "limit", r"between 1-(\d+) are accepted", rules.UPDATES_PER_POLL),
    ],
)
def test_a_limit_is_the_published_one(
    published: dict[str, Any], kind: str, entry: str, field: str, pattern: str, limit: int
) -> None:
    fields = {each["name"]: each["description"] for each in published[kind][entry]["fields"]}
    found = re.search(pattern, fields[field])
    assert found, fields[field]
    assert int(found[1]) == limit


def test_chat_actions_are_the_published_ones(published: dict[str, Any]) -> None:
    fields = {each["name"]: each["description"] for each in published["methods"]["sendChatAction"]["fields"]}
    assert set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\btyping\b", fields["action"])) == rules.CHAT_ACTIONS
