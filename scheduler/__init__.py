"""When: ticks that select due rows, claim them and write outbox rows."""
