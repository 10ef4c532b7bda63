"""A mail server on loopback (aiosmtpd), which keeps what it is given and answers as it is told."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class MailCounterpart:
    """`answers`: what it says to a recipient instead of taking it, once each; `data_answers`: to what it is given.

    `user`, where set: who has to log in with `password`.
    """

    user: str = ""
    password: str = ""
    answers: dict[str, list[str]] = field(default_factory=dict)
    data_answers: list[str] = field(default_factory=list)
    sender_answers: list[str] = field(default_factory=list)
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def url(self) -> str:
        login = f"{self.user}:{self.password}@" if self.user else ""
        return f"smtp://{login}{self.host}:{self.port}?from=Tradewind Trading <sales@tradewind.example>"

    @property
    def recipients(self) -> list[str]:
        return [to for _, to, _ in self.taken]

    def message(self, at: int = -1) -> EmailMessage:
        """What it was given, read as a mail program does."""
        found = email.message_from_bytes(self.taken[at][2], policy=default)
        assert isinstance(found, EmailMessage)
        return found

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.user and not session.authenticated:
            return "530 5.7.0 log in first"
        if self.sender_answers:
            return self.sender_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        assert len(envelope.rcpt_tos) == 1, envelope.rcpt_tos
        self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.logins.append(told.login.decode())
        good = (told.login.decode(), told.password.decode()) == (self.user, self.password)
        return AuthResult(success=good, handled=False)

    @contextmanager
    def up(self) -> Iterator["MailCounterpart"]:
        """Listening, on the port it had before."""
        more: dict[str, Any] = {}
        if self.user:
            more = {"authenticator": self.authenticate, "auth_require_tls": False}
        controller = Controller(self, hostname=self.host, port=self.port, **more)
        if self.port == 0:
            controller.port = _free_port()
        controller.start()
        self.port = controller.port
        try:
            yield self
        finally:
            controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
