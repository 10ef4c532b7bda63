"""The way to a mail server (TRADEWIND_SMTP_URL): connect, log in, hand over, and read what it answers.

smtplib, and not an asynchronous client: mails leave one after another at a set pace from a thread of the scheduler's,
where blocking costs nothing, and the standard library needs no further package.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from bot.config import Settings
from bot.letters import compose, written_address
from bot.loopback import is_loopback
from bot.pages.opt_out import PATH, OptOutLinks
from crm.core.database import Clock, utc_now
from crm.core.errors import SettingsError
from crm.sales.campaigns.mailing import Fate, Letter, Outcome

log = structlog.get_logger()

TIMEOUT_S = 20.0

_NAME = "TRADEWIND_SMTP_URL"
_EXAMPLE = "smtp://user:password@mail.example.com:587?from=Sales <sales@example.com>"
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_GONE = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"}
"""Enhanced status codes (RFC 3463, behind the class) that say: this address is not there, and will not be."""
_GONE_PLAIN = {521, 550, 551, 553, 556}


@dataclass(frozen=True, slots=True)
class MailServer:
    """TRADEWIND_SMTP_URL, read. `bounces`: the envelope's sender, to whom a server returns what it can't deliver."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    sender: str
    reply_to: str
    bounces: str


def read_mail_server(url: str) -> MailServer | None:
    """The mail server of a URL; None for an empty one. Raises SettingsError with one sentence."""
    if not url.strip():
        return None
    parts = urlsplit(url.strip().replace(" ", "%20"))
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
    except ValueError as error:
        raise SettingsError(f"{_NAME}: the port is no number; write it as {_EXAMPLE}") from error
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingsError(f"{_NAME} must begin with smtp:// or smtps:// and name a server, as in {_EXAMPLE}")
    asked = {key: values[-1] for key, values in parse_qs(parts.query.replace("+", "%2B")).items()}
    if unknown := asked.keys() - {"from", "reply_to", "bounces"}:
        raise SettingsError(f"{_NAME}: {min(unknown)} is not known; there are from, reply_to and bounces")
    user = unquote(parts.username or "")
    sender = asked.get("from", user)
    for name, told in (("from", sender), ("reply_to", asked.get("reply_to")), ("bounces", asked.get("bounces"))):
        if told is not None:
            _check(name, told)
    address = parseaddr(sender)[1]
    bounces = parseaddr(asked.get("bounces", address))[1]
    password = unquote(parts.password or "")
    is_tls = parts.scheme == "smtps"
    return MailServer(parts.hostname, port, is_tls, user, password, sender, asked.get("reply_to", ""), bounces)


