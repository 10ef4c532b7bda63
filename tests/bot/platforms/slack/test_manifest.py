"""The manifest says what the code uses: methods, events, shortcuts, nothing less and nothing more."""

import ast
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Settings
from bot.platforms.slack import listener, manifest
from bot.platforms.slack.manifest import app_manifest
from crm.core.errors import SettingsError
from tests.counterparts.slack.limits import METHODS

ROOM = Path(manifest.__file__).parent
SCOPES_OF = {  # method → bot scope it needs, as its page says
    "auth.test": None,
    "apps.connections.open": None,  # the app-level token's connections:write
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "views.open": None,
    "views.push": None,
    "views.update": None,
    "views.publish": None,
    "users.info": "users:read",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
SCOPES_OF_EVENTS = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "message.im": "im:history",
    "tokens_revoked": None,
}
BY_THEMSELVES = {"commands", "files:read"}  # the command and the shortcuts; url_private_download


def methods_used() -> set[str]:
    """What stands as the method in calls of the client: texts that look like one of Slack's."""
    texts = {
        node.value
        for file in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if text in METHODS or text in SCOPES_OF}


def settings(**given: str) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def test_the_scopes_are_those_of_the_methods_and_events_used() -> None:
    needed = {SCOPES_OF[method] for method in methods_used()}
    needed |= {SCOPES_OF_EVENTS[event] for event in manifest.EVENTS}
    assert set(manifest.SCOPES) == (needed - {None}) | BY_THEMSELVES


def test_every_method_used_has_its_scope_told() -> None:
    assert methods_used() <= SCOPES_OF.keys()
    assert {"chat.postMessage", "views.publish", "files.completeUploadExternal"} <= methods_used()


def test_the_events_are_those_that_are_listened_to() -> None:
    texts = {
        node.value
        for name in ("listener", "payloads")
        for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {event.partition(".")[0] for event in manifest.EVENTS} <= texts
    assert set(manifest.EVENTS) >= listener._GONE


def test_socket_mode_needs_no_address() -> None:
    made = app_manifest(settings())
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(made)


def test_over_http_everything_goes_to_one_address() -> None:
    made = app_manifest(settings(slack_mode="http", public_url="https://crm.example.com/"))
    url = "https://crm.example.com/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert made["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": url,
        "message_menu_options_url": url,
    }
    assert made["settings"]["socket_mode_enabled"] is False


def test_over_http_the_address_must_be_known() -> None:
    with pytest.raises(SettingsError, match="TRADEWIND_PUBLIC_URL must be set"):
        app_manifest(settings(slack_mode="http"))


def test_what_slack_takes_of_names_and_descriptions() -> None:
    made = app_manifest(settings())
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 25
        assert len(shortcut["description"]) <= 150


def test_the_command_prints_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRADEWIND_SLACK_MODE", raising=False)
    printed = CliRunner().invoke(app, ["slack-manifest"])
    assert printed.exit_code == 0
    assert json.loads(printed.output) == app_manifest(settings())
