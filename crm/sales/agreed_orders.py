"""When an order counts as bought: known here because customers and campaigns ask before the orders' own room."""

UNSHIPPED = ("approved", "waiting_deposit", "in_production", "ready", "partly_shipped")
"""Approved, and something of it has still to leave."""

AGREED = (*UNSHIPPED, "shipped", "delivered", "closed")
"""Approved and all that comes after it: what turnover counts. Guide 4.1."""
