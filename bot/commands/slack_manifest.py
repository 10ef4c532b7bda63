"""`tradewind slack-manifest`: what a Slack app is created from."""

import json

from bot.config import read_settings


def print_manifest() -> None:
    """Print the manifest of the Slack app, to be pasted at api.slack.com/apps (Create New App, From a manifest)."""
    from bot.platforms.slack.manifest import app_manifest

    print(json.dumps(app_manifest(read_settings()), indent=2))
