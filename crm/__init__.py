"""The business: plain synchronous Python and SQLAlchemy; knows no chat, no HTTP, no scheduler."""