class Postman:
    """Hands letters to a mail server, on one connection for as long as there are some. Used by one thread at a time;
    `close` may be called from any.
    """

    def __init__(self, server: MailServer, links: OptOutLinks, *, public_url: str, name: str, clock: Clock) -> None:
        self._server = server
        self._links = links
        self._public_url = public_url.rstrip("/")
        self._clock: Clock = clock
        self._smtp: smtplib.SMTP | None = None
        self._closing = False
        self.name = name

    @property
    def is_closing(self) -> bool:
        return self._closing

    def send(self, letter: Letter) -> Outcome:
        """Hand one over. Never raises: what went wrong is in the outcome."""
        try:
            message = self._compose(letter, self._clock())
            recipient = str(message["To"].addresses[0].addr_spec)
        except (ValueError, IndexError) as error:
            return Outcome(Fate.FAILED, str(error))
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            return _no_connection(error)
        except UnicodeError as error:  # a name or password that the protocol cannot carry
            self.hang_up()
            return Outcome(Fate.SERVER, str(error), trouble="login")
        try:
            connection.sendmail(self._server.bounces, [recipient], message.as_bytes())
        except (OSError, smtplib.SMTPException) as error:
            if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                self.hang_up()
            return _refused(error)
        except Exception as error:
            log.exception("mail failed", mail=letter.mail_id)
            self.hang_up()
            return Outcome(Fate.LATER, f"{type(error).__name__}: {error}")
        return Outcome(Fate.SENT)

    def examine(self) -> str | None:
        """What keeps us from handing anything over, None where nothing does; nothing is sent."""
        try:
            self._connected().noop()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            return _said(error)
        finally:
            self.hang_up()
        return None

    def hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def take_no_more(self) -> None:
        """Begin to stop: the mail that is under way is handed over."""
        self._closing = True

    def close(self) -> None:
        """Wait for nothing more: what the server has not answered yet is tried again."""
        self._closing = True
        smtp = self._smtp
        sock = None if smtp is None else getattr(smtp, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RD)

    def _compose(self, letter: Letter, now: datetime) -> EmailMessage:
        url = f"{self._public_url}{PATH}/{self._links.token(letter.mail_id)}"
        server = self._server
        return compose(letter, sender=server.sender, reply_to=server.reply_to, opt_out_url=url, now=now)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            server, context = self._server, ssl.create_default_context()
            domain = server.bounces.rpartition("@")[2]
            local = domain if domain.isascii() else "localhost"
            if server.is_tls:
                self._smtp = smtplib.SMTP_SSL(server.host, server.port, local, timeout=TIMEOUT_S, context=context)
            else:
                self._smtp = smtplib.SMTP(server.host, server.port, local, timeout=TIMEOUT_S)
            self._greet(self._smtp, context)
        return self._smtp

    def _greet(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """Encrypt where the server can, and log in. A password never goes over an open line to another machine."""
        smtp.ehlo_or_helo_if_needed()
        if not self._server.is_tls and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        elif not self._server.is_tls and self._server.password and not is_loopback(self._server.host):
            raise smtplib.SMTPNotSupportedError("the server offers no encryption (STARTTLS)")
        if self._server.user and self._server.password:
            smtp.login(self._server.user, self._server.password)


def open_post(settings: Settings, *, name: str, clock: Clock) -> Postman | None:
    """The post as the settings say; None where no mail server is set. Raises SettingsError."""
    server = read_mail_server(settings.smtp_url.get_secret_value())
    if server is None:
        return None
    if not settings.public_url:
        raise SettingsError(f"{_NAME} needs TRADEWIND_PUBLIC_URL: every e-mail brings a link to opt out")
    links = OptOutLinks(settings.key())
    return Postman(server, links, public_url=settings.public_url, name=name, clock=clock)


def examine_mail(settings: Settings) -> str | None:
    """Greet the mail server and log in, as a campaign would; what is wrong, None where it lets us.

    Raises SettingsError.
    """
    post = open_post(settings, name="doctor", clock=utc_now)
    return None if post is None else post.examine()


def _check(name: str, told: str) -> None:
    try:
        written_address(*parseaddr(told))
    except ValueError as error:
        raise SettingsError(f"{_NAME}: {name} must be an e-mail address, as in {_EXAMPLE}") from error


def _no_connection(error: Exception) -> Outcome:
    log.warning("mail server not to be reached", reason=f"{type(error).__name__}: {error}")
    is_login = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError)
    return Outcome(Fate.SERVER, _said(error), trouble="login" if is_login else "away")


def _refused(error: Exception) -> Outcome:
    """What an answer to a mail means."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, said = next(iter(refused.values()))
            return _by_code(code, _text(said))
        case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=said):
            log.warning("mail server refuses our sender", code=code, reason=_text(said))
            return Outcome(Fate.SERVER, _text(said), trouble="sender" if code >= 500 else "away")
        case smtplib.SMTPResponseException(smtp_code=421, smtp_error=said):
            return Outcome(Fate.SERVER, _text(said), trouble="away")
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return _by_code(code, _text(said))
    # The line broke in the middle: whether the server has it is not known.
    return Outcome(Fate.LATER, _said(error))


def _by_code(code: int, said: str) -> Outcome:
    """4xx: later. 5xx: the address is not there; or it is, and this mail is not wanted (full, policy, size)."""
    told = f"{code} {said}"
    if code == 421:
        return Outcome(Fate.SERVER, told, trouble="away")
    if code < 500:
        return Outcome(Fate.LATER, told)
    return Outcome(Fate.BOUNCED if is_gone(code, said) else Fate.FAILED, told)


def is_gone(code: int, said: str) -> bool:
    """Whether a final refusal means that the address is not there: by its enhanced status, else by its code."""
    enhanced = _ENHANCED.search(said)
    if enhanced is not None:
        return f"{enhanced.group(2)}.{enhanced.group(3)}" in _GONE
    return code in _GONE_PLAIN


def _said(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return f"{code} {_text(said)}"
    return f"{type(error).__name__}: {error}"


def _text(said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:400]
