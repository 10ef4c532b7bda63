"""How long whoever waits for something to happen waits before calling it missing."""

PATIENCE = 30.0
"""Seconds. Who waits goes on at once when it happens; a machine with other work takes its time."""
