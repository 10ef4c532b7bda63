"""The browser chat: for trying Tradewind out on one's own machine. The way in is `bot.platforms.web.platform`."""
