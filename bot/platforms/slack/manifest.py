"""What Slack has to know of the app: exactly what the code here uses, as the manifest from which the app is created."""

from typing import Any

from bot.config import Settings
from bot.platforms.slack.endpoint import request_url
from bot.platforms.slack.payloads import ADD_TO_HISTORY, LOG_LEAD, REMIND_ME

Json = dict[str, Any]

COMMAND = "/crm"
SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "users:read",
)
EVENTS = ("app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked")
SHORTCUTS = (
    ("Log a lead", "global", LOG_LEAD, "Company, contact, what they need"),
    ("Add to customer's history", "message", ADD_TO_HISTORY, "Keep this message with the customer"),
    ("Remind me about this", "message", REMIND_ME, "Be reminded of this message"),
)


def app_manifest(settings: Settings) -> Json:
    """The manifest for the mode the settings choose. Raises SettingsError where Slack could not reach us over HTTP."""
    url = request_url(settings) if settings.slack_mode == "http" else None
    return {
        "display_information": {
            "name": "Tradewind",
            "description": "Leads, deals, orders and approvals in the chat",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Tradewind", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Leads, deals, orders, approvals",
                    "usage_hint": "lead | deals | order | approvals | today | help",
                    "should_escape": False,
                }
                | ({"url": url} if url else {})
            ],
            "shortcuts": [
                {"name": name, "type": kind, "callback_id": callback_id, "description": description}
                for name, kind, callback_id, description in SHORTCUTS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)} | ({"request_url": url} if url else {}),
            "interactivity": {"is_enabled": True}
            | ({"request_url": url, "message_menu_options_url": url} if url else {}),
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
