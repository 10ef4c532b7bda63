"""The chat: one way in (dispatcher), one way out (delivery), three front doors (platforms)."""
