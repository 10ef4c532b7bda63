"""Settings: from the environment or `.env`, checked once, each wrong one said in a sentence."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.loopback import is_loopback
from crm.core.errors import SettingsError

_CURRENCY = r"^[A-Z]{3}$"


class Settings(BaseSettings):
    """Everything Tradewind can be told from outside; names carry the prefix `TRADEWIND_`."""

    model_config = SettingsConfigDict(env_prefix="TRADEWIND_", env_file=".env", extra="ignore")

    database_url: str = Field("sqlite:///var/tradewind.db", description="The database: an SQLite file or PostgreSQL.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str = Field("", description="Where people reach this server, for links in messages.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Seals buttons, forms and links: at least 32 bytes, kept for ever."
    )
    language: str = Field("zh_CN", description="The language of people who have not chosen one: `zh_CN` or `en`.")
    timezone: str = Field("Asia/Shanghai", description="The time zone of people who have not chosen one.")
    currency: str = Field("CNY", pattern=_CURRENCY, description="The base currency (ISO 4217).")
    telegram_token: SecretStr = Field(SecretStr(""), description="The bot's token; empty: no Telegram.")
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="How Telegram's updates come: `polling`, or `webhook` (needs TRADEWIND_PUBLIC_URL)."
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="The Bot API server.")
    telegram_limits: bool = Field(
        True, description="Keep to Telegram's sending limits; off only for a Bot API server that has none."
    )
    slack_bot_token: SecretStr = Field(SecretStr(""), description="The app's bot token (`xoxb-`); empty: no Slack.")
    slack_mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack delivers: `socket` (Socket Mode), or `http` to `TRADEWIND_PUBLIC_URL`."
    )
    slack_app_token: SecretStr = Field(SecretStr(""), description="The app-level token (`xapp-`) for Socket Mode.")
    slack_signing_secret: SecretStr = Field(SecretStr(""), description="Checks requests that Slack sends over HTTP.")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    webchat: bool = Field(
        False,
        description="Serve the browser chat, without passwords: for trying out, on this machine only, and never where "
        "the server is called from outside (`webhook`, `http`, TRADEWIND_PUBLIC_URL).",
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Sends e-mail campaigns: `smtp://user:password@host:587?from=Name <address>`, or `smtps://` for "
        "port 465; empty: no e-mail.",
    )
    inbound_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs what the website and the mail server post to `/inbound`: at least 32 characters; empty: "
        "nothing is taken there.",
    )
    address_header: str = Field(
        "",
        description="The header in which your proxy writes the caller's address (`X-Real-IP`); empty: there is no "
        "proxy, the connection's own address counts. Never name one that callers can fill in themselves.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Opens `/metrics` and the details of `/health` to whoever shows it; empty: to this machine only, "
        "and to nobody where the server is called from outside.",
    )
    model_url: str = Field(
        "",
        description="An OpenAI-compatible endpoint (up to `/v1`) that is asked about messages which Tradewind cannot "
        "read by itself; they are sent there. Empty: none.",
    )
    model_name: str = Field("", description="The model to ask there.")
    model_key: SecretStr = Field(SecretStr(""), description="The key it asks for, if any.")
    spool_dir: Path = Field(Path("var/spool"), description="Where deliveries wait while the database is locked.")

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in {"zh_CN", "en"}:
            raise ValueError("must be zh_CN or en")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value} is not a time zone; write one as Asia/Shanghai or Europe/Berlin")
        return value

    @field_validator("telegram_api_url", "slack_api_url", "public_url", "model_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("inbound_secret")
    @classmethod
    def _is_long(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters; make one with: openssl rand -base64 48")
        return value

    def has_door(self) -> bool:
        """Whether any platform is configured."""
        tokens = (self.telegram_token, self.slack_bot_token)
        return self.webchat or any(token.get_secret_value() for token in tokens)

    def opened_by(self) -> str | None:
        """The setting that makes this server one that is called from beyond this machine, through a proxy say."""
        if self.telegram_mode == "webhook" and self.telegram_token.get_secret_value():
            return "TRADEWIND_TELEGRAM_MODE=webhook"
        if self.slack_mode == "http" and self.slack_bot_token.get_secret_value():
            return "TRADEWIND_SLACK_MODE=http"
        if self.public_url and not is_loopback(urlsplit(self.public_url).hostname or ""):
            return "TRADEWIND_PUBLIC_URL"
        return None

    def key(self) -> str:
        """The secret key. Raises SettingsError when it is missing or shorter than 32 bytes."""
        key = self.secret_key.get_secret_value()
        if len(key.encode()) < 32:
            raise SettingsError(
                "TRADEWIND_SECRET_KEY must be set, at least 32 bytes long; make one with: openssl rand -base64 48"
            )
        return key


def read_settings(**overrides: object) -> Settings:
    """The settings as they are now. Raises SettingsError with one sentence that names the first wrong one."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "TRADEWIND_" + "_".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
        raise SettingsError(f"{name}: {reason}") from error
