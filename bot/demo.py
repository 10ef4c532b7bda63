"""`tradewind demo`: a sample company in an SQLite file under `var/`, with a secret key of its own."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from bot.app import subscriptions
from bot.config import Settings, read_settings
from crm.core.database import Database
from crm.core.errors import SettingsError
from crm.insight.recounting import figures_differ, rebuild_figures
from crm.migrations import migrate
from crm.sample.company import build_company

FOLDER = Path("var")
_DATABASE = "demo.db"
_KEY = "demo.key"


def prepare(*, port: int) -> Settings:
    """Make what is missing: folder, key, tables, sample company; returns the settings to run with.

    What the environment says of tokens and hosts is left aside: the demo speaks to nobody but this machine.
    """
    FOLDER.mkdir(mode=0o700, exist_ok=True)  # a company's figures, even if made up, are nobody else's
    settings = read_settings(
        database_url=f"sqlite:///{(FOLDER / _DATABASE).resolve()}",
        secret_key=SecretStr(_secret_key()),
        host="127.0.0.1",
        port=port,
        public_url="",
        webchat=True,
        telegram_token=SecretStr(""),
        slack_bot_token=SecretStr(""),
        slack_app_token=SecretStr(""),
        spool_dir=FOLDER / "demo-spool",
    )
    database = Database(settings.database_url, events=subscriptions())
    try:
        migrate(database)
        with database.write() as work:
            build_company(work)
            if figures_differ(work):
                rebuild_figures(work)
    finally:
        database.close()
    return settings


def reset() -> str:
    """Remove the demo's data (its key stays); says what was done."""
    removed = [file for file in sorted(FOLDER.glob(f"{_DATABASE}*")) if file.is_file()]
    removed += sorted((FOLDER / "demo-spool").glob("*.json"))
    for file in removed:
        file.unlink()
    return "The demo starts afresh: its data is removed." if removed else "There was no demo data to remove."


def _secret_key() -> str:
    """The demo's key, made once and readable by its owner alone."""
    file = FOLDER / _KEY
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = file.read_text("ascii").strip()
        if len(key) < 32:
            raise SettingsError(f"{file} holds no key; remove it and start again") from None
        return key
    with os.fdopen(descriptor, "w") as out:
        key = secrets.token_urlsafe(48)
        out.write(key)
    return key
