"""Slack: commands, messages, buttons and modals over Socket Mode. The way in is `bot.platforms.slack.platform`."""
